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

// gcUpdate is an update of one collected struct: the ten bytes that add a client id.
func gcUpdate(client, clock, length uint64) []byte {
	b := binary.AppendUvarint([]byte{1, 1}, client)
	b = binary.AppendUvarint(b, clock)
	return append(binary.AppendUvarint(append(b, 0), length), 0)
}

func TestLimitsOfADocument(t *testing.T) {
	limits := relay.Options{MaxDocClients: 20, MaxRoots: 10, MaxPendingBytes: 400, MessagesPerSecond: -1}
	root := func(i int) []byte {
		doc := crdt.NewDoc(crdt.WithClientID(7))
		var last []byte
		doc.OnUpdate(func(u []byte, _ any) { last = u })
		for n := range i + 1 {
			_ = doc.Text(fmt.Sprint("root", n)).Insert(0, "x")
		}
		return last
	}
	for name, update := range map[string]func(i int) []byte{
		"client ids":                   func(i int) []byte { return gcUpdate(uint64(1000+i), 0, 1) },
		"root types":                   root,
		"structs without their causes": func(i int) []byte { return gcUpdate(5, uint64(10+2*i), 1) },
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, limits, func(b bench) {
				a, abuser := b.connect(editor("ada"), nil), b.connect(editor("eve"), nil)
				a.Type("before ")
				b.settle(a, abuser)
				for i := 0; abuser.Closed() == 0 && i < 200; i++ {
					abuser.Send(protocol.AppendUpdate(nil, update(i)))
					b.settle(a)
				}
				b.wantCode(abuser, relay.CloseTooLarge)
				if n := b.relay.Stats().Count(relay.DocsTooComplex); n != 1 {
					t.Errorf("counted %d", n)
				}
				for range 100 { // ordinary edits are still accepted
					a.Type("x")
				}
				b.settle(a)
				if got := b.text(); got != "before "+strings.Repeat("x", 100) {
					t.Errorf("the document has %q", got)
				}
				var size crdt.Size
				if err := b.relay.View(b.Context(), room, relay.Sight{}, func(d *crdt.Doc) { size = d.Size() }); err != nil {
					t.Fatal(err)
				}
				if size.Clients > limits.MaxDocClients || size.Roots > limits.MaxRoots || size.Pending > 100 {
					t.Errorf("size %+v", size)
				}
			})
		})
	}
}

// Deletions are taken in a document that is full of items, but nobody can cut a text into any
// number of pieces by deletions.
func TestDeletionsAreTakenWhereItemsAreFull(t *testing.T) {
	inBubble(t, relay.Options{MaxItems: 100, MessagesPerSecond: -1}, func(b bench) {
		eve := b.connect(editor("eve"), nil)
		long := strings.Repeat("ab", 1000)
		eve.Type(long)
		for i := range 200 {
			eve.Edit(func(d *crdt.Doc) { _ = d.Text("pieces").Insert(0, "x") })
			if b.settle(eve); eve.Closed() != 0 {
				if i < 80 {
					t.Errorf("closed after %d items", i)
				}
				break
			}
		}
		b.wantCode(eve, relay.CloseTooLarge)
		if n := b.relay.Stats().Count(relay.DocsTooComplex); n != 1 {
			t.Errorf("counted %d", n)
		}
		lead := b.connect(leader("lead"), nil)
		lead.Type("who leads goes on")
		b.wantAlive(lead)
		a := b.connect(editor("ada"), nil)
		a.Edit(func(d *crdt.Doc) {
			pieces := d.Text("pieces")
			_ = pieces.Delete(0, pieces.Len())
		})
		b.settle(a)
		if n := len(b.pieces()); a.Closed() != 0 || n != 0 {
			t.Errorf("closed with %v, %d pieces are left", a.Closed(), n)
		}
		for i := 1; i < 500 && a.Closed() == 0; i++ {
			a.Edit(func(d *crdt.Doc) { _ = d.Text("file:main").Delete(i, 1) })
			b.settle(a)
		}
		b.wantCode(a, relay.CloseTooLarge)
		var size crdt.Size
		if err := b.relay.View(b.Context(), room, relay.Sight{}, func(d *crdt.Doc) { size = d.Size() }); err != nil || size.Items > 310 {
			t.Errorf("size %+v, %v", size, err)
		}
	})
}

