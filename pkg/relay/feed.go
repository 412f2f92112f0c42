package relay

import "sync"

// What may wait in a feed. A room that is so far behind reads the log instead.
const (
	maxFeedMessages = 256
	maxFeedBytes    = 1 << 20
)

// feed hands messages of the bus to a room. Whoever puts one in never waits: past the bound all that waits is
// dropped, and the room is told that it has missed something.
type feed struct {
	wake func() // has the room take what waits; called when something begins to

	mu     sync.Mutex // guards what follows
	queue  []Message
	bytes  int
	missed bool
	called bool     // wake was called, and take was not since then
	lost   []NodeID // kept beside the queue, so that an overflow does not drop them
}

func newFeed(wake func()) *feed { return &feed{wake: wake} }

// put adds a message.
func (f *feed) put(m Message) {
	f.mu.Lock()
	switch {
	case m.Kind == NodeLost:
		f.lost = append(f.lost, m.From)
	case m.Kind == Missed, len(f.queue) >= maxFeedMessages, f.bytes+m.weight() > maxFeedBytes && len(f.queue) > 0:
		f.queue, f.bytes, f.missed = nil, 0, true
	default:
		f.queue = append(f.queue, m)
		f.bytes += m.weight()
	}
	call := !f.called
	f.called = true
	f.mu.Unlock()
	if call {
		f.wake()
	}
}

// take gives all that waits. missed says that something before queue is missing.
func (f *feed) take() (queue []Message, missed bool, lost []NodeID) {
	f.mu.Lock()
	defer f.mu.Unlock()
	queue, missed, lost = f.queue, f.missed, f.lost
	f.queue, f.bytes, f.missed, f.lost, f.called = nil, 0, false, nil, false
	return queue, missed, lost
}
