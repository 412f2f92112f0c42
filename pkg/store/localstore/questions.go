package localstore

import (
	"bytes"
	"context"
	"fmt"

	bolt "go.etcd.io/bbolt"

	"parley/pkg/session"
)

// KeepQuestion implements session.Copies.
func (s *Store) KeepQuestion(ctx context.Context, id session.ID, hash string, content []byte) error {
	err := s.write(ctx, func(tx *bolt.Tx) error {
		if _, err := find(tx, id); err != nil {
			return err
		}
		return fatal(tx.Bucket(bucketQuestions).Put(append(sessionPrefix(string(id)), hash...), content))
	})
	if err != nil {
		return fmt.Errorf("keep question of session %s: %w", id, err)
	}
	return nil
}

// Question implements session.Copies.
func (s *Store) Question(ctx context.Context, id session.ID, hash string) (content []byte, err error) {
	err = s.read(ctx, func(tx *bolt.Tx) error {
		if _, err := find(tx, id); err != nil {
			return err
		}
		content = bytes.Clone(tx.Bucket(bucketQuestions).Get(append(sessionPrefix(string(id)), hash...)))
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("question of session %s: %w", id, err)
	}
	return content, nil
}
