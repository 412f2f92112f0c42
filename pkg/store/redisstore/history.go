package redisstore

import (
	"context"
	"fmt"
	"hash/crc32"
	"slices"

	"github.com/redis/go-redis/v9"

	"parley/pkg/relay"
)

// History returns the entries that compactions took out of the log of a document, oldest first, as
// far as they are still kept. Followed by the entries that Since returns, they are all edits of the
// document, as long as the history was never cut.
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
	for _, c := range chunks { // in the order of the compactions, so entries are in order too
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
