package relay_test

import (
	"encoding/binary"
	"fmt"
	"strings"
	"testing"
	"time"

	"parley/crdt"
	"parley/pkg/protocol"
	"parley/pkg/relay"
)

func leader(participant string) relay.Grant {
	g := editor(participant)
	g.Leads = true
	return g
}

// rivals is an update of n items of one client that all want the place of n items of the next
// client: to order them takes n*n/2 comparisons.
func rivals(n, client uint64) []byte {
	root := fmt.Sprint("root ", client)
	place := append([]byte{1, byte(len(root))}, root...)
	update := binary.AppendUvarint(binary.AppendUvarint([]byte{2}, n), client+1)
	update = append(update, 0)
	for range n {
		update = append(append(append(update, 0x04), place...), 1, 'a')
	}
	update = append(binary.AppendUvarint(binary.AppendUvarint(update, n), client), 0)
	for i := range n {
		update = binary.AppendUvarint(binary.AppendUvarint(append(update, 0x44), client+1), i)
		update = append(update, 1, 'b')
	}
	return append(update, 0)
}

// An update that costs others too much is refused whole, and nobody but its sender notices.
func TestAnUpdateOfTooManyConflictsIsRefused(t *testing.T) {
	inBubble(t, relay.Options{}, func(b bench) {
		a, eve := b.connect(editor("ada"), nil), b.connect(editor("eve"), nil)
		a.Type("before ")
		b.settle(a, eve)
		eve.Send(protocol.AppendUpdate(nil, rivals(10_000, 1)))
		b.settle(a)
		b.wantCode(eve, relay.CloseTooLarge)
		var conflicts uint64
		if err := b.relay.View(b.Context(), room, relay.Sight{}, func(d *crdt.Doc) { conflicts = d.Conflicts() }); err != nil {
			t.Fatal(err)
		}
		if conflicts > 1_100_000 {
			t.Errorf("%d comparisons were made", conflicts)
		}
		a.Type("after")
		b.settle(a)
		if got := b.text(); !strings.Contains(got, "after") || got != a.Text() || b.stored() != got {
			t.Errorf("the document has %q, the page %q, stored is %q", got, a.Text(), b.stored())
		}
		if n := b.relay.Stats().Count(relay.DocsTooComplex); n != 1 {
			t.Errorf("counted %d", n)
		}
	})
}

// What costs others time uses up the allowance of its sender, over all connections.
func TestWorkIsChargedToItsParticipant(t *testing.T) {
	observer := relay.Grant{Participant: "eve", Role: "observer", ReadOnly: true, Exclusive: true}
	deleted := crdt.NewDoc(crdt.WithClientID(5))
	_ = deleted.Text("file:main").Insert(0, "x")
	_ = deleted.Text("file:main").Delete(0, 1)
	known, err := deleted.EncodeStateAsUpdate(nil)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		grant relay.Grant
		send  func(i int) []byte
	}{
		"items that fight for a place":   {editor("eve"), func(i int) []byte { return protocol.AppendUpdate(nil, rivals(300, uint64(100+2*i))) }},
		"questions for all":              {observer, func(int) []byte { return protocol.AppendStep1(nil, []byte{1, 77, 1}) }},
		"deletions that everybody knows": {observer, func(int) []byte { return protocol.AppendStep2(nil, known) }},
		"questions for presence":         {observer, func(int) []byte { return protocol.AppendQueryAwareness(nil) }},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, relay.Options{WorkPerSecond: 100_000}, func(b bench) {
				a := b.connect(editor("ada"), nil)
				a.Send(protocol.AppendUpdate(nil, known))
				a.Publish(`{"a":"` + strings.Repeat("x", 4000) + `"}`)
				a.Edit(func(d *crdt.Doc) { // 100 kB that do not merge into one item, and as many deletions
					for i := range 20_000 {
						_ = d.Text("file:main").Insert(0, fmt.Sprint(i%10))
						if i%2 == 0 {
							_ = d.Text("file:main").Delete(d.Text("file:main").Len()/2, 1)
						}
					}
				})
				b.settle(a)
				sent := 0
				for range 10 {
					eve := b.connect(c.grant, nil)
					for i := 0; i < 200 && eve.Closed() == 0; i++ {
						eve.Send(c.send(sent))
						sent++
						b.settle(a, eve)
					}
					if eve.Closed() != 0 {
						b.wantCode(eve, relay.CloseTooMany)
						break
					}
					if err := eve.Leave(); err != nil {
						t.Fatal(err)
					}
				}
				if n := b.relay.Stats().Count(relay.MessagesTooMany); n != 1 {
					t.Errorf("%d connections were closed after %d messages, want one", n, sent)
				}
				<-time.After(5 * time.Second)
				late := b.connect(c.grant, nil) // the allowance comes back
				b.wantAlive(a, late)
			})
		})
	}
}

