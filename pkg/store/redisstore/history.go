package redisstore

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"parley/pkg/relay"
)

var (
	pastScript  = mustScript("past")
	foldScript  = mustScript("fold")
	adoptScript = mustScript("adopt")
)

// packedRatio is about how much smaller a chunk is than its entries.
const packedRatio = 4

// Past implements relay.Historian.
func (s *Store) Past(ctx context.Context, id relay.RoomID, after uint64, size int) (past relay.Past, err error) {
	d, err := s.document(id)
	if err == nil && after == 0 {
		err = s.adopt(ctx, d)
	}
	if err == nil {
		err = s.withMigrated(ctx, d, func() error {
			_, rest, err := readAnswer(s.run(ctx, pastScript, []string{d.record, d.head, d.log, d.state, d.past, d.base},
				schema, seqArg(after), max(1, size/packedRatio)))
			if err != nil {
				return err
			}
			past, err = readPast(rest, after, size)
			return err
		})
	}
	if err != nil {
		return relay.Past{}, fmt.Errorf("past of %s: %w", id, err)
	}
	return past, nil
}

// readPast reads the answer of past.lua. Chunks after the first size bytes are left for the part
// that follows, because they may expand to a hundred times what Redis has counted.
func readPast(rest []any, after uint64, size int) (out relay.Past, err error) {
	damaged := fmt.Errorf("%w: answer of past", errDamaged)
	if len(rest) < 5 {
		return out, damaged
	}
	more, ok := rest[0].(int64)
	through, ok2 := rest[3].(int64)
	chunks, ok3 := rest[4].(int64)
	list := rest[5:]
	if !ok || !ok2 || !ok3 || chunks < 0 || int(chunks) > len(list) || through < 0 {
		return out, damaged
	}
	out.More, out.Next = more == 1, after
	state, missing := rest[2].(string)
	if b, ok := rest[1].(string); ok {
		if out.BaseAt, out.Base, err = decodeBase([]byte(b)); err != nil {
			return out, err
		}
	} else if missing {
		if out.Base, err = decodeState([]byte(state)); err != nil {
			return out, err
		}
	}
	if out.Base != nil {
		out.Reached, out.Next = uint64(through), uint64(through)
	}
	if err := readPastEntries(&out, list[:chunks], list[chunks:], size); err != nil {
		return out, err
	}
	if missing && len(out.Entries) > 0 {
		out.BaseAt = out.Entries[0].At
	}
	return out, nil
}

// readPastEntries adds the entries after out.Next. An entry of the log that cannot be read is one
// that no document takes, see readStored.
func readPastEntries(out *relay.Past, chunks, log []any, size int) error {
	held := 0
	for _, v := range chunks {
		if held >= size {
			out.More = true
			return nil
		}
		c, err := readChunk([]byte(fmt.Sprint(v)))
		if err != nil {
			return err
		}
		entries, err := c.read()
		if err != nil {
			return err
		}
		for _, e := range entries {
			held += len(e.Update)
		}
		skip := min(uint64(len(entries)), out.Next+1-min(c.seq, out.Next+1))
		out.Entries, out.Next = append(out.Entries, entries[skip:]...), max(out.Next, c.seq+c.entries-1)
	}
	for _, v := range log {
		b := []byte(fmt.Sprint(v))
		_, e, err := readEntry(b)
		if err != nil {
			e = relay.Entry{Update: b}
		}
		out.Entries = append(out.Entries, e)
		out.Next++
	}
	return nil
}

// adopt moves the history that an older version has kept of a document.
func (s *Store) adopt(ctx context.Context, d document) error {
	if s.ctx.Err() != nil {
		return ErrClosed
	}
	n, err := s.client.Exists(ctx, d.oldHistory).Result()
	if err != nil || n == 0 {
		return err
	}
	_, err = s.run(ctx, adoptScript, []string{d.record, d.oldHistory, d.oldHistoryLen, d.past, d.base, d.docs}, d.name)
	return err
}

// base is what the oldest entries of a document were folded into.
type base struct {
	through uint64
	at      time.Time
	state   []byte
}

// A base in Redis is the time of its last entry, in ms since 1970, and a state.
func (b base) encode() []byte {
	return append(binary.BigEndian.AppendUint64(nil, uint64(max(0, b.at.UnixMilli()))), encodeState(b.state)...)
}

func decodeBase(b []byte) (at time.Time, state []byte, err error) {
	if len(b) < 8 {
		return at, nil, fmt.Errorf("%w: base of %d bytes", errDamaged, len(b))
	}
	state, err = decodeState(b[8:])
	return time.UnixMilli(int64(binary.BigEndian.Uint64(b))).UTC(), state, err
}

