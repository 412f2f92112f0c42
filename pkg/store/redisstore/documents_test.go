package redisstore

import (
	"bytes"
	"errors"
	"fmt"
	"testing"
	"time"

	"parley/pkg/relay"
	"parley/pkg/store/redistest"
)

// open starts a Redis and opens a Store with a session "aaaa0001".
func open(t *testing.T) (*Store, *redistest.Server) {
	t.Helper()
	server := redistest.Start(t, redistest.Options{})
	server.Do("HSET", "parley:{aaaa0001}:session", "json", "{}")
	return openAt(t, server.URL()), server
}

func openAt(t *testing.T, url string) *Store {
	t.Helper()
	s, err := Open(t.Context(), url, Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return s
}

var main = relay.RoomID{Session: "aaaa0001"}

func entry(n int) relay.Entry {
	return relay.Entry{Update: fmt.Appendf(nil, "update %d", n), At: time.UnixMilli(int64(n)).UTC(), By: "p1"}
}

// appendWith is Append for tests. It waits for the answer.
func appendWith(s *Store, id relay.RoomID, at relay.Position, urgency relay.Urgency, entries ...relay.Entry) (relay.Position, error) {
	type result struct {
		at  relay.Position
		err error
	}
	told := make(chan result, 1)
	s.Append(id, at, entries, urgency, func(at relay.Position, err error) { told <- result{at, err} })
	r := <-told
	return r.at, r.err
}

func appendAt(s *Store, id relay.RoomID, at relay.Position, entries []relay.Entry) (relay.Position, error) {
	return appendWith(s, id, at, relay.Prompt, entries...)
}

func TestAppend(t *testing.T) {
	t.Parallel()
	s, server := open(t)
	ctx := t.Context()
	first, err := appendAt(s, main, relay.Position{}, []relay.Entry{entry(1), entry(2)})
	if err != nil || first.Seq != 2 || first.Epoch == 0 {
		t.Fatalf("first append: %+v, %v", first, err)
	}
	if _, err := appendAt(s, main, relay.Position{}, []relay.Entry{entry(3)}); !errors.Is(err, relay.ErrStale) {
		t.Fatalf("an append that knows of no log gave %v, want ErrStale", err)
	}
	second, err := appendAt(s, main, first, []relay.Entry{entry(3)})
	if err != nil || second.Seq != 3 || second.Epoch != first.Epoch {
		t.Fatalf("second append: %+v, %v", second, err)
	}
	replicated := server.Do("DUMP", "parley:{aaaa0001}:log:")[0]
	third, err := appendAt(s, main, first, []relay.Entry{entry(4)})
	if err != nil || third.Seq != 4 {
		t.Fatalf("an append after entries of other nodes: %+v, %v", third, err)
	}
	stored, err := s.Since(ctx, main, first)
	if err != nil || stored.Whole || len(stored.Entries) != 2 || stored.At != third || !bytes.Equal(stored.Entries[1].Update, entry(4).Update) {
		t.Fatalf("since the first append: %+v, %v", stored, err)
	}
	if stored, err = s.Since(ctx, main, third); err != nil || stored.Whole || len(stored.Entries) != 0 {
		t.Fatalf("since the last append: %+v, %v", stored, err)
	}

	// A failover loses the last entry.
	server.Do("RESTORE", "parley:{aaaa0001}:log:", "0", replicated, "REPLACE")
	server.Do("HSET", "parley:{aaaa0001}:head:", "n", "3", "t", string(second.ID[:]))
	if _, err := appendAt(s, main, third, []relay.Entry{entry(5)}); !errors.Is(err, relay.ErrStale) {
		t.Fatalf("an append after a lost entry gave %v, want ErrStale", err)
	}
	if stored, err = s.Since(ctx, main, third); err != nil || !stored.Whole || len(stored.Entries) != 3 || stored.At.Epoch == third.Epoch {
		t.Fatalf("since a lost entry: %+v, %v; want all, and another epoch", stored, err)
	}
	fourth, err := appendAt(s, main, stored.At, []relay.Entry{entry(5)})
	if err != nil || fourth.Seq != 4 {
		t.Fatalf("append after catching up: %+v, %v", fourth, err)
	}
	if err := s.Compact(ctx, main, []byte("state"), third); !errors.Is(err, relay.ErrStale) {
		t.Fatalf("compaction by one who holds a lost entry gave %v, want ErrStale", err)
	}
	if err := s.Compact(ctx, main, []byte("state"), fourth); err != nil {
		t.Fatal(err)
	}
	if stored, err = s.Since(ctx, main, fourth); err != nil || stored.Whole || len(stored.Entries) != 0 {
		t.Fatalf("since a compacted position: %+v, %v", stored, err)
	}
	if stored, err = s.Since(ctx, main, stored.At); err != nil || stored.Whole {
		t.Fatalf("%+v, %v", stored, err)
	}
	if stored, err = s.Since(ctx, main, relay.Position{Epoch: fourth.Epoch, Seq: 2, ID: first.ID}); err != nil || !stored.Whole || string(stored.State) != "state" {
		t.Fatalf("since before a compaction: %+v, %v", stored, err)
	}
	differ, err := s.Check(ctx, []relay.Located{{ID: main, At: fourth}, {ID: main, At: third}})
	if err != nil || len(differ) != 1 {
		t.Fatalf("check: %v, %v", differ, err)
	}
}

// When a single key is lost, for example by eviction, the node notices it and appends go on.
func TestLostKeys(t *testing.T) {
	t.Parallel()
	for _, lost := range []string{"head", "log", "state"} {
		t.Run(lost, func(t *testing.T) {
			t.Parallel()
			s, server := open(t)
			ctx := t.Context()
			at, err := appendAt(s, main, relay.Position{}, []relay.Entry{entry(1), entry(2), entry(3)})
			if err != nil {
				t.Fatal(err)
			}
			if err := s.Compact(ctx, main, []byte("state"), relay.Position{Epoch: at.Epoch, Seq: 2, ID: at.ID}); err != nil {
				t.Fatal(err)
			}
			server.Do("DEL", "parley:{aaaa0001}:"+lost+":")
			if _, err := appendAt(s, main, at, []relay.Entry{entry(4)}); !errors.Is(err, relay.ErrStale) {
				t.Fatalf("append gave %v, want ErrStale", err)
			}
			stored, err := s.Since(ctx, main, at)
			if err != nil || !stored.Whole {
				t.Fatalf("since: %+v, %v", stored, err)
			}
			next, err := appendAt(s, main, stored.At, []relay.Entry{entry(4)})
			if err != nil {
				t.Fatalf("append after catching up: %v", err)
			}
			again, err := s.Since(ctx, main, relay.Position{})
			if err != nil || again.At != next || len(again.Entries) != len(stored.Entries)+1 {
				t.Fatalf("after it: %+v, %v", again, err)
			}
			if lost != "state" && string(again.State) != "state" {
				t.Errorf("the state is gone: %+v", again)
			}
		})
	}
}

func TestDocumentsErrors(t *testing.T) {
	t.Parallel()
	s, server := open(t)
	gone := relay.RoomID{Session: "bbbb0001"}
	if _, err := appendAt(s, gone, relay.Position{}, []relay.Entry{entry(1)}); !errors.Is(err, relay.ErrNoSession) {
		t.Errorf("append to an unknown session: %v", err)
	}
	if keys := server.Keys(); len(keys) > 4 { // schema, epoch, probe, and the session of the test
		t.Errorf("it left keys: %v", keys)
	}
	at, err := appendAt(s, main, relay.Position{}, []relay.Entry{entry(1)})
	if err != nil {
		t.Fatal(err)
	}
	server.Do("HSET", "parley:{aaaa0001}:head:", "v", "99")
	if _, err := appendAt(s, main, at, []relay.Entry{entry(1)}); !errors.Is(err, ErrNewer) {
		t.Errorf("append to a document of a newer version: %v", err)
	}
	if _, err := s.Since(t.Context(), main, relay.Position{}); !errors.Is(err, ErrNewer) {
		t.Errorf("load of a document of a newer version: %v", err)
	}
	server.Do("SET", "parley:schema", "99")
	if _, err := Open(t.Context(), server.URL(), Options{}); !errors.Is(err, ErrNewer) {
		t.Errorf("open of a newer schema: %v", err)
	}
}

// With wait_replicas an append that too few replicas have is not acknowledged.
func TestWaitReplicas(t *testing.T) {
	t.Parallel()
	_, server := open(t)
	s := openAt(t, server.URL()+"?wait_replicas=1&wait_timeout=20ms")
	if _, err := appendAt(s, main, relay.Position{}, []relay.Entry{entry(1)}); !errors.Is(err, errNotReplicated) {
		t.Errorf("an append without replicas gave %v", err)
	}
	s.Say(main, []byte("presence waits for nobody"))
	if _, err := s.Since(t.Context(), main, relay.Position{}); err != nil {
		t.Errorf("load: %v", err)
	}
}

func TestNodesThatGiveNoSignAreLost(t *testing.T) {
	t.Parallel()
	s, _ := open(t)
	lost := make(chan relay.NodeID, 8)
	stop, err := s.Subscribe(t.Context(), main, func(m relay.Message) {
		if m.Kind == relay.NodeLost {
			lost <- m.From
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	other, now := relay.NodeID{1}.String(), time.Now()
	s.noteAlive(map[string]bool{other: true, s.node.String(): true, "nonsense": true}, now)
	s.noteAlive(nil, now.Add(missingFor-time.Second))
	if len(lost) != 0 {
		t.Errorf("a node was lost after %v", missingFor-time.Second)
	}
	s.noteAlive(nil, now.Add(missingFor))
	s.noteAlive(nil, now.Add(2*missingFor))
	if len(lost) != 1 || <-lost != (relay.NodeID{1}) {
		t.Errorf("%d nodes lost, want the other one once", len(lost)+1)
	}
}
