package relay_test

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"parley/crdt"
	"parley/pkg/relay"
	"parley/pkg/relay/relaytest"
)

// fleet is several nodes over one store, in a synctest bubble.
type fleet struct {
	*testing.T
	cluster *relaytest.Store // as the first node sees it
	nodes   []*relaytest.Store
	relays  []*relay.Relay
}

// withNodes runs fn with n relays over one store, and drains them.
func withNodes(t *testing.T, n int, opts relay.Options, fn func(f fleet)) {
	t.Helper()
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		opts.Logger = slog.New(slog.DiscardHandler)
		f := fleet{T: t, cluster: relaytest.NewStore(room.Session)}
		for i := range n {
			node := f.cluster
			if i > 0 {
				node = f.cluster.Join()
			}
			opts.Bus = node
			f.nodes = append(f.nodes, node)
			f.relays = append(f.relays, relay.New(node, opts))
		}
		defer func() {
			for _, r := range f.relays {
				ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
				if err := r.Drain(ctx); err != nil {
					t.Errorf("drain: %v", err)
				}
				cancel()
			}
		}()
		fn(f)
	})
}

// connect connects a client to node i and completes its first exchange.
func (f fleet) connect(i int, g relay.Grant, doc *crdt.Doc) *relaytest.Client {
	f.Helper()
	c := relaytest.Connect(f.relays[i], room, g, doc)
	c.Hello()
	f.settle(c)
	return c
}

// settle lets everything happen that is due within a tenth of a second.
func (f fleet) settle(clients ...*relaytest.Client) {
	f.Helper()
	for range 3 {
		<-time.After(35 * time.Millisecond) // of the bubble's clock
		synctest.Wait()
		for _, c := range clients {
			if _, err := c.Pump(); err != nil {
				f.Fatalf("a client could not apply a message: %v", err)
			}
		}
	}
}

// wantText checks the text in the clients, in every node and in the store.
func (f fleet) wantText(want string, clients ...*relaytest.Client) {
	f.Helper()
	for i, c := range clients {
		if got := c.Text(); got != want {
			f.Errorf("client %d has %q, want %q", i, got, want)
		}
	}
	for i, r := range f.relays {
		var got string
		if err := r.View(f.Context(), room, relay.Sight{}, func(d *crdt.Doc) { got = d.Text("file:main").String() }); err != nil || got != want {
			f.Errorf("node %d has %q, %v; want %q", i, got, err, want)
		}
	}
	f.wantStored(want)
}

func (f fleet) wantStored(want string) {
	f.Helper()
	doc, kept := crdt.NewDoc(), f.cluster.Whole(room)
	if kept.State != nil {
		if err := doc.ApplyUpdate(kept.State); err != nil {
			f.Fatal(err)
		}
	}
	for _, e := range kept.Entries {
		if err := doc.ApplyUpdate(e.Update); err != nil && len(f.cluster.Aside()) == 0 {
			f.Fatal(err)
		}
	}
	if got := doc.Text("file:main").String(); got != want {
		f.Errorf("stored is %q, want %q", got, want)
	}
}

func TestNodesShareADocument(t *testing.T) {
	withNodes(t, 3, relay.Options{}, func(f fleet) {
		ada, bob, eve := f.connect(0, ack("ada"), nil), f.connect(1, ack("bob"), nil), f.connect(2, editor("eve"), nil)
		ada.Type("a")
		f.settle(ada, bob, eve)
		bob.Type("b")
		f.settle(ada, bob, eve)
		ada.Edit(func(d *crdt.Doc) {
			if err := d.Text("file:main").Delete(0, 1); err != nil {
				t.Error(err)
			}
		})
		f.settle(ada, bob, eve)
		f.wantText("b", ada, bob, eve)
		if entries := f.cluster.Entries(room); len(entries) != 3 {
			t.Errorf("%d entries are stored, want one for each edit", len(entries))
		}
		for i, n := range []int{2, 1, 0} {
			if got := f.nodes[i].Appends(); got != n {
				t.Errorf("node %d appended %d times, want %d: updates of other nodes are stored already", i, got, n)
			}
		}
		if got := bob.Saved[len(bob.Saved)-1]; got < 1 {
			t.Errorf("bob's saved message counts %d", got)
		}
		if string(bob.Vector) == "" || len(bob.Vector) != len(bob.Doc.EncodeStateVector()) {
			t.Errorf("the vector of bob's saved message lacks ada's edits")
		}
	})
}

