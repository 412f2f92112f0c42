package storetest

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"parley/pkg/relay"
	"parley/pkg/session"
)

func testExpire(t *testing.T, b Backend) {
	s := b.Open(t)
	fill(t, s, "aaaa0001")
	end := record("aaaa0001").ExpiresAt
	if ids := expireAll(t, s, end.Add(-time.Millisecond)); len(ids) != 0 {
		t.Fatalf("Expire before the time removed %v", ids)
	}
	if ids := expireAll(t, s, end); !slices.Equal(ids, []session.ID{"aaaa0001"}) {
		t.Fatalf("Expire at the time gave %v", ids)
	}
	if _, err := appendAt(s, relay.RoomID{Session: "aaaa0001"}, relay.Position{}, relay.Prompt, entry("e", 0)); !errors.Is(err, relay.ErrNoSession) {
		t.Errorf("Append to an expired session = %v, want ErrNoSession", err)
	}
	for _, tc := range []struct {
		at   time.Time
		want error
	}{{end.Add(session.GoneFor - time.Millisecond), session.ErrGone}, {end.Add(session.GoneFor), session.ErrNotFound}} {
		expireAll(t, s, tc.at)
		if _, err := s.Get(t.Context(), "aaaa0001"); !errors.Is(err, tc.want) {
			t.Errorf("at %v: Get = %v, want %v", tc.at, err, tc.want)
		}
	}
	closeStore(t, s)
	if named, written := traces(t, b, "aaaa0001"); named+written != 0 {
		t.Errorf("%d keys and %d values are left", named, written)
	}
}

func testExpireMany(t *testing.T, b Backend) {
	s := open(t, b)
	const many = 300
	var wg sync.WaitGroup
	for w := range 10 {
		wg.Go(func() {
			for n := w; n < many; n += 10 {
				sess := record(session.ID(fmt.Sprintf("%08x", n)))
				sess.ExpiresAt = epoch.Add(time.Duration(n%3) * time.Hour)
				if err := s.Create(t.Context(), sess, []byte("seed")); err != nil {
					t.Errorf("Create: %v", err)
				}
			}
		})
	}
	wg.Wait()
	seen := map[session.ID]bool{}
	for _, id := range expireAll(t, s, epoch.Add(time.Hour)) {
		if seen[id] {
			t.Errorf("%s was given twice", id)
		}
		seen[id] = true
	}
	if len(seen) != many*2/3 {
		t.Errorf("%d sessions removed, want %d", len(seen), many*2/3)
	}
	for n := range many {
		id := session.ID(fmt.Sprintf("%08x", n))
		_, err := s.Get(t.Context(), id)
		if gone := errors.Is(err, session.ErrGone); gone != (n%3 < 2) || gone != seen[id] {
			t.Errorf("%s, which expires in %d h: Get = %v", id, n%3, err)
		}
	}
}

// testExpireKeeps keeps an expired session. It stays whole, is due again later, and the others go.
func testExpireKeeps(t *testing.T, b Backend) {
	s := open(t, b)
	fill(t, s, "aaaa0001")
	fill(t, s, "aaaa0002")
	end := record("aaaa0001").ExpiresAt
	keep := func(sess session.Session) bool { return sess.ID == "aaaa0001" }
	expire := func(at time.Time, keep func(session.Session) bool) (all []session.ID) {
		for {
			ids, err := s.Expire(t.Context(), at, keep)
			if err != nil {
				t.Fatal(err)
			}
			if all = append(all, ids...); len(ids) == 0 {
				return all
			}
		}
	}
	if ids := expire(end, keep); !slices.Equal(ids, []session.ID{"aaaa0002"}) {
		t.Fatalf("removed %v", ids)
	}
	if sess, err := s.Get(t.Context(), "aaaa0001"); err != nil || !sess.ExpiresAt.Equal(end) {
		t.Errorf("what is kept: %+v, %v", sess, err)
	}
	if got := mustLoad(t, s, relay.RoomID{Session: "aaaa0001"}); got.At.Seq == 0 {
		t.Error("the document of what is kept is gone")
	}
	asked := 0
	if ids := expire(end.Add(session.KeptFor/2), func(session.Session) bool { asked++; return false }); len(ids) != 0 || asked != 0 {
		t.Errorf("before its time it was asked about %d times, removed %v", asked, ids)
	}
	late := end.Add(2 * session.KeptFor)
	if ids := expire(late, func(session.Session) bool { return false }); !slices.Equal(ids, []session.ID{"aaaa0001"}) {
		t.Errorf("at last removed %v", ids)
	}
	expire(end.Add(session.GoneFor-time.Millisecond), nil)
	if _, err := s.Get(t.Context(), "aaaa0001"); !errors.Is(err, session.ErrGone) {
		t.Errorf("a week after its expiry, less a moment: %v", err)
	}

	// A session that is deleted while it is kept leaves nothing behind that is due.
	fill(t, s, "aaaa0003")
	expire(end, func(session.Session) bool { return true })
	if err := s.Delete(t.Context(), "aaaa0003", late); err != nil {
		t.Fatal(err)
	}
	if ids := expire(late.Add(time.Hour), keep); len(ids) != 0 {
		t.Errorf("removed %v, which was deleted", ids)
	}
	if _, err := s.Get(t.Context(), "aaaa0003"); !errors.Is(err, session.ErrNotFound) {
		t.Errorf("the tombstone of a deleted session: %v", err)
	}
}
