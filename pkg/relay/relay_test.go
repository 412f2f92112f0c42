package relay_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"parley/crdt"
	"parley/pkg/protocol"
	"parley/pkg/relay"
	"parley/pkg/relay/relaytest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var room = relay.RoomID{Session: "0000beef"}

// editor is the grant of an interviewer or a candidate.
func editor(participant string) relay.Grant {
	return relay.Grant{Participant: participant, Role: "candidate", Exclusive: true}
}

// bench is a relay over a store in memory, in a synctest bubble.
type bench struct {
	*testing.T
	store *relaytest.Store
	relay *relay.Relay
}

// inBubble runs fn with a fresh relay, drains the relay afterwards, and checks that nothing is
// left.
func inBubble(t *testing.T, opts relay.Options, fn func(b bench)) {
	t.Helper()
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		if opts.Logger == nil {
			opts.Logger = slog.New(slog.DiscardHandler)
		}
		store := relaytest.NewStore(room.Session)
		r := relay.New(store, opts)
		defer func() {
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			if err := r.Drain(ctx); err != nil {
				t.Errorf("drain: %v", err)
			}
			if left := r.Stats(); left.Rooms != 0 || left.Conns != 0 || left.Unsaved != 0 {
				t.Errorf("after the drain there are %d rooms, %d connections, %d unsaved bytes", left.Rooms, left.Conns, left.Unsaved)
			}
		}()
		fn(bench{t, store, r})
	})
}

// connect connects a client and completes its first exchange.
func (b bench) connect(g relay.Grant, doc *crdt.Doc) *relaytest.Client {
	b.Helper()
	c := relaytest.Connect(b.relay, room, g, doc)
	c.Hello()
	b.settle(c)
	return c
}

// settle lets everything finish that is under way.
func (b bench) settle(clients ...*relaytest.Client) {
	b.Helper()
	for moved := 1; moved > 0; {
		synctest.Wait()
		moved = 0
		for _, c := range clients {
			n, err := c.Pump()
			if err != nil {
				b.Fatalf("a client could not apply a message: %v", err)
			}
			moved += n
		}
	}
}

// text is the main file as the server has it.
func (b bench) text() (text string) {
	b.Helper()
	if err := b.relay.View(b.Context(), room, relay.Sight{}, func(d *crdt.Doc) { text = d.Text("file:main").String() }); err != nil {
		b.Fatal(err)
	}
	return text
}

// wantCode checks that the relay closed a client with code.
func (b bench) wantCode(c *relaytest.Client, code relay.CloseCode) {
	b.Helper()
	err := c.Wait()
	var closed *relay.ClosedError
	if !errors.As(err, &closed) || closed.Code != code || c.Closed() != code {
		b.Errorf("closed with %v (Serve gave %v), want %v", c.Closed(), err, code)
	}
}

// wantAlive checks that clients are still connected and get what another client types.
func (b bench) wantAlive(clients ...*relaytest.Client) {
	b.Helper()
	mark := "<" + string(rune('a'+len(b.text())%26)) + ">"
	clients[0].Type(mark)
	b.settle(clients...)
	for i, c := range clients {
		if c.Closed() != 0 {
			b.Errorf("client %d was closed with %v", i, c.Closed())
		}
		if !strings.Contains(c.Text(), mark) || c.Text() != b.text() {
			b.Errorf("client %d has %q, the server %q, both should have %q", i, c.Text(), b.text(), mark)
		}
	}
}

