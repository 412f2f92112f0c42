package storetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"

	"parley/pkg/relay"
	"parley/pkg/session"
)

func open(t *testing.T, b Backend) Store {
	t.Helper()
	s := b.Open(t)
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return s
}

func testAppendLoad(t *testing.T, b Backend) {
	s := open(t, b)
	mustCreate(t, s, "aaaa0001", nil)
	id := relay.RoomID{Session: "aaaa0001"}
	if got := mustLoad(t, s, id); got.State != nil || got.Log != nil || got.Through != 0 {
		t.Fatalf("a document never written is %+v, want the zero Stored", got)
	}
	want := entries("first", 0, 300)
	for i := 0; i < len(want); {
		n := min(1+i%7, len(want)-i)
		if seq := mustAppend(t, s, id, want[i:i+n]...); seq != uint64(i+n) {
			t.Fatalf("Append gave number %d, want %d", seq, i+n)
		}
		i += n
	}
	got := mustLoad(t, s, id)
	sameEntries(t, "log", got.Log, want)
	if got.Through != 300 || got.State != nil {
		t.Errorf("Through %d, state of %d bytes; want 300 and none", got.Through, len(got.State))
	}
	if seq := mustAppend(t, s, id); seq != 300 {
		t.Errorf("an append of nothing gave number %d, want 300", seq)
	}
	odd := relay.Entry{Update: []byte{}, At: epoch}
	mustAppend(t, s, id, odd)
	sameEntries(t, "log", mustLoad(t, s, id).Log, append(want, odd))
}

func testUnknownSession(t *testing.T, b Backend) {
	s := open(t, b)
	mustCreate(t, s, "aaaa0001", nil)
	for _, name := range []string{"aaaa0002", "aaaa000", "aaaa00011", "", "a\x00b", "../x", "*", string(bytes.Repeat([]byte("x"), 70_000))} {
		id := relay.RoomID{Session: name}
		if _, err := s.Load(t.Context(), id); !errors.Is(err, relay.ErrNoSession) {
			t.Errorf("Load(%.20q) = %v, want ErrNoSession", name, err)
		}
		if _, err := s.Append(t.Context(), id, entries("x", 0, 1)); !errors.Is(err, relay.ErrNoSession) {
			t.Errorf("Append(%.20q) = %v, want ErrNoSession", name, err)
		}
		if err := s.Compact(t.Context(), id, []byte("state"), 1); !errors.Is(err, relay.ErrNoSession) {
			t.Errorf("Compact(%.20q) = %v, want ErrNoSession", name, err)
		}
	}
}

