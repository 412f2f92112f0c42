package relay_test

import (
	"errors"
	"testing"

	"parley/crdt"
	"parley/pkg/relay"
)

// A copy holds all that the document holds, and neither knows of later changes of the other.
func TestCopy(t *testing.T) {
	inBubble(t, relay.Options{}, func(b bench) {
		a := b.connect(editor("ada"), nil)
		a.Type("before")
		b.settle(a)
		made, err := b.relay.Copy(b.Context(), room, relay.Sight{})
		if err != nil {
			t.Fatal(err)
		}
		a.Type(" after")
		b.settle(a)
		if err := made.Text("file:main").Insert(0, "mine "); err != nil {
			t.Fatal(err)
		}
		if got := made.Text("file:main").String(); got != "mine before" || b.text() != "before after" {
			t.Errorf("the copy has %q, the document %q", got, b.text())
		}
		again, err := b.relay.Copy(b.Context(), room, relay.Sight{})
		if err != nil {
			t.Fatal(err)
		}
		var want []byte
		if err := b.relay.View(b.Context(), room, relay.Sight{}, func(d *crdt.Doc) { want, _ = d.EncodeStateAsUpdate(nil) }); err != nil {
			t.Fatal(err)
		}
		if got, err := again.EncodeStateAsUpdate(nil); err != nil || string(got) != string(want) {
			t.Errorf("the copy has other bytes than the document, %v", err)
		}
		if _, err := b.relay.Copy(b.Context(), relay.RoomID{Session: "unknown0"}, relay.Sight{}); !errors.Is(err, relay.ErrNoSession) {
			t.Errorf("of an unknown session: %v", err)
		}
	})
}
