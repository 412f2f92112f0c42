package relay_test

import (
	"testing"
	"testing/synctest"
	"time"

	"parley/crdt"
	"parley/pkg/protocol"
	"parley/pkg/relay"
)

// One message of a page is lost on its way, and the page types on or goes silent.
func TestRoomAsksForWhatUpdatesWaitFor(t *testing.T) {
	inBubble(t, relay.Options{}, func(b bench) {
		a, reader := b.connect(editor("ada"), nil), b.connect(editor("bob"), nil)
		var typed [][]byte
		doc := a.Doc
		doc.OnUpdate(func(u []byte, _ any) { typed = append(typed, u) })
		for _, word := range []string{"one ", "lost ", "two "} {
			_ = doc.Text("file:main").Insert(0, word)
		}
		for _, i := range []int{0, 2} {
			a.Send(protocol.AppendUpdate(nil, typed[i]))
		}
		b.settle(reader)
		want := doc.Text("file:main").String()
		if b.text() == want {
			t.Fatal("nothing is missing")
		}
		<-time.After(4 * time.Second)
		synctest.Wait()
		b.settle(a, reader)
		if b.text() != want || reader.Text() != want {
			t.Errorf("the document has %q, a reader %q; want %q", b.text(), reader.Text(), want)
		}
	})
}

// A client that never sends what is missing is not asked all the time.
func TestRoomAsksLessAndLess(t *testing.T) {
	inBubble(t, relay.Options{}, func(b bench) {
		doc := crdt.NewDoc()
		var typed [][]byte
		doc.OnUpdate(func(u []byte, _ any) { typed = append(typed, u) })
		for i := range 2 {
			_ = doc.Text("file:main").Insert(i, "x")
		}
		a := b.connect(editor("ada"), nil)
		a.Send(protocol.AppendUpdate(nil, typed[1]))
		asked := 0
		for range 600 {
			<-time.After(time.Second)
			synctest.Wait()
			n, err := a.Pump()
			if err != nil {
				t.Fatal(err)
			}
			asked += n
		}
		if asked < 3 || asked > 40 {
			t.Errorf("%d messages in ten minutes", asked)
		}
	})
}