func (b bench) pieces() (text string) {
	b.Helper()
	if err := b.relay.View(b.Context(), room, relay.Sight{}, func(d *crdt.Doc) { text = d.Text("pieces").String() }); err != nil {
		b.Fatal(err)
	}
	return text
}

// One update adds many at once and passes the limit. No part of it may stay in the document.
func TestLimitsHoldAgainstOneUpdate(t *testing.T) {
	inBubble(t, relay.Options{MaxDocClients: 20, MaxRoots: 10, MaxItems: 200}, func(b bench) {
		many := make([][]byte, 50)
		for i := range many {
			many[i] = gcUpdate(uint64(1000+i), 0, 1)
		}
		merged, err := crdt.MergeUpdates(many...)
		if err != nil {
			t.Fatal(err)
		}
		roots := crdt.NewDoc()
		for i := range 50 {
			_ = roots.Text(fmt.Sprint("root", i)).Insert(0, "x")
		}
		state, err := roots.EncodeStateAsUpdate(nil)
		if err != nil {
			t.Fatal(err)
		}
		pieces := crdt.NewDoc()
		for range 150 {
			_ = pieces.Text("one").Insert(0, "x")
		}
		tiny, err := pieces.EncodeStateAsUpdate(nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, update := range [][]byte{merged, state, tiny} {
			abuser := b.connect(editor("eve"), nil)
			abuser.Send(protocol.AppendUpdate(nil, update))
			b.wantCode(abuser, relay.CloseTooLarge)
		}
		var size crdt.Size
		if err := b.relay.View(b.Context(), room, relay.Sight{}, func(d *crdt.Doc) { size = d.Size() }); err != nil {
			t.Fatal(err)
		}
		if size.Clients != 0 || size.Roots > 1 || size.Items != 0 || size.Pending != 0 {
			t.Errorf("size %+v", size)
		}
	})
}

func TestPendingStructsMayStillBeFilled(t *testing.T) {
	inBubble(t, relay.Options{MaxPendingBytes: 300}, func(b bench) {
		doc := crdt.NewDoc()
		var typed [][]byte
		doc.OnUpdate(func(u []byte, _ any) { typed = append(typed, u) })
		for i := range 40 {
			_ = doc.Text("file:main").Insert(i, "x")
		}
		a := b.connect(editor("ada"), nil)
		for _, u := range typed[1:8] { // behind a gap
			a.Send(protocol.AppendUpdate(nil, u))
		}
		a.Send(protocol.AppendUpdate(nil, typed[0])) // fills the gap
		for _, u := range typed[8:] {
			a.Send(protocol.AppendUpdate(nil, u))
		}
		b.settle(a)
		if a.Closed() != 0 || b.text() != strings.Repeat("x", 40) {
			t.Errorf("closed with %v; the document has %q", a.Closed(), b.text())
		}
	})
}

func TestBytesPerSecondAreBounded(t *testing.T) {
	inBubble(t, relay.Options{BytesPerSecond: 1000}, func(b bench) {
		a := b.connect(editor("ada"), nil)
		// A message of an unknown type.
		nothing := func(n int) []byte { return append([]byte{99}, make([]byte, n-1)...) }
		for range 30 {
			a.Send(nothing(900))
			b.settle(a)
			<-time.After(time.Second)
		}
		if a.Closed() != 0 {
			t.Fatalf("closed with %v below the rate", a.Closed())
		}
		for range 8 {
			a.Send(nothing(900))
		}
		b.wantCode(a, relay.CloseTooMany)
		if n := b.relay.Stats().Count(relay.MessagesTooMany); n != 1 {
			t.Errorf("counted %d", n)
		}
	})
}