// A message that was lost silently is noticed by the next message or by the patrol.
func TestALostMessageIsNoticed(t *testing.T) {
	withNodes(t, 2, relay.Options{}, func(f fleet) {
		ada, bob := f.connect(0, editor("ada"), nil), f.connect(1, editor("bob"), nil)
		ada.Type("1")
		f.settle(ada, bob)
		f.nodes[1].Deafen(true)
		ada.Type("2")
		f.settle(ada, bob)
		if bob.Text() != "1" {
			t.Fatalf("bob has %q: nothing was lost", bob.Text())
		}
		f.nodes[1].Deafen(false)
		ada.Type("3")
		f.settle(ada, bob)
		f.wantText("123", ada, bob)

		f.nodes[1].Deafen(true)
		ada.Type("4")
		f.settle(ada, bob)
		f.nodes[1].Deafen(false)
		for range 41 {
			ada.Publish("{}")
			bob.Publish("{}")
			<-time.After(time.Second)
		}
		f.settle(ada, bob)
		f.wantText("1234", ada, bob)
	})
}

// A node that is cut off from the store goes on, reports nothing as saved, and writes everything
// when it is back.
func TestANodeThatIsCutOffGoesOn(t *testing.T) {
	withNodes(t, 2, relay.Options{}, func(f fleet) {
		ada, amy, bob := f.connect(0, ack("ada"), nil), f.connect(0, editor("amy"), nil), f.connect(1, ack("bob"), nil)
		ada.Type("0")
		f.settle(ada, amy, bob)
		f.nodes[0].Cut(true)
		saved := len(ada.Saved)
		for i := range 5 {
			ada.Type(fmt.Sprint("a", i))
			bob.Edit(func(d *crdt.Doc) { _ = d.Text("file:main").Insert(0, "b") })
			f.settle(ada, amy, bob)
		}
		if amy.Text() != "0a0a1a2a3a4" || bob.Text() != "bbbbb0" {
			t.Errorf("while cut off amy has %q and bob %q", amy.Text(), bob.Text())
		}
		if len(ada.Saved) != saved {
			t.Errorf("ada was told that something is saved")
		}
		f.nodes[0].Cut(false)
		<-time.After(10 * time.Second)
		f.settle(ada, amy, bob)
		f.wantText("bbbbb0a0a1a2a3a4", ada, amy, bob)
		if got, want := ada.Saved[len(ada.Saved)-1], uint64(6); got < want {
			t.Errorf("ada was told of %d messages, want %d", got, want)
		}
	})
}

