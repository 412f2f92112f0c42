package redisstore

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"

	"github.com/redis/go-redis/v9"

	"parley/pkg/relay"
	"parley/pkg/session"
)

// Kinds of keys of a document, and of a session's documents together; see keys.of.
const (
	kindHead       = "head"
	kindLog        = "log"
	kindState      = "state"
	kindHistory    = "history"
	kindHistoryLen = "historysize"
	kindQuarantine = "quarantine"
	kindDocChannel = "doc"
)

// maxQuarantine bounds the entries of a session that are put aside: one is a bug, a hundred are the same bug.
const maxQuarantine = 100

var (
	appendScript     = mustScript("append")
	sinceScript      = mustScript("since")
	compactScript    = mustScript("compact")
	checkScript      = mustScript("check")
	quarantineScript = mustScript("quarantine")
)

// document is the keys of one.
type document struct {
	session, name             string
	record, head, log, state  string
	docs, history, historyLen string
	quarantine, channel       string
}

// document gives the keys of a document; of one that is followed they are there already. ErrNoSession when the session cannot exist.
func (s *Store) document(id relay.RoomID) (document, error) {
	if d, ok := s.hearers.document(id); ok {
		return d, nil
	}
	if !session.ValidName(id.Session) {
		return document{}, relay.ErrNoSession
	}
	if id.Doc != "" && !session.ValidName(id.Doc) {
		return document{}, fmt.Errorf("bad document name %q", id.Doc)
	}
	of := func(kind string, rest ...string) string { return s.keys.of(id.Session, kind, rest...) }
	return document{
		session: id.Session, name: id.Doc, record: s.keys.session(id.Session),
		head: of(kindHead, id.Doc), log: of(kindLog, id.Doc), state: of(kindState, id.Doc), docs: of(kindDocs),
		history: of(kindHistory), historyLen: of(kindHistoryLen), quarantine: of(kindQuarantine),
		channel: of(kindDocChannel, id.Doc),
	}, nil
}

// answerError turns the first word of a script's answer into its error, nil for those that are none.
func answerError(word string) error {
	switch word {
	case "gone":
		return relay.ErrNoSession
	case "ended":
		return relay.ErrReadOnly
	case "newer":
		return ErrNewer
	case "older":
		return errOlder
	case "stale":
		return relay.ErrStale
	}
	return nil
}

// answer reads what a script gave: a list that begins with a word.
func answer(v any, err error) (word string, rest []any, _ error) {
	if err != nil {
		return "", nil, err
	}
	list, ok := v.([]any)
	if !ok || len(list) == 0 {
		return "", nil, fmt.Errorf("%w: answer %T of a script", errDamaged, v)
	}
	word, _ = list[0].(string)
	return word, list[1:], answerError(word)
}