func TestConnectBeginsAsTheReferenceServerDoes(t *testing.T) {
	inBubble(t, relay.Options{}, func(b bench) {
		a := relaytest.Connect(b.relay, room, editor("ada"), nil)
		synctest.Wait()
		got := a.Take(-1)
		if want := []byte{0, 0, 1, 0}; len(got) != 1 || !bytes.Equal(got[0], want) {
			t.Fatalf("an empty room sends %x, want step 1 %x and nothing else", got, want)
		}
		a.Type("hello")
		a.Publish(`{"user":{"id":"ada"}}`)
		synctest.Wait()
		second := relaytest.Connect(b.relay, room, editor("bob"), nil)
		synctest.Wait()
		got = second.Take(-1)
		step1 := protocol.AppendStep1(nil, a.Doc.EncodeStateVector())
		state := protocol.AwarenessEntry{Client: a.Doc.ClientID(), Clock: 1, State: []byte(`{"user":{"id":"ada"}}`)}
		presence := protocol.AppendAwareness(nil, protocol.AppendAwarenessUpdate(nil, state))
		if len(got) != 2 || !bytes.Equal(got[0], step1) || !bytes.Equal(got[1], presence) {
			t.Errorf("a room with one client sends %x, want %x then %x", got, step1, presence)
		}
		if second.Writes() != 1 {
			t.Errorf("in %d writes, want both messages in one", second.Writes())
		}
		second.Hello()
		synctest.Wait()
		state2, _ := a.Doc.EncodeStateAsUpdate(nil)
		if got, want := second.Take(-1), protocol.AppendStep2(nil, state2); len(got) != 1 || !bytes.Equal(got[0], want) {
			t.Errorf("step 1 is answered by %x, want step 2 %x", got, want)
		}
	})
}

func TestAnUpdateGoesAsItCameToEverybodyElse(t *testing.T) {
	inBubble(t, relay.Options{}, func(b bench) {
		a, c, d := b.connect(editor("ada"), nil), b.connect(editor("bob"), nil), b.connect(editor("cyd"), nil)
		frame := a.Type("hi")
		synctest.Wait()
		for name, peer := range map[string]*relaytest.Client{"bob": c, "cyd": d} {
			if got := peer.Take(-1); len(got) != 1 || !bytes.Equal(got[0], frame) {
				t.Errorf("%s got %x, want %x", name, got, frame)
			}
		}
		if got := a.Take(-1); len(got) != 0 {
			t.Errorf("the sender got %x back", got)
		}
	})
}

func TestPeopleWhoTypeAtOnceConverge(t *testing.T) {
	inBubble(t, relay.Options{}, func(b bench) {
		all := []*relaytest.Client{b.connect(editor("ada"), nil), b.connect(editor("bob"), nil), b.connect(editor("cyd"), nil)}
		for i := range 50 {
			for j, c := range all {
				c.Type(string(rune('a' + (i+j)%26)))
			}
		}
		b.settle(all...)
		want := b.text()
		if len(want) != 150 {
			t.Errorf("the server has %d characters, want 150", len(want))
		}
		for i, c := range all {
			if c.Text() != want {
				t.Errorf("client %d has %q, the server %q", i, c.Text(), want)
			}
		}
	})
}

func TestAReconnectMergesWhatBothSidesDid(t *testing.T) {
	inBubble(t, relay.Options{}, func(b bench) {
		a, c := b.connect(editor("ada"), nil), b.connect(editor("bob"), nil)
		a.Type("one ")
		b.settle(a, c)
		if err := a.Leave(); err != nil {
			t.Fatal(err)
		}
		if err := a.Doc.Text("file:main").Insert(0, "offline "); err != nil {
			t.Fatal(err)
		}
		c.Type("two")
		again := b.connect(editor("ada"), a.Doc)
		b.settle(again, c)
		if got := again.Text(); got != c.Text() || got != b.text() || !strings.Contains(got, "offline ") || !strings.Contains(got, "two") {
			t.Errorf("texts %q, %q, %q", got, c.Text(), b.text())
		}
	})
}

func TestWhatNobodyKnowsIsIgnored(t *testing.T) {
	inBubble(t, relay.Options{}, func(b bench) {
		a, c := b.connect(editor("ada"), nil), b.connect(editor("bob"), nil)
		for _, frame := range [][]byte{{4}, {100, 0}, {0, 7, 1}, {2, 0, 1, 'x'}, {0xff, 0xff, 0x03, 9, 9}} {
			a.Send(frame)
		}
		b.settle(a, c)
		b.wantAlive(a, c)
		if n := b.relay.Stats().Count(relay.MessagesMalformed); n != 0 {
			t.Errorf("%d messages taken for malformed", n)
		}
	})
}