// A store may collect the appends of a document that only one node has open, until somebody waits
// for one.
func TestAppendsThatNobodyWaitsForAreBatched(t *testing.T) {
	for name, wait := range map[string]func(f fleet, ada *relaytest.Client){
		"another node opens the document": func(f fleet, ada *relaytest.Client) {
			bob := f.connect(1, editor("bob"), nil)
			f.settle(ada, bob)
			if bob.Text() != "ab" {
				f.Errorf("bob has %q", bob.Text())
			}
			ada.Type("!")
			f.settle(ada, bob)
			if bob.Text() != "ab!" {
				f.Errorf("with two nodes bob has %q", bob.Text())
			}
			f.wantStored("ab!")
		},
		"the last one leaves": func(f fleet, ada *relaytest.Client) {
			if err := ada.Leave(); err != nil {
				f.Error(err)
			}
		},
		"the server edits": func(f fleet, ada *relaytest.Client) {
			err := f.relays[0].Edit(f.Context(), room, "", func(d *crdt.Doc) error { return d.Text("file:main").Insert(2, "!") })
			if err != nil {
				f.Error(err)
			}
			f.settle(ada)
			f.wantStored("ab!")
		},
		"the server stops": func(f fleet, _ *relaytest.Client) {
			if err := f.relays[0].Drain(f.Context()); err != nil {
				f.Error(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			withNodes(t, 2, relay.Options{}, func(f fleet) {
				f.nodes[0].Gather()
				ada := f.connect(0, ack("ada"), nil)
				ada.Type("a")
				ada.Type("b")
				f.settle(ada)
				if n := f.nodes[0].Appends(); n != 0 {
					t.Fatalf("%d appends were prompt, though nobody waited", n)
				}
				wait(f, ada)
				f.settle()
				if doc := ada.Text(); !strings.HasPrefix(doc, "ab") {
					t.Errorf("ada has %q", doc)
				}
				f.wantStored(ada.Text())
			})
		})
	}
}

// A store that was emptied gets back what the nodes hold, once.
func TestAnEmptiedStoreIsFilledAgain(t *testing.T) {
	for _, name := range []string{"by who writes", "by the patrol", "by all nodes at once"} {
		t.Run(name, func(t *testing.T) {
			withNodes(t, 3, relay.Options{}, func(f fleet) {
				ada, bob, eve := f.connect(0, editor("ada"), nil), f.connect(1, editor("bob"), nil), f.connect(2, editor("eve"), nil)
				for i := range 20 {
					[]*relaytest.Client{ada, bob, eve}[i%3].Type(fmt.Sprint(i % 10))
					f.settle(ada, bob, eve)
				}
				want := ada.Text()
				f.cluster.Empty()
				switch name {
				case "by who writes":
					ada.Type("x")
					want += "x"
				case "by all nodes at once":
					f.cluster.Far(10 * time.Millisecond) // all read before one writes
					for _, n := range f.nodes {
						n.Cut(false)
					}
				default:
					for range 41 {
						<-time.After(time.Second)
						ada.Publish("{}")
					}
				}
				f.settle(ada, bob, eve)
				bob.Type("y")
				f.settle(ada, bob, eve)
				f.wantText(want+"y", ada, bob, eve)
				whole := 0
				for _, e := range f.cluster.Entries(room) {
					if strings.Contains(string(e.Update), "0123") || len(e.Update) > 60 {
						whole++
					}
				}
				if whole != 1 {
					t.Errorf("the document was written back %d times", whole)
				}
			})
		})
	}
}

// A fail-over has lost the end of the log. Every node notices, even if its position matches the
// number of a later entry.
func TestALostEndIsWrittenAgain(t *testing.T) {
	withNodes(t, 3, relay.Options{}, func(f fleet) {
		ada, bob := f.connect(0, editor("ada"), nil), f.connect(1, editor("bob"), nil)
		for range 5 {
			ada.Type("a")
			f.settle(ada, bob)
		}
		f.cluster.Rewind(room, 2)
		// eve connects to a third node, which has not seen the end. Her entries get the numbers
		// that ada's entries had.
		eve := f.connect(2, editor("eve"), nil)
		if eve.Text() != "aaa" {
			t.Fatalf("eve has %q", eve.Text())
		}
		f.nodes[0].Deafen(true)
		f.nodes[1].Deafen(true)
		eve.Edit(func(d *crdt.Doc) { _ = d.Text("file:main").Insert(0, "e") })
		f.settle(ada, bob, eve)
		eve.Edit(func(d *crdt.Doc) { _ = d.Text("file:main").Insert(0, "e") })
		f.settle(ada, bob, eve)
		f.nodes[0].Deafen(false)
		f.nodes[1].Deafen(false)
		eve.Edit(func(d *crdt.Doc) { _ = d.Text("file:main").Insert(0, "E") })
		f.settle(ada, bob, eve)
		f.wantText("Eeeaaaaa", ada, bob, eve)
	})
}

func TestAPoisonedLogIsOpenedWithoutThePoison(t *testing.T) {
	withNodes(t, 2, relay.Options{}, func(f fleet) {
		ada := f.connect(0, editor("ada"), nil)
		ada.Type("good")
		f.settle(ada)
		f.cluster.Poison(room)
		bob := f.connect(1, editor("bob"), nil)
		bob.Type("!")
		f.settle(ada, bob)
		f.wantText("good!", ada, bob)
		if len(f.cluster.Aside()) == 0 {
			t.Error("nothing was put aside")
		}
	})
}

// Several nodes compact one log, and nothing is lost.
func TestNodesCompactTogether(t *testing.T) {
	withNodes(t, 3, relay.Options{CompactEntries: 8}, func(f fleet) {
		clients := []*relaytest.Client{f.connect(0, editor("ada"), nil), f.connect(1, editor("bob"), nil), f.connect(2, editor("eve"), nil)}
		want := ""
		for i := range 60 {
			clients[i%3].Type(fmt.Sprint(i % 10))
			want += fmt.Sprint(i % 10)
			f.settle(clients...)
		}
		f.wantText(want, clients...)
		if n := len(f.cluster.Entries(room)); n >= 16 {
			t.Errorf("the log has %d entries, it was to be compacted at 8", n)
		}
	})
}

// The rooms of a deleted session are closed on every node that notices.
func TestADeletedSessionIsNotWrittenBack(t *testing.T) {
	withNodes(t, 2, relay.Options{}, func(f fleet) {
		ada, bob := f.connect(0, editor("ada"), nil), f.connect(1, editor("bob"), nil)
		ada.Type("x")
		f.settle(ada, bob)
		f.cluster.Delete(room.Session)
		ada.Type("y")
		f.settle(ada)
		if ada.Closed() != relay.CloseGone {
			t.Errorf("ada's connection ended with %v", ada.Closed())
		}
		<-time.After(45 * time.Second)
		f.settle()
		if bob.Closed() != relay.CloseGone {
			t.Errorf("bob's connection ended with %v", bob.Closed())
		}
		if n := len(f.cluster.Entries(room)); n != 0 {
			t.Errorf("%d entries were written to a deleted session", n)
		}
		_, _ = ada.Wait(), bob.Wait()
	})
}

// Messages that the feed cannot hold are read from the log.
func TestAfterAnOverflowOfTheFeedTheLogIsRead(t *testing.T) {
	withNodes(t, 2, relay.Options{}, func(f fleet) {
		ada, bob := f.connect(0, editor("ada"), nil), f.connect(1, editor("bob"), nil)
		hold := make(chan struct{})
		go func() { // ends when hold is closed
			_ = f.relays[1].View(context.Background(), room, relay.Sight{}, func(*crdt.Doc) { <-hold })
		}()
		synctest.Wait()
		for range 700 {
			ada.Type("a")
			synctest.Wait()
		}
		close(hold)
		f.settle(ada, bob)
		f.wantText(strings.Repeat("a", 700), ada, bob)
		if s := f.relays[1].Stats(); s.Count(relay.CatchUps)+s.Count(relay.Reconciled) == 0 {
			t.Error("the feed never overflowed")
		}
	})
}

// A room fails with an append in flight. The next room of the document, on the same node, takes the
// appended entries from the log.
func TestWhatAFailedRoomWroteIsNotMissed(t *testing.T) {
	withNodes(t, 1, relay.Options{}, func(f fleet) {
		ada := f.connect(0, editor("ada"), nil)
		ada.Type("a")
		f.settle(ada)
		other := crdt.NewDoc()
		if err := other.ApplyUpdate(f.cluster.Whole(room).Entries[0].Update); err != nil {
			t.Fatal(err)
		}
		vector := other.EncodeStateVector()
		_ = other.Text("file:main").Insert(1, "b")
		update, err := other.EncodeStateAsUpdate(vector)
		if err != nil {
			t.Fatal(err)
		}
		f.nodes[0].Append(room, f.cluster.Whole(room).At, []relay.Entry{{Update: update, At: time.Now()}}, relay.Prompt, func(_ relay.Position, err error) {
			if err != nil {
				t.Error(err)
			}
		})
		f.settle(ada)
		f.wantText("ab", ada)
	})
}
