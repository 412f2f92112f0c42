package relay_test

import (
	"log/slog"
	"testing"

	"parley/crdt"
	"parley/pkg/protocol"
	"parley/pkg/relay"
	"parley/pkg/relay/relaytest"
)

// FuzzFrames sends three frames of one participant to a room in which another one types. Whatever
// the frames hold, the room goes on, and the text of the other participant is stored.
func FuzzFrames(f *testing.F) {
	presence := protocol.AppendAwarenessUpdate(nil, protocol.AwarenessEntry{Client: 7, Clock: 1, State: []byte(ada)})
	f.Add([]byte{0, 0, 1, 0}, []byte{0, 2, 2, 0, 0}, protocol.AppendAwareness(nil, presence))
	f.Add(protocol.AppendUpdate(nil, theft(1, 0, 9)), protocol.AppendStep2(nil, theft(1, 3, 1<<40)), []byte{3})
	f.Add([]byte{1, 2, 200, 1}, []byte{100, 0}, []byte{0x80})
	f.Fuzz(func(t *testing.T, one, two, three []byte) {
		r := relay.New(relaytest.NewStore(room.Session), relay.Options{Logger: slog.New(slog.DiscardHandler)})
		honest := relaytest.Connect(r, room, relay.Grant{Participant: "ada", Exclusive: true, Ack: true}, crdt.NewDoc(crdt.WithClientID(1)))
		fuzzer := relaytest.Connect(r, room, editor("eve"), nil)
		honest.Type("a")
		for _, frame := range [][]byte{one, two, three} {
			fuzzer.Send(frame)
		}
		fuzzer.Hangup()
		if err := fuzzer.Wait(); err != nil && fuzzer.Closed() == relay.CloseUnavailable {
			t.Fatalf("the room failed: %v", err)
		}
		honest.Type("b")
		for len(honest.Saved) == 0 || honest.Saved[len(honest.Saved)-1] < 2 {
			if honest.Await(); honest.Closed() != 0 {
				t.Fatalf("the other was closed with %v", honest.Closed())
			}
			if _, err := honest.Pump(); err != nil {
				t.Fatalf("the other client got an update that does not apply: %v", err)
			}
		}
		if err := honest.Leave(); err != nil {
			t.Fatal(err)
		}
		if err := r.Drain(t.Context()); err != nil || r.Stats().Count(relay.RoomFailures) != 0 {
			t.Fatalf("drain: %v, %d rooms failed", err, r.Stats().Count(relay.RoomFailures))
		}
	})
}