func TestAMalformedMessageEndsThatConnectionAlone(t *testing.T) {
	for name, send := range map[string]func(*relaytest.Client){
		"nothing":                func(c *relaytest.Client) { c.Send(nil) },
		"half a number":          func(c *relaytest.Client) { c.Send([]byte{0x80}) },
		"cut update":             func(c *relaytest.Client) { c.Send([]byte{0, 2, 9, 1}) },
		"rubbish for an update":  func(c *relaytest.Client) { c.Send([]byte{0, 2, 4, 9, 9, 9, 9}) },
		"rubbish for a step 2":   func(c *relaytest.Client) { c.Send([]byte{0, 1, 4, 9, 9, 9, 9}) },
		"rubbish for a step 1":   func(c *relaytest.Client) { c.Send([]byte{0, 0, 2, 9, 9}) },
		"more states than bytes": func(c *relaytest.Client) { c.Send([]byte{1, 2, 200, 1}) },
		"a state that is cut":    func(c *relaytest.Client) { c.Send([]byte{1, 4, 1, 1, 1, 9}) },
		"text":                   func(c *relaytest.Client) { c.Fail(relay.ErrTextMessage) },
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, relay.Options{}, func(b bench) {
				a, c, bad := b.connect(editor("ada"), nil), b.connect(editor("bob"), nil), b.connect(editor("eve"), nil)
				a.Type("before")
				b.settle(a, c, bad)
				send(bad)
				b.wantCode(bad, relay.CloseMalformed)
				b.wantAlive(a, c)
				stats := b.relay.Stats()
				if stats.Count(relay.MessagesMalformed) != 1 || stats.Closed[relay.CloseMalformed] != 1 {
					t.Errorf("counted %d malformed, %v closed", stats.Count(relay.MessagesMalformed), stats.Closed)
				}
			})
		})
	}
}

func (b bench) wantCount(which relay.Counter, want uint64) {
	b.Helper()
	if got := b.relay.Stats().Count(which); got != want {
		b.Errorf("%v is %d, want %d", which, got, want)
	}
}

func TestTooLarge(t *testing.T) {
	t.Run("a message", func(t *testing.T) {
		inBubble(t, relay.Options{}, func(b bench) {
			a, bad := b.connect(editor("ada"), nil), b.connect(editor("eve"), nil)
			bad.Fail(relay.ErrMessageTooLarge)
			b.wantCode(bad, relay.CloseTooLarge)
			b.wantCount(relay.MessagesTooLarge, 1)
			b.wantAlive(a)
		})
	})
	t.Run("a document", func(t *testing.T) {
		inBubble(t, relay.Options{MaxDocBytes: 20_000}, func(b bench) {
			a, bad := b.connect(editor("ada"), nil), b.connect(editor("eve"), nil)
			bad.Type(strings.Repeat("x", 15_000))
			b.settle(a, bad)
			bad.Type(strings.Repeat("y", 15_000))
			b.wantCode(bad, relay.CloseTooLarge)
			if text := b.text(); strings.Contains(text, "y") || len(text) != 15_000 {
				t.Errorf("the document has %d characters, and should have the 15,000 from before", len(text))
			}
			b.wantCount(relay.DocsTooLarge, 1)
			b.wantAlive(a)
		})
	})
	t.Run("not a document that only saw much typing", func(t *testing.T) {
		inBubble(t, relay.Options{MaxDocBytes: 20_000, MessagesPerSecond: -1}, func(b bench) {
			a := b.connect(editor("ada"), nil)
			for range 5_000 { // 25 bytes each on the wire, one each in the document
				a.Type("x")
			}
			b.wantAlive(a)
		})
	})
}

