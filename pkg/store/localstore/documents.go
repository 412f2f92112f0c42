package localstore

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"slices"

	bolt "go.etcd.io/bbolt"

	"parley/pkg/relay"
	"parley/pkg/session"
)

// Since implements relay.Log. A Position of this store is the number of an entry.
func (s *Store) Since(ctx context.Context, id relay.RoomID, after relay.Position) (relay.Stored, error) {
	doc, err := docKey(id)
	if err != nil {
		return relay.Stored{}, fmt.Errorf("read %s: %w", id, err)
	}
	// The journal is read before the snapshot is taken. So every acknowledged entry is in one of
	// the two.
	out, err := s.load(ctx, id, doc, s.journal.pendingOf(doc))
	if err != nil {
		return relay.Stored{}, fmt.Errorf("read %s: %w", id, err)
	}
	if reached := out.At.Seq - uint64(len(out.Entries)); after.Seq > 0 && after.Seq >= reached && after.Seq <= out.At.Seq {
		return relay.Stored{Entries: out.Entries[after.Seq-reached:], At: out.At}, nil
	}
	out.Whole = true
	return out, nil
}

// load reads a document. recent is what the journal held of the document a moment ago.
func (s *Store) load(ctx context.Context, id relay.RoomID, doc []byte, recent pending) (out relay.Stored, err error) {
	err = s.read(ctx, func(tx *bolt.Tx) error {
		if !sessionExists(tx, id) {
			return relay.ErrNoSession
		}
		if out, err = loadDoc(tx, doc); err != nil {
			return err
		}
		return recent.addTo(tx, &out)
	})
	return out, err
}

func loadDoc(tx *bolt.Tx, doc []byte) (relay.Stored, error) {
	state, through, err := loadState(tx, doc)
	if err != nil {
		return relay.Stored{}, err
	}
	out := relay.Stored{State: bytes.Clone(state), At: relay.Position{Seq: through}}
	c := tx.Bucket(bucketLog).Cursor()
	for k, v := c.Seek(doc); bytes.HasPrefix(k, doc); k, v = c.Next() {
		entries, err := readChunk(chunkOf(v))
		if err != nil {
			return relay.Stored{}, fmt.Errorf("log entry %d: %w", seqOf(k), err)
		}
		out.Entries, out.At.Seq = append(out.Entries, entries...), seqOf(k)+uint64(len(entries))-1
	}
	return out, nil
}

// loadState returns the compacted state, which is valid within tx, and the number of the last entry
// that the state holds.
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

// sessionExists reports whether the session of a document exists.
func sessionExists(tx *bolt.Tx, id relay.RoomID) bool {
	return tx.Bucket(bucketSessions).Get([]byte(id.Session)) != nil
}

// lastOf returns the number of the last entry of a document in log or state. The journal may hold
// later ones. The number has a bucket of its own because a bbolt cursor that walks backwards stops
// at a page that a compaction in the same transaction has emptied.
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

// endedStatus stands in the record of every session that has ended, and in no other record: JSON
// escapes the quotes in what people wrote.
var endedStatus = []byte(`"status":"` + string(session.Ended) + `"`)

// mayAppend returns why the entries must not be added to a document, or nil when they may be added.
func mayAppend(tx *bolt.Tx, id relay.RoomID, entries []relay.Entry) error {
	record := tx.Bucket(bucketSessions).Get([]byte(id.Session))
	switch {
	case record == nil:
		return relay.ErrNoSession
	case bytes.Contains(record, endedStatus) && !slices.ContainsFunc(entries, func(e relay.Entry) bool { return e.Back }):
		return relay.ErrReadOnly
	}
	return nil
}

