package relay_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"parley/crdt"
	"parley/pkg/protocol"
	"parley/pkg/relay"
	"parley/pkg/relay/relaytest"
)

// batch is a socket on which several messages have arrived together. At times its peer takes
// nothing at once.
type batch struct {
	*relaytest.Pipe
	frames [][]byte // owned by the reader
	writes int      // one goroutine writes at a time
}

func (b *batch) More() bool { return len(b.frames) > 0 }

func (b *batch) Read() ([]byte, error) {
	if len(b.frames) == 0 {
		return b.Pipe.Read()
	}
	f := b.frames[0]
	b.frames = b.frames[1:]
	return f, nil
}

func (b *batch) TryWrite(frames ...[]byte) (bool, error) {
	if b.writes++; b.writes%3 == 0 {
		b.SetWindow(0)
		defer b.SetWindow(-1)
	}
	return b.Pipe.TryWrite(frames...)
}

// Many connections write at the same time, on real threads. The goroutine that works for the room
// runs the events of all of them. No event is lost, and their order stays.
func TestEventsOfManyConnectionsRunInOrder(t *testing.T) {
	t.Parallel()
	const people, keys = 8, 400
	r := relay.New(relaytest.NewStore(room.Session), relay.Options{MessagesPerSecond: -1})
	var typing, serving sync.WaitGroup
	clients := make([]*relaytest.Client, people)
	want := 0
	for i := range clients {
		doc := crdt.NewDoc()
		s := &batch{Pipe: relaytest.NewPipe()}
		cancel := doc.OnUpdate(func(u []byte, _ any) { s.frames = append(s.frames, protocol.AppendUpdate(nil, u)) })
		for k := range keys {
			if err := doc.Text(fmt.Sprint("own", i)).Insert(k, "x"); err != nil {
				t.Fatal(err)
			}
		}
		cancel()
		// Step 1 asks for the text that was typed before it joined.
		s.frames = append(s.frames, protocol.AppendStep1(nil, []byte{0}))
		want += keys
		clients[i] = &relaytest.Client{Pipe: s.Pipe, Doc: doc, Presence: protocol.NewAwareness()}
		serving.Go(func() {
			if err := r.Serve(t.Context(), room, editor(fmt.Sprint(i)), s); err != nil {
				t.Error(err)
			}
		})
		typing.Go(func() { // one key has arrived already; these follow
			for range 50 {
				s.Send(protocol.AppendQueryAwareness(nil))
			}
		})
	}
	typing.Wait()
	got := func(d *crdt.Doc) int {
		n := 0
		for i := range people {
			n += d.Text(fmt.Sprint("own", i)).Len()
		}
		return n
	}
	for _, c := range clients {
		late := time.AfterFunc(30*time.Second, c.Hangup) // ends Await
		defer late.Stop()
		for end := time.Now().Add(30 * time.Second); got(c.Doc) < want; {
			if time.Now().After(end) {
				t.Fatalf("one has %d of %d", got(c.Doc), want)
			}
			c.Await()
			if _, err := c.Pump(); err != nil {
				t.Fatal(err)
			}
			if c.Synced && c.Doc.HasPending() { // between joining and step 2, updates may come early
				t.Fatal("an update came before its cause")
			}
		}
	}
	for _, c := range clients {
		c.Hangup()
	}
	serving.Wait()
	if err := errors.Join(r.Drain(t.Context())); err != nil {
		t.Error(err)
	}
}
