package localstore

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"time"

	bolt "go.etcd.io/bbolt"
)

// keySignOut begins the keys of sign-outs in the bucket meta. A user's id follows. The value is the
// time of the sign-out and the time from which on nobody needs it, in milliseconds since 1970. It
// stands in meta, because an older version can open a file with it.
var keySignOut = []byte("signout:")

// SignOut implements signin.Store. It also forgets sign-outs that nobody needs any more.
func (s *Store) SignOut(ctx context.Context, user string, before, until time.Time) error {
	key := append(bytes.Clone(keySignOut), user...)
	err := s.write(ctx, func(tx *bolt.Tx) error {
		meta := tx.Bucket(bucketMeta)
		if err := forgetSignOuts(meta, s.opts.now()); err != nil {
			return fatal(err)
		}
		if held, _ := readSignOut(meta.Get(key)); held >= before.UnixMilli() {
			return nil
		}
		value := binary.BigEndian.AppendUint64(nil, uint64(before.UnixMilli()))
		return fatal(meta.Put(key, binary.BigEndian.AppendUint64(value, uint64(until.UnixMilli()))))
	})
	if err != nil {
		return fmt.Errorf("keep sign-out: %w", err)
	}
	return nil
}

// forgetSignOuts removes the sign-outs whose time is over.
func forgetSignOuts(meta *bolt.Bucket, now time.Time) error {
	var over [][]byte
	c := meta.Cursor()
	for k, v := c.Seek(keySignOut); bytes.HasPrefix(k, keySignOut); k, v = c.Next() {
		if _, until := readSignOut(v); until < now.UnixMilli() {
			over = append(over, bytes.Clone(k))
		}
	}
	for _, k := range over {
		if err := meta.Delete(k); err != nil {
			return fmt.Errorf("forget sign-out: %w", err)
		}
	}
	return nil
}

// readSignOut reads a value that SignOut wrote. Anything else counts as none.
func readSignOut(v []byte) (before, until int64) {
	if len(v) != 16 {
		return 0, 0
	}
	return int64(binary.BigEndian.Uint64(v)), int64(binary.BigEndian.Uint64(v[8:]))
}

// SignedOut implements signin.Store.
func (s *Store) SignedOut(ctx context.Context, user string) (at time.Time, err error) {
	err = s.read(ctx, func(tx *bolt.Tx) error {
		if before, _ := readSignOut(tx.Bucket(bucketMeta).Get(append(bytes.Clone(keySignOut), user...))); before > 0 {
			at = time.UnixMilli(before).UTC()
		}
		return nil
	})
	if err != nil {
		return time.Time{}, fmt.Errorf("read sign-out: %w", err)
	}
	return at, nil
}
