package audit_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"parley/pkg/audit"
)

// memory is a Store that can be made to block and to fail.
type memory struct {
	mu     sync.Mutex
	events []audit.Event
	calls  int
	err    error
	gate   chan struct{} // if not nil, Record waits for it
}

func (m *memory) Record(ctx context.Context, events []audit.Event) error {
	if m.gate != nil {
		select {
		case <-m.gate:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.calls++
	if m.err != nil {
		return m.err
	}
	m.events = append(m.events, events...)
	return nil
}

func (m *memory) Events(context.Context, string) ([]audit.Event, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.events), m.err
}

func newRecorder(store audit.Store, log *bytes.Buffer) *audit.Recorder {
	return audit.NewRecorder(store, time.Now, slog.New(slog.NewTextHandler(log, nil)))
}

// A read returns the events that were noted before, in order, with time and log line.
func TestNoteThenRead(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	store := &memory{}
	r := newRecorder(store, &log)
	for _, by := range []string{"a", "b", "c"} {
		r.Note(audit.Event{Session: "s1", Kind: audit.Joined, By: by, From: "192.0.2.1"})
	}
	got, err := r.Events(t.Context(), "s1")
	if err != nil || len(got) != 3 || got[0].By != "a" || got[2].By != "c" || got[0].At.IsZero() || got[0].At.Nanosecond()%1e6 != 0 {
		t.Errorf("Events = %+v, %v", got, err)
	}
	if err := r.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(log.String(), "msg=audit session=s1 event=joined"); n != 3 || !strings.Contains(log.String(), "from=192.0.2.1") {
		t.Errorf("the log is:\n%s", log.String())
	}
	r.Note(audit.Event{Session: "s1", Kind: audit.Left})
	if r.Dropped() != 1 {
		t.Errorf("%d events dropped after Close, want 1", r.Dropped())
	}
	if got, err := r.Events(t.Context(), "s1"); err != nil || len(got) != 3 {
		t.Errorf("after Close: %d events, %v", len(got), err)
	}
}

// While the store blocks, no caller waits and memory is bounded. Afterwards the accepted events are
// stored in few batches.
func TestStuckStore(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := &memory{gate: make(chan struct{})}
		r := newRecorder(store, &bytes.Buffer{})
		r.Note(audit.Event{By: "first"})
		synctest.Wait() // the goroutine now blocks in the store
		const many = 10_000
		for range many {
			r.Note(audit.Event{By: "x"})
		}
		dropped := r.Dropped()
		if dropped == 0 || dropped > many-1000 {
			t.Errorf("%d of %d dropped", dropped, many)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := r.Events(ctx, "s"); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Events gave %v", err)
		}
		close(store.gate)
		if err := r.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := len(store.events); got != 1+many-int(dropped) || store.calls > 3 {
			t.Errorf("%d events in %d batches, %d dropped", got, store.calls, dropped)
		}
	})
}

func TestFailingStore(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	store := &memory{err: errors.New("disk full")}
	r := newRecorder(store, &log)
	r.Note(audit.Event{Session: "s"})
	if _, err := r.Events(t.Context(), "s"); err == nil {
		t.Error("Events of a failing store returns no error")
	}
	if err := r.Close(t.Context()); err != nil || r.Dropped() != 1 || !strings.Contains(log.String(), "disk full") {
		t.Errorf("Close = %v, %d dropped, log:\n%s", err, r.Dropped(), log.String())
	}
	var none *audit.Recorder
	none.Note(audit.Event{})
	if events, err := none.Events(t.Context(), "s"); events != nil || err != nil || none.Close(t.Context()) != nil || none.Dropped() != 0 {
		t.Error("a nil Recorder must do nothing")
	}
}
