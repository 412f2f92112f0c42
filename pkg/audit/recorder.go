package audit

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// Events; enough for all participants of a node who reconnect at once.
	queueDepth   = 4096
	storeTimeout = 10 * time.Second // for one batch
)

// Recorder records events. It is safe for concurrent use. A nil Recorder records nothing.
type Recorder struct {
	// Fixed by NewRecorder.
	store   Store
	now     func() time.Time
	log     *slog.Logger
	queue   chan item     // depth queueDepth; never closed
	closing chan struct{} // closed by Close
	stopped chan struct{} // closed by run at its end

	closeOnce sync.Once
	dropped   atomic.Uint64
}

// item is an event, or a marker from Events.
type item struct {
	event   Event
	reached chan struct{} // closed when all earlier events are stored; nil for an event
}

// NewRecorder returns a Recorder over store and starts its goroutine. Call Close at the end.
func NewRecorder(store Store, now func() time.Time, log *slog.Logger) *Recorder {
	r := &Recorder{
		store: store, now: now, log: log,
		queue: make(chan item, queueDepth), closing: make(chan struct{}), stopped: make(chan struct{}),
	}
	go r.run() // ends by Close, which waits for it
	return r
}

// Note logs an event and queues it for the store. Note sets At and never blocks. If the queue is
// full, the event is only logged, and counted as dropped.
func (r *Recorder) Note(e Event) {
	if r == nil {
		return
	}
	e.At = r.now().UTC().Truncate(time.Millisecond)
	r.log.Info("audit", "session", e.Session, "event", string(e.Kind), "by", e.By, "about", e.About, "detail", e.Detail, "from", e.From)
	select {
	case <-r.closing:
		r.dropped.Add(1)
		return
	default:
	}
	select {
	case r.queue <- item{event: e}:
	default:
		r.dropped.Add(1)
	}
}

// Dropped returns the number of events that could not be stored.
func (r *Recorder) Dropped() uint64 {
	if r == nil {
		return 0
	}
	return r.dropped.Load()
}

// Events returns the stored events of a session, including all events that were noted before the
// call.
func (r *Recorder) Events(ctx context.Context, session string) ([]Event, error) {
	if r == nil {
		return nil, nil
	}
	marker := item{reached: make(chan struct{})}
	select {
	case r.queue <- marker:
	case <-r.stopped:
	case <-ctx.Done():
		return nil, fmt.Errorf("wait for audit log: %w", ctx.Err())
	}
	select {
	case <-marker.reached:
	case <-r.stopped:
	case <-ctx.Done():
		return nil, fmt.Errorf("wait for audit log: %w", ctx.Err())
	}
	events, err := r.store.Events(ctx, session)
	if err != nil {
		return nil, fmt.Errorf("read audit log of session %s: %w", session, err)
	}
	return events, nil
}

// Close stores the queued events and ends the Recorder. If ctx ends first, Close returns an error
// and the goroutine ends soon after.
func (r *Recorder) Close(ctx context.Context) error {
	if r == nil {
		return nil
	}
	r.closeOnce.Do(func() { close(r.closing) })
	select {
	case <-r.stopped:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("store audit log: %w", ctx.Err())
	}
}

// run is the goroutine that stores events, all queued events in one batch.
func (r *Recorder) run() {
	defer close(r.stopped)
	for {
		select {
		case first := <-r.queue:
			r.save(first)
		case <-r.closing:
			select {
			case first := <-r.queue:
				r.save(first)
			default:
				return
			}
		}
	}
}

// save stores first and all queued events.
func (r *Recorder) save(first item) {
	var events []Event
	var reached []chan struct{}
	for next, more := first, true; more; {
		if next.reached != nil {
			reached = append(reached, next.reached)
		} else {
			events = append(events, next.event)
		}
		select {
		case next = <-r.queue:
		default:
			more = false
		}
	}
	if len(events) > 0 {
		ctx, cancel := context.WithTimeout(context.Background(), storeTimeout)
		defer cancel()
		if err := r.store.Record(ctx, events); err != nil {
			r.dropped.Add(uint64(len(events)))
			r.log.Error("cannot store audit events", "events", len(events), "err", err)
		}
	}
	for _, c := range reached {
		close(c)
	}
}
