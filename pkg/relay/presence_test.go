package relay_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"parley/crdt"
	"parley/pkg/protocol"
	"parley/pkg/relay"
	"parley/pkg/relay/relaytest"
)

// The presence of ada and bob.
const (
	ada = `{"user":{"id":"ada","name":"Ada"}}`
	bob = `{"user":{"id":"bob","name":"Bob"}}`
)

func TestPresenceIsEchoedAndPassedOn(t *testing.T) {
	inBubble(t, relay.Options{}, func(b bench) {
		a, c := b.connect(editor("ada"), nil), b.connect(editor("bob"), nil)
		a.Publish(ada)
		b.settle(a, c)
		for name, peer := range map[string]*relaytest.Client{"the sender": a, "the other": c} {
			if got := peer.State(a.Doc.ClientID()); got != ada {
				t.Errorf("%s has %q, want %q", name, got, ada)
			}
		}
		// y-websocket sends back what it hears. An echo is not new, from any client.
		before := b.relay.Stats()
		c.PublishAs(a.Doc.ClientID(), 1, ada)
		b.settle(a, c)
		after := b.relay.Stats()
		if got := after.Count(relay.MessagesSent) - before.Count(relay.MessagesSent); got != 0 {
			t.Errorf("an echo led to %d messages", got)
		}
		if after.Count(relay.PresenceRefused) != 0 {
			t.Error("an echo counted as an offence")
		}
	})
}

func TestQueryAwarenessIsAnswered(t *testing.T) {
	inBubble(t, relay.Options{}, func(b bench) {
		a := b.connect(editor("ada"), nil)
		a.Publish(ada)
		b.settle(a)
		a.Send(protocol.AppendQueryAwareness(nil))
		synctest.Wait()
		e := protocol.AwarenessEntry{Client: a.Doc.ClientID(), Clock: 1, State: []byte(ada)}
		want := protocol.AppendAwareness(nil, protocol.AppendAwarenessUpdate(nil, e))
		if got := a.Take(-1); len(got) != 1 || string(got[0]) != string(want) {
			t.Errorf("got %x, want %x", got, want)
		}
	})
}

func TestPresenceGoesWithItsConnection(t *testing.T) {
	inBubble(t, relay.Options{}, func(b bench) {
		a, c := b.connect(editor("ada"), nil), b.connect(editor("bob"), nil)
		a.Publish(ada)
		a.Publish(ada)
		b.settle(a, c)
		if err := a.Leave(); err != nil {
			t.Fatal(err)
		}
		b.settle(c)
		e, known := c.Presence.Entry(a.Doc.ClientID())
		if !known || !e.Removed() || e.Clock != 2 {
			t.Errorf("the other has %+v, %v; want it removed under clock 2", e, known)
		}
	})
}

func TestPresenceOfTheSilentTimesOut(t *testing.T) {
	inBubble(t, relay.Options{}, func(b bench) {
		a, c := b.connect(editor("ada"), nil), b.connect(editor("bob"), nil)
		a.Publish(ada)
		for range 5 {
			c.Publish(bob)
			<-time.After(10 * time.Second)
			b.settle(a, c)
		}
		if c.State(a.Doc.ClientID()) != "" || a.State(c.Doc.ClientID()) == "" {
			t.Errorf("after 50 s: the silent one %q, the other %q", c.State(a.Doc.ClientID()), a.State(c.Doc.ClientID()))
		}
	})
}

func TestAReloadTakesItsClientIDOver(t *testing.T) {
	inBubble(t, relay.Options{}, func(b bench) {
		a, c := b.connect(editor("ada"), nil), b.connect(editor("bob"), nil)
		id := a.Doc.ClientID()
		a.Publish(ada)
		b.settle(a, c)
		again := b.connect(editor("ada"), a.Doc) // the old socket is still open
		again.PublishAs(id, 2, ada)
		b.settle(again, c)
		if err := a.Leave(); err != nil {
			t.Fatal(err)
		}
		b.settle(again, c)
		if got := c.State(id); got != ada {
			t.Errorf("when the old socket died the presence became %q", got)
		}
	})
}

// position is a relative position as y-monaco publishes it.
func position(tname, item string) string {
	return fmt.Sprintf(`{"type":null,"tname":%s,"item":%s,"assoc":0}`, tname, item)
}

func selection(anchor, head string) string {
	return fmt.Sprintf(`{"user":{"id":"ada"},"selection":{"anchor":%s,"head":%s}}`, anchor, head)
}

