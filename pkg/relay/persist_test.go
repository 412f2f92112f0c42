package relay_test

import (
	"bytes"
	"context"
	"errors"
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

// gate holds back the operations of a store until it is opened.
type gate struct{ open chan struct{} }

func (b bench) hold(op relaytest.Op) gate {
	g := gate{make(chan struct{})}
	b.store.Hook(func(o relaytest.Op, _ relay.RoomID) error {
		if o == op {
			<-g.open
		}
		return nil
	})
	return g
}

// stored rebuilds the main file from the log alone.
func (b bench) stored() string {
	b.Helper()
	doc := crdt.NewDoc()
	kept := b.store.Whole(room)
	var err error
	if kept.State != nil {
		err = doc.ApplyUpdate(kept.State)
	}
	for _, e := range kept.Entries {
		err = errors.Join(err, doc.ApplyUpdate(e.Update))
	}
	if err != nil {
		b.Fatalf("a stored entry does not apply: %v", err)
	}
	return doc.Text("file:main").String()
}

func ack(participant string) relay.Grant {
	g := editor(participant)
	g.Ack = true
	return g
}

func TestEveryKeyIsStoredWithItsTimeAndParticipant(t *testing.T) {
	inBubble(t, relay.Options{}, func(b bench) {
		a, c := b.connect(editor("ada"), nil), b.connect(editor("bob"), nil)
		var want []relay.Entry
		for i := range 5 {
			who, name := a, "ada"
			if i%2 == 1 {
				who, name = c, "bob"
			}
			frame := who.Type("k")
			m, _ := protocol.Decode(frame)
			want = append(want, relay.Entry{Update: m.Body, At: time.Now(), By: name})
			b.settle(a, c)
			<-time.After(50 * time.Millisecond)
		}
		got := b.store.Entries(room)
		if len(got) != len(want) {
			t.Fatalf("%d entries, want %d", len(got), len(want))
		}
		for i := range got {
			if !bytes.Equal(got[i].Update, want[i].Update) || got[i].By != want[i].By || !got[i].At.Equal(want[i].At) {
				t.Errorf("entry %d is %+v, want %+v", i, got[i], want[i])
			}
		}
	})
}

func TestOneAppendIsInFlightAndTheRestGoesWithTheNext(t *testing.T) {
	inBubble(t, relay.Options{}, func(b bench) {
		a, c := b.connect(ack("ada"), nil), b.connect(editor("bob"), nil)
		saved := len(a.Saved)
		held := b.hold(relaytest.Append)
		for range 20 {
			a.Type("x")
		}
		b.settle(a, c)
		if n := b.store.Calls(relaytest.Append); n != 1 {
			t.Errorf("%d appends in flight, want 1", n)
		}
		if c.Text() != a.Text() {
			t.Error("others waited for the store")
		}
		if len(a.Saved) != saved {
			t.Error("got a saved message before the append was durable")
		}
		close(held.open)
		b.settle(a, c)
		if n := b.store.Calls(relaytest.Append); n != 2 {
			t.Errorf("%d appends, want 2", n)
		}
		if got := b.stored(); got != a.Text() {
			t.Errorf("stored %q", got)
		}
		if len(c.Saved) != 0 {
			t.Error("a client that did not ask got a saved message")
		}
		// Its step 2 after the connection, then 20 updates.
		if n := len(a.Saved); n == 0 || a.Saved[n-1] != 21 || !bytes.Equal(a.Vector, a.Doc.EncodeStateVector()) {
			t.Errorf("saved %v with vector %x, want 21 at last with %x", a.Saved, a.Vector, a.Doc.EncodeStateVector())
		}
	})
}

func TestSavedCountsDeletionsAndWhatIsNoNews(t *testing.T) {
	inBubble(t, relay.Options{}, func(b bench) {
		a := b.connect(ack("ada"), nil)
		if len(a.Saved) != 1 || a.Saved[0] != 1 {
			t.Errorf("after the empty step 2: %v, want [1]", a.Saved)
		}
		a.Type("abc")
		b.settle(a)
		a.Edit(func(d *crdt.Doc) { _ = d.Text("file:main").Delete(0, 3) })
		b.settle(a)
		a.Send(protocol.AppendUpdate(nil, []byte{0, 0}))
		b.settle(a)
		if got := fmt.Sprint(a.Saved); got != "[1 2 3 4]" {
			t.Errorf("saved %s, want [1 2 3 4]", got)
		}
		state, _ := a.Doc.EncodeStateAsUpdate(nil)
		entries := len(b.store.Entries(room))
		a.Send(protocol.AppendStep2(nil, state)) // holds nothing new
		b.settle(a)
		if n := len(b.store.Entries(room)); n != entries {
			t.Errorf("a step 2 without news made %d entries", n-entries)
		}
	})
}

func TestEditingGoesOnWithoutTheStore(t *testing.T) {
	inBubble(t, relay.Options{MaxUnsavedBytes: 5_000, MessagesPerSecond: -1}, func(b bench) {
		a, c := b.connect(ack("ada"), nil), b.connect(editor("bob"), nil)
		b.store.Hook(func(op relaytest.Op, _ relay.RoomID) error {
			if op == relaytest.Append {
				return errors.New("disk on fire")
			}
			return nil
		})
		saved := len(a.Saved)
		for range 2_000 {
			a.Type("words ")
			c.Edit(func(d *crdt.Doc) { _ = d.Text("file:main").Delete(0, 1) })
			b.settle(a, c)
		}
		<-time.After(time.Minute)
		b.settle(a, c)
		stats := b.relay.Stats()
		if a.Text() != c.Text() || len(a.Saved) != saved || stats.Count(relay.AppendErrors) < 5 {
			t.Errorf("without the store: %d characters and %d, told saved %d times, %d errors", len(a.Text()), len(c.Text()), len(a.Saved)-saved, stats.Count(relay.AppendErrors))
		}
		if stats.Unsaved > 40_000 {
			t.Errorf("%d bytes wait, which should be bounded", stats.Unsaved)
		}
		b.store.Hook(nil)
		<-time.After(10 * time.Second)
		b.settle(a, c)
		if got := b.stored(); got != a.Text() {
			t.Errorf("when the store was back it got %d characters of %d", len(got), len(a.Text()))
		}
		if n := len(a.Saved); n == saved || a.Saved[n-1] != 2_001 {
			t.Errorf("saved %v at last, want 2001", a.Saved[saved:])
		}
	})
}

func TestManyWaitingEntriesAreMergedByParticipant(t *testing.T) {
	inBubble(t, relay.Options{MessagesPerSecond: -1}, func(b bench) {
		a, c := b.connect(editor("ada"), nil), b.connect(editor("bob"), nil)
		held := b.hold(relaytest.Append)
		for range 600 {
			a.Type("a")
			c.Type("b")
		}
		b.settle(a, c)
		close(held.open)
		b.settle(a, c)
		by := map[string]int{}
		for _, e := range b.store.Entries(room) {
			by[e.By]++
		}
		if by["ada"] == 0 || by["bob"] == 0 || by[""] != 0 || by["ada"]+by["bob"] > 520 {
			t.Errorf("1,200 updates became entries by %v, want at most 513, none without a name", by)
		}
		if got := b.stored(); got != a.Text() || got != c.Text() {
			t.Error("the stored text is not the typed text")
		}
	})
}

func TestASessionThatIsGoneClosesItsConnections(t *testing.T) {
	inBubble(t, relay.Options{}, func(b bench) {
		a, c := b.connect(editor("ada"), nil), b.connect(editor("bob"), nil)
		b.store.Delete(room.Session)
		a.Type("into the void")
		b.wantCode(a, relay.CloseGone)
		b.wantCode(c, relay.CloseGone)
	})
}

func TestALongLogIsCompactedAndLoadsTheSame(t *testing.T) {
	inBubble(t, relay.Options{CompactEntries: 50, MessagesPerSecond: -1}, func(b bench) {
		a := b.connect(editor("ada"), nil)
		for range 175 {
			a.Type("word ")
			b.settle(a)
		}
		if n, h := len(b.store.Entries(room)), len(b.store.History(room)); n >= 50 || n+h != 175 {
			t.Errorf("%d entries in the log, %d in the history; want fewer than 50, and 175 in all", n, h)
		}
		want, _ := a.Doc.EncodeStateAsUpdate(nil)
		if err := a.Leave(); err != nil {
			t.Fatal(err)
		}
		<-time.After(time.Minute) // the room leaves memory
		if n := b.relay.Stats().Rooms; n != 0 {
			t.Fatalf("%d rooms after a minute without anybody", n)
		}
		var got []byte
		if err := b.relay.View(b.Context(), room, relay.Sight{}, func(d *crdt.Doc) { got, _ = d.EncodeStateAsUpdate(nil) }); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("loaded %d bytes, want the %d from before", len(got), len(want))
		}
	})
}

