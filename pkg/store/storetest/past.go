package storetest

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"parley/pkg/relay"
	"parley/pkg/session"
	"parley/pkg/trace"
)

// noise makes entry n with size bytes that do not compress. The first two bytes are n.
func noise(t *testing.T, n, size int) relay.Entry {
	t.Helper()
	e := entry("", n)
	e.Update = make([]byte, size)
	if _, err := rand.NewChaCha8([32]byte{byte(n), byte(n >> 8)}).Read(e.Update); err != nil {
		t.Fatal(err)
	}
	e.Update[0], e.Update[1] = byte(n), byte(n>>8)
	return e
}

// sameStory fails the test unless base and entries of past are want, entry by entry.
func sameStory(t *testing.T, past relay.Past, want []relay.Entry) {
	t.Helper()
	folded := unfold(t, past.Base)
	if len(folded) != int(past.Reached) || len(folded)+len(past.Entries) != len(want) {
		t.Fatalf("a base of %d entries through %d and %d entries, want %d in all", len(folded), past.Reached, len(past.Entries), len(want))
	}
	for i, u := range folded {
		if !bytes.Equal(u, want[i].Update) {
			t.Fatalf("entry %d of the base is another one", i)
		}
	}
	if n := len(folded); n > 0 && !past.BaseAt.Equal(want[n-1].At) {
		t.Errorf("the base is of %v, want %v", past.BaseAt, want[n-1].At)
	}
	sameEntries(t, "after the base", past.Entries, want[len(folded):])
}

// The bound is that of each document. What does not fit is in the base, and nothing is lost.
func testHistoryBound(t *testing.T, b Backend, limit int) {
	s := b.Open(t)
	mustCreate(t, s, "aaaa0001", nil)
	busy, calm := relay.RoomID{Session: "aaaa0001"}, relay.RoomID{Session: "aaaa0001", Doc: "board"}
	few := entries("calm", 0, 3)
	mustCompact(t, s, calm, "state", mustAppend(t, s, calm, few...))
	var want []relay.Entry
	for n := range 40 {
		want = append(want, noise(t, n, limit/10))
		mustCompact(t, s, busy, "state", mustAppend(t, s, busy, want[n]))
	}
	for reopened := range 2 {
		past := mustPast(t, s, busy, limit/4)
		sameStory(t, past, want)
		kept := len(past.Entries) * (limit / 10)
		if kept > limit || kept < limit/2 {
			t.Errorf("reopened %d: the history keeps %d bytes, the bound is %d", reopened, kept, limit)
		}
		samePast(t, s, calm, few)
		closeStore(t, s)
		s = b.Open(t)
	}
	if err := s.Delete(t.Context(), "aaaa0001", epoch); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Past(t.Context(), busy, 0, limit); !errors.Is(err, relay.ErrNoSession) {
		t.Errorf("Past of a deleted session: %v", err)
	}
	closeStore(t, s)
}

// While two callers compact and fold, each reader sees every entry once, or folded.
func testFoldRace(t *testing.T, b Backend, limit int) {
	s := open(t, b)
	mustCreate(t, s, "aaaa0001", nil)
	id := relay.RoomID{Session: "aaaa0001"}
	var want []relay.Entry
	for n := range 60 {
		want = append(want, noise(t, n, limit/12))
	}
	done := make(chan struct{})
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
				}
				st, err := s.Since(t.Context(), id, relay.Position{})
				if err == nil {
					err = s.Compact(t.Context(), id, []byte("state"), st.At)
				}
				if err != nil {
					t.Errorf("compact: %v", err)
					return
				}
			}
		})
	}
	for n, e := range want {
		mustAppend(t, s, id, e)
		part, err := s.Past(t.Context(), id, 0, 1<<30)
		if err != nil || part.More || part.Next != uint64(n+1) {
			t.Errorf("after %d entries: %+v, %v", n+1, part.Next, err)
			break
		}
		sameStory(t, part, want[:n+1])
	}
	close(done)
	wg.Wait()
	past := mustPast(t, s, id, limit)
	if past.Base == nil {
		t.Error("nothing was folded")
	}
	sameStory(t, past, want)
}

