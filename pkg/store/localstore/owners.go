package localstore

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"

	bolt "go.etcd.io/bbolt"

	"parley/pkg/relay"
)

// ownedSize is the size of a client id in a value of the bucket owners.
const ownedSize = 8

// KeepOwners implements relay.Log. The write goes with the appends of the next commit.
func (s *Store) KeepOwners(ctx context.Context, id relay.RoomID, owners []relay.Owner) error {
	doc, err := docKey(id)
	if err == nil {
		err = s.hold(ctx, func(tx *bolt.Tx) error {
			if !sessionExists(tx, id) {
				return relay.ErrNoSession
			}
			return keepOwners(tx, doc, owners)
		})
	}
	if err != nil {
		return fmt.Errorf("keep owners of %s: %w", id, err)
	}
	return nil
}

func keepOwners(tx *bolt.Tx, doc []byte, owners []relay.Owner) error {
	known, err := readOwners(tx, doc)
	if err != nil {
		return err
	}
	taken := map[uint64]bool{}
	for _, o := range known {
		taken[o.Client] = true
	}
	bucket, changed := tx.Bucket(bucketOwners), map[string][]byte{}
	for _, o := range owners {
		if taken[o.Client] || len(o.Participant) > maxDoc {
			continue
		}
		taken[o.Client] = true
		key := string(doc) + o.Participant
		ids := changed[key]
		if ids == nil {
			ids = bytes.Clone(bucket.Get([]byte(key)))
		}
		ids = binary.BigEndian.AppendUint64(ids, o.Client)
		changed[key] = ids[max(0, len(ids)-relay.MaxOwned*ownedSize):]
	}
	for key, ids := range changed {
		if err := bucket.Put([]byte(key), ids); err != nil {
			return fatal(err)
		}
	}
	return nil
}

// Owners implements relay.Log.
func (s *Store) Owners(ctx context.Context, id relay.RoomID) (owners []relay.Owner, err error) {
	doc, err := docKey(id)
	if err == nil {
		err = s.read(ctx, func(tx *bolt.Tx) (err error) {
			if !sessionExists(tx, id) {
				return relay.ErrNoSession
			}
			owners, err = readOwners(tx, doc)
			return err
		})
	}
	if err != nil {
		return nil, fmt.Errorf("owners of %s: %w", id, err)
	}
	return owners, nil
}

func readOwners(tx *bolt.Tx, doc []byte) (owners []relay.Owner, err error) {
	c := tx.Bucket(bucketOwners).Cursor()
	for k, v := c.Seek(doc); bytes.HasPrefix(k, doc); k, v = c.Next() {
		if len(v)%ownedSize != 0 {
			return nil, fmt.Errorf("%w: owners in %d bytes", errDamaged, len(v))
		}
		participant := string(k[len(doc):])
		for ; len(v) > 0; v = v[ownedSize:] {
			owners = append(owners, relay.Owner{Client: binary.BigEndian.Uint64(v), Participant: participant})
		}
	}
	return owners, nil
}

// hold is write for a change that nobody waits for.
func (s *Store) hold(ctx context.Context, fn func(*bolt.Tx) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	done := make(chan error, 1)
	if !s.queue.Hold(&job{write: fn, done: func(err error) { done <- err }}) {
		return ErrClosed
	}
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}