func TestWhatPresenceMaySay(t *testing.T) {
	good := position(`"file:main"`, `null`)
	item := position(`"file:main"`, `{"client":1,"clock":4294967295}`)
	for name, c := range map[string]struct {
		state string
		ok    bool
	}{
		"nothing":                      {`{}`, true},
		"who one is":                   {ada, true},
		"a user without an id":         {`{"user":{"name":"x"}}`, true},
		"null for a selection":         {`{"selection":null}`, true},
		"an empty selection":           {`{"selection":{}}`, true},
		"a selection at the end":       {selection(good, good), true},
		"a selection of items":         {selection(item, item), true},
		"null for an end":              {selection("null", good), true},
		"an assoc below zero":          {selection(strings.Replace(good, `"assoc":0`, `"assoc":-1`, 1), good), true},
		"spaces":                       {" { \"user\" : { \"id\" : \"ada\" } } ", true},
		"4096 bytes":                   {`{"x":"` + strings.Repeat("x", 4096-8) + `"}`, true},
		"4097 bytes":                   {`{"x":"` + strings.Repeat("x", 4097-8) + `"}`, false},
		"another's id":                 {bob, false},
		"another's id at last":         {`{"user":{"id":"ada"},"user":{"id":"bob"}}`, false},
		"an id that is a number":       {`{"user":{"id":7}}`, false},
		"a user that is a string":      {`{"user":"bob"}`, false},
		"no JSON":                      {`{"user":`, false},
		"nothing at all":               {``, false},
		"a number":                     {`7`, false},
		"an array":                     {`[1]`, false},
		"no UTF-8":                     {"{\"x\":\"\xff\"}", false},
		"a selection that is a string": {`{"selection":"x"}`, false},
		"an empty anchor":              {selection(`{}`, good), false},
		"an anchor that is a number":   {selection(`1`, good), false},
		"all of it null":               {selection(position("null", "null"), good), false},
		"no item":                      {selection(`{"type":null,"tname":"x"}`, good), false},
		"an item without a clock":      {selection(position(`null`, `{"client":1}`), good), false},
		"an item with half a clock":    {selection(position(`null`, `{"client":1,"clock":1.5}`), good), false},
		"an item with a clock below 0": {selection(position(`null`, `{"client":1,"clock":-1}`), good), false},
		"an item that is a string":     {selection(position(`null`, `"x"`), good), false},
		"a type that is a string":      {selection(good, strings.Replace(good, `"type":null`, `"type":"x"`, 1)), false},
		"a name that is a number":      {selection(position(`1`, `null`), good), false},
		"a name of a kilobyte":         {selection(position(`"`+strings.Repeat("x", 1024)+`"`, `null`), good), false},
		"an assoc that is a string":    {selection(strings.Replace(good, `"assoc":0`, `"assoc":"x"`, 1), good), false},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, relay.Options{}, func(b bench) {
				a, other := b.connect(editor("ada"), nil), b.connect(editor("bob"), nil)
				a.Publish(c.state)
				b.settle(a, other)
				if got := other.State(a.Doc.ClientID()) != ""; got != c.ok {
					t.Errorf("%.120s was passed on: %v, want %v", c.state, got, c.ok)
				}
				if refused := b.relay.Stats().Count(relay.PresenceRefused); (refused == 0) != c.ok {
					t.Errorf("%.120s: %d refused", c.state, refused)
				}
				b.wantAlive(a, other)
			})
		})
	}
}

func TestPresenceOfOthersIsNotOnesOwn(t *testing.T) {
	inBubble(t, relay.Options{}, func(b bench) {
		a, eve := b.connect(editor("ada"), nil), b.connect(editor("eve"), nil)
		id := a.Doc.ClientID()
		a.Publish(ada)
		b.settle(a, eve)
		offences := 0
		try := func(what string, clock uint64, state string) {
			eve.PublishAs(id, clock, state)
			b.settle(a, eve)
			offences++
			if got := a.State(id); got != ada {
				t.Errorf("%s: the presence became %q", what, got)
			}
			if n := b.relay.Stats().Count(relay.PresenceRefused); n != uint64(offences) {
				t.Errorf("%s: %d refused, want %d", what, n, offences)
			}
		}
		try("a new state", 2, `{"user":{"id":"eve"}}`)
		try("a removal under the same clock", 1, "null")
		try("a removal for good", 1<<53-1, "null")
		if err := a.Leave(); err != nil {
			t.Fatal(err)
		}
		eve.PublishAs(id, 9, `{"user":{"id":"eve"}}`) // during the reconnect
		b.settle(eve)
		back := b.connect(editor("ada"), a.Doc)
		back.PublishAs(id, 2, ada)
		b.settle(back, eve)
		if got := eve.State(id); got != ada {
			t.Errorf("after the reconnect the presence is %q, want ada's own", got)
		}
	})
}