func TestReadOnly(t *testing.T) {
	inBubble(t, relay.Options{}, func(b bench) {
		a := b.connect(editor("ada"), nil)
		a.Type("hello world")
		a.Edit(func(d *crdt.Doc) { _ = d.Text("file:main").Delete(0, 6) })
		reader := b.connect(relay.Grant{Participant: "obs", Role: "observer", ReadOnly: true, Exclusive: true}, nil)
		b.settle(a, reader)
		state, _ := reader.Doc.EncodeStateAsUpdate(nil)
		reader.Send(protocol.AppendUpdate(nil, []byte{0, 0}))
		reader.Send(protocol.AppendStep2(nil, state)) // what the server sent it, with deletions
		reader.Publish(`{"user":{"id":"obs"}}`)
		b.settle(a, reader)
		if reader.Denied != 0 || a.State(reader.Doc.ClientID()) == "" {
			t.Errorf("denied %d times for nothing new; its presence is %q", reader.Denied, a.State(reader.Doc.ClientID()))
		}
		reader.Type("!")
		b.settle(a, reader)
		if reader.Denied != 1 || strings.Contains(b.text(), "!") || strings.Contains(a.Text(), "!") {
			t.Errorf("a real update: denied %d times, the server has %q", reader.Denied, b.text())
		}
		reader.Edit(func(d *crdt.Doc) { _ = d.Text("file:main").Delete(0, 1) })
		b.settle(a, reader)
		if reader.Denied != 2 || b.text() != "world" {
			t.Errorf("a deletion: denied %d times, the server has %q", reader.Denied, b.text())
		}
		if n := b.relay.Stats().Count(relay.UpdatesDenied); n != 2 {
			t.Errorf("counted %d, want 2", n)
		}
	})
}

func TestFloodsAndCrowds(t *testing.T) {
	t.Run("a flood", func(t *testing.T) {
		inBubble(t, relay.Options{MessagesPerSecond: 10}, func(b bench) {
			a, bad := b.connect(editor("ada"), nil), b.connect(editor("eve"), nil)
			for bad.Closed() == 0 && bad.Send([]byte{0, 2, 2, 0, 0}) {
			}
			b.wantCode(bad, relay.CloseTooMany)
			if n := b.relay.Stats().Count(relay.MessagesReceived); n > 60 {
				t.Errorf("%d messages passed before the limit of 50 at once struck", n)
			}
			b.wantAlive(a)
		})
	})
	t.Run("a crowd", func(t *testing.T) {
		inBubble(t, relay.Options{MaxConns: 2}, func(b bench) {
			a, c := b.connect(editor("ada"), nil), b.connect(editor("bob"), nil)
			b.wantCode(relaytest.Connect(b.relay, room, editor("eve"), nil), relay.CloseTooMany)
			b.wantAlive(a, c)
		})
	})
}

func TestOnlineAndCloseParticipant(t *testing.T) {
	inBubble(t, relay.Options{}, func(b bench) {
		a1, a2, c := b.connect(editor("ada"), nil), b.connect(editor("ada"), nil), b.connect(editor("bob"), nil)
		notes := relaytest.Connect(b.relay, relay.RoomID{Session: room.Session, Doc: "notes"}, editor("ada"), nil)
		synctest.Wait()
		if on := b.relay.Online(room.Session); on["ada"] != 3 || on["bob"] != 1 || len(on) != 2 {
			t.Errorf("online: %v", on)
		}
		b.relay.CloseParticipant(room.Session, "ada", relay.CloseForbidden)
		for _, gone := range []*relaytest.Client{a1, a2, notes} {
			b.wantCode(gone, relay.CloseForbidden)
		}
		if on := b.relay.Online(room.Session); on["ada"] != 0 || on["bob"] != 1 {
			t.Errorf("online after ada was removed: %v", on)
		}
		b.wantAlive(c)
		b.store.Delete(room.Session)
		b.relay.CloseSession(room.Session, relay.CloseGone)
		b.wantCode(c, relay.CloseGone)
		synctest.Wait()
		b.wantCode(relaytest.Connect(b.relay, room, editor("bob"), nil), relay.CloseNoSession)
		if on := b.relay.Online(room.Session); len(on) != 0 {
			t.Errorf("online in a closed session: %v", on)
		}
	})
}
