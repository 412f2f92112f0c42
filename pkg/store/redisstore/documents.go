package redisstore

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"

	"github.com/redis/go-redis/v9"

	"parley/pkg/access"
	"parley/pkg/relay"
	"parley/pkg/session"
)

// Kinds of the keys of a document, and of the keys that the documents of a session share; see
// keys.of.
const (
	kindHead       = "head"
	kindLog        = "log"
	kindState      = "state"
	kindPast       = "past"
	kindBase       = "base"
	kindHistory    = "history"     // of all documents, in older versions
	kindHistoryLen = "historysize" // its size in bytes
	kindAside      = "quarantine"  // where entries are set aside
	kindDocChannel = "doc"
)

// maxAside bounds the entries of a session that are set aside. One such entry is a bug, and a
// hundred of them are the same bug.
const maxAside = 100

var (
	appendScript   = mustScript("append")
	sinceScript    = mustScript("since")
	compactScript  = mustScript("compact")
	checkScript    = mustScript("check")
	setAsideScript = mustScript("set_aside")
)

// document holds the keys of one document.
type document struct {
	session, name             string
	record, head, log, state  string
	docs, past, base          string
	oldHistory, oldHistoryLen string
	aside, channel            string
}

// document returns the keys of a document. A followed document has them already. The error is
// ErrNoSession when no session can have that name.
func (s *Store) document(id relay.RoomID) (document, error) {
	if d, ok := s.followers.document(id); ok {
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
		past: of(kindPast, id.Doc), base: of(kindBase, id.Doc),
		oldHistory: of(kindHistory), oldHistoryLen: of(kindHistoryLen), aside: of(kindAside),
		channel: of(kindDocChannel, id.Doc),
	}, nil
}

// answerError returns the error that the first word of a script's answer stands for, or nil.
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

// readAnswer reads the answer of a script: a list that begins with a word.
func readAnswer(v any, err error) (word string, rest []any, _ error) {
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

// withRestored runs do. When Redis has lost the session and this node can put it back, do runs once
// more.
func (s *Store) withRestored(ctx context.Context, id string, do func() error) error {
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
	err = s.withMigrated(ctx, d, func() error {
		word, rest, err := readAnswer(s.run(ctx, sinceScript, []string{d.record, d.head, d.log, d.state},
			schema, epochArg(after.Epoch), seqArg(after.Seq), idArg(after)))
		if err != nil {
			return err
		}
		stored, err = readStored(word, rest)
		return err
	})
	return stored, err
}

// readStored reads the answer of since.lua. An entry that cannot be read becomes an entry with
// these bytes as its update. No document takes such an update, so the reader sets it aside and goes
// on.
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

// readPosition reads epoch, seq and append id as scripts return them.
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

// compact puts state in the place of the log through at. The entries that leave the log are read
// and packed here. When another node was faster, the script changes nothing.
func (s *Store) compact(ctx context.Context, d document, state []byte, at relay.Position) error {
	if err := s.adopt(ctx, d); err != nil {
		return err
	}
	packed := encodeState(state)
	for {
		reached, chunk, entries, err := s.packLog(ctx, d, at.Seq)
		if err != nil || reached >= at.Seq {
			return err
		}
		if d.name == access.NotesDoc {
			chunk = nil // the notes have no history
		}
		word, rest, err := readAnswer(s.run(ctx, compactScript,
			[]string{d.record, d.head, d.log, d.state, d.past, d.base, d.docs},
			schema, epochArg(at.Epoch), seqArg(at.Seq), idArg(at), seqArg(reached), packed, chunk, entries, d.channel, s.node[:]))
		if err != nil {
			return err
		}
		if word != "moved" {
			held, _ := firstOf(rest).(int64)
			return s.boundHistory(ctx, d, held)
		}
	}
}

func firstOf(list []any) any {
	if len(list) == 0 {
		return nil
	}
	return list[0]
}

// packLog makes a chunk of the log's entries up to through. reached is the last entry that the
// stored state holds.
func (s *Store) packLog(ctx context.Context, d document, through uint64) (reached uint64, chunk []byte, n int, err error) {
	var head *redis.StringCmd
	var log *redis.XMessageSliceCmd
	_, err = s.client.TxPipelined(ctx, func(p redis.Pipeliner) error {
		head, log = p.HGet(ctx, d.head, "s"), p.XRange(ctx, d.log, "-", "0-"+seqArg(through))
		return nil
	})
	if err != nil && !errors.Is(err, redis.Nil) {
		return 0, nil, 0, err
	}
	reached, _ = strconv.ParseUint(head.Val(), 10, 63)
	entries := make([]string, 0, len(log.Val()))
	for _, m := range log.Val() {
		text, _ := m.Values["u"].(string)
		entries = append(entries, text)
	}
	return reached, encodeChunk(d.name, through+1-uint64(len(entries)), entries), len(entries), nil
}

// Check implements relay.Log. A single server is asked about all documents at once. In a cluster
// each document has a shard of its own, so each gets a command of its own in the pipeline.
func (s *Store) Check(ctx context.Context, held []relay.Located) (differ []relay.RoomID, err error) {
	s.counts.checks.Add(uint64(len(held)))
	size := len(held)
	if s.target.cluster {
		size = 1
	}
	cmds := map[int]*redis.Cmd{}
	send := func(form scriptForm) error {
		_, err := s.client.Pipelined(ctx, func(p redis.Pipeliner) error {
			for from := 0; from < len(held); from += size {
				keys, args := s.heads(held[from:min(from+size, len(held))])
				cmds[from] = checkScript.eval(ctx, p, form, keys, args...)
			}
			return nil
		})
		return err
	}
	if err = send(byHash); unknownScript(err) {
		err = send(byText)
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

// heads returns KEYS and ARGV of check.lua. A document that cannot exist is compared with a key
// that is never written.
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
		return fmt.Errorf("set aside an entry of %s: %w", id, err)
	}
	name := fmt.Sprintf("%s/%d/%08x", id.Doc, e.At.UnixMilli(), fingerprint(e.Update))
	value := append([]byte(cause+"\n"), appendEntry(nil, relay.AppendID{}, e)...)
	kept, err := s.run(ctx, setAsideScript, []string{d.record, d.aside, d.docs}, name, value, maxAside)
	if err != nil {
		return fmt.Errorf("set aside an entry of %s: %w", id, err)
	}
	switch kept {
	case int64(1):
		s.counts.setAside.Add(1)
	case int64(-1):
		return fmt.Errorf("set aside an entry of %s: %w", id, relay.ErrNoSession)
	}
	return nil
}
