package redisstore

import (
	"context"
	"fmt"
	"hash/crc32"
	"slices"

	"github.com/redis/go-redis/v9"

	"parley/pkg/relay"
)

// History gives what compactions took out of the document's log, oldest first, as far as it is still kept. With the log of
// Load behind it, it is the document's story from the first keystroke on.
func (s *Store) History(ctx context.Context, id relay.RoomID) ([]relay.Entry, error) {
	d, err := s.document(id)
	if err != nil {
		return nil, fmt.Errorf("history of %s: %w", id, err)
	}
	if s.ctx.Err() != nil {
		return nil, ErrClosed
	}
	var exists *redis.IntCmd
	var list *redis.StringSliceCmd
	_, err = s.client.TxPipelined(ctx, func(p redis.Pipeliner) error {
		exists, list = p.Exists(ctx, d.record), p.LRange(ctx, d.history, 0, -1)
		return nil
	})
	if err == nil && exists.Val() == 0 {
		err = relay.ErrNoSession
	}
	if err != nil {
		return nil, fmt.Errorf("history of %s: %w", id, err)
	}
	var chunks []chunk
	for _, b := range list.Val() {
		c, err := readChunk([]byte(b))
		if err != nil {
			return nil, fmt.Errorf("history of %s: %w", id, err)
		}
		if c.doc == id.Doc {
			chunks = append(chunks, c)
		}
	}
	var out []relay.Entry
	for _, c := range chunks { // in the order of the compactions, which is that of the entries
		entries, err := c.read()
		if err != nil {
			return nil, fmt.Errorf("history of %s: %w", id, err)
		}
		out = append(out, entries...)
	}
	return slices.Clip(out), nil
}

// fingerprint tells updates apart in names that people read.
func fingerprint(b []byte) uint32 { return crc32.ChecksumIEEE(b) }
