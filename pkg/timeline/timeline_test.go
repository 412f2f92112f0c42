package timeline_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
	"weak"

	"parley/crdt"
	"parley/pkg/relay"
	"parley/pkg/session"
	"parley/pkg/store/localstore"
	"parley/pkg/timeline"
	"parley/pkg/trace"
)

var start = time.Date(2026, 11, 29, 9, 0, 0, 0, time.UTC)

// typist writes a text at changing places, as a person does, and gives an Update for each key.
type typist struct {
	id  string
	doc *crdt.Doc
	rng *rand.Rand
	at  int
}

func newTypist(n uint64) *typist {
	id := fmt.Sprintf("%016x", 0x9e3779b97f4a7c15*(n+1))
	return &typist{id: id, doc: crdt.NewDoc(crdt.WithClientID(1<<20 + n*7919)), rng: rand.New(rand.NewPCG(1, n))}
}

const code = "def solve(values):\n    total = 0\n    for value in values:\n        total += value\n    return total\n"

// key types or deletes a character and returns the Update.
func (p *typist) key(t testing.TB, n int) []byte {
	t.Helper()
	var update []byte
	defer p.doc.OnUpdate(func(u []byte, _ any) { update = u })()
	text := p.doc.Text("file:main")
	if p.at > text.Len() || p.rng.IntN(60) == 0 {
		p.at = p.rng.IntN(text.Len() + 1)
	}
	var err error
	if p.rng.IntN(10) == 0 && p.at > 0 {
		p.at--
		err = text.Delete(p.at, 1)
	} else {
		err = text.Insert(p.at, code[n%len(code):n%len(code)+1])
		p.at++
	}
	if err != nil {
		t.Fatal(err)
	}
	return bytes.Clone(update)
}

// typed returns entries of keys by three people, each of whom has what the others wrote.
func typed(t testing.TB, keys int) []relay.Entry {
	t.Helper()
	people := []*typist{newTypist(0), newTypist(1), newTypist(2)}
	rng := rand.New(rand.NewPCG(2, 3))
	at := start
	out := make([]relay.Entry, 0, keys)
	for n := range keys {
		p := people[n/40%3]
		update := p.key(t, n)
		for _, other := range people {
			if other == p {
				continue
			}
			if err := other.doc.ApplyUpdate(update); err != nil {
				t.Fatal(err)
			}
		}
		at = at.Add(time.Duration(60+rng.IntN(240)) * time.Millisecond)
		out = append(out, relay.Entry{Update: update, At: at, By: p.id})
	}
	return out
}

