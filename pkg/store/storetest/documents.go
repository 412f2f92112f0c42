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
	if got := mustLoad(t, s, id); got.State != nil || got.Entries != nil || got.At != (relay.Position{}) || !got.Whole {
		t.Fatalf("a document never written is %+v, want it whole and empty", got)
	}
	want := entries("first", 0, 300)
	for i := 0; i < len(want); {
		n := min(1+i%7, len(want)-i)
		if end := mustAppend(t, s, id, want[i:i+n]...); end.Seq != uint64(i+n) {
			t.Fatalf("the append ends at %+v, want number %d", end, i+n)
		}
		i += n
	}
	got := mustLoad(t, s, id)
	sameEntries(t, "log", got.Entries, want)
	if got.At.Seq != 300 || got.State != nil {
		t.Errorf("through %d, state of %d bytes; want 300 and none", got.At.Seq, len(got.State))
	}
	if end := mustAppend(t, s, id); end.Seq != 300 {
		t.Errorf("an append of nothing ends at %+v, want number 300", end)
	}
	odd := relay.Entry{Update: []byte{}, At: epoch}
	mustAppend(t, s, id, odd)
	sameEntries(t, "log", mustLoad(t, s, id).Entries, append(want, odd))
}

func testUnknownSession(t *testing.T, b Backend) {
	s := open(t, b)
	mustCreate(t, s, "aaaa0001", nil)
	for _, name := range []string{"aaaa0002", "aaaa000", "aaaa00011", "", "a\x00b", "../x", "*", string(bytes.Repeat([]byte("x"), 70_000))} {
		id := relay.RoomID{Session: name}
		if _, err := s.Since(t.Context(), id, relay.Position{}); !errors.Is(err, relay.ErrNoSession) {
			t.Errorf("Since(%.20q) = %v, want ErrNoSession", name, err)
		}
		for _, urgency := range []relay.Urgency{relay.Prompt, relay.Batched} {
			if _, err := appendAt(s, id, relay.Position{}, urgency, entry("x", 0)); !errors.Is(err, relay.ErrNoSession) {
				t.Errorf("Append(%.20q) = %v, want ErrNoSession", name, err)
			}
		}
		if err := s.Compact(t.Context(), id, []byte("state"), relay.Position{Epoch: 1, Seq: 1}); !errors.Is(err, relay.ErrNoSession) {
			t.Errorf("Compact(%.20q) = %v, want ErrNoSession", name, err)
		}
	}
}

