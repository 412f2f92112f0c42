package localstore

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"slices"

	bolt "go.etcd.io/bbolt"

	"parley/pkg/relay"
)

// History returns the entries that compactions took out of the log of a document, oldest first, as
// far as they are still kept. Followed by the entries that Since returns, they are all edits of the
// document, as long as the history was never cut.
func (s *Store) History(ctx context.Context, id relay.RoomID) ([]relay.Entry, error) {
	doc, err := docKey(id)
	if err != nil {
		return nil, fmt.Errorf("history of %s: %w", id, err)
	}
	var out []relay.Entry
	err = s.read(ctx, func(tx *bolt.Tx) error {
		if !sessionExists(tx, id) {
			return relay.ErrNoSession
		}
		c := tx.Bucket(bucketHistory).Cursor()
		for k, v := c.Seek(doc); bytes.HasPrefix(k, doc); k, v = c.Next() {
			entries, err := readChunk(v)
			if err != nil {
				return fmt.Errorf("chunk %d: %w", seqOf(k), err)
			}
			out = append(out, entries...)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("history of %s: %w", id, err)
	}
	return out, nil
}

// moveToHistory takes the entries up to through out of the log and keeps them as one chunk.
func moveToHistory(tx *bolt.Tx, doc []byte, through uint64) error {
	log := tx.Bucket(bucketLog)
	var keys [][]byte
	var chunk, rest []byte
	c := log.Cursor()
	for k, v := c.Seek(doc); bytes.HasPrefix(k, doc) && seqOf(k) <= through; k, v = c.Next() {
		head, after, _, err := cutChunk(chunkOf(v), through-seqOf(k)+1)
		if err != nil {
			return fmt.Errorf("log entry %d: %w", seqOf(k), err)
		}
		keys = append(keys, bytes.Clone(k))
		chunk, rest = append(chunk, head...), bytes.Clone(after)
	}
	// Not with the cursor: bbolt's cursor skips a key after a delete.
	for _, k := range keys {
		if err := log.Delete(k); err != nil {
			return fmt.Errorf("take entry out of log: %w", err)
		}
	}
	if len(rest) > 0 { // the last value holds entries after through
		if err := log.Put(seqKey(doc, through+1), append(bytes.Clone(chunkHeader), rest...)); err != nil {
			return fmt.Errorf("put back entries: %w", err)
		}
	}
	if len(chunk) == 0 {
		return nil
	}
	if err := tx.Bucket(bucketHistory).Put(seqKey(doc, through), chunk); err != nil {
		return fmt.Errorf("put history: %w", err)
	}
	return nil
}

// boundHistory drops the oldest chunks of a session, of any document, until the rest has at most
// limit bytes.
func boundHistory(tx *bolt.Tx, prefix []byte, limit int) error {
	type chunk struct {
		key  []byte
		at   uint64 // time of its first entry, in milliseconds
		size int
	}
	var chunks []chunk
	total := 0
	history := tx.Bucket(bucketHistory)
	c := history.Cursor()
	for k, v := c.Seek(prefix); bytes.HasPrefix(k, prefix); k, v = c.Next() {
		first, _, err := readBytes(v)
		if err != nil {
			return fmt.Errorf("bound history: %w", err)
		}
		at, _ := binary.Uvarint(first)
		chunks = append(chunks, chunk{key: bytes.Clone(k), at: at, size: len(v)})
		total += len(v)
	}
	slices.SortStableFunc(chunks, func(a, b chunk) int { return int(int64(a.at) - int64(b.at)) })
	for _, old := range chunks {
		if total <= limit {
			return nil
		}
		if err := history.Delete(old.key); err != nil {
			return fmt.Errorf("bound history: %w", err)
		}
		total -= old.size
	}
	return nil
}