// boundHistory folds the oldest chunks of a document into its base, down to three quarters of the
// bound. held is the size of the history.
func (s *Store) boundHistory(ctx context.Context, d document, held int64) error {
	if held <= int64(s.opts.HistoryBytes) {
		return nil
	}
	size := held - int64(s.opts.HistoryBytes)*3/4
	for folds := 0; size > 0 && folds < relay.FoldsAtOnce; folds++ {
		left, err := s.fold(ctx, d, size)
		if err != nil || left == size {
			return err
		}
		size = left
	}
	return nil
}

// fold folds chunks with size bytes, or fewer by the bounds of a fold, and returns how many bytes
// are left to fold. The folding is done here; the script changes nothing when another node was
// faster. What a crash interrupts is done by the next compaction.
func (s *Store) fold(ctx context.Context, d document, size int64) (left int64, err error) {
	old, err := s.readBase(ctx, d)
	if err != nil {
		return size, fmt.Errorf("fold history: %w", err)
	}
	next, updates, left, err := s.overdue(ctx, d, old, size)
	if err != nil || next.through == old.through {
		return size, err
	}
	if next.state, err = s.opts.Fold(next.state, updates); err != nil {
		return size, err
	}
	done, err := s.run(ctx, foldScript, []string{d.record, d.past, d.base, d.docs}, seqArg(old.through), seqArg(next.through), next.encode())
	if err != nil || done != int64(1) {
		return size, err
	}
	return left, nil
}

func (s *Store) readBase(ctx context.Context, d document) (b base, err error) {
	fields, err := s.client.HMGet(ctx, d.base, "t", "b").Result()
	if err != nil {
		return b, err
	}
	value, ok := fields[1].(string)
	if !ok {
		return b, nil
	}
	if b.through, err = strconv.ParseUint(fmt.Sprint(fields[0]), 10, 63); err != nil {
		return b, fmt.Errorf("%w: base", errDamaged)
	}
	b.at, b.state, err = decodeBase([]byte(value))
	return b, err
}

// foldBatch is how many chunks are read at once to be folded.
const foldBatch = 32

// overdue returns the base to come, and the updates that go into it: the oldest chunks with at
// least size bytes, or fewer by the bounds of a fold. left is how many bytes of size are left then.
func (s *Store) overdue(ctx context.Context, d document, old base, size int64) (next base, updates [][]byte, left int64, err error) {
	next, left = old, size
	chunks, raw := 0, 0
	for left > 0 && chunks < relay.FoldChunks && raw < relay.FoldBytes {
		list, err := s.client.XRangeN(ctx, d.past, seqArg(next.through+1)+"-0", "+", foldBatch).Result()
		if err != nil || len(list) == 0 {
			return next, updates, left, err
		}
		for _, m := range list {
			value, _ := m.Values["c"].(string)
			entries, first, err := readMember(m.ID, value)
			if err != nil {
				return next, nil, size, err
			}
			if first > next.through+1 {
				next, updates, err = s.lost(ctx, d, old, entries)
				return next, updates, 0, err
			}
			for _, e := range entries {
				updates, next.at = append(updates, e.Update), e.At
				raw += len(e.Update)
			}
			next.through = first + uint64(len(entries)) - 1
			chunks++
			if left -= int64(len(value)); left <= 0 || raw >= relay.FoldBytes {
				break
			}
		}
	}
	return next, updates, left, nil
}

// readMember reads a chunk of the stream. Its id is the number of the last entry and the number of
// entries.
func readMember(id, value string) (entries []relay.Entry, first uint64, err error) {
	c, err := readChunk([]byte(value))
	if err != nil {
		return nil, 0, err
	}
	if entries, err = c.read(); err != nil {
		return nil, 0, err
	}
	last, _, _ := strings.Cut(id, "-")
	n, err := strconv.ParseUint(last, 10, 63)
	if err != nil || len(entries) == 0 || n+1 < uint64(len(entries)) {
		return nil, 0, fmt.Errorf("%w: id of a chunk", errDamaged)
	}
	return entries, n + 1 - uint64(len(entries)), nil
}

// lost is overdue for a history with a gap: the compacted state is the only base that is true.
func (s *Store) lost(ctx context.Context, d document, old base, seen []relay.Entry) (base, [][]byte, error) {
	var state, reached *redis.StringCmd
	_, err := s.client.TxPipelined(ctx, func(p redis.Pipeliner) error {
		state, reached = p.Get(ctx, d.state), p.HGet(ctx, d.head, "s")
		return nil
	})
	if errors.Is(err, redis.Nil) {
		return old, nil, nil
	}
	if err != nil {
		return old, nil, err
	}
	next := base{at: seen[len(seen)-1].At}
	if next.through, err = reached.Uint64(); err != nil || next.through <= old.through {
		return old, nil, err
	}
	next.state, err = decodeState([]byte(state.Val()))
	return next, nil, err
}

// fingerprint tells updates apart in names that people read.
func fingerprint(b []byte) uint32 { return crc32.ChecksumIEEE(b) }