func TestOneLoadServesAll(t *testing.T) {
	inBubble(t, relay.Options{}, func(b bench) {
		held := b.hold(relaytest.Read)
		var all []*relaytest.Client
		for range 10 {
			all = append(all, relaytest.Connect(b.relay, room, editor("ada"), nil))
		}
		synctest.Wait()
		close(held.open)
		b.settle(all...)
		if n := b.store.Calls(relaytest.Read); n != 1 {
			t.Errorf("%d loads for ten at once", n)
		}
		b.wantAlive(all...)
	})
}

func TestAFailedLoadLetsNobodyInAndStoresNothing(t *testing.T) {
	for name, c := range map[string]struct {
		err  error
		code relay.CloseCode
	}{
		"store away":     {errors.New("no answer"), relay.CloseUnavailable},
		"unknown":        {relay.ErrNoSession, relay.CloseNoSession},
		"wrapped":        {fmt.Errorf("get: %w", relay.ErrNoSession), relay.CloseNoSession},
		"store too slow": {context.DeadlineExceeded, relay.CloseUnavailable},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, relay.Options{}, func(b bench) {
				a := b.connect(editor("ada"), nil)
				a.Type("precious")
				b.settle(a)
				if err := a.Leave(); err != nil {
					t.Fatal(err)
				}
				<-time.After(time.Minute)
				b.store.Hook(func(op relaytest.Op, _ relay.RoomID) error { return c.err })
				bad := relaytest.Connect(b.relay, room, editor("bob"), nil)
				b.wantCode(bad, c.code)
				if got := bad.Take(-1); len(got) != 0 {
					t.Errorf("it was sent %x", got)
				}
				if err := b.relay.View(b.Context(), room, relay.Sight{}, func(*crdt.Doc) { t.Error("viewed a document that is not there") }); !errors.Is(err, c.err) {
					t.Errorf("View gave %v", err)
				}
				b.store.Hook(nil)
				if got := b.text(); got != "precious" {
					t.Errorf("afterwards the document is %q", got)
				}
			})
		})
	}
}

