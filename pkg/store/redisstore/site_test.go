package redisstore_test

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"parley/crdt"
	"parley/pkg/relay"
	"parley/pkg/relay/relaytest"
	"parley/pkg/session"
	"parley/pkg/store/redisstore"
	"parley/pkg/store/redistest"
)

// site is several nodes over one Redis.
type site struct {
	*testing.T
	stores []*redisstore.Store
	relays []*relay.Relay
	room   relay.RoomID
	seed   int // length of the text at the start
}

// openSite opens n nodes and one session that all of them follow.
func openSite(t *testing.T, n int, url string, opts relay.Options) site {
	t.Helper()
	s := site{T: t}
	for range n {
		store, err := redisstore.Open(t.Context(), url, redisstore.Options{Logger: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = store.Close() })
		opts.Bus, opts.Logger = store, slog.New(slog.DiscardHandler)
		r := relay.New(store, opts)
		t.Cleanup(func() {
			ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
			defer cancel()
			if err := r.Drain(ctx); err != nil {
				t.Errorf("drain: %v", err)
			}
		})
		s.stores, s.relays = append(s.stores, store), append(s.relays, r)
	}
	s.room.Session = string(newSession(t, s.stores[0]).Session.ID)
	for _, store := range s.stores {
		stop, err := store.Follow(t.Context(), session.ID(s.room.Session), func(session.Session, error) {})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(stop)
	}
	s.seed = len(s.stored())
	return s
}

func (s site) connect(i int, name string) *relaytest.Client {
	s.Helper()
	c := relaytest.Connect(s.relays[i], s.room, relay.Grant{Participant: name, Exclusive: true, Ack: true}, nil)
	c.Hello()
	redistest.Eventually(s, name+" is not connected", func() error {
		if _, err := c.Pump(); err != nil || !c.Synced {
			return fmt.Errorf("not synced: %w", err)
		}
		return nil
	})
	return c
}

// awaitText waits until all clients have the same text, whose length is that of the seed plus
// length.
func (s site) awaitText(length int, clients ...*relaytest.Client) {
	s.Helper()
	redistest.Eventually(s, "the clients do not come to the same text", func() error {
		for i, c := range clients {
			if _, err := c.Pump(); err != nil {
				return err
			}
			if got := c.Text(); len(got) != s.seed+length || got != clients[0].Text() {
				return fmt.Errorf("client %d has %d characters (%.40q), the first %.40q, want %d", i, len(got), got, clients[0].Text(), s.seed+length)
			}
		}
		return nil
	})
}

// awaitSaved waits until a client was told that count of its messages are stored.
func (s site) awaitSaved(c *relaytest.Client, count uint64) {
	s.Helper()
	redistest.Eventually(s, "not saved", func() error {
		if _, err := c.Pump(); err != nil {
			return err
		}
		if n := len(c.Saved); n == 0 || c.Saved[n-1] < count {
			return fmt.Errorf("saved %v, want %d", c.Saved[max(0, n-1):], count)
		}
		return nil
	})
}

// stored returns the text that Redis holds.
func (s site) stored() string {
	s.Helper()
	doc := crdt.NewDoc()
	kept, err := s.stores[0].Since(s.Context(), s.room, relay.Position{})
	if err == nil && kept.State != nil {
		err = doc.ApplyUpdate(kept.State)
	}
	for _, e := range kept.Entries {
		if err == nil {
			err = doc.ApplyUpdate(e.Update)
		}
	}
	if err != nil {
		s.Fatal(err)
	}
	return doc.Text("file:main").String()
}

// Several nodes over a real Redis, which stops and comes back with its data and without.
func TestNodesOverRedis(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t, redistest.Options{Durable: true})
	s := openSite(t, 3, server.URL(), relay.Options{CompactEntries: 20})
	ada, bob, eve := s.connect(0, "ada"), s.connect(1, "bob"), s.connect(2, "eve")
	all := []*relaytest.Client{ada, bob, eve}
	length := 0
	typeAll := func(rounds int) {
		t.Helper()
		for i := range rounds {
			all[i%3].Type(fmt.Sprint(i % 10))
			length++
			if i%5 == 0 {
				s.awaitText(length, all...)
			}
		}
		s.awaitText(length, all...)
	}
	typeAll(60)

	server.Kill()
	for i, c := range all {
		c.Type(strings.Repeat(string(rune('a'+i)), 10))
	}
	length += 30
	server.Restart()
	s.awaitText(length, all...)
	typeAll(10)

	server.RestartEmpty()
	ada.Type("after it was emptied")
	length += len("after it was emptied")
	s.awaitText(length, all...)
	typeAll(10)
	redistest.Eventually(t, "Redis does not hold what the clients do", func() error {
		if got := s.stored(); got != ada.Text() {
			return fmt.Errorf("it holds %.60q, the clients %.60q", got, ada.Text())
		}
		return nil
	})
	if keys := server.Keys(); len(keys) > 20 {
		t.Errorf("%d keys: %v", len(keys), keys)
	}
}

// Sentinel promotes a replica that lacks the last edits.
func TestFailOverThatLosesEdits(t *testing.T) {
	t.Parallel()
	group := redistest.StartSentinel(t, redistest.Options{})
	s := openSite(t, 2, group.URL(), relay.Options{})
	ada, bob := s.connect(0, "ada"), s.connect(1, "bob")
	ada.Type("kept")
	s.awaitText(4, ada, bob)
	s.awaitSaved(ada, 1)
	redistest.Eventually(t, "the replica does not follow", func() error {
		if group.Nodes[1].Do("EXISTS", "parley:{"+s.room.Session+"}:log:")[0] != "1" {
			return fmt.Errorf("no log there")
		}
		return nil
	})
	group.Nodes[1].Pause() // it no longer receives writes
	ada.Type(" and lost")
	s.awaitText(len("kept and lost"), ada, bob)
	s.awaitSaved(ada, 2)
	was := group.Nodes[0]
	was.Kill()
	group.Nodes[1].Continue()
	group.AwaitFailover(was)
	bob.Type("!")
	s.awaitText(len("kept and lost!"), ada, bob)
	redistest.Eventually(t, "the lost edit is not written again", func() error {
		if got := s.stored(); !strings.HasSuffix(got, "kept and lost!") {
			return fmt.Errorf("Redis holds %q", got)
		}
		return nil
	})
}
