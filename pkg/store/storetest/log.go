package storetest

import (
	"bytes"
	"errors"
	"fmt"
	"testing"

	"parley/pkg/relay"
	"parley/pkg/session"
)

// A node that has not heard of the end of a session cannot change it, with either urgency. It can
// still write back entries that the store has lost.
func testEnded(t *testing.T, b Backend) {
	s := open(t, b)
	sess := record("aaaa0001")
	sess.Title = `"status":"ended"` // a title like the status field must not count
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

// An append that the store accepted before the end, but writes after it, is refused too.
func testEndedWhileHeld(t *testing.T, b Backend) {
	s := open(t, b)
	sess := mustCreate(t, s, "aaaa0001", nil)
	id := relay.RoomID{Session: "aaaa0001"}
	end := mustAppend(t, s, id, entry("e", 0)) // so that the next batch is held
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
		want = 2 // it was written before the end, or with it
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
		t.Errorf("after the first append: whole %v, at %+v; want the rest, at %+v", got.Whole, got.At, five)
	} else {
		sameEntries(t, "the rest", got.Entries, entries("e", 2, 5))
	}
	if got := mustSince(t, s, id, five); got.Whole || len(got.Entries) != 0 || got.At != five {
		t.Errorf("after the end: %+v", got)
	}
	for _, after := range []relay.Position{{}, at(five, 9)} {
		got := mustSince(t, s, id, after)
		if !got.Whole || got.At != five {
			t.Errorf("after %+v: whole %v, at %+v; want everything, at %+v", after, got.Whole, got.At, five)
		}
		sameEntries(t, "everything", got.Entries, entries("e", 0, 5))
	}
	mustCompact(t, s, id, "state", five)
	if got := mustSince(t, s, id, five); got.Whole || len(got.Entries) != 0 || got.At != five {
		t.Errorf("after a position that was compacted: %+v", got)
	}
	if got := mustSince(t, s, id, two); !got.Whole || string(got.State) != "state" || len(got.Entries) != 0 || got.At != five {
		t.Errorf("after a position before the compaction: %+v", got)
	}
}

// A caller that holds more than the log has is refused. A caller that holds less may append.
func testBeyond(t *testing.T, b Backend) {
	s := open(t, b)
	mustCreate(t, s, "aaaa0001", nil)
	id := relay.RoomID{Session: "aaaa0001"}
	one := mustAppend(t, s, id, entry("e", 0))
	two := mustAppend(t, s, id, entry("e", 1))
	// the writer has not heard of the second append
	three, err := appendAt(s, id, one, relay.Prompt, entry("e", 2))
	if err != nil || three.Seq != 3 || three.Epoch != two.Epoch {
		t.Errorf("an append after the first of two ends at %+v, %v; want number 3", three, err)
	}
	for _, urgency := range []relay.Urgency{relay.Prompt, relay.Batched} {
		if _, err := appendAt(s, id, at(mustLoad(t, s, id).At, 5), urgency, entry("lost", 0)); !errors.Is(err, relay.ErrStale) {
			t.Errorf("an append after an entry that is not there gave %v, want ErrStale", err)
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
	for range 2 { // the second time the entry is there already
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
		t.Errorf("SetAside wrote %d entries to the log", n)
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
