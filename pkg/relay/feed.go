package relay

import "sync"

// Bounds of a feed. A room that falls further behind reads the log instead.
const (
	maxFeedMessages = 256
	maxFeedBytes    = 1 << 20
)

// feed is a queue of bus messages for one room. put never waits. Past the bounds the feed drops the
// whole queue and tells the room that messages are missing.
type feed struct {
	wake func() // makes the room take the messages; called when the feed stops being empty

	mu     sync.Mutex // guards the fields below
	queue  []Message
	bytes  int
	missed bool
	called bool     // wake was called, and take has not been called since
	lost   []NodeID // kept apart from queue, so that an overflow does not drop them
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

// take empties the feed. missed says that messages before those in queue were dropped.
func (f *feed) take() (queue []Message, missed bool, lost []NodeID) {
	f.mu.Lock()
	defer f.mu.Unlock()
	queue, missed, lost = f.queue, f.missed, f.lost
	f.queue, f.bytes, f.missed, f.lost, f.called = nil, 0, false, nil, false
	return queue, missed, lost
}
