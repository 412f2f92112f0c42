package relay_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"parley/pkg/protocol"
	"parley/pkg/relay"
	"parley/pkg/relay/relaytest"
)

func TestPresenceCrossesNodes(t *testing.T) {
	withNodes(t, 3, relay.Options{}, func(f fleet) {
		ada, bob := f.connect(0, editor("ada"), nil), f.connect(1, editor("bob"), nil)
		ada.Publish(`{"user":{"id":"ada"}}`)
		f.settle(ada, bob)
		bob.Publish(`{"user":{"id":"bob"}}`)
		f.settle(ada, bob)
		if ada.State(bob.Doc.ClientID()) == "" || bob.State(ada.Doc.ClientID()) == "" {
			t.Errorf("ada and bob do not see each other")
		}
		eve := f.connect(2, editor("eve"), nil)
		f.settle(ada, bob, eve)
		if eve.State(ada.Doc.ClientID()) == "" || eve.State(bob.Doc.ClientID()) == "" {
			t.Errorf("eve joined later and does not see ada and bob")
		}
		// Many changes in a moment are sent as a few messages, and the last state arrives.
		said := f.nodes[0].Said()
		for i := range 100 {
			ada.Publish(fmt.Sprintf(`{"user":{"id":"ada"},"n":%d}`, i))
			<-time.After(time.Millisecond)
		}
		f.settle(ada, bob, eve)
		if n := f.nodes[0].Said() - said; n > 6 {
			t.Errorf("100 changes within 100 ms went out as %d messages", n)
		}
		if !strings.Contains(bob.State(ada.Doc.ClientID()), `"n":99`) {
			t.Errorf("bob sees %s", bob.State(ada.Doc.ClientID()))
		}
		// A page that reloads onto another node keeps its client id.
		again := f.connect(1, editor("ada"), ada.Doc)
		again.PublishAs(ada.Doc.ClientID(), 200, `{"user":{"id":"ada"},"again":true}`)
		f.settle(ada, bob, eve, again)
		if err := ada.Leave(); err != nil {
			t.Error(err)
		}
		f.settle(bob, eve, again)
		for _, c := range []*relaytest.Client{bob, eve} {
			if !strings.Contains(c.State(ada.Doc.ClientID()), "again") {
				t.Errorf("after the reload others see %q", c.State(ada.Doc.ClientID()))
			}
		}
		// Every node sees that a client leaves, and that a node dies.
		if err := again.Leave(); err != nil {
			t.Error(err)
		}
		f.settle(bob, eve)
		if eve.State(ada.Doc.ClientID()) != "" {
			t.Errorf("ada has left, and eve sees her")
		}
		f.nodes[1].Die()
		f.settle(bob, eve)
		if eve.State(bob.Doc.ClientID()) != "" {
			t.Errorf("bob's node is dead, and eve sees him")
		}
	})
}

// A client id belongs to its participant on all nodes.
func TestNobodyTakesAClientIDOfAnotherNode(t *testing.T) {
	withNodes(t, 2, relay.Options{}, func(f fleet) {
		ada, bob := f.connect(0, editor("ada"), nil), f.connect(1, editor("bob"), nil)
		ada.Publish(`{"user":{"id":"ada"}}`)
		bob.Publish(`{"user":{"id":"bob"}}`)
		ada.Type("hello")
		f.settle(ada, bob)
		bob.PublishAs(ada.Doc.ClientID(), 5, `{"user":{"id":"bob"}}`)
		bob.Send(protocol.AppendUpdate(nil, theft(ada.Doc.ClientID(), 5, 10)))
		f.settle(ada, bob)
		ada.Type(" world")
		f.settle(ada, bob)
		f.wantText("hello world", ada, bob)
		if got := bob.State(ada.Doc.ClientID()); !strings.Contains(got, "ada") {
			t.Errorf("ada's presence is %q", got)
		}
	})
}