// again runs do, and once more when the session is not there, but was only lost and could be put back.
func (s *Store) again(ctx context.Context, id string, do func() error) error {
	if s.ctx.Err() != nil {
		return ErrClosed
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	err := do()
	if !errors.Is(err, relay.ErrNoSession) {
		return err
	}
	back, lost := s.restore(ctx, session.ID(id))
	switch {
	case lost != nil:
		return lost
	case back:
		return do()
	}
	return err
}

// Since implements relay.Log.
func (s *Store) Since(ctx context.Context, id relay.RoomID, after relay.Position) (relay.Stored, error) {
	if after != (relay.Position{}) {
		s.counts.catchUps.Add(1)
	}
	stored, err := s.since(ctx, id, after)
	if err != nil {
		return relay.Stored{}, fmt.Errorf("read %s: %w", id, err)
	}
	return stored, nil
}

func (s *Store) since(ctx context.Context, id relay.RoomID, after relay.Position) (stored relay.Stored, err error) {
	d, err := s.document(id)
	if err != nil {
		return stored, err
	}
	err = s.upToDate(ctx, d, func() error {
		word, rest, err := answer(s.run(ctx, sinceScript, []string{d.record, d.head, d.log, d.state},
			schema, epochArg(after.Epoch), seqArg(after.Seq), idArg(after)))
		if err != nil {
			return err
		}
		stored, err = readStored(word, rest)
		return err
	})
	return stored, err
}

// readStored reads the answer of since.lua. An entry that cannot be read becomes one with the bytes as its update, which
// no document takes: whoever loads it puts it aside and goes on.
func readStored(word string, rest []any) (out relay.Stored, err error) {
	if len(rest) < 3 || word == "whole" && len(rest) < 4 {
		return out, fmt.Errorf("%w: answer %q", errDamaged, word)
	}
	if out.At, err = readPosition(rest[0], rest[1], rest[2]); err != nil {
		return out, err
	}
	rest = rest[3:]
	if word == "whole" {
		out.Whole = true
		if state, ok := rest[0].(string); ok {
			if out.State, err = decodeState([]byte(state)); err != nil {
				return out, err
			}
		}
		rest = rest[1:]
	}
	for _, v := range rest {
		b := []byte(fmt.Sprint(v))
		_, e, err := readEntry(b)
		if err != nil {
			e = relay.Entry{Update: b}
		}
		out.Entries = append(out.Entries, e)
	}
	return out, nil
}

// readPosition reads epoch, seq and append id as scripts give them.
func readPosition(epoch, seq, aid any) (p relay.Position, err error) {
	e, ok := epoch.(string)
	n, ok2 := seq.(int64)
	m, ok3 := aid.(string)
	if !ok || !ok2 || !ok3 || n < 0 || len(e) != 0 && len(e) != 8 || len(m) != 0 && len(m) != appendIDSize {
		return p, fmt.Errorf("%w: head of a document", errDamaged)
	}
	if e == "" {
		return relay.Position{}, nil
	}
	copy(p.ID[:], m)
	p.Epoch, p.Seq = binary.BigEndian.Uint64([]byte(e)), uint64(n)
	return p, nil
}

func epochArg(epoch uint64) string {
	if epoch == 0 {
		return ""
	}
	return string(binary.BigEndian.AppendUint64(nil, epoch))
}

func seqArg(seq uint64) string { return strconv.FormatUint(seq, 10) }

func idArg(p relay.Position) string {
	if p.Epoch == 0 {
		return ""
	}
	return string(p.ID[:])
}

// newEpochArg makes an epoch that no log has had.
func newEpochArg() string {
	return string(binary.BigEndian.AppendUint64(nil, rand.Uint64()|1<<56)) // the first byte is not zero
}

// Compact implements relay.Log.
func (s *Store) Compact(ctx context.Context, id relay.RoomID, state []byte, at relay.Position) error {
	d, err := s.document(id)
	if err == nil && at.Seq > 0 {
		err = s.compact(ctx, d, state, at)
	}
	if err != nil {
		return fmt.Errorf("compact %s: %w", id, err)
	}
	return nil
}

// compact puts state in the place of the log through at. What is taken out is read first and packed here; the script
// does nothing if another node was faster.
func (s *Store) compact(ctx context.Context, d document, state []byte, at relay.Position) error {
	packed := encodeState(state)
	for {
		reached, chunk, err := s.packLog(ctx, d, at.Seq)
		if err != nil || reached >= at.Seq {
			return err
		}
		word, _, err := answer(s.run(ctx, compactScript,
			[]string{d.record, d.head, d.log, d.state, d.history, d.historyLen, d.docs},
			schema, epochArg(at.Epoch), seqArg(at.Seq), idArg(at), seqArg(reached), packed, chunk,
			s.opts.HistoryBytes, d.channel, s.node[:]))
		if err != nil || word != "moved" {
			return err
		}
	}
}

// packLog makes a chunk of the log's entries up to through, and says what the stored state reaches.
func (s *Store) packLog(ctx context.Context, d document, through uint64) (reached uint64, chunk []byte, err error) {
	var head *redis.StringCmd
	var log *redis.XMessageSliceCmd
	_, err = s.client.TxPipelined(ctx, func(p redis.Pipeliner) error {
		head, log = p.HGet(ctx, d.head, "s"), p.XRange(ctx, d.log, "-", "0-"+seqArg(through))
		return nil
	})
	if err != nil && !errors.Is(err, redis.Nil) {
		return 0, nil, err
	}
	reached, _ = strconv.ParseUint(head.Val(), 10, 63)
	entries := make([]string, 0, len(log.Val()))
	for _, m := range log.Val() {
		text, _ := m.Values["u"].(string)
		entries = append(entries, text)
	}
	return reached, encodeChunk(d.name, reached+1, entries), nil
}

// Check implements relay.Log. A single server is asked about all documents at once; in a cluster each has its own shard, and
// its own small command in the pipeline.
func (s *Store) Check(ctx context.Context, held []relay.Located) (differ []relay.RoomID, err error) {
	s.counts.checks.Add(uint64(len(held)))
	size := len(held)
	if s.target.cluster {
		size = 1
	}
	cmds := map[int]*redis.Cmd{}
	send := func(byText bool) error {
		_, err := s.client.Pipelined(ctx, func(p redis.Pipeliner) error {
			for from := 0; from < len(held); from += size {
				keys, args := s.heads(held[from:min(from+size, len(held))])
				if byText {
					cmds[from] = p.Eval(ctx, checkScript.text, keys, args...)
				} else {
					cmds[from] = p.EvalSha(ctx, checkScript.hash, keys, args...)
				}
			}
			return nil
		})
		return err
	}
	if err = send(false); redis.HasErrorPrefix(err, "NOSCRIPT") {
		err = send(true)
	}
	if err != nil {
		return nil, fmt.Errorf("check positions: %w", err)
	}
	for from, cmd := range cmds {
		indexes, err := cmd.Int64Slice()
		if err != nil {
			return nil, fmt.Errorf("check positions: %w", err)
		}
		for _, i := range indexes {
			if at := from + int(i) - 1; at >= from && at < len(held) {
				differ = append(differ, held[at].ID)
			}
		}
	}
	s.counts.behind.Add(uint64(len(differ)))
	return differ, nil
}

// heads gives the KEYS and ARGV of check.lua. A document that cannot exist is compared with a key that is never written.
func (s *Store) heads(held []relay.Located) (keys []string, args []any) {
	for _, h := range held {
		keys = append(keys, s.keys.of(h.ID.Session, kindHead, h.ID.Doc))
		args = append(args, epochArg(h.At.Epoch), seqArg(h.At.Seq), idArg(h.At))
	}
	return keys, args
}

// SetAside implements relay.Log.
func (s *Store) SetAside(ctx context.Context, id relay.RoomID, e relay.Entry, cause string) error {
	d, err := s.document(id)
	if err != nil {
		return fmt.Errorf("put aside an entry of %s: %w", id, err)
	}
	name := fmt.Sprintf("%s/%d/%08x", id.Doc, e.At.UnixMilli(), fingerprint(e.Update))
	value := append([]byte(cause+"\n"), appendEntry(nil, relay.AppendID{}, e)...)
	kept, err := s.run(ctx, quarantineScript, []string{d.record, d.quarantine, d.docs}, name, value, maxQuarantine)
	if err != nil {
		return fmt.Errorf("put aside an entry of %s: %w", id, err)
	}
	switch kept {
	case int64(1):
		s.counts.quarantined.Add(1)
	case int64(-1):
		return fmt.Errorf("put aside an entry of %s: %w", id, relay.ErrNoSession)
	}
	return nil
}
