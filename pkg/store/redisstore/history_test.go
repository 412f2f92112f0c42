package redisstore_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"parley/pkg/relay"
	"parley/pkg/store/redisstore"
	"parley/pkg/store/redistest"
)

// write appends entries and compacts after each batch of three.
func write(t *testing.T, s *redisstore.Store, id relay.RoomID, from, to int) {
	t.Helper()
	for n := from; n < to; n += 3 {
		st, err := s.Since(t.Context(), id, relay.Position{})
		if err != nil {
			t.Fatal(err)
		}
		var batch []relay.Entry
		for i := range 3 {
			batch = append(batch, relay.Entry{Update: fmt.Appendf(nil, "%s %d", id.Doc, n+i), At: time.UnixMilli(int64(n + i)).UTC(), By: "p"})
		}
		done := make(chan error, 1)
		at := st.At
		s.Append(id, at, batch, relay.Prompt, func(end relay.Position, err error) { at = end; done <- err })
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		if err := s.Compact(t.Context(), id, fmt.Appendf(nil, "state %d", n+3), at); err != nil {
			t.Fatal(err)
		}
	}
}

// older makes the history of documents what an older version would have written: one list for all
// documents of the session, without the first drop chunks.
func older(server *redistest.Server, session string, drop int, docs ...string) {
	list := "parley:{" + session + "}:history"
	for _, doc := range docs {
		stream := "parley:{" + session + "}:past:" + doc
		for i, reply := range server.Do("XRANGE", stream, "-", "+") {
			if i%3 == 2 && i/3 >= drop { // id, field, chunk
				server.Do("RPUSH", list, reply)
			}
		}
		server.Do("DEL", stream, "parley:{"+session+"}:base:"+doc)
	}
	server.Do("SET", list+"size", "1000")
}

func wantPast(t *testing.T, s *redisstore.Store, id relay.RoomID, from, to int) {
	t.Helper()
	past, err := s.Past(t.Context(), id, 0, 1<<20)
	if err != nil || past.More || int(past.Next) != to || len(past.Entries) != to-from || int(past.Reached) != from {
		t.Fatalf("%s: %d entries behind %d, through %d, %v; want %d to %d", id, len(past.Entries), past.Reached, past.Next, err, from, to)
	}
	for i, e := range past.Entries {
		if string(e.Update) != fmt.Sprintf("%s %d", id.Doc, from+i) {
			t.Fatalf("entry %d is %q", from+i, e.Update)
		}
	}
	if from > 0 && string(past.Base) != fmt.Sprint("state ", from) {
		t.Fatalf("the base is %q", past.Base)
	}
}

// What an older version has kept of all documents in one list becomes the history of each document,
// also when several nodes come upon it at once.
func TestAnOlderHistoryIsTakenOver(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t, redistest.Options{})
	a, b := openNode(t, server.URL()), openNode(t, server.URL())
	id := relay.RoomID{Session: string(newSession(t, a).Session.ID), Doc: "x"}
	other := relay.RoomID{Session: id.Session, Doc: "board"}
	write(t, a, id, 0, 9)
	write(t, a, other, 0, 6)
	older(server, id.Session, 0, "x", "board")
	var wg sync.WaitGroup
	for _, s := range []*redisstore.Store{a, b} {
		wg.Go(func() { wantPast(t, s, id, 0, 9) })
	}
	wg.Wait()
	write(t, b, other, 6, 9) // a compaction takes it over too
	wantPast(t, a, other, 0, 9)
	write(t, a, id, 9, 12)
	wantPast(t, b, id, 0, 12)
}

// Where an older version has dropped the beginning, the past begins with the compacted state.
func TestAHistoryWithoutItsBeginning(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t, redistest.Options{})
	s := openNode(t, server.URL())
	id := relay.RoomID{Session: string(newSession(t, s).Session.ID), Doc: "x"}
	write(t, s, id, 0, 9)
	older(server, id.Session, 2, "x")
	wantPast(t, s, id, 9, 9)
}