// Ids of which one begins another, and equal documents of several sessions, must not see each other.
func testIsolation(t *testing.T, b Backend) {
	s := open(t, b)
	ids := []relay.RoomID{}
	for _, name := range []string{"room", "room1", "room-", "roo", "ROOM"} {
		mustCreate(t, s, sessionID(name), nil)
		for _, doc := range []string{"", "notes", "note", "1"} {
			ids = append(ids, relay.RoomID{Session: name, Doc: doc})
		}
	}
	for n := range 6 {
		for _, id := range ids {
			mustAppend(t, s, id, entry(id.String(), n))
		}
	}
	for i, id := range ids {
		if i%2 == 0 {
			if err := s.Compact(t.Context(), id, []byte("state of "+id.String()), 3); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := s.Delete(t.Context(), "room", epoch); err != nil {
		t.Fatal(err)
	}
	for i, id := range ids {
		if id.Session == "room" {
			continue // its end must not be seen by those whose names begin with its own
		}
		got, want, state := mustLoad(t, s, id), entries(id.String(), 0, 6), ""
		if i%2 == 0 {
			sameEntries(t, "history of "+id.String(), mustHistory(t, s, id), want[:3])
			want, state = want[3:], "state of "+id.String()
		}
		sameEntries(t, "log of "+id.String(), got.Log, want)
		if string(got.State) != state || got.Through != 6 {
			t.Errorf("%s: state %q through %d, want %q through 6", id, got.State, got.Through, state)
		}
	}
}

func testLarge(t *testing.T, b Backend) {
	s := open(t, b)
	mustCreate(t, s, "aaaa0001", nil)
	id := relay.RoomID{Session: "aaaa0001"}
	noise := make([]byte, 5<<20)
	if _, err := rand.NewChaCha8([32]byte{1}).Read(noise); err != nil {
		t.Fatal(err)
	}
	want := []relay.Entry{{Update: noise, At: epoch, By: "p1"}, entry("small", 1), {Update: noise[:1<<20], At: epoch}}
	mustAppend(t, s, id, want...)
	sameEntries(t, "log", mustLoad(t, s, id).Log, want)
	if err := s.Compact(t.Context(), id, noise, 2); err != nil {
		t.Fatal(err)
	}
	got := mustLoad(t, s, id)
	if !bytes.Equal(got.State, noise) {
		t.Error("a state of 5 MiB came back changed")
	}
	sameEntries(t, "log", got.Log, want[2:])
}

func testReopen(t *testing.T, b Backend) {
	id := relay.RoomID{Session: "aaaa0001"}
	want := entries("kept", 0, 20)
	s := b.Open(t)
	sess := mustCreate(t, s, "aaaa0001", nil)
	mustAppend(t, s, id, want[:10]...)
	if err := s.Compact(t.Context(), id, []byte("state"), 4); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t, b)
	if seq := mustAppend(t, s, id, want[10:]...); seq != 20 {
		t.Errorf("the number after reopening is %d, want 20", seq)
	}
	got := mustLoad(t, s, id)
	sameEntries(t, "log", got.Log, want[4:])
	sameEntries(t, "history", mustHistory(t, s, id), want[:4])
	if string(got.State) != "state" {
		t.Errorf("state %q, want %q", got.State, "state")
	}
	sameSession(t, s, sess)
}

func testConcurrentAppend(t *testing.T, b Backend) {
	s := open(t, b)
	const rooms, writers, each = 4, 4, 25
	var wg sync.WaitGroup
	var mu sync.Mutex
	seen := map[string]bool{}
	for r := range rooms {
		id := relay.RoomID{Session: fmt.Sprintf("aaaa000%d", r)}
		mustCreate(t, s, sessionID(id.Session), nil)
		for w := range writers {
			wg.Go(func() {
				for n := range each {
					seq, err := s.Append(t.Context(), id, []relay.Entry{entry(fmt.Sprintf("w%d", w), n)})
					if err != nil {
						t.Errorf("Append: %v", err)
						return
					}
					mu.Lock()
					key := fmt.Sprint(r, "/", seq)
					if seen[key] || seq == 0 || seq > writers*each {
						t.Errorf("number %d of room %d came twice, or is out of range", seq, r)
					}
					seen[key] = true
					mu.Unlock()
				}
			})
		}
	}
	wg.Wait()
	for r := range rooms {
		got := mustLoad(t, s, relay.RoomID{Session: fmt.Sprintf("aaaa000%d", r)})
		if len(got.Log) != writers*each || got.Through != writers*each {
			t.Fatalf("room %d: %d entries through %d, want %d", r, len(got.Log), got.Through, writers*each)
		}
		next := map[string]int{}
		for _, e := range got.Log { // each writer's entries in the order in which it wrote them
			var w string
			var n int
			if _, err := fmt.Sscanf(string(e.Update), "%s %d", &w, &n); err != nil || n != next[w] {
				t.Fatalf("room %d: %q out of order, want %d next", r, e.Update, next[w])
			}
			next[w]++
		}
	}
}

func testContext(t *testing.T, b Backend) {
	s := open(t, b)
	mustCreate(t, s, "aaaa0001", nil)
	id := relay.RoomID{Session: "aaaa0001"}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, loadErr := s.Load(ctx, id)
	_, appendErr := s.Append(ctx, id, entries("x", 0, 1))
	_, getErr := s.Get(ctx, "aaaa0001")
	for name, err := range map[string]error{
		"Load": loadErr, "Append": appendErr, "Get": getErr, "Compact": s.Compact(ctx, id, []byte("s"), 1),
		"Create": s.Create(ctx, record("aaaa0002"), nil), "Delete": s.Delete(ctx, "aaaa0001", epoch), "Ping": s.Ping(ctx),
	} {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%s with an ended context gave %v, want context.Canceled", name, err)
		}
	}
	if got := mustLoad(t, s, id); len(got.Log) != 0 {
		t.Errorf("a refused append left %d entries", len(got.Log))
	}
	if err := s.Ping(t.Context()); err != nil {
		t.Errorf("Ping: %v", err)
	}
}

func testCompact(t *testing.T, b Backend) {
	s := open(t, b)
	mustCreate(t, s, "aaaa0001", nil)
	id := relay.RoomID{Session: "aaaa0001"}
	want := entries("e", 0, 12)
	mustAppend(t, s, id, want[:10]...)
	if err := s.Compact(t.Context(), id, []byte("state 4"), 4); err != nil {
		t.Fatal(err)
	}
	if seq := mustAppend(t, s, id, want[10]); seq != 11 {
		t.Errorf("the number after a compaction is %d, want 11", seq)
	}
	if err := s.Compact(t.Context(), id, []byte("state 11"), 11); err != nil {
		t.Fatal(err)
	}
	got := mustLoad(t, s, id)
	if string(got.State) != "state 11" || len(got.Log) != 0 || got.Through != 11 {
		t.Errorf("after compacting all: state %q, %d entries, through %d", got.State, len(got.Log), got.Through)
	}
	if seq := mustAppend(t, s, id, want[11]); seq != 12 {
		t.Errorf("the number after an empty log is %d, want 12", seq)
	}
	sameEntries(t, "log", mustLoad(t, s, id).Log, want[11:])
	sameEntries(t, "history", mustHistory(t, s, id), want[:11])
	if err := s.Compact(t.Context(), id, []byte("from the future"), 99); err == nil {
		t.Error("a state that claims entries nobody wrote was taken: appends would be lost behind it")
	}
}