func TestABrokenEntryIsLeftOut(t *testing.T) {
	inBubble(t, relay.Options{}, func(b bench) {
		a := b.connect(editor("ada"), nil)
		a.Type("good ")
		b.settle(a)
		if err := a.Leave(); err != nil {
			t.Fatal(err)
		}
		<-time.After(time.Minute)
		b.store.Sneak(room, relay.Entry{Update: []byte{9, 9, 9, 9}})
		if got := b.text(); got != "good " || b.relay.Stats().Count(relay.LoadBadEntries) != 1 {
			t.Errorf("the document is %q, %d bad entries counted", got, b.relay.Stats().Count(relay.LoadBadEntries))
		}
		synctest.Wait()
		if n := len(b.store.Aside()); n != 1 {
			t.Errorf("%d entries were put aside, want the bad one", n)
		}
	})
}

func TestEditAndView(t *testing.T) {
	inBubble(t, relay.Options{}, func(b bench) {
		a := b.connect(editor("ada"), nil)
		insert := func(text string) func(*crdt.Doc) error {
			return func(d *crdt.Doc) error { return d.Text("file:main").Insert(0, text) }
		}
		if err := b.relay.Edit(b.Context(), room, "api", insert("from the API ")); err != nil {
			t.Fatal(err)
		}
		if got := b.stored(); got != "from the API " || b.store.Entries(room)[0].By != "api" {
			t.Errorf("when Edit returned, the store held %q", got)
		}
		b.settle(a)
		b.wantAlive(a)
		held := b.hold(relaytest.Append)
		ctx, cancel := context.WithTimeout(b.Context(), time.Second)
		defer cancel()
		if err := b.relay.Edit(ctx, room, "api", insert("late ")); !errors.Is(err, relay.ErrNotStored) {
			t.Errorf("with the store stuck Edit gave %v", err)
		}
		close(held.open)
		b.settle(a)
		if !strings.HasPrefix(a.Text(), "late ") || b.stored() != a.Text() {
			t.Errorf("the client has %q, stored is %q", a.Text(), b.stored())
		}
		refused := errors.New("refused")
		if err := b.relay.Edit(b.Context(), room, "api", func(*crdt.Doc) error { return refused }); !errors.Is(err, refused) {
			t.Errorf("Edit gave %v, want the error of its function", err)
		}
		func() {
			defer func() {
				if v := recover(); v == nil || !strings.Contains(fmt.Sprint(v), "my own fault") {
					t.Errorf("the panic of View's function came out as %v", v)
				}
			}()
			_ = b.relay.View(b.Context(), room, relay.Sight{}, func(*crdt.Doc) { panic("my own fault") })
		}()
		b.wantAlive(a)
	})
}

