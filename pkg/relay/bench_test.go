package relay_test

import (
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"

	"parley/crdt"
	"parley/pkg/protocol"
	"parley/pkg/relay"
	"parley/pkg/relay/relaytest"
)

// counter is a Socket that counts what it is sent and keeps nothing.
type counter struct {
	in   chan []byte
	gone chan struct{}
	once sync.Once
	code relay.CloseCode // set before gone is closed
	got  atomic.Int64
}

func newCounter() *counter { return &counter{in: make(chan []byte), gone: make(chan struct{})} }

func (c *counter) Read() ([]byte, error) {
	select {
	case f := <-c.in:
		return f, nil
	case <-c.gone:
		return nil, relaytest.ErrPipeClosed
	}
}

func (c *counter) Wait() error { return nil }

func (c *counter) More() bool { return false }

func (c *counter) TryWrite(frames ...[]byte) (bool, error) {
	c.got.Add(int64(len(frames)))
	return true, nil
}

func (c *counter) Flush() error { return nil }

func (c *counter) Close(code relay.CloseCode, _ string) error {
	c.once.Do(func() { c.code = code; close(c.gone) })
	return nil
}

// BenchmarkFanOut types into one room and counts a delivery for each other connection. Waiting
// updates are merged, so there may be fewer messages than deliveries. Every byte that was typed
// still arrives.
func BenchmarkFanOut(b *testing.B) {
	for _, conns := range []int{3, 50} {
		b.Run(fmt.Sprintf("conns=%d", conns), func(b *testing.B) {
			r := relay.New(relaytest.NewStore(room.Session), relay.Options{MessagesPerSecond: -1, BytesPerSecond: -1, Logger: slog.New(slog.DiscardHandler)})
			sockets := make([]*counter, conns)
			var serving sync.WaitGroup
			for i := range sockets {
				sockets[i] = newCounter()
				serving.Go(func() {
					_ = r.Serve(b.Context(), room, relay.Grant{Participant: fmt.Sprint(i), Exclusive: true}, sockets[i])
				})
			}
			frames := keystrokes(b, min(b.N/(conns-1)+1, 10_000)) // used again from the start
			b.ReportAllocs()
			b.ResetTimer()
			for i := range b.N/(conns-1) + 1 {
				select {
				case sockets[0].in <- frames[i%len(frames)]:
				case <-sockets[0].gone:
					b.Fatalf("the writer was closed with %d after %d updates", sockets[0].code, i)
				}
			}
			// View runs after all frames.
			if err := r.View(b.Context(), room, relay.Sight{}, func(*crdt.Doc) {}); err != nil {
				b.Fatal(err)
			}
			b.StopTimer()
			if err := r.Drain(b.Context()); err != nil {
				b.Fatal(err)
			}
			serving.Wait()
		})
	}
}

// keystrokes returns the frames of n keys typed at the end of a text.
func keystrokes(b *testing.B, n int) [][]byte {
	b.Helper()
	doc := crdt.NewDoc()
	var frames [][]byte
	defer doc.OnUpdate(func(u []byte, _ any) { frames = append(frames, protocol.AppendUpdate(nil, u)) })()
	text := doc.Text("file:main")
	for i := range n {
		if err := text.Insert(i, "x"); err != nil {
			b.Fatal(err)
		}
	}
	return frames
}