func testCompactStale(t *testing.T, b Backend) {
	s := open(t, b)
	mustCreate(t, s, "aaaa0001", nil)
	id := relay.RoomID{Session: "aaaa0001"}
	want := entries("e", 0, 10)
	mustAppend(t, s, id, want...)
	for n, through := range []uint64{7, 5, 7, 0} {
		if err := s.Compact(t.Context(), id, fmt.Appendf(nil, "state of compaction %d", n), through); err != nil {
			t.Fatalf("Compact through %d: %v", through, err)
		}
		got := mustLoad(t, s, id)
		if string(got.State) != "state of compaction 0" {
			t.Fatalf("after compaction %d, through %d, the state is %q, want that of the first", n, through, got.State)
		}
		sameEntries(t, "log", got.Log, want[7:])
	}
	sameEntries(t, "history", mustHistory(t, s, id), want[:7])
}

// Two compact while a third appends: at every moment state, log and history together hold each entry exactly once.
func testCompactRace(t *testing.T, b Backend) {
	s := open(t, b)
	mustCreate(t, s, "aaaa0001", nil)
	id := relay.RoomID{Session: "aaaa0001"}
	const total = 150
	want := entries("e", 0, total)
	done := make(chan struct{})
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() {
			for {
				st, err := s.Load(t.Context(), id)
				if err != nil {
					t.Errorf("Load: %v", err)
					return
				}
				if compacted := st.Through - uint64(len(st.Log)); string(st.State) != stateAt(compacted) {
					t.Errorf("state %q is not that of the %d entries before the log", st.State, compacted)
					return
				}
				if err := s.Compact(t.Context(), id, []byte(stateAt(st.Through)), st.Through); err != nil {
					t.Errorf("Compact: %v", err)
					return
				}
				select {
				case <-done:
					return
				default:
				}
			}
		})
	}
	for i, e := range want {
		if seq := mustAppend(t, s, id, e); seq != uint64(i+1) {
			t.Errorf("number %d, want %d", seq, i+1)
		}
	}
	close(done)
	wg.Wait()
	st := mustLoad(t, s, id)
	sameEntries(t, "history and log", append(mustHistory(t, s, id), st.Log...), want)
}

func stateAt(through uint64) string {
	if through == 0 {
		return ""
	}
	return fmt.Sprintf("state %d", through)
}

func testHistoryBound(t *testing.T, b Backend, limit int) {
	s := open(t, b)
	mustCreate(t, s, "aaaa0001", nil)
	ids := []relay.RoomID{{Session: "aaaa0001"}, {Session: "aaaa0001", Doc: "notes"}}
	size := limit / 10
	for n := range 20 {
		for _, id := range ids {
			e := entry("", n)
			e.Update = make([]byte, size) // that does not compress
			if _, err := rand.NewChaCha8([32]byte{byte(n)}).Read(e.Update); err != nil {
				t.Fatal(err)
			}
			e.Update[0] = byte(n)
			seq := mustAppend(t, s, id, e)
			if err := s.Compact(t.Context(), id, []byte("state"), seq); err != nil {
				t.Fatal(err)
			}
		}
	}
	kept := 0
	for _, id := range ids {
		h := mustHistory(t, s, id)
		if len(h) == 0 || h[len(h)-1].Update[0] != 19 {
			t.Fatalf("%s: the newest of the history is missing", id)
		}
		for i, e := range h {
			kept += len(e.Update)
			if got, want := int(e.Update[0]), 20-len(h)+i; got != want {
				t.Errorf("%s: history entry %d is number %d, want %d: the oldest go first", id, i, got, want)
			}
		}
	}
	if kept > limit || kept < limit/2 {
		t.Errorf("history keeps %d bytes, the bound is %d", kept, limit)
	}
}

// A node that does not know of the end yet changes nothing any more, but gives back what the store has lost.
func testEnded(t *testing.T, b Backend) {
	s := open(t, b)
	sess := record("aaaa0001")
	sess.Title = `"status":"ended"` // says nothing
	if err := s.Create(t.Context(), sess, []byte("seed")); err != nil {
		t.Fatal(err)
	}
	id := relay.RoomID{Session: "aaaa0001"}
	mustAppend(t, s, id, entry("before", 1))
	if _, err := s.Update(t.Context(), sess.ID, func(s *session.Session) error { s.Status = session.Ended; return nil }); err != nil {
		t.Fatal(err)
	}
	for _, doc := range []relay.RoomID{id, {Session: "aaaa0001", Doc: "notes"}} {
		if _, err := s.Append(t.Context(), doc, entries("after", 2, 4)); !errors.Is(err, relay.ErrReadOnly) {
			t.Errorf("Append to %s after the end = %v, want ErrReadOnly", doc, err)
		}
	}
	if n := len(mustLoad(t, s, id).Log); n != 2 {
		t.Errorf("%d entries are stored, want 2", n)
	}
	back := entry("back", 5)
	back.Back = true
	if seq := mustAppend(t, s, id, back); seq != 3 {
		t.Errorf("what is written back is entry %d, want 3", seq)
	}
	if err := s.Compact(t.Context(), id, []byte("state"), 3); err != nil {
		t.Errorf("Compact after the end = %v", err)
	}
}
