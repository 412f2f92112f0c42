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
	queueDepth   = 4096             // events: a node's worth of people who reconnect at once
	storeTimeout = 10 * time.Second // for one batch
)

// Recorder notes events. It is safe for concurrent use; a nil Recorder notes nothing.
type Recorder struct {
	// Fixed by NewRecorder.
	store   Store
	now     func() time.Time
	log     *slog.Logger
	queue   chan item     // depth queueDepth; never closed
	closing chan struct{} // closed by Close
	stopped chan struct{} // closed by run when it ends

	close   sync.Once
	dropped atomic.Uint64
}

// item is an event, or the question of one who waits until all before it is stored.
type item struct {
	event   Event
	reached chan struct{} // nil for an event
}

// NewRecorder gives a Recorder over store and starts its goroutine. Call Close when done with it.
func NewRecorder(store Store, now func() time.Time, log *slog.Logger) *Recorder {
	r := &Recorder{
		store: store, now: now, log: log,
		queue: make(chan item, queueDepth), closing: make(chan struct{}), stopped: make(chan struct{}),
	}
	go r.run() // ends by Close, which waits for it
	return r
}

// Note logs an event and has it stored. It never waits: when the queue is full the event stands in the log alone and is counted. At
// is filled in.
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

// Dropped counts the events that could not be stored.
func (r *Recorder) Dropped() uint64 {
	if r == nil {
		return 0
	}
	return r.dropped.Load()
}

// Events gives what is kept of a session, with all that was noted before the call.
func (r *Recorder) Events(ctx context.Context, session string) ([]Event, error) {
	if r == nil {
		return nil, nil
	}
	mark := item{reached: make(chan struct{})}
	select {
	case r.queue <- mark:
	case <-r.stopped:
	case <-ctx.Done():
		return nil, fmt.Errorf("wait for audit log: %w", ctx.Err())
	}
	select {
	case <-mark.reached:
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

// Close stores what waits and ends the Recorder. When ctx ends first the goroutine ends by itself a moment later.
func (r *Recorder) Close(ctx context.Context) error {
	if r == nil {
		return nil
	}
	r.close.Do(func() { close(r.closing) })
	select {
	case <-r.stopped:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("store audit log: %w", ctx.Err())
	}
}

// run is the one goroutine that stores: all that waits in one batch.
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

// save stores first and what else waits.
func (r *Recorder) save(first item) {
	var events []Event
	var marks []chan struct{}
	for next, more := first, true; more; {
		if next.reached != nil {
			marks = append(marks, next.reached)
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
			r.log.Error("audit events not stored", "events", len(events), "err", err)
		}
	}
	for _, m := range marks {
		close(m)
	}
}
