package relay_test

import (
	"strings"
	"testing"
	"testing/synctest"

	"parley/crdt"
	"parley/pkg/protocol"
	"parley/pkg/relay"
)

func TestWhatWaitsIsMerged(t *testing.T) {
	inBubble(t, relay.Options{}, func(b bench) {
		a, slow := b.connect(editor("ada"), nil), b.connect(editor("bob"), nil)
		slow.SetWindow(0)
		a.Type("x") // the writer takes it at once
		synctest.Wait()
		a.Type("y") // blocks the writer
		synctest.Wait()
		for range 100 {
			a.Type("z")
			a.Publish(ada)
		}
		b.settle(a)
		writes := slow.Writes()
		slow.SetWindow(-1)
		b.settle(slow)
		if got := slow.Text(); got != a.Text() {
			t.Errorf("the slow one has %q", got)
		}
		if slow.State(a.Doc.ClientID()) != ada {
			t.Error("the slow one has not heard of ada")
		}
		if n := slow.Writes() - writes; n > 2 {
			t.Errorf("the waiting messages went out in %d writes", n)
		}
		if clock, _ := slow.Presence.Clock(a.Doc.ClientID()); clock != 100 {
			t.Errorf("of the states the slow one has number %d, want the last", clock)
		}
		if n := len(slow.Frames); n > 8 {
			t.Errorf("202 messages went out as %d, want a handful", n)
		}
		if b.relay.Stats().Count(relay.UpdatesMerged) != 100 {
			t.Errorf("merged %d updates, want 100", b.relay.Stats().Count(relay.UpdatesMerged))
		}
	})
}

func TestASlowReaderIsResynchronised(t *testing.T) {
	inBubble(t, relay.Options{MaxOutboxBytes: 10_000, MessagesPerSecond: -1}, func(b bench) {
		a, c, slow := b.connect(editor("ada"), nil), b.connect(editor("bob"), nil), b.connect(editor("cyd"), nil)
		a.Publish(ada)
		c.Publish(bob)
		a.Type(strings.Repeat("0123456789", 10))
		b.settle(a, c, slow)
		slow.SetWindow(0)
		for i := range 1_000 {
			a.Type("some words and ")
			c.Edit(func(d *crdt.Doc) { _ = d.Text("file:main").Delete(0, 1) })
			if i == 500 {
				c.PublishAs(c.Doc.ClientID(), 3, bob)
			}
			b.settle(a, c)
		}
		if err := c.Leave(); err != nil { // its presence ends while the slow reader is behind
			t.Fatal(err)
		}
		b.settle(a)
		sent := b.relay.Stats().Count(relay.BytesSent)
		slow.SetWindow(-1)
		b.settle(a, slow)
		if slow.Text() != a.Text() || slow.Text() != b.text() || slow.Doc.HasPending() {
			t.Errorf("after it caught up the slow one has %d characters (pending: %v), the server %d", slow.Doc.Text("file:main").Len(), slow.Doc.HasPending(), len(b.text()))
		}
		if slow.State(c.Doc.ClientID()) != "" || slow.State(a.Doc.ClientID()) != ada {
			t.Errorf("presence: of the one that left %q, of the other %q", slow.State(c.Doc.ClientID()), slow.State(a.Doc.ClientID()))
		}
		stats := b.relay.Stats()
		if stats.Count(relay.Resyncs) != 1 {
			t.Errorf("%d resyncs, want 1", stats.Count(relay.Resyncs))
		}
		if n := stats.Count(relay.BytesSent) - sent; n > 40_000 {
			t.Errorf("catching up took %d bytes; the updates missed are twice that", n)
		}
		b.wantAlive(a, slow)
	})
}

func TestAResyncMayBeLargerThanTheOutbox(t *testing.T) {
	inBubble(t, relay.Options{MaxOutboxBytes: 1_000, MessagesPerSecond: -1}, func(b bench) {
		a, slow := b.connect(editor("ada"), nil), b.connect(editor("bob"), nil)
		slow.SetWindow(0)
		for range 10 {
			a.Type(strings.Repeat("x", 5_000))
			b.settle(a)
		}
		slow.SetWindow(-1)
		b.settle(a, slow)
		b.wantAlive(a, slow)
	})
}

func TestAReaderThatNeverReadsDelaysNobody(t *testing.T) {
	inBubble(t, relay.Options{MaxOutboxBytes: 10_000, MessagesPerSecond: -1}, func(b bench) {
		a, c, dead := b.connect(editor("ada"), nil), b.connect(editor("bob"), nil), b.connect(editor("eve"), nil)
		dead.SetWindow(0)
		for range 500 {
			a.Type(strings.Repeat("x", 100))
			dead.Send(protocol.AppendStep1(nil, []byte{0})) // asks for the document again
			b.settle(a, c)
		}
		b.wantAlive(a, c)
		dead.Hangup()
		if err := dead.Wait(); err != nil {
			t.Errorf("it left, and Serve gave %v", err)
		}
	})
}

func TestACloseReachesABlockedReader(t *testing.T) {
	inBubble(t, relay.Options{}, func(b bench) {
		a, stuck := b.connect(editor("ada"), nil), b.connect(editor("eve"), nil)
		stuck.SetWindow(0)
		for range 3 {
			a.Type("x")
			synctest.Wait() // after the second one the writer is blocked
		}
		b.relay.CloseParticipant(room.Session, "eve", relay.CloseForbidden)
		b.wantCode(stuck, relay.CloseForbidden)
		b.wantAlive(a)
	})
}