// Append implements relay.Log. One commit takes the appends of many documents.
func (s *Store) Append(id relay.RoomID, at relay.Position, entries []relay.Entry, urgency relay.Urgency, done func(relay.Position, error)) {
	answer := func(seq uint64, err error) {
		if err != nil {
			done(relay.Position{}, fmt.Errorf("append to %s: %w", id, err))
			return
		}
		done(relay.Position{Seq: seq}, nil)
	}
	doc, err := docKey(id)
	if err != nil {
		answer(0, err)
		return
	}
	var seq uint64
	accepted := s.queue.Hold(&job{
		write: func(tx *bolt.Tx) error {
			if err := mayAppend(tx, id, entries); err != nil {
				return err
			}
			last, err := s.journal.last(tx, doc)
			if err != nil {
				return err
			}
			if at.Seq > last {
				return relay.ErrStale
			}
			seq, err = s.journal.append(tx, doc, entries)
			return err
		},
		done: func(err error) { answer(seq, err) },
	})
	switch {
	case !accepted:
		answer(0, ErrClosed)
	case urgency == relay.Prompt:
		s.Flush()
	}
}

// Flush implements relay.Log.
func (s *Store) Flush() { s.queue.Wake() }

// Compact implements relay.Log.
func (s *Store) Compact(ctx context.Context, id relay.RoomID, state []byte, at relay.Position) error {
	doc, err := docKey(id)
	if err != nil {
		return fmt.Errorf("compact %s: %w", id, err)
	}
	err = s.write(ctx, func(tx *bolt.Tx) error { return s.compact(tx, id, doc, state, at.Seq) })
	if err == nil {
		err = s.boundHistory(ctx, id, doc)
	}
	if err != nil {
		return fmt.Errorf("compact %s: %w", id, err)
	}
	return nil
}

// compact puts state in the place of the log's beginning. state holds the entries up to through.
func (s *Store) compact(tx *bolt.Tx, id relay.RoomID, doc, state []byte, through uint64) error {
	if !sessionExists(tx, id) {
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
		return fmt.Errorf("%w: the state holds entry %d, the last is %d", relay.ErrStale, through, last)
	}
	if err := s.journal.settle(tx, string(doc)); err != nil {
		return err
	}
	value := binary.BigEndian.AppendUint64(make([]byte, 0, 8+len(state)), through)
	if err := tx.Bucket(bucketState).Put(doc, append(value, state...)); err != nil {
		return fatal(err)
	}
	return fatal(moveToHistory(tx, doc, through, keepsHistory(tx, id)))
}

// Check implements relay.Log.
func (s *Store) Check(ctx context.Context, held []relay.Located) (differ []relay.RoomID, err error) {
	journaled := make([]uint64, len(held))
	docs := make([][]byte, len(held))
	for i, h := range held { // before the snapshot, as in Since
		if docs[i], err = docKey(h.ID); err == nil {
			journaled[i] = s.journal.pendingOf(docs[i]).last
		}
	}
	err = s.read(ctx, func(tx *bolt.Tx) error {
		for i, h := range held {
			settled, err := lastOf(tx, docs[i])
			if err != nil {
				return err
			}
			if max(settled, journaled[i]) != h.At.Seq {
				differ = append(differ, h.ID)
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("check positions: %w", err)
	}
	return differ, nil
}

// maxAside bounds the entries of a session that are set aside. One such entry is a bug, and a
// hundred of them are the same bug.
const maxAside = 100

// SetAside implements relay.Log. Time and content name the key, so that an entry is kept once.
func (s *Store) SetAside(ctx context.Context, id relay.RoomID, e relay.Entry, cause string) error {
	doc, err := docKey(id)
	if err == nil {
		key := fmt.Appendf(doc, "%d/%08x", e.At.UnixMilli(), crc32.ChecksumIEEE(e.Update))
		err = s.write(ctx, func(tx *bolt.Tx) error {
			bucket := tx.Bucket(bucketAside)
			switch {
			case !sessionExists(tx, id):
				return relay.ErrNoSession
			case bucket.Get(key) != nil || countKeys(bucket, sessionPrefix(id.Session)) >= maxAside:
				return nil
			}
			return fatal(bucket.Put(key, appendEntry([]byte(cause+"\n"), e)))
		})
	}
	if err != nil {
		return fmt.Errorf("set aside an entry of %s: %w", id, err)
	}
	return nil
}

// countKeys returns how many keys of a bucket begin with prefix.
func countKeys(b *bolt.Bucket, prefix []byte) (n int) {
	c := b.Cursor()
	for k, _ := c.Seek(prefix); bytes.HasPrefix(k, prefix); k, _ = c.Next() {
		n++
	}
	return n
}
