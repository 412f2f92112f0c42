package localstore

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"slices"

	bolt "go.etcd.io/bbolt"

	"parley/pkg/relay"
	"parley/pkg/session"
)

// Load implements relay.Store.
func (s *Store) Load(ctx context.Context, id relay.RoomID) (relay.Stored, error) {
	doc, err := docKey(id)
	if err != nil {
		return relay.Stored{}, fmt.Errorf("load %s: %w", id, err)
	}
	// Before the snapshot: so what is acknowledged by now is in one of both.
	out, err := s.load(ctx, id, doc, s.journal.pendingOf(doc))
	if err != nil {
		return relay.Stored{}, fmt.Errorf("load %s: %w", id, err)
	}
	return out, nil
}

// load reads a document, of which the journal held recent just now.
func (s *Store) load(ctx context.Context, id relay.RoomID, doc []byte, recent pending) (out relay.Stored, err error) {
	err = s.read(ctx, func(tx *bolt.Tx) error {
		if !held(tx, id) {
			return relay.ErrNoSession
		}
		if out, err = loadDoc(tx, doc); err != nil {
			return err
		}
		return recent.follow(tx, &out)
	})
	return out, err
}

func loadDoc(tx *bolt.Tx, doc []byte) (relay.Stored, error) {
	state, through, err := loadState(tx, doc)
	if err != nil {
		return relay.Stored{}, err
	}
	out := relay.Stored{State: bytes.Clone(state), Through: through}
	c := tx.Bucket(bucketLog).Cursor()
	for k, v := c.Seek(doc); bytes.HasPrefix(k, doc); k, v = c.Next() {
		entries, err := readChunk(chunkOf(v))
		if err != nil {
			return relay.Stored{}, fmt.Errorf("log entry %d: %w", seqOf(k), err)
		}
		out.Log, out.Through = append(out.Log, entries...), seqOf(k)+uint64(len(entries))-1
	}
	return out, nil
}

// loadState gives the compacted state, valid within tx, and through which entry it reaches.
func loadState(tx *bolt.Tx, doc []byte) (state []byte, through uint64, err error) {
	v := tx.Bucket(bucketState).Get(doc)
	if v == nil {
		return nil, 0, nil
	}
	if len(v) < 8 {
		return nil, 0, fmt.Errorf("%w: state of %d bytes", errDamaged, len(v))
	}
	return v[8:], binary.BigEndian.Uint64(v), nil
}

// held reports whether the session of id exists.
func held(tx *bolt.Tx, id relay.RoomID) bool {
	return tx.Bucket(bucketSessions).Get([]byte(id.Session)) != nil
}

// lastOf gives the number of the last entry of a document, in log or state; the journal may go on from there. It has a bucket of its own because a cursor that walks
// backwards stops at a page which a compaction in the same transaction has emptied.
func lastOf(tx *bolt.Tx, doc []byte) (uint64, error) {
	v := tx.Bucket(bucketTail).Get(doc)
	if v == nil {
		return 0, nil
	}
	if len(v) != 8 {
		return 0, fmt.Errorf("%w: tail of %d bytes", errDamaged, len(v))
	}
	return binary.BigEndian.Uint64(v), nil
}

// endedMark is in the record of a session that has ended, and in no other: quotes in what people wrote are escaped.
var endedMark = []byte(`"status":"` + string(session.Ended) + `"`)

// Append implements relay.Store.
func (s *Store) Append(ctx context.Context, id relay.RoomID, entries []relay.Entry) (seq uint64, err error) {
	doc, err := docKey(id)
	if err != nil {
		return 0, fmt.Errorf("append to %s: %w", id, err)
	}
	err = s.write(ctx, func(tx *bolt.Tx) error {
		record := tx.Bucket(bucketSessions).Get([]byte(id.Session))
		switch {
		case record == nil:
			return relay.ErrNoSession
		case bytes.Contains(record, endedMark) && !slices.ContainsFunc(entries, func(e relay.Entry) bool { return e.Back }):
			return relay.ErrReadOnly
		}
		seq, err = s.journal.append(tx, doc, entries)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("append to %s: %w", id, err)
	}
	return seq, nil
}

// AppendLater implements relay.LaterStore.
func (s *Store) AppendLater(id relay.RoomID, entries []relay.Entry, done func(seq uint64, err error)) {
	doc, err := docKey(id)
	if err != nil {
		done(0, fmt.Errorf("append to %s: %w", id, err))
		return
	}
	var seq uint64
	s.writeLater(&job{
		write: func(tx *bolt.Tx) error {
			if !held(tx, id) {
				return relay.ErrNoSession
			}
			seq, err = s.journal.append(tx, doc, entries)
			return err
		},
		done: func(err error) {
			if err != nil {
				done(0, fmt.Errorf("append to %s: %w", id, err))
				return
			}
			done(seq, nil)
		},
	})
}

// Hurry implements relay.LaterStore.
func (s *Store) Hurry() { s.later.call() }

// Compact implements relay.Store.
func (s *Store) Compact(ctx context.Context, id relay.RoomID, state []byte, through uint64) error {
	doc, err := docKey(id)
	if err != nil {
		return fmt.Errorf("compact %s: %w", id, err)
	}
	err = s.write(ctx, func(tx *bolt.Tx) error {
		if !held(tx, id) {
			return relay.ErrNoSession
		}
		_, reached, err := loadState(tx, doc)
		if err != nil || reached >= through {
			return err
		}
		last, err := s.journal.last(tx, doc)
		if err != nil {
			return err
		}
		if through > last {
			return fmt.Errorf("state claims entry %d, the last is %d", through, last)
		}
		if err := s.journal.settle(tx, string(doc)); err != nil {
			return err
		}
		value := binary.BigEndian.AppendUint64(make([]byte, 0, 8+len(state)), through)
		if err := tx.Bucket(bucketState).Put(doc, append(value, state...)); err != nil {
			return fatal(err)
		}
		if err := moveToHistory(tx, doc, through); err != nil {
			return fatal(err)
		}
		return fatal(boundHistory(tx, sessionPrefix(id.Session), s.opts.HistoryBytes))
	})
	if err != nil {
		return fmt.Errorf("compact %s: %w", id, err)
	}
	return nil
}
