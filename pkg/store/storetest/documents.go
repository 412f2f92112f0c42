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
			continue // its end must not be seen by those whose names begin with its own
		}
		got, want, state := mustLoad(t, s, id), entries(id.String(), 0, 6), ""
		if i%2 == 0 {
			sameEntries(t, "history of "+id.String(), mustHistory(t, s, id), want[:3])
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
		for _, e := range got.Entries { // each writer's entries in the order in which it wrote them
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
	sameEntries(t, "history", mustHistory(t, s, id), want[:11])
	if err := s.Compact(t.Context(), id, []byte("from the future"), at(end, 99)); !errors.Is(err, relay.ErrStale) {
		t.Errorf("a state that claims entries nobody wrote gave %v, want ErrStale: appends would be lost behind it", err)
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
	st := mustLoad(t, s, id)
	sameEntries(t, "history and log", append(mustHistory(t, s, id), st.Entries...), want)
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
			mustCompact(t, s, id, "state", mustAppend(t, s, id, e))
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

// A node that does not know of the end yet changes nothing any more, on whichever path, but gives back
// what the store has lost.
func testEnded(t *testing.T, b Backend) {
	s := open(t, b)
	sess := record("aaaa0001")
	sess.Title = `"status":"ended"` // says nothing
	if err := s.Create(t.Context(), sess, []byte("seed")); err != nil {
		t.Fatal(err)
	}
	id := relay.RoomID{Session: "aaaa0001"}
	end := mustAppend(t, s, id, entry("before", 1))
	if _, err := s.Update(t.Context(), sess.ID, func(s *session.Session) error { s.Status = session.Ended; return nil }); err != nil {
		t.Fatal(err)
	}
	for _, urgency := range []relay.Urgency{relay.Prompt, relay.Batched} {
		for doc, at := range map[relay.RoomID]relay.Position{id: end, {Session: "aaaa0001", Doc: "notes"}: {}} {
			if _, err := appendAt(s, doc, at, urgency, entries("after", 2, 4)...); !errors.Is(err, relay.ErrReadOnly) {
				t.Errorf("Append to %s after the end, urgency %d = %v, want ErrReadOnly", doc, urgency, err)
			}
		}
	}
	if n := len(mustLoad(t, s, id).Entries); n != 2 {
		t.Errorf("%d entries are stored, want 2", n)
	}
	for n, urgency := range []relay.Urgency{relay.Prompt, relay.Batched} {
		back := entry("back", 5)
		back.Back = true
		var err error
		if end, err = appendAt(s, id, end, urgency, back); err != nil || end.Seq != uint64(3+n) {
			t.Errorf("what is written back ends at %+v, %v; want number %d", end, err, 3+n)
		}
	}
	mustCompact(t, s, id, "state", end)
}

// An append that was taken before the end, and is written after it, is refused too.
func testEndedWhileHeld(t *testing.T, b Backend) {
	s := open(t, b)
	sess := mustCreate(t, s, "aaaa0001", nil)
	id := relay.RoomID{Session: "aaaa0001"}
	end := mustAppend(t, s, id, entry("e", 0)) // so that the next batch is held for a while
	told := make(chan error, 1)
	s.Append(id, end, entries("e", 1, 2), relay.Batched, func(_ relay.Position, err error) { told <- err })
	if _, err := s.Update(t.Context(), sess.ID, func(s *session.Session) error { s.Status = session.Ended; return nil }); err != nil {
		t.Fatal(err)
	}
	s.Flush()
	err := <-told
	want := 1 // entries
	switch {
	case err == nil:
		want = 2 // it was written with the commit of the end, or before
	case !errors.Is(err, relay.ErrReadOnly):
		t.Errorf("Append = %v, want ErrReadOnly", err)
	}
	if n := len(mustLoad(t, s, id).Entries); n != want {
		t.Errorf("%d entries are stored, want %d", n, want)
	}
}

func testSince(t *testing.T, b Backend) {
	s := open(t, b)
	mustCreate(t, s, "aaaa0001", nil)
	id := relay.RoomID{Session: "aaaa0001"}
	two := mustAppend(t, s, id, entries("e", 0, 2)...)
	five := mustAppend(t, s, id, entries("e", 2, 5)...)
	if got := mustSince(t, s, id, two); got.Whole || got.At != five || got.State != nil {
		t.Errorf("behind the first append: whole %v, at %+v; want the rest, at %+v", got.Whole, got.At, five)
	} else {
		sameEntries(t, "the rest", got.Entries, entries("e", 2, 5))
	}
	if got := mustSince(t, s, id, five); got.Whole || len(got.Entries) != 0 || got.At != five {
		t.Errorf("behind the end: %+v", got)
	}
	for _, after := range []relay.Position{{}, at(five, 9)} {
		got := mustSince(t, s, id, after)
		if !got.Whole || got.At != five {
			t.Errorf("behind %+v: whole %v, at %+v; want everything, at %+v", after, got.Whole, got.At, five)
		}
		sameEntries(t, "everything", got.Entries, entries("e", 0, 5))
	}
	mustCompact(t, s, id, "state", five)
	if got := mustSince(t, s, id, five); got.Whole || len(got.Entries) != 0 || got.At != five {
		t.Errorf("behind a position that was compacted: %+v", got)
	}
	if got := mustSince(t, s, id, two); !got.Whole || string(got.State) != "state" || len(got.Entries) != 0 || got.At != five {
		t.Errorf("behind a position before the compaction: %+v", got)
	}
}

// A caller that holds more than the log has is told so; one that holds less may add to it.
func testBeyond(t *testing.T, b Backend) {
	s := open(t, b)
	mustCreate(t, s, "aaaa0001", nil)
	id := relay.RoomID{Session: "aaaa0001"}
	one := mustAppend(t, s, id, entry("e", 0))
	two := mustAppend(t, s, id, entry("e", 1))
	three, err := appendAt(s, id, one, relay.Prompt, entry("e", 2)) // its writer has not heard of the second
	if err != nil || three.Seq != 3 || three.Epoch != two.Epoch {
		t.Errorf("an append behind the first of two ends at %+v, %v; want number 3", three, err)
	}
	for _, urgency := range []relay.Urgency{relay.Prompt, relay.Batched} {
		if _, err := appendAt(s, id, at(mustLoad(t, s, id).At, 5), urgency, entry("lost", 0)); !errors.Is(err, relay.ErrStale) {
			t.Errorf("an append behind an entry that is not there gave %v, want ErrStale", err)
		}
	}
	sameEntries(t, "log", mustLoad(t, s, id).Entries, entries("e", 0, 3))
}

func testBatched(t *testing.T, b Backend) {
	s := open(t, b)
	mustCreate(t, s, "aaaa0001", nil)
	for _, flushed := range []bool{true, false} {
		told := make(chan error, 20)
		room := func(i int) relay.RoomID {
			return relay.RoomID{Session: "aaaa0001", Doc: fmt.Sprintf("%v-%d", flushed, i)}
		}
		for i := range cap(told) {
			s.Append(room(i), relay.Position{}, entries("e", 0, 3), relay.Batched, func(at relay.Position, err error) {
				if err == nil && at.Seq != 3 {
					err = fmt.Errorf("the append to %s ends at %+v", room(i), at)
				}
				told <- err
			})
			if flushed && i == cap(told)/2 {
				s.Flush()
			}
		}
		for range cap(told) {
			if err := <-told; err != nil {
				t.Error(err)
			}
		}
		for i := range cap(told) {
			sameEntries(t, "log", mustLoad(t, s, room(i)).Entries, entries("e", 0, 3))
		}
	}
}

func testCheckOne(t *testing.T, b Backend) {
	s := open(t, b)
	mustCreate(t, s, "aaaa0001", nil)
	id, other := relay.RoomID{Session: "aaaa0001"}, relay.RoomID{Session: "aaaa0001", Doc: "notes"}
	one := mustAppend(t, s, id, entry("e", 0))
	two := mustAppend(t, s, id, entry("e", 1))
	for _, tc := range []struct {
		at   relay.Position
		want int
	}{{two, 0}, {one, 1}, {relay.Position{}, 1}, {at(two, 3), 1}} {
		differ, err := s.Check(t.Context(), []relay.Located{{ID: other}, {ID: id, At: tc.at}})
		if err != nil || len(differ) != tc.want || tc.want == 1 && differ[0] != id {
			t.Errorf("Check of %+v gave %v, %v; want %d", tc.at, differ, err, tc.want)
		}
	}
	mustCompact(t, s, id, "state", two)
	if differ, err := s.Check(t.Context(), []relay.Located{{ID: id, At: two}}); err != nil || len(differ) != 0 {
		t.Errorf("Check after a compaction gave %v, %v", differ, err)
	}
}

func testSetAside(t *testing.T, b Backend) {
	s := b.Open(t)
	mustCreate(t, s, "aaaa0001", nil)
	id := relay.RoomID{Session: "aaaa0001"}
	poison := relay.Entry{Update: []byte("POISON"), At: epoch, By: "p1"}
	for range 2 { // the second time it is there already
		if err := s.SetAside(t.Context(), id, poison, "why it does not apply"); err != nil {
			t.Fatal(err)
		}
	}
	for n := range 300 {
		e := entry("ASIDE", n)
		if err := s.SetAside(t.Context(), id, e, "why"); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.SetAside(t.Context(), relay.RoomID{Session: "aaaa0002"}, poison, "x"); !errors.Is(err, relay.ErrNoSession) {
		t.Errorf("SetAside of an unknown session = %v, want ErrNoSession", err)
	}
	if n := len(mustLoad(t, s, id).Entries); n != 0 {
		t.Errorf("putting aside wrote %d entries to the log", n)
	}
	count := func(what string) (n int) {
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		b.Walk(t, func(_, value []byte) { n += bytes.Count(value, []byte(what)) })
		s = b.Open(t)
		return n
	}
	if n := count("why it does not apply\n"); n != 1 {
		t.Errorf("the entry is kept %d times with its cause, want once", n)
	}
	if n := count("ASIDE"); n == 0 || n > 100 {
		t.Errorf("%d entries are kept, want some and no more than 100", n)
	}
	if err := s.Delete(t.Context(), "aaaa0001", epoch); err != nil {
		t.Fatal(err)
	}
	if n := count("POISON"); n != 0 {
		t.Errorf("the entry is kept %d times after its session", n)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}