// What compresses well expands to many times the bound. It is folded in pieces, none of which is
// much larger than relay.FoldBytes, and one compaction makes no more folds than allowed.
func testFoldInPieces(t *testing.T, b Backend, limit int) {
	largest, folds := 0, 0
	s := b.OpenFolding(t, func(base []byte, updates [][]byte) ([]byte, error) {
		size := 0
		for _, u := range updates {
			size += len(u)
		}
		largest, folds = max(largest, size), folds+1
		return Fold(base, updates)
	})
	defer closeStore(t, s)
	mustCreate(t, s, "aaaa0001", nil)
	id := relay.RoomID{Session: "aaaa0001"}
	var want []relay.Entry
	add := func(e relay.Entry) {
		want = append(want, e)
		mustCompact(t, s, id, "state", mustAppend(t, s, id, e))
	}
	const size = relay.FoldBytes / 4
	for n := range 10 { // three folds
		e := entry("x", n)
		e.Update = append(fmt.Appendf(nil, "%d ", n), make([]byte, size)...)
		add(e)
	}
	part, err := s.Past(t.Context(), id, 0, 3*size/2)
	if err != nil || len(part.Entries) != 2 || !part.More {
		t.Errorf("a part has %d entries, more: %v, %v", len(part.Entries), part.More, err)
	}
	if folds != 0 {
		t.Fatalf("the bound of %d bytes was exceeded early", limit)
	}
	for n := 10; folds == 0; n++ {
		add(noise(t, n, limit/4))
	}
	if largest > relay.FoldBytes+size+limit || folds < 2 || folds > relay.FoldsAtOnce {
		t.Errorf("%d folds, the largest of %d bytes", folds, largest)
	}
	sameStory(t, mustPast(t, s, id, limit), want)
}

func testNoHistory(t *testing.T, b Backend) {
	s := open(t, b)
	mustCreate(t, s, "aaaa0001", nil)
	private := record("aaaa0002")
	private.Record = session.RecordNothing
	if err := s.Create(t.Context(), private, nil); err != nil {
		t.Fatal(err)
	}
	mustCreate(t, s, "aaaa0003", nil)
	for id, kept := range map[relay.RoomID]bool{
		{Session: "aaaa0001", Doc: "notes"}: false, {Session: "aaaa0002"}: false, {Session: "aaaa0003"}: true,
	} {
		mustCompact(t, s, id, "state", at(mustAppend(t, s, id, entries("secret", 0, 6)...), 4))
		past := mustPast(t, s, id, 1<<20)
		if kept {
			sameEntries(t, id.String(), past.Entries, entries("secret", 0, 6))
			continue
		}
		if string(past.Base) != "state" || past.Reached != 4 {
			t.Errorf("%s: the past begins with %q through %d, want the state", id, past.Base, past.Reached)
		}
		sameEntries(t, id.String(), past.Entries, entries("secret", 4, 6))
	}
}

func testPastUnknown(t *testing.T, b Backend) {
	s := open(t, b)
	mustCreate(t, s, "aaaa0001", nil)
	if past := mustPast(t, s, relay.RoomID{Session: "aaaa0001", Doc: "board"}, 1<<20); past.Base != nil || len(past.Entries) != 0 {
		t.Errorf("a document that was never written has the past %+v", past)
	}
	for _, name := range []string{"none0000", "", "a\x00b"} {
		if _, err := s.Past(t.Context(), relay.RoomID{Session: name}, 0, 1); !errors.Is(err, relay.ErrNoSession) {
			t.Errorf("Past(%q) = %v, want ErrNoSession", name, err)
		}
	}
}

