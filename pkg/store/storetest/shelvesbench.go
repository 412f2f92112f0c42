package storetest

import (
	"fmt"
	"sync"
	"testing"

	"parley/pkg/session"
)

// BenchmarkShelves measures pages of 50 from the lists of a user with ten thousand interviews: the
// newest, a search that finds some, and one that finds nothing.
func BenchmarkShelves(b *testing.B, s Store) {
	const many = 10_000
	var wg sync.WaitGroup
	for w := range 100 {
		wg.Go(func() {
			for n := w; n < many; n += 100 {
				sess := shelved(session.ID(fmt.Sprintf("%08x", n)), n, "ada")
				sess.Title = fmt.Sprintf("Backend engineer, round %d, group %d", n, n%97)
				if err := s.Create(b.Context(), sess, nil); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	for _, tc := range []struct {
		name, search string
		shelf        session.Shelf
		want         int
	}{
		{"newest", "", session.UserShelf("ada"), 50},
		{"search", "ada group 42", session.UserShelf("ada"), 50},
		{"search finds nothing", "frontend", session.UserShelf("ada"), 0},
		{"all sessions", "round 99", session.AllShelf, 50},
	} {
		b.Run(tc.name, func(b *testing.B) {
			for b.Loop() {
				found, err := s.Browse(b.Context(), tc.shelf, session.Query{Words: session.WordsOf(tc.search), Limit: 50})
				if err != nil || len(found) != tc.want {
					b.Fatalf("%d sessions, %v; want %d", len(found), err, tc.want)
				}
			}
		})
	}
}
