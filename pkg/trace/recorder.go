package trace

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"
)

const (
	// maxPending bounds the events that wait for the store. Past it new ones are dropped.
	maxPending   = 4096
	tick         = time.Second      // how often presence is sampled and events are stored
	storeTimeout = 10 * time.Second // for one batch
)

// Recorder makes events of what it is told, and stores them. It is safe for concurrent use. No
// method but Trace, Save and Close waits for the store. A nil Recorder records nothing.
type Recorder struct {
	// Fixed by NewRecorder.
	store   Store
	now     func() time.Time
	log     *slog.Logger
	closing chan struct{} // closed by Close
	stopped chan struct{} // closed by run at its end

	closeOnce sync.Once
	saving    sync.Mutex // held by flush, so that events keep their order

	mu      sync.Mutex // guards what follows
	pending []Event
	dropped uint64
	seen    map[client][]byte // newest states that were not sampled yet
	people  map[visitor]*person
}

// NewRecorder returns a Recorder over store and starts its goroutine. Call Close at the end.
func NewRecorder(store Store, now func() time.Time, log *slog.Logger) *Recorder {
	r := &Recorder{
		store: store, now: now, log: log, closing: make(chan struct{}), stopped: make(chan struct{}),
		seen: map[client][]byte{}, people: map[visitor]*person{},
	}
	go r.run() // ends by Close, which waits for it
	return r
}

func (r *Recorder) clock() time.Time { return r.now().UTC().Truncate(time.Millisecond) }

// Note records an event now.
func (r *Recorder) Note(e Event) {
	if r == nil {
		return
	}
	e.At = r.clock()
	r.mu.Lock()
	defer r.mu.Unlock()
	r.noteLocked(e)
}

func (r *Recorder) noteLocked(e Event) {
	if len(r.pending) >= maxPending {
		r.dropped++
		return
	}
	r.pending = append(r.pending, e)
}

// Save records an event now. The event is durable when Save returns nil. It returns the time of the
// event.
func (r *Recorder) Save(ctx context.Context, e Event) (time.Time, error) {
	if r == nil {
		return time.Time{}, nil
	}
	e.At = r.clock()
	if err := r.store.RecordTrace(ctx, []Event{e}); err != nil {
		return e.At, fmt.Errorf("save in trace of session %s: %w", e.Session, err)
	}
	return e.At, nil
}

// Dropped returns the number of events that could not be stored.
func (r *Recorder) Dropped() uint64 {
	if r == nil {
		return 0
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.dropped
}

// Trace returns the stored events of a session, including all events that were noted before the
// call.
func (r *Recorder) Trace(ctx context.Context, session string) ([]Event, error) {
	if r == nil {
		return nil, nil
	}
	r.flush(ctx)
	events, err := r.store.Trace(ctx, session)
	if err != nil {
		return nil, fmt.Errorf("read trace of session %s: %w", session, err)
	}
	return events, nil
}

// Close stores what waits and ends the Recorder. If ctx ends first, Close returns an error and the
// goroutine ends soon after.
func (r *Recorder) Close(ctx context.Context) error {
	if r == nil {
		return nil
	}
	r.closeOnce.Do(func() { close(r.closing) })
	select {
	case <-r.stopped:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("store trace: %w", ctx.Err())
	}
}

// run is the goroutine that samples presence and stores events.
func (r *Recorder) run() {
	defer close(r.stopped)
	clock := time.NewTicker(tick)
	defer clock.Stop()
	for {
		select {
		case <-clock.C:
			r.sample()
			r.flush(context.Background())
		case <-r.closing:
			r.endAll()
			r.flush(context.Background())
			return
		}
	}
}

// flush stores what waits. When the store cannot serve, the events wait for the next time.
func (r *Recorder) flush(ctx context.Context) {
	r.saving.Lock()
	defer r.saving.Unlock()
	r.mu.Lock()
	events := r.pending
	r.pending = nil
	r.mu.Unlock()
	if len(events) == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, storeTimeout)
	defer cancel()
	err := r.store.RecordTrace(ctx, events)
	if err == nil {
		return
	}
	r.log.Warn("cannot store the trace", "events", len(events), "err", err)
	r.mu.Lock()
	defer r.mu.Unlock()
	room := max(0, min(len(events), maxPending-len(r.pending)))
	r.dropped += uint64(len(events) - room)
	r.pending = append(events[:room:room], r.pending...)
}
