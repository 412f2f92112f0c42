package redisstore_test

import (
	"testing"
	"time"

	"parley/pkg/session"
	"parley/pkg/store/redisstore"
	"parley/pkg/store/redistest"
	"parley/pkg/store/storetest"
)

// A session of an older node has no card, and a node may die before it writes one. A search makes
// the card from the record, and drops what leads nowhere.
func TestSearchMendsTheIndex(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t, redistest.Options{})
	b := newBackend(server.URL(), server)
	s := openNode(t, b.url)
	svc := session.NewService(s, time.Hour, time.Now)
	made, err := svc.Create(t.Context(), session.Draft{Title: "Backend", Creator: session.Profile{Name: "Ada", User: "ada"}})
	if err != nil {
		t.Fatal(err)
	}
	id := string(made.Session.ID)
	look := func(what, words string, want int) {
		t.Helper()
		for _, shelf := range []session.Shelf{session.AllShelf, session.UserShelf("ada")} {
			found, err := s.Browse(t.Context(), shelf, session.Query{Words: session.WordsOf(words), Limit: 5})
			if err != nil || len(found) != want {
				t.Errorf("%s: %d sessions, %v; want %d", what, len(found), err, want)
			}
		}
	}
	cards := server.Do("KEYS", b.prefix+":cards:*")
	if len(cards) != 1 || server.Do("HGET", cards[0], id)[0] == "" {
		t.Fatalf("the card is not in one of %v", cards)
	}
	server.Do("DEL", cards[0])
	look("without a card", "backend", 1)
	server.Do("HSET", cards[0], id, "0 1 active frontend")
	look("an old card", "frontend", 0)
	look("the old card is mended", "backend", 1)
	shelf := server.Do("KEYS", b.prefix+":shelf:*")
	if len(shelf) != 1 {
		t.Fatalf("the shelves are %v", shelf)
	}
	server.Do("ZADD", shelf[0], "0", "ffff0000")
	server.Do("HSET", cards[0], "ffff0000", "0 1 active backend")
	look("an id that leads nowhere", "backend", 1)
	if left := server.Do("ZRANGE", shelf[0], "0", "-1"); len(left) != 1 || left[0] != id {
		t.Errorf("the shelf holds %v", left)
	}
	for _, key := range append(shelf, cards...) {
		if ttl := server.Do("PTTL", key)[0]; ttl[0] == '-' {
			t.Errorf("%s never expires", key)
		}
	}
}

func BenchmarkShelves(b *testing.B) {
	server := redistest.Start(b, redistest.Options{})
	s, err := redisstore.Open(b.Context(), server.URL(), redisstore.Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	storetest.BenchmarkShelves(b, s)
}
