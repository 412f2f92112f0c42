package storetest

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"parley/pkg/audit"
	"parley/pkg/session"
)

// event makes an event of a session, n milliseconds after the epoch.
func event(id session.ID, kind audit.Kind, n int) audit.Event {
	return audit.Event{
		Session: string(id), At: epoch.Add(time.Duration(n) * time.Millisecond), Kind: kind,
		By: fmt.Sprint("p", n), Name: "Ada ✓", About: "q", Detail: "candidate to observer, trace-of-" + string(id), From: "2001:db8::1",
	}
}

func mustRecord(t *testing.T, s Store, events ...audit.Event) {
	t.Helper()
	if err := s.Record(t.Context(), events); err != nil {
		t.Fatalf("Record: %v", err)
	}
}

func sameEvents(t *testing.T, s Store, id session.ID, want []audit.Event) {
	t.Helper()
	got, err := s.Events(t.Context(), string(id))
	if err != nil {
		t.Fatalf("Events(%s): %v", id, err)
	}
	if !slices.EqualFunc(got, want, func(a, b audit.Event) bool {
		at, bt := a.At, b.At
		a.At, b.At = time.Time{}, time.Time{}
		return at.Equal(bt) && a == b
	}) {
		t.Fatalf("Events(%s):\n got %+v\nwant %+v", id, got, want)
	}
}

func testAudit(t *testing.T, b Backend) {
	s := b.Open(t)
	mustCreate(t, s, "aaaa0001", nil)
	mustCreate(t, s, "aaaa0002", nil)
	story := []audit.Event{
		event("aaaa0001", audit.Created, 0), event("aaaa0001", audit.Joined, 0), event("aaaa0001", audit.Entered, 3),
		event("aaaa0001", audit.Left, 4), event("aaaa0001", audit.Entered, 5), event("aaaa0001", audit.Ended, 900),
	}
	// In several calls, together with events of another session and of sessions that do not exist.
	mustRecord(t, s, story[1], event("aaaa0002", audit.Created, 1), story[0])
	mustRecord(t, s, story[2], story[3], event("none0000", audit.Created, 1), event("a\x00b", audit.Created, 1))
	mustRecord(t, s, story[4:]...)
	mustRecord(t, s)
	sameEvents(t, s, "aaaa0001", story)
	closeStore(t, s)
	s = open(t, b)
	sameEvents(t, s, "aaaa0001", story)
	sameEvents(t, s, "aaaa0002", []audit.Event{event("aaaa0002", audit.Created, 1)})
	sameEvents(t, s, "none0000", nil)
	sameEvents(t, s, "a\x00b", nil)
	if _, err := s.Get(t.Context(), "none0000"); !errors.Is(err, session.ErrNotFound) {
		t.Errorf("an event made a session: %v", err)
	}
	if err := s.Delete(t.Context(), "aaaa0001", epoch); err != nil {
		t.Fatal(err)
	}
	mustRecord(t, s, event("aaaa0001", audit.Left, 950))
	sameEvents(t, s, "aaaa0001", nil)
}

func testAuditBound(t *testing.T, b Backend) {
	s := open(t, b)
	mustCreate(t, s, "aaaa0001", nil)
	mustRecord(t, s, event("aaaa0001", audit.RoleChanged, 0))
	var all []audit.Event
	for n := range 2*audit.MaxPerKind + 7 {
		all = append(all, event("aaaa0001", audit.Entered, 1+n))
	}
	mustRecord(t, s, all[:audit.MaxPerKind+3]...)
	mustRecord(t, s, all[audit.MaxPerKind+3:]...)
	sameEvents(t, s, "aaaa0001", append([]audit.Event{event("aaaa0001", audit.RoleChanged, 0)}, all[len(all)-audit.MaxPerKind:]...))
}

func testList(t *testing.T, b Backend) {
	s := open(t, b)
	var want []session.ID
	for n := range 7 {
		id := session.ID(fmt.Sprintf("aaaa000%d", n))
		want = append(want, id)
		mustCreate(t, s, id, nil)
	}
	if err := s.Delete(t.Context(), want[2], epoch.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	want = slices.Delete(want, 2, 3)
	for _, limit := range []int{1, 2, 6, 100} {
		var got []session.ID
		for after := session.ID(""); ; {
			page, err := s.List(t.Context(), after, limit)
			if err != nil {
				t.Fatal(err)
			}
			if len(page) == 0 {
				break
			}
			if len(page) > limit {
				t.Fatalf("a page of %d, want at most %d", len(page), limit)
			}
			for _, sess := range page {
				got, after = append(got, sess.ID), sess.ID
				sameSession(t, s, sess)
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("by pages of %d: %v, want %v", limit, got, want)
		}
	}
	// the id of a deleted session is a place in the list too
	page, err := s.List(t.Context(), "aaaa0002", 2)
	if err != nil || len(page) != 2 || page[0].ID != "aaaa0003" {
		t.Errorf("after the id of a deleted session: %v, %v", page, err)
	}
}