func TestPresenceHasBounds(t *testing.T) {
	t.Run("client ids", func(t *testing.T) {
		inBubble(t, relay.Options{}, func(b bench) {
			a := b.connect(editor("ada"), nil)
			for id := range uint64(10) {
				a.PublishAs(100+id, 1, ada)
			}
			b.settle(a)
			if n := a.Presence.Len(); n != 4 {
				t.Errorf("one connection has %d client ids, want 4", n)
			}
		})
	})
	t.Run("clocks", func(t *testing.T) {
		inBubble(t, relay.Options{}, func(b bench) {
			a := b.connect(editor("ada"), nil)
			a.PublishAs(7, 1<<53-1, ada)
			a.PublishAs(8, 5, ada)
			a.PublishAs(8, 1<<40, ada)
			b.settle(a)
			if _, known := a.Presence.Clock(7); known {
				t.Error("a first clock of 2^53-1 was taken")
			}
			if clock, _ := a.Presence.Clock(8); clock != 5 {
				t.Errorf("a clock jumped to %d", clock)
			}
		})
	})
}

func TestOpenAccessAsksForNoName(t *testing.T) {
	inBubble(t, relay.Options{}, func(b bench) {
		a := b.connect(relay.Grant{Open: true}, nil)
		a.Publish(bob)
		b.settle(a)
		if got := a.State(a.Doc.ClientID()); got != bob {
			t.Errorf("presence is %q, want %q", got, bob)
		}
	})
}

// theft is an update of about twelve bytes: a collected run over the next clocks of a victim.
func theft(victim, clock, length uint64) []byte {
	update := append(uvarint(uvarint([]byte{1, 1}, victim), clock), 0)
	return append(uvarint(update, length), 0)
}

func uvarint(dst []byte, v uint64) []byte {
	for v >= 0x80 {
		dst, v = append(dst, byte(v)|0x80), v>>7
	}
	return append(dst, byte(v))
}

func TestNobodyTakesTheClocksOfAnother(t *testing.T) {
	inBubble(t, relay.Options{}, func(b bench) {
		a, eve := b.connect(editor("ada"), nil), b.connect(editor("eve"), nil)
		a.Publish(ada)
		a.Type("hello ")
		b.settle(a, eve)
		eve.Send(protocol.AppendUpdate(nil, theft(a.Doc.ClientID(), 6, 1000)))
		eve.Send(protocol.AppendStep2(nil, theft(a.Doc.ClientID(), 6, 1000)))
		b.settle(a, eve)
		a.Type("world")
		b.settle(a, eve)
		if got := b.text(); got != "hello world" {
			t.Errorf("after the theft the server has %q", got)
		}
		if n := b.relay.Stats().Count(relay.UpdatesFenced); n != 2 {
			t.Errorf("counted %d, want 2", n)
		}
		b.wantAlive(a, eve)
		b.wantAlive(eve, a)
	})
}

func TestAnHonestClientMayKnowMoreOfOthersThanTheServer(t *testing.T) {
	inBubble(t, relay.Options{}, func(b bench) {
		// Bob wrote after ada's text, and the server has lost both. Both come back, bob first.
		adas, bobs := crdt.NewDoc(), crdt.NewDoc()
		if err := adas.Text("file:main").Insert(0, "ada "); err != nil {
			t.Fatal(err)
		}
		state, _ := adas.EncodeStateAsUpdate(nil)
		if err := bobs.ApplyUpdate(state); err != nil {
			t.Fatal(err)
		}
		if err := bobs.Text("file:main").Insert(4, "bob"); err != nil {
			t.Fatal(err)
		}
		a := relaytest.Connect(b.relay, room, editor("ada"), adas)
		a.Publish(ada)
		synctest.Wait()
		c := b.connect(editor("bob"), bobs) // its step 2 holds ada's structs
		if got := b.text(); got != "" {
			t.Fatalf("the server has %q before ada spoke", got)
		}
		if err := a.Leave(); err != nil { // she leaves without sending anything
			t.Fatal(err)
		}
		b.settle(c)
		if got := b.text(); got != "ada bob" {
			t.Errorf("the server has %q, want bob's text", got)
		}
	})
}