// Nobody who does not lead can take the last places, ids and bytes from those who do.
func TestThoseWhoLeadHaveRoom(t *testing.T) {
	t.Run("places", func(t *testing.T) {
		inBubble(t, relay.Options{MaxConns: 20}, func(b bench) {
			for range 20 {
				b.connect(editor("eve"), nil)
			}
			b.wantCode(b.connect(editor("bob"), nil), relay.CloseTooMany)
			ada := b.connect(leader("ada"), nil)
			b.wantAlive(ada)
			b.wantAlive(b.connect(leader("ada"), nil))
			b.wantCode(b.connect(leader("ada"), nil), relay.CloseTooMany)
		})
	})
	t.Run("client ids", func(t *testing.T) {
		inBubble(t, relay.Options{MaxDocClients: 20}, func(b bench) {
			eve := b.connect(editor("eve"), nil)
			for i := 0; eve.Closed() == 0 && i < 30; i++ {
				eve.Send(protocol.AppendUpdate(nil, gcUpdate(uint64(1000+i), 0, 1)))
				b.settle()
			}
			b.wantCode(eve, relay.CloseTooLarge)
			ada := b.connect(leader("ada"), nil)
			ada.Type("here")
			b.settle(ada)
			if got := b.text(); got != "here" {
				t.Errorf("the document has %q", got)
			}
		})
	})
	t.Run("bytes", func(t *testing.T) {
		inBubble(t, relay.Options{MaxDocBytes: 64 << 10}, func(b bench) {
			eve := b.connect(editor("eve"), nil)
			for i := 0; eve.Closed() == 0 && i < 100; i++ {
				eve.Type(strings.Repeat("x", 1000))
				b.settle(eve)
			}
			b.wantCode(eve, relay.CloseTooLarge)
			ada, bob := b.connect(leader("ada"), nil), b.connect(editor("bob"), nil)
			ada.Type("room for one more")
			b.settle(ada, bob)
			if got := b.text(); !strings.Contains(got, "room for one more") {
				t.Error("who leads cannot type")
			}
			bob.Edit(func(d *crdt.Doc) { _ = d.Text("file:main").Delete(0, d.Text("file:main").Len()) })
			b.settle(ada, bob)
			if got := b.text(); got != "" || bob.Closed() != 0 {
				t.Errorf("a full document takes no deletion: %d units are left, closed with %d", len(got), bob.Closed())
			}
		})
	})
}

// A client id belongs to its participant after its room was unloaded too, as far as the log shows
// whose id it is.
func TestAClientIDOutlivesItsRoom(t *testing.T) {
	inBubble(t, relay.Options{IdleTimeout: time.Second}, func(b bench) {
		ada := b.connect(editor("ada"), nil)
		for range 3 {
			ada.Type("a")
			b.settle(ada)
		}
		if err := ada.Leave(); err != nil {
			t.Fatal(err)
		}
		<-time.After(time.Minute)
		eve := b.connect(editor("eve"), nil)
		eve.PublishAs(ada.Doc.ClientID(), 7, `{"user":{"name":"Ada"}}`)
		b.settle(eve)
		if n := b.relay.Stats().Count(relay.PresenceRefused); n != 1 {
			t.Errorf("%d states were refused, want that of the other's id", n)
		}
		again := b.connect(editor("ada"), ada.Doc)
		again.Type("b")
		b.wantAlive(again, eve)
		if got := b.text(); !strings.Contains(got, "b") {
			t.Errorf("the document has %q", got)
		}
	})
}
