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
	wake chan struct{} // capacity 1, never closed: something waits

	mu     sync.Mutex // guards what follows
	queue  []Message
	bytes  int
	missed bool
	lost   []NodeID // kept beside the queue, so that an overflow does not drop them
}

func newFeed() *feed { return &feed{wake: make(chan struct{}, 1)} }

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
	f.mu.Unlock()
	select {
	case f.wake <- struct{}{}:
	default:
	}
}

// take gives all that waits. missed says that something before queue is missing.
func (f *feed) take() (queue []Message, missed bool, lost []NodeID) {
	f.mu.Lock()
	defer f.mu.Unlock()
	queue, missed, lost = f.queue, f.missed, f.lost
	f.queue, f.bytes, f.missed, f.lost = nil, 0, false, nil
	return queue, missed, lost
}