// Sessions whose ids begin with each other's, and documents of equal names in several sessions,
// must not see each other.
func testIsolation(t *testing.T, b Backend) {
	s := open(t, b)
	ids := []relay.RoomID{}
	for _, name := range []string{"room", "room1", "room-", "roo", "ROOM"} {
		mustCreate(t, s, sessionID(name), nil)
		for _, doc := range []string{"", "notes", "note", "1"} {
			ids = append(ids, relay.RoomID{Session: name, Doc: doc})
		}
	}
	third := map[relay.RoomID]relay.Position{}
	for n := range 6 {
		for _, id := range ids {
			if end := mustAppend(t, s, id, entry(id.String(), n)); n == 2 {
				third[id] = end
			}
		}
	}
	for i, id := range ids {
		if i%2 == 0 {
			mustCompact(t, s, id, "state of "+id.String(), third[id])
		}
	}
	if err := s.Delete(t.Context(), "room", epoch); err != nil {
		t.Fatal(err)
	}
	for i, id := range ids {
		if id.Session == "room" {
			continue // its deletion must not touch sessions whose names begin with its name
		}
		got, want, state := mustLoad(t, s, id), entries(id.String(), 0, 6), ""
		if i%2 == 0 {
			samePast(t, s, id, want)
			want, state = want[3:], "state of "+id.String()
		}
		sameEntries(t, "log of "+id.String(), got.Entries, want)
		if string(got.State) != state || got.At.Seq != 6 {
			t.Errorf("%s: state %q through %d, want %q through 6", id, got.State, got.At.Seq, state)
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
	end := mustAppend(t, s, id, want...)
	sameEntries(t, "log", mustLoad(t, s, id).Entries, want)
	mustCompact(t, s, id, string(noise), at(end, 2))
	got := mustLoad(t, s, id)
	if !bytes.Equal(got.State, noise) {
		t.Error("a state of 5 MiB came back changed")
	}
	sameEntries(t, "log", got.Entries, want[2:])
}

func testReopen(t *testing.T, b Backend) {
	id := relay.RoomID{Session: "aaaa0001"}
	want := entries("kept", 0, 20)
	s := b.Open(t)
	sess := mustCreate(t, s, "aaaa0001", nil)
	mustCompact(t, s, id, "state", at(mustAppend(t, s, id, want[:10]...), 4))
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t, b)
	if end := mustAppend(t, s, id, want[10:]...); end.Seq != 20 {
		t.Errorf("after reopening the log ends at %+v, want number 20", end)
	}
	got := mustLoad(t, s, id)
	sameEntries(t, "log", got.Entries, want[4:])
	samePast(t, s, id, want)
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
					end, err := appendEnd(t.Context(), s, id, entry(fmt.Sprintf("w%d", w), n))
					if err != nil {
						t.Errorf("Append: %v", err)
						return
					}
					mu.Lock()
					key := fmt.Sprint(r, "/", end.Seq)
					if seen[key] || end.Seq == 0 || end.Seq > writers*each {
						t.Errorf("number %d of room %d came twice, or is out of range", end.Seq, r)
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
		if len(got.Entries) != writers*each || got.At.Seq != writers*each {
			t.Fatalf("room %d: %d entries through %d, want %d", r, len(got.Entries), got.At.Seq, writers*each)
		}
		next := map[string]int{}
		for _, e := range got.Entries { // each writer's entries are in the order in which it wrote them
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
	_, sinceErr := s.Since(ctx, id, relay.Position{})
	_, checkErr := s.Check(ctx, []relay.Located{{ID: id}})
	_, getErr := s.Get(ctx, "aaaa0001")
	for name, err := range map[string]error{
		"Since": sinceErr, "Check": checkErr, "Get": getErr, "Compact": s.Compact(ctx, id, []byte("s"), relay.Position{Seq: 1}),
		"SetAside": s.SetAside(ctx, id, entry("x", 0), "test"),
		"Create":   s.Create(ctx, record("aaaa0002"), nil), "Delete": s.Delete(ctx, "aaaa0001", epoch), "Ping": s.Ping(ctx),
	} {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%s with an ended context gave %v, want context.Canceled", name, err)
		}
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
	end := mustAppend(t, s, id, want[:10]...)
	mustCompact(t, s, id, "state 4", at(end, 4))
	end = mustAppend(t, s, id, want[10])
	if end.Seq != 11 {
		t.Errorf("the number after a compaction is %d, want 11", end.Seq)
	}
	mustCompact(t, s, id, "state 11", end)
	got := mustLoad(t, s, id)
	if string(got.State) != "state 11" || len(got.Entries) != 0 || got.At != end {
		t.Errorf("after compacting all: state %q, %d entries, at %+v; want it at %+v", got.State, len(got.Entries), got.At, end)
	}
	if end = mustAppend(t, s, id, want[11]); end.Seq != 12 {
		t.Errorf("the number after an empty log is %d, want 12", end.Seq)
	}
	sameEntries(t, "log", mustLoad(t, s, id).Entries, want[11:])
	samePast(t, s, id, want)
	if err := s.Compact(t.Context(), id, []byte("from the future"), at(end, 99)); !errors.Is(err, relay.ErrStale) {
		t.Errorf("a state that claims entries that were never written gave %v, want ErrStale: appends after it would be lost", err)
	}
}

func testCompactStale(t *testing.T, b Backend) {
	s := open(t, b)
	mustCreate(t, s, "aaaa0001", nil)
	id := relay.RoomID{Session: "aaaa0001"}
	want := entries("e", 0, 10)
	end := mustAppend(t, s, id, want...)
	for n, through := range []uint64{7, 5, 7, 0} {
		mustCompact(t, s, id, fmt.Sprint("state of compaction ", n), at(end, through))
		got := mustLoad(t, s, id)
		if string(got.State) != "state of compaction 0" {
			t.Fatalf("after compaction %d, through %d, the state is %q, want that of the first", n, through, got.State)
		}
		sameEntries(t, "log", got.Entries, want[7:])
	}
	samePast(t, s, id, want)
}

// Two goroutines compact while a third appends. At every moment state, log and history together
// hold each entry exactly once.
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
				st, err := s.Since(t.Context(), id, relay.Position{})
				if err != nil {
					t.Errorf("Since: %v", err)
					return
				}
				if compacted := st.At.Seq - uint64(len(st.Entries)); string(st.State) != stateAt(compacted) {
					t.Errorf("state %q is not that of the %d entries before the log", st.State, compacted)
					return
				}
				if err := s.Compact(t.Context(), id, []byte(stateAt(st.At.Seq)), st.At); err != nil {
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
		if end := mustAppend(t, s, id, e); end.Seq != uint64(i+1) {
			t.Errorf("number %d, want %d", end.Seq, i+1)
		}
	}
	close(done)
	wg.Wait()
	samePast(t, s, id, want)
}

func stateAt(through uint64) string {
	if through == 0 {
		return ""
	}
	return fmt.Sprintf("state %d", through)
}
