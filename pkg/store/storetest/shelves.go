package storetest

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"parley/pkg/access"
	"parley/pkg/session"
)

// shelved is a session of a user, made some seconds after the epoch.
func shelved(id session.ID, seconds int, owner session.UserID) session.Session {
	sess := record(id)
	sess.Owner, sess.CreatedAt = owner, epoch.Add(time.Duration(seconds)*time.Second)
	return sess
}

func mustStore(t *testing.T, s Store, sessions ...session.Session) {
	t.Helper()
	for _, sess := range sessions {
		if err := s.Create(t.Context(), sess, nil); err != nil {
			t.Fatal(err)
		}
	}
}

// sameShelf fails the test unless the list holds exactly these sessions, in this order.
func sameShelf(t *testing.T, s Store, what string, shelf session.Shelf, q session.Query, want ...session.ID) {
	t.Helper()
	if q.Limit == 0 {
		q.Limit = 100
	}
	found, err := s.Browse(t.Context(), shelf, q)
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
	var got []session.ID
	for _, sess := range found {
		got = append(got, sess.ID)
		sameSession(t, s, sess)
	}
	if !slices.Equal(got, want) {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

func testShelves(t *testing.T, b Backend) {
	s := open(t, b)
	one, two := shelved("aaaa0001", 1, "ada"), shelved("aaaa0002", 2, "bo")
	one.Users, one.Team, one.ExternalID = []session.UserID{"ada", "cy"}, "backend", "c/1"
	mustStore(t, s, one, two, record("aaaa0003"))
	all := session.Query{}
	sameShelf(t, s, "the owner", session.UserShelf("ada"), all, one.ID)
	sameShelf(t, s, "an interviewer", session.UserShelf("cy"), all, one.ID)
	sameShelf(t, s, "another user", session.UserShelf("bo"), all, two.ID)
	sameShelf(t, s, "nobody", session.UserShelf(""), all)
	sameShelf(t, s, "a team", session.TeamShelf("backend"), all, one.ID)
	sameShelf(t, s, "a team of the name of a user", session.TeamShelf("ada"), all)
	sameShelf(t, s, "an external id", session.ExternalShelf("c/1"), all, one.ID)
	sameShelf(t, s, "all", session.AllShelf, all, two.ID, one.ID, "aaaa0003")
	if _, err := s.Update(t.Context(), one.ID, func(sess *session.Session) error {
		sess.Users, sess.Team, sess.ExternalID = []session.UserID{"ada", "bo"}, "", "c/2"
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	sameShelf(t, s, "the owner, after", session.UserShelf("ada"), all, one.ID)
	sameShelf(t, s, "who left", session.UserShelf("cy"), all)
	sameShelf(t, s, "who came", session.UserShelf("bo"), all, two.ID, one.ID)
	sameShelf(t, s, "the team, after", session.TeamShelf("backend"), all)
	sameShelf(t, s, "the former external id", session.ExternalShelf("c/1"), all)
	sameShelf(t, s, "the new external id", session.ExternalShelf("c/2"), all, one.ID)
}

func testShelfPages(t *testing.T, b Backend) {
	s := open(t, b)
	var want []session.ID
	for n := range 9 {
		id := session.ID(fmt.Sprintf("aaaa000%d", n))
		mustStore(t, s, shelved(id, n/3, "ada")) // three at a time are of one age: ids decide
		want = append(want, id)
	}
	slices.SortFunc(want, func(a, b session.ID) int {
		if a[7]/3 != b[7]/3 {
			return int(b[7]) - int(a[7])
		}
		return int(a[7]) - int(b[7])
	})
	for _, limit := range []int{1, 2, 9, 100} {
		var got []session.ID
		for after := (session.Place{}); ; {
			page, err := s.Browse(t.Context(), session.UserShelf("ada"), session.Query{After: after, Limit: limit})
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
				got, after = append(got, sess.ID), session.PlaceOf(sess)
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("by pages of %d: %v, want %v", limit, got, want)
		}
	}
}

func testShelfSearch(t *testing.T, b Backend) {
	s := open(t, b)
	one, two := shelved("aaaa0001", 1, "ada"), shelved("aaaa0002", 2, "ada")
	one.Title, two.Title, two.ExternalID = "Backend ÄRZTE", "Frontend", "cand-17"
	mustStore(t, s, one, two)
	shelf := session.UserShelf("ada")
	look := func(what string, want ...session.ID) {
		t.Helper()
		sameShelf(t, s, what, shelf, session.Query{Words: session.WordsOf(what)}, want...)
	}
	look("end", two.ID, one.ID)
	look("ärzte BACK", one.ID)
	look("CAND-17", two.ID)
	look("ada ✓", two.ID, one.ID) // the name of the creator
	look("backend frontend")
	if _, err := s.Update(t.Context(), one.ID, func(sess *session.Session) error {
		sess.Title, sess.Status = "Data", session.Ended
		sess.Participants = append(sess.Participants, session.Participant{ID: "p2", Name: "Zoë", Role: access.Candidate})
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	look("backend")
	look("data zoë", one.ID)
	sameShelf(t, s, "ended", shelf, session.Query{Status: session.Ended}, one.ID)
	sameShelf(t, s, "active", shelf, session.Query{Status: session.Active}, two.ID)
	sameShelf(t, s, "ended, of all", session.AllShelf, session.Query{Status: session.Ended}, one.ID)
}

func testShelfRace(t *testing.T, b Backend) {
	s := open(t, b)
	const people = 16
	var wg sync.WaitGroup
	mustStore(t, s, shelved("aaaa0001", 1, "ada"))
	for n := range people {
		wg.Go(func() {
			user := session.UserID(fmt.Sprint("user ", n))
			if _, err := s.Update(t.Context(), "aaaa0001", func(sess *session.Session) error {
				sess.Users = append(sess.Users, user)
				sess.Participants = append(sess.Participants, session.Participant{ID: session.ParticipantID(user), Name: fmt.Sprintf("person-%02d", n)})
				return nil
			}); err != nil {
				t.Errorf("Update: %v", err)
			}
		})
		wg.Go(func() { // a search meanwhile takes nobody from a shelf for good
			for range 20 {
				if _, err := s.Browse(t.Context(), session.UserShelf(session.UserID(fmt.Sprint("user ", n))), session.Query{Limit: 5}); err != nil {
					t.Errorf("Browse: %v", err)
				}
			}
		})
	}
	wg.Wait()
	for n := range people {
		sameShelf(t, s, fmt.Sprint("user ", n), session.UserShelf(session.UserID(fmt.Sprint("user ", n))), session.Query{}, "aaaa0001")
		sameShelf(t, s, fmt.Sprint("person ", n), session.AllShelf, session.Query{Words: []string{fmt.Sprintf("person-%02d", n)}}, "aaaa0001")
	}
}

// The lists of deleted and of expired sessions keep neither ids nor titles.
func testShelvesLeave(t *testing.T, b Backend) {
	s := b.Open(t)
	for n, id := range []session.ID{"aaaa0001", "aaaa0002"} {
		sess := shelved(id, n, "ada")
		sess.Title, sess.Team, sess.ExternalID = "trace-of-"+string(id), "backend", "c-1"
		mustStore(t, s, sess)
	}
	if err := s.Delete(t.Context(), "aaaa0001", epoch.Add(session.GoneFor)); err != nil {
		t.Fatal(err)
	}
	for _, shelf := range []session.Shelf{session.AllShelf, session.UserShelf("ada"), session.TeamShelf("backend"), session.ExternalShelf("c-1")} {
		sameShelf(t, s, "after the deletion", shelf, session.Query{}, "aaaa0002")
	}
	expireAll(t, s, epoch.Add(session.GoneFor+2*time.Hour))
	sameShelf(t, s, "after the expiry", session.UserShelf("ada"), session.Query{})
	expireAll(t, s, epoch.Add(2*session.GoneFor+2*time.Hour))
	closeStore(t, s)
	for _, id := range []session.ID{"aaaa0001", "aaaa0002"} {
		if named, written := traces(t, b, id); named+written != 0 {
			t.Errorf("%s: %d keys or values name the session, %d hold its title", id, named, written)
		}
	}
}
