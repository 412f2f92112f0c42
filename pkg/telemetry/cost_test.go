package telemetry_test

import (
	"log/slog"
	"sync"
	"testing"

	"parley/crdt"
	"parley/pkg/protocol"
	"parley/pkg/relay"
	"parley/pkg/relay/relaytest"
	"parley/pkg/telemetry"
)

// BenchmarkKeystroke types into a room of two people, with and without metrics. The difference is
// the cost of the metrics.
func BenchmarkKeystroke(b *testing.B) {
	for _, name := range []string{"without", "with"} {
		b.Run(name, func(b *testing.B) {
			opts := relay.Options{MessagesPerSecond: -1, Logger: slog.New(slog.DiscardHandler)}
			if name == "with" {
				opts.Measured = telemetry.New("1").Measured
			}
			id := relay.RoomID{Session: "0000beef"}
			r := relay.New(relaytest.NewStore(id.Session), opts)
			typing, reading := relaytest.NewPipe(), relaytest.NewPipe()
			var serving sync.WaitGroup
			for _, p := range []*relaytest.Pipe{typing, reading} {
				serving.Go(func() { _ = r.Serve(b.Context(), id, relay.Grant{}, p) })
			}
			frames := keystrokes(b, min(b.N, 10_000))
			b.ReportAllocs()
			b.ResetTimer()
			for i := range b.N {
				typing.Send(frames[i%len(frames)])
				reading.Take(-1)
			}
			// waits until the room has handled all of them
			if err := r.View(b.Context(), id, relay.Sight{}, func(*crdt.Doc) {}); err != nil {
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
