package relay_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"testing"
	"time"

	"parley/crdt"
	"parley/pkg/protocol"
	"parley/pkg/relay"
	"parley/pkg/relay/relaytest"
)

// steal makes eve claim the client id of ada by presence while ada is away. Then ada comes back and
// types. It returns what the server then has.
func (b bench) steal(r *relay.Relay, doc *crdt.Doc) string {
	b.Helper()
	id := doc.ClientID()
	eve := relaytest.Connect(r, room, editor("eve"), nil)
	eve.Hello()
	b.settle(eve)
	eve.PublishAs(id, 1, `{"user":{"id":"eve"}}`)
	b.settle(eve)
	if eve.State(id) != "" {
		b.Errorf("eve has presence under ada's client id: %s", eve.State(id))
	}
	back := relaytest.Connect(r, room, editor("ada"), doc)
	back.Hello()
	back.PublishAs(id, 5, `{"user":{"id":"ada"}}`)
	back.Type("after ")
	b.settle(eve, back)
	if back.State(id) == "" {
		b.Errorf("ada cannot publish presence under her own client id")
	}
	var text string
	if err := r.View(b.Context(), room, relay.Sight{}, func(d *crdt.Doc) { text = d.Text("file:main").String() }); err != nil {
		b.Fatal(err)
	}
	if err := errors.Join(eve.Leave(), back.Leave()); err != nil {
		b.Fatal(err)
	}
	return text
}

// restart drains the relay and returns another one over the same store.
func (b bench) restart(opts relay.Options) *relay.Relay {
	b.Helper()
	ctx, cancel := context.WithTimeout(b.Context(), time.Minute)
	defer cancel()
	if err := b.relay.Drain(ctx); err != nil {
		b.Fatal(err)
	}
	opts.Logger = slog.New(slog.DiscardHandler)
	return relay.New(b.store, opts)
}

func drain(t *testing.T, r *relay.Relay) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := r.Drain(ctx); err != nil {
		t.Errorf("drain: %v", err)
	}
}

// Whose a client id is outlives the compaction of the log, the room and the process.
func TestAClientIDBelongsToItsParticipantAfterARestart(t *testing.T) {
	opts := relay.Options{CompactEntries: 5, MessagesPerSecond: -1}
	for name, before := range map[string]func(b bench, a *relaytest.Client){
		"who has written": func(b bench, a *relaytest.Client) {
			for range 10 {
				a.Type("x ")
				b.settle(a)
			}
			if n := len(b.store.History(room)); n < 10 {
				b.Errorf("%d entries were compacted", n)
			}
		},
		"who has only been there": func(b bench, a *relaytest.Client) {
			a.Publish(ada)
			b.settle(a)
		},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, opts, func(b bench) {
				a := b.connect(editor("ada"), nil)
				before(b, a)
				was := a.Text()
				if err := a.Leave(); err != nil {
					t.Fatal(err)
				}
				again := b.restart(opts)
				defer drain(t, again)
				if got := b.steal(again, a.Doc); got != "after "+was && got != was+"after " {
					t.Errorf("after the theft the server has %q", got)
				}
			})
		})
	}
}

// What an older version has stored shows its owners in the log. They are kept before a compaction.
func TestOwnersThatOnlyTheLogShowsAreKept(t *testing.T) {
	inBubble(t, relay.Options{}, func(b bench) {
		doc := crdt.NewDoc(crdt.WithClientID(77))
		cancel := doc.OnUpdate(func(update []byte, _ any) {
			b.store.Append(room, b.store.Whole(room).At, []relay.Entry{{Update: update, At: time.Now(), By: "ada"}}, relay.Prompt, func(_ relay.Position, err error) {
				if err != nil {
					t.Error(err)
				}
			})
		})
		for range 120 { // enough to be compacted when the room leaves memory
			if err := doc.Text("file:main").Insert(0, "a"); err != nil {
				t.Fatal(err)
			}
		}
		cancel()
		_ = b.text()
		<-time.After(2 * time.Minute)
		if n, h := len(b.store.Entries(room)), len(b.store.History(room)); n != 0 || h != 120 {
			t.Fatalf("%d entries in the log, %d in the history", n, h)
		}
		owners, err := b.store.Owners(b.Context(), room)
		if want := (relay.Owner{Client: 77, Participant: "ada"}); err != nil || len(owners) != 1 || owners[0] != want {
			t.Errorf("owners %v, %v; want %v", owners, err, want)
		}
	})
}

// An owner is told again until the store has it, and a store that fails keeps nobody from editing.
func TestOwnersAreKeptAfterAFailure(t *testing.T) {
	inBubble(t, relay.Options{}, func(b bench) {
		var failing atomic.Bool
		failing.Store(true)
		b.store.Hook(func(op relaytest.Op, _ relay.RoomID) error {
			if op == relaytest.Owners && failing.Load() {
				return errors.New("no space")
			}
			return nil
		})
		a := b.connect(editor("ada"), nil)
		a.Type("hello")
		<-time.After(10 * time.Second)
		b.wantAlive(a)
		if n := b.store.Calls(relaytest.Owners); n < 3 || n > 20 {
			t.Errorf("tried %d times within 10 s", n)
		}
		failing.Store(false)
		<-time.After(10 * time.Second)
		owners, err := b.store.Owners(b.Context(), room)
		if err != nil || len(owners) != 1 {
			t.Errorf("owners %v, %v", owners, err)
		}
		calls := b.store.Calls(relaytest.Owners)
		a.Type("more")
		<-time.After(10 * time.Second)
		if n := b.store.Calls(relaytest.Owners) - calls; n != 0 {
			t.Errorf("told %d times although nothing was new", n)
		}
	})
}

// Many claims of a moment are told together.
func TestOwnersAreToldTogether(t *testing.T) {
	inBubble(t, relay.Options{}, func(b bench) {
		for i := range 30 {
			b.connect(editor(fmt.Sprint("p", i)), nil).Type("x")
		}
		<-time.After(5 * time.Second)
		owners, err := b.store.Owners(b.Context(), room)
		if err != nil || len(owners) != 30 || b.store.Calls(relaytest.Owners) > 6 {
			t.Errorf("%d owners in %d calls, %v", len(owners), b.store.Calls(relaytest.Owners), err)
		}
	})
}

// Another node knows the owner too, also when it opens the document after a compaction.
func TestAClientIDBelongsToItsParticipantOnEveryNode(t *testing.T) {
	withNodes(t, 2, relay.Options{CompactEntries: 5}, func(f fleet) {
		a := f.connect(0, editor("ada"), nil)
		for range 10 {
			a.Type("x ")
			f.settle(a)
		}
		was, id := a.Text(), a.Doc.ClientID()
		if err := a.Leave(); err != nil {
			t.Fatal(err)
		}
		<-time.After(2 * time.Minute) // the room leaves memory
		eve := f.connect(1, editor("eve"), nil)
		eve.PublishAs(id, 1, `{"user":{"id":"eve"}}`)
		eve.Send(protocol.AppendUpdate(nil, theft(id, 100, 10)))
		f.settle(eve)
		if eve.State(id) != "" {
			t.Errorf("eve has presence under ada's client id")
		}
		back := f.connect(1, editor("ada"), a.Doc)
		back.PublishAs(id, 5, `{"user":{"id":"ada"}}`)
		back.Type("y")
		f.settle(eve, back)
		if back.State(id) == "" || len(back.Text()) != len(was)+1 || eve.Text() != back.Text() {
			t.Errorf("ada has %q, eve %q, presence %q", back.Text(), eve.Text(), back.State(id))
		}
	})
}