// happened makes an event of a trace, n milliseconds after the epoch.
func happened(id session.ID, kind trace.Kind, by string, n int) trace.Event {
	e := trace.Event{Session: string(id), At: epoch.Add(time.Duration(n) * time.Millisecond), Kind: kind, By: by}
	switch kind {
	case trace.File:
		e.File, e.Line = "main", n+1
	case trace.Quiet:
		e.Until = e.At.Add(time.Minute)
	case trace.Away:
		e.Since = e.At.Add(-5 * time.Second)
	case trace.Lobby:
		e.About, e.In = "q", true
	case trace.Mark:
		e.Text = "trace-of-" + string(id)
	}
	return e
}

func mustTrace(t *testing.T, s Store, events ...trace.Event) {
	t.Helper()
	if err := s.RecordTrace(t.Context(), events); err != nil {
		t.Fatalf("RecordTrace: %v", err)
	}
}

func sameTrace(t *testing.T, s trace.Store, id session.ID, want []trace.Event) {
	t.Helper()
	got, err := s.Trace(t.Context(), string(id))
	if err != nil || !slices.Equal(got, want) {
		t.Fatalf("Trace(%s): %v\n got %+v\nwant %+v", id, err, got, want)
	}
}

func testTrace(t *testing.T, b Backend) {
	s := b.Open(t)
	mustCreate(t, s, "aaaa0001", nil)
	mustCreate(t, s, "aaaa0002", nil)
	var story []trace.Event
	for n, kind := range trace.Kinds() {
		switch kind { // nobody is back before they were away
		case trace.Back:
			kind = trace.Away
		case trace.Idle:
			kind = trace.Back
		case trace.Away:
			kind = trace.Idle
		}
		story = append(story, happened("aaaa0001", kind, "p1", 10*n))
	}
	other := happened("aaaa0002", trace.Start, "p", 1)
	mustTrace(t, s, story[1], other, story[0], happened("none0000", trace.Start, "p", 1), happened("a\x00b", trace.Start, "p", 1))
	mustTrace(t, s, story[2:]...)
	mustTrace(t, s)
	sameTrace(t, s, "aaaa0001", story)
	closeStore(t, s)
	s = b.Open(t)
	sameTrace(t, s, "aaaa0001", story)
	sameTrace(t, s, "aaaa0002", []trace.Event{other})
	sameTrace(t, s, "none0000", nil)
	if err := s.Delete(t.Context(), "aaaa0001", epoch); err != nil {
		t.Fatal(err)
	}
	mustTrace(t, s, story[0])
	sameTrace(t, s, "aaaa0001", nil)
	closeStore(t, s)
	if _, written := traces(t, b, "aaaa0001"); written != 0 {
		t.Errorf("%d values of the deleted trace are left", written)
	}
}

// A flood of one participant displaces neither the events of another nor those of the session.
func testTraceBound(t *testing.T, b Backend) {
	s := open(t, b)
	mustCreate(t, s, "aaaa0001", nil)
	calm := []trace.Event{happened("aaaa0001", trace.Start, "p1", 0), happened("aaaa0001", trace.File, "p1", 1)}
	mustTrace(t, s, calm...)
	var flood []trace.Event
	for n := range trace.MaxPerLane + 7 {
		flood = append(flood, happened("aaaa0001", trace.File, "p2", 2+n))
	}
	mustTrace(t, s, flood[:trace.MaxPerLane/2]...)
	mustTrace(t, s, flood[trace.MaxPerLane/2:]...)
	sameTrace(t, s, "aaaa0001", append(calm, flood[7:]...))
}

func testTraceLanes(t *testing.T, b Backend) {
	s := open(t, b)
	mustCreate(t, s, "aaaa0001", nil)
	var people []trace.Event
	for n := range 2 * trace.MaxLanes {
		people = append(people, happened("aaaa0001", trace.Join, fmt.Sprint("p", n), n))
	}
	mustTrace(t, s, people...)
	mark := happened("aaaa0001", trace.Mark, "p0", len(people))
	mustTrace(t, s, mark)
	sameTrace(t, s, "aaaa0001", append(people, mark))
}
