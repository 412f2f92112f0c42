package relay_test

import (
	"errors"
	"testing"

	"parley/crdt"
	"parley/pkg/relay"
	"parley/pkg/relay/relaytest"
)

// The session has ended, and this node does not know yet. An edit that the store refuses is in no
// document afterwards.
func TestWhatComesAfterTheEndIsNotKept(t *testing.T) {
	inBubble(t, relay.Options{}, func(b bench) {
		ada, bob := b.connect(editor("ada"), nil), b.connect(editor("bob"), nil)
		ada.Type("before")
		b.settle(ada, bob)
		b.store.Hook(func(op relaytest.Op, _ relay.RoomID) error {
			if op == relaytest.Append {
				return relay.ErrReadOnly
			}
			return nil
		})
		ada.Type(" after")
		b.settle(ada, bob)
		for _, c := range []*relaytest.Client{ada, bob} {
			if c.Closed() != relay.CloseRestart {
				b.Errorf("a connection ended with %v, want %v: its document holds an edit that is not stored", c.Closed(), relay.CloseRestart)
			}
		}
		got := ""
		if err := b.relay.View(b.Context(), room, relay.Sight{}, func(d *crdt.Doc) { got = d.Text("file:main").String() }); err != nil || got != "before" {
			b.Errorf("the document reads %q, %v", got, err)
		}
		err := b.relay.Edit(b.Context(), room, "ada", func(d *crdt.Doc) error { return d.Text("file:main").Insert(0, "late ") })
		if !errors.Is(err, relay.ErrReadOnly) {
			b.Errorf("Edit after the end = %v, want ErrReadOnly", err)
		}
		eve := b.connect(editor("eve"), nil)
		if eve.Text() != "before" || eve.Closed() != 0 {
			b.Errorf("a client that comes later reads %q, closed with %v", eve.Text(), eve.Closed())
		}
	})
}