// A room that fails no longer counts as holding unsaved updates, not even those of the append in
// flight. The result of that append finds no room.
func TestAFailedRoomLeavesNothingUnsaved(t *testing.T) {
	armed := false
	opts := relay.Options{Measured: func(what relay.Timing, _ time.Duration) {
		if armed && what == relay.Merge {
			armed = false
			panic("on purpose")
		}
	}}
	inBubble(t, opts, func(b bench) {
		a := b.connect(editor("ada"), nil)
		held := b.hold(relaytest.Append)
		a.Type("in flight")
		b.settle(a)
		armed = true
		for range 16 { // one merge in 16 is measured
			a.Type("x")
		}
		b.settle(a)
		stats := b.relay.Stats()
		if n := stats.Count(relay.RoomFailures); n != 1 {
			t.Fatalf("%d rooms failed, want 1", n)
		}
		if stats.Unsaved != 0 || stats.UnsavedDocs != 0 {
			t.Errorf("%d bytes of %d documents count as unsaved, though no room holds them", stats.Unsaved, stats.UnsavedDocs)
		}
		close(held.open)
		b.settle(a)
		if n := b.relay.Stats().Unsaved; n != 0 {
			t.Errorf("after the answer %d bytes count as unsaved", n)
		}
	})
}

// Another writer of the log is noticed by the next append, and at the latest by the patrol.
func TestALogThatHasGrownIsReadAgain(t *testing.T) {
	for _, by := range []string{"append", "patrol"} {
		t.Run(by, func(t *testing.T) {
			inBubble(t, relay.Options{}, func(b bench) {
				a := b.connect(editor("ada"), nil)
				a.Type("a")
				b.settle(a)
				other := crdt.NewDoc()
				if err := other.Text("file:main").Insert(0, "z"); err != nil {
					t.Fatal(err)
				}
				update, err := other.EncodeStateAsUpdate(nil)
				if err != nil {
					t.Fatal(err)
				}
				b.store.Sneak(room, relay.Entry{Update: update})
				if by == "append" {
					a.Type("b")
				} else {
					<-time.After(2 * time.Minute)
				}
				b.settle(a)
				if got := b.stored(); !strings.Contains(got, "z") || got != a.Text() || got != b.text() {
					t.Errorf("stored is %q, the page has %q, the room %q", got, a.Text(), b.text())
				}
				if n := b.relay.Stats().Count(relay.CatchUps); n != 1 {
					t.Errorf("%d catch-ups, want 1", n)
				}
			})
		})
	}
}

// A store that has lost the end of a log gets back what the room holds.
func TestWhatTheStoreLostIsWrittenBack(t *testing.T) {
	inBubble(t, relay.Options{}, func(b bench) {
		a := b.connect(editor("ada"), nil)
		for _, key := range []string{"a", "b", "c"} {
			a.Type(key)
			b.settle(a)
		}
		b.store.Rewind(room, 2)
		a.Type("d")
		b.settle(a)
		if got := b.stored(); len(got) != 4 || got != a.Text() {
			t.Errorf("stored is %q, the page has %q", got, a.Text())
		}
		if n := b.relay.Stats().Count(relay.WrittenBack); n != 1 {
			t.Errorf("written back %d times, want once", n)
		}
	})
}
