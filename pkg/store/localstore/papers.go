package localstore

import (
	"bytes"
	"context"
	"fmt"

	bolt "go.etcd.io/bbolt"

	"parley/pkg/session"
)

// SwapPaper implements session.Papers.
func (s *Store) SwapPaper(ctx context.Context, id session.ID, name string, old, next []byte) error {
	err := s.write(ctx, func(tx *bolt.Tx) error {
		if _, err := find(tx, id); err != nil {
			return err
		}
		b, key := tx.Bucket(bucketPapers), append(sessionPrefix(string(id)), name...)
		switch held := b.Get(key); {
		case (held == nil) != (old == nil) || !bytes.Equal(held, old):
			return session.ErrSwapped
		case next == nil:
			return fatal(b.Delete(key))
		}
		return fatal(b.Put(key, next))
	})
	if err != nil {
		return fmt.Errorf("swap paper of session %s: %w", id, err)
	}
	return nil
}

// Papers implements session.Papers.
func (s *Store) Papers(ctx context.Context, id session.ID) (map[string][]byte, error) {
	papers := map[string][]byte{}
	err := s.read(ctx, func(tx *bolt.Tx) error {
		if _, err := find(tx, id); err != nil {
			return err
		}
		prefix, c := sessionPrefix(string(id)), tx.Bucket(bucketPapers).Cursor()
		for k, v := c.Seek(prefix); bytes.HasPrefix(k, prefix); k, v = c.Next() {
			papers[string(k[len(prefix):])] = bytes.Clone(v)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("papers of session %s: %w", id, err)
	}
	return papers, nil
}