// room opens a store with a session.
func room(t testing.TB, opts localstore.Options) (*localstore.Store, relay.RoomID) {
	t.Helper()
	s, err := localstore.Open(t.TempDir(), opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	sess := session.Session{ID: "0a1b2c3d", Status: session.Active, CreatedAt: start, ExpiresAt: start.Add(time.Hour)}
	if err := s.Create(t.Context(), sess, nil); err != nil {
		t.Fatal(err)
	}
	return s, relay.RoomID{Session: "0a1b2c3d"}
}

// store writes entries, with a compaction after every 500, and returns the state.
func store(t testing.TB, s *localstore.Store, id relay.RoomID, entries []relay.Entry) []byte {
	t.Helper()
	doc := crdt.NewDoc()
	var at relay.Position
	for len(entries) > 0 {
		batch := entries[:min(500, len(entries))]
		entries = entries[len(batch):]
		done := make(chan error, 1)
		s.Append(id, at, batch, relay.Prompt, func(end relay.Position, err error) { at = end; done <- err })
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		for _, e := range batch {
			if err := doc.ApplyUpdate(e.Update); err != nil {
				t.Fatal(err)
			}
		}
		if len(batch) < 500 {
			break
		}
		if err := s.Compact(t.Context(), id, state(t, doc), at); err != nil {
			t.Fatal(err)
		}
	}
	return state(t, doc)
}

func state(t testing.TB, doc *crdt.Doc) []byte {
	t.Helper()
	b, err := doc.EncodeStateAsUpdate(nil)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// line is a line of an entry.
type line struct {
	T          int64
	By, Doc, K string
	U          string
}

// read applies all lines of a timeline in order.
func read(t testing.TB, written []byte) (doc *crdt.Doc, lines []line) {
	t.Helper()
	doc = crdt.NewDoc()
	for i, raw := range bytes.Split(bytes.TrimSpace(written), []byte("\n")) {
		var l line
		if err := json.Unmarshal(raw, &l); err != nil {
			t.Fatal(err)
		}
		if i == 0 || l.K == "trace" {
			continue
		}
		u, err := base64.StdEncoding.DecodeString(l.U)
		if err != nil {
			t.Fatal(err)
		}
		if err := doc.ApplyUpdate(u); err != nil {
			t.Fatal(err)
		}
		lines = append(lines, l)
	}
	return doc, lines
}

func of(s relay.Historian) timeline.Timeline {
	return timeline.Timeline{Header: timeline.Header{V: timeline.Version, Session: "0a1b2c3d"}, History: s}
}

// The lines are the keys, one by one, and give the state byte for byte. 6,000 edits take less than
// 150 kB on the wire.
func TestSixThousandEdits(t *testing.T) {
	t.Parallel()
	s, id := room(t, localstore.Options{})
	entries := typed(t, 6000)
	want := store(t, s, id, entries)
	var wire, plain bytes.Buffer
	if err := of(s).Write(t.Context(), &plain); err != nil {
		t.Fatal(err)
	}
	z, _ := gzip.NewWriterLevel(&wire, gzip.BestCompression)
	if err := errors.Join(of(s).Write(t.Context(), z), z.Close()); err != nil {
		t.Fatal(err)
	}
	if wire.Len() > 150_000 {
		t.Errorf("%d bytes on the wire", wire.Len())
	}
	t.Logf("%d bytes, %d on the wire", plain.Len(), wire.Len())
	doc, lines := read(t, plain.Bytes())
	if len(lines) != len(entries) || !bytes.Equal(state(t, doc), want) {
		t.Fatalf("%d lines", len(lines))
	}
	for i, l := range lines {
		if e := entries[i]; l.By != e.By || l.T != e.At.UnixMilli() || l.K != "update" || l.U != base64.StdEncoding.EncodeToString(e.Update) {
			t.Fatalf("line %d is %+v", i, l)
		}
	}
}

// Whatever was folded, the updates in order give the state byte for byte, and only the first line
// is a base.
func TestUpdatesGiveTheState(t *testing.T) {
	t.Parallel()
	entries := typed(t, 12_000)
	for _, bound := range []int{1, 20_000, 60_000} {
		s, id := room(t, localstore.Options{HistoryBytes: bound})
		want := store(t, s, id, entries)
		var out bytes.Buffer
		if err := of(s).Write(t.Context(), &out); err != nil {
			t.Fatal(err)
		}
		doc, lines := read(t, out.Bytes())
		if !bytes.Equal(state(t, doc), want) {
			t.Errorf("bound %d: the updates do not give the state", bound)
		}
		if lines[0].K != "base" || lines[0].T < start.UnixMilli() || strings.Count(out.String(), `"k":"base"`) != 1 || len(lines) >= len(entries) {
			t.Errorf("bound %d: %d lines, the first is of kind %s", bound, len(lines), lines[0].K)
		}
	}
}

// A session of 300,000 keys by three people is kept from the first key within the default bound.
func TestALongSessionIsKept(t *testing.T) {
	t.Parallel()
	const part, keys = 10, 300_000 // a tenth of the keys in a tenth of the space
	s, id := room(t, localstore.Options{HistoryBytes: localstore.DefaultHistoryBytes / part})
	entries := typed(t, keys/part)
	appendAll(t, s, id, entries)
	past, err := s.Past(t.Context(), id, 0, 1)
	if err != nil || past.Base != nil || len(past.Entries) == 0 || past.Entries[0].By != entries[0].By {
		t.Errorf("after %d keys the history begins with a base of %d bytes, %v", keys, len(past.Base), err)
	}
}

// appendAll writes entries behind those that are there and compacts after every 500.
func appendAll(t testing.TB, s *localstore.Store, id relay.RoomID, entries []relay.Entry) {
	t.Helper()
	for len(entries) > 0 {
		batch := entries[:min(500, len(entries))]
		entries = entries[len(batch):]
		type result struct {
			at  relay.Position
			err error
		}
		done := make(chan result, 1)
		s.Append(id, relay.Position{}, batch, relay.Prompt, func(end relay.Position, err error) { done <- result{end, err} })
		r := <-done
		if r.err == nil {
			r.err = s.Compact(t.Context(), id, []byte{0, 0}, r.at)
		}
		if r.err != nil {
			t.Fatal(r.err)
		}
	}
}

// The trace and several documents are merged by time.
func TestOrder(t *testing.T) {
	t.Parallel()
	s, id := room(t, localstore.Options{})
	entries := typed(t, 20)
	appendAll(t, s, id, entries[:10])
	appendAll(t, s, relay.RoomID{Session: id.Session, Doc: "board"}, entries[5:15])
	appendAll(t, s, relay.RoomID{Session: id.Session, Doc: "notes"}, entries[:15])
	tl := of(s)
	tl.Trace = []trace.Event{{At: entries[7].At, Kind: trace.Start}, {At: entries[18].At, Kind: trace.Mark, Text: "secret"}}
	var out bytes.Buffer
	if err := tl.Public().Write(t.Context(), &out); err != nil {
		t.Fatal(err)
	}
	var last int64
	docs := map[string]int{}
	for _, raw := range strings.Split(strings.TrimSpace(out.String()), "\n")[1:] {
		var l line
		if err := json.Unmarshal([]byte(raw), &l); err != nil || l.T < last {
			t.Fatalf("%s: %v", raw, err)
		}
		last = l.T
		docs[l.K+l.Doc]++
	}
	if fmt.Sprint(docs) != "map[trace:1 update:10 updateboard:10]" || strings.Contains(out.String(), "secret") {
		t.Errorf("lines are %v", docs)
	}
	out.Reset()
	if err := tl.Private().Write(t.Context(), &out); err != nil || strings.Count(out.String(), "\n") != 1 || !strings.Contains(out.String(), "secret") {
		t.Errorf("private lines: %s %v", out.String(), err)
	}
}

// A client that leaves ends the work.
func TestWriteEndsWithItsContext(t *testing.T) {
	t.Parallel()
	s, id := room(t, localstore.Options{})
	appendAll(t, s, id, typed(t, 1000))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := of(s).Write(ctx, &bytes.Buffer{}); !errors.Is(err, context.Canceled) {
		t.Errorf("Write gave %v", err)
	}
}

// A timeline that ends early is the beginning of the whole one.
func TestBefore(t *testing.T) {
	t.Parallel()
	s, id := room(t, localstore.Options{})
	entries := typed(t, 1000)
	appendAll(t, s, id, entries)
	mark := trace.Event{Session: "0a1b2c3d", By: "p1", Kind: trace.Mark, At: entries[700].At}
	if err := s.RecordTrace(t.Context(), []trace.Event{mark}); err != nil {
		t.Fatal(err)
	}
	for n, before := range map[int]time.Time{0: start, 400: entries[400].At, 700: entries[700].At, 1001: {}} {
		tl := of(s)
		tl.Trace, tl.Before = []trace.Event{mark}, before
		var out, private bytes.Buffer
		if err := tl.Write(t.Context(), &out); err != nil {
			t.Fatal(err)
		}
		if got := strings.Count(out.String(), "\n") - 1; got != n { // without the header
			t.Errorf("before %v: %d lines, want %d", before, got, n)
		}
		if err := tl.Private().Write(t.Context(), &private); err != nil || (private.Len() > 0) != (n == 1001) {
			t.Errorf("before %v the private lines are %q, %v", before, private.String(), err)
		}
	}
}

// long is a Historian with one document of n entries of size bytes each, all of which it returns at
// once. It can tell which of the Updates are still in memory.
type long struct {
	n, size int
	base    []byte

	mu      sync.Mutex
	updates []weak.Pointer[byte]
}

func (l *long) Past(_ context.Context, id relay.RoomID, after uint64, _ int) (relay.Past, error) {
	if id.Doc != "" {
		return relay.Past{}, nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	past := relay.Past{Next: uint64(l.n)}
	if after == 0 {
		past.Base, past.BaseAt = l.base, start
	}
	for i := int(after); i < l.n; i++ {
		u := make([]byte, l.size)
		u[0], u[1] = byte(i), byte(i>>8)
		l.updates = append(l.updates, weak.Make(&u[0]))
		past.Entries = append(past.Entries, relay.Entry{Update: u, At: start})
	}
	return past, nil
}

// held returns how many Updates are in memory.
func (l *long) held() (n int) {
	runtime.GC()
	runtime.GC()
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, u := range l.updates {
		if u.Value() != nil {
			n++
		}
	}
	return n
}

// What a store returns is not kept while a reader is slow, and each entry is written once.
func TestASlowReaderHoldsLittle(t *testing.T) {
	t.Parallel()
	history := &long{n: 500, size: 10_000, base: make([]byte, 1<<20)}
	r, w := io.Pipe()
	var writing sync.WaitGroup
	writing.Go(func() {
		err := of(history).Write(t.Context(), w)
		w.CloseWithError(err)
	})
	lines := bufio.NewReaderSize(r, 16)
	for range 100_000 { // within the base
		if _, err := lines.ReadByte(); err != nil {
			t.Fatal(err)
		}
	}
	if n := history.held(); n > 0 {
		t.Errorf("%d of %d entries wait in memory", n, history.n)
	}
	out, err := io.ReadAll(lines)
	if err != nil {
		t.Fatal(err)
	}
	writing.Wait()
	for i, l := range bytes.Split(bytes.TrimSpace(out), []byte("\n"))[1:] {
		var got line
		if err := json.Unmarshal(l, &got); err != nil {
			t.Fatal(err)
		}
		u, err := base64.StdEncoding.DecodeString(got.U)
		if err != nil || len(u) != history.size || int(u[0])+int(u[1])<<8 != i {
			t.Fatalf("line %d: %d bytes of another entry, %v", i, len(u), err)
		}
	}
	if n := bytes.Count(out, []byte("\n")); n != history.n+1 {
		t.Errorf("%d lines, want %d", n, history.n+1)
	}
	if held, err := of(history).Held(t.Context()); err != nil || held != len(history.base) {
		t.Errorf("%d bytes of bases, %v", held, err)
	}
}
