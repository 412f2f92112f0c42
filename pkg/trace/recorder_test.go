package trace_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"parley/pkg/trace"
)

// memory is a Store that can be made to fail and to block.
type memory struct {
	mu     sync.Mutex
	events []trace.Event
	err    error
	gate   chan struct{} // if not nil, RecordTrace waits for it
}

func (m *memory) RecordTrace(ctx context.Context, events []trace.Event) error {
	if m.gate != nil {
		<-m.gate
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.err != nil {
		return m.err
	}
	m.events = append(m.events, events...)
	return nil
}

func (m *memory) Trace(context.Context, string) ([]trace.Event, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	events := slices.Clone(m.events)
	trace.Sort(events)
	return events, nil
}

func (m *memory) fail(err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.err = err
}

// in runs a test with a clock of its own.
func in(t *testing.T, test func(*testing.T, *trace.Recorder, *memory)) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		m := &memory{}
		r := trace.NewRecorder(m, time.Now, slog.New(slog.DiscardHandler))
		defer func() {
			if err := r.Close(t.Context()); err != nil {
				t.Error(err)
			}
		}()
		test(t, r, m)
	})
}

// told returns the events as text, each with its second.
func told(t *testing.T, r *trace.Recorder, start time.Time) string {
	t.Helper()
	events, err := r.Trace(t.Context(), "s")
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, e := range events {
		text := fmt.Sprintf("%d %s %s", e.At.Sub(start)/time.Second, e.By, e.Kind)
		if e.Kind == trace.File {
			text += fmt.Sprintf(" %s:%d", e.File, e.Line)
		}
		if e.Kind == trace.Away {
			text += fmt.Sprintf(" since %d", e.Since.Sub(start)/time.Second)
		}
		out = append(out, text)
	}
	return strings.Join(out, ", ")
}

func state(file string, view int, activity string) []byte {
	return fmt.Appendf(nil, `{"file":%q,"view":%d,"activity":%q}`, file, view, activity)
}

func TestPresenceBecomesEvents(t *testing.T) {
	in(t, func(t *testing.T, r *trace.Recorder, _ *memory) {
		start := time.Now().UTC().Truncate(time.Millisecond)
		time.Sleep(500 * time.Millisecond) // between two samples
		r.Opened("s", "ada")
		for line := range 50 { // within one second: one sample
			r.Presence("s", "ada", 1, state("main", line+1, "active"))
		}
		time.Sleep(time.Second)
		r.Presence("s", "ada", 1, state("main", 50, "active")) // no change
		time.Sleep(time.Second)
		r.Presence("s", "ada", 1, state("main", 50, "away")) // too short
		time.Sleep(4 * time.Second)
		r.Presence("s", "ada", 1, state("b", 2, "active"))
		time.Sleep(time.Second)
		r.Presence("s", "ada", 1, state("b", 2, "away"))
		time.Sleep(8 * time.Second)
		r.Presence("s", "ada", 1, state("b", 2, "idle"))
		time.Sleep(time.Second)
		want := "0 ada join, 1 ada file main:50, 1 ada active, 7 ada file b:2, 13 ada away since 8, 16 ada back, 16 ada idle"
		if got := told(t, r, start); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	})
}

// A page that reconnects leaves no trace. The end of a visit has the time of the last connection.
func TestVisits(t *testing.T) {
	in(t, func(t *testing.T, r *trace.Recorder, _ *memory) {
		start := time.Now().UTC().Truncate(time.Millisecond)
		r.Opened("s", "ada")
		r.Opened("s", "ada")
		r.Closed("s", "ada")
		time.Sleep(20 * time.Second)
		r.Closed("s", "ada")
		time.Sleep(3 * time.Second)
		r.Opened("s", "ada")
		time.Sleep(20 * time.Second)
		r.Closed("s", "ada")
		time.Sleep(20 * time.Second)
		r.Presence("s", "ada", 1, state("main", 1, "active")) // of somebody who is not here
		time.Sleep(2 * time.Second)
		if got, want := told(t, r, start), "0 ada join, 43 ada leave"; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	})
}

// Of several pages the one that is used counts.
func TestTabs(t *testing.T) {
	in(t, func(t *testing.T, r *trace.Recorder, _ *memory) {
		start := time.Now().UTC().Truncate(time.Millisecond)
		time.Sleep(500 * time.Millisecond)
		r.Opened("s", "ada")
		r.Presence("s", "ada", 1, state("main", 1, "active"))
		r.Presence("s", "ada", 2, state("b", 9, "away"))
		time.Sleep(10 * time.Second)
		r.Presence("s", "ada", 1, []byte("null"))
		time.Sleep(10 * time.Second)
		if got, want := told(t, r, start), "0 ada join, 1 ada file main:1, 1 ada active, 16 ada away since 11"; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	})
}

// A store that cannot serve loses nothing for a while, and no caller waits for it.
func TestFailingStore(t *testing.T) {
	in(t, func(t *testing.T, r *trace.Recorder, m *memory) {
		m.fail(errors.New("away"))
		for range 10 {
			r.Note(trace.Event{Session: "s", Kind: trace.Role})
			time.Sleep(time.Second)
		}
		if _, err := r.Save(t.Context(), trace.Event{Session: "s", Kind: trace.Mark}); err == nil {
			t.Error("a mark that is not stored gives no error")
		}
		m.fail(nil)
		events, err := r.Trace(t.Context(), "s")
		if err != nil || len(events) != 10 || r.Dropped() != 0 {
			t.Errorf("%d events, %d dropped, %v", len(events), r.Dropped(), err)
		}
		m.fail(errors.New("away"))
		for range 10_000 {
			r.Note(trace.Event{Session: "s", Kind: trace.Role})
		}
		if r.Dropped() == 0 || r.Dropped() > 6000 {
			t.Errorf("%d of 10,000 dropped", r.Dropped())
		}
		m.fail(nil)
	})
}

func TestNilRecorder(t *testing.T) {
	t.Parallel()
	var r *trace.Recorder
	r.Note(trace.Event{})
	r.Opened("s", "p")
	r.Closed("s", "p")
	r.Presence("s", "p", 1, nil)
	if events, err := r.Trace(t.Context(), "s"); events != nil || err != nil || r.Close(t.Context()) != nil || r.Dropped() != 0 {
		t.Error("a nil Recorder does something")
	}
}

// An event is a line of the timeline, and comes back as it was.
func TestEventAsJSON(t *testing.T) {
	t.Parallel()
	at := time.UnixMilli(1796000000123).UTC()
	for _, tc := range []struct {
		event trace.Event
		want  string
	}{
		{trace.Event{At: at, By: "p", Kind: trace.File, File: "main", Line: 3}, `{"t":1796000000123,"by":"p","k":"trace","what":"file","file":"main","line":3}`},
		{trace.Event{At: at, Kind: trace.Quiet}, `{"t":1796000000123,"by":"","k":"trace","what":"quiet","until":0}`},
		{trace.Event{At: at, By: "p", Kind: trace.Lobby, About: "q"}, `{"t":1796000000123,"by":"p","k":"trace","what":"lobby","about":"q","in":false}`},
		{trace.Event{At: at, By: "p", Kind: trace.Away, Since: at}, `{"t":1796000000123,"by":"p","k":"trace","what":"away","since":1796000000123}`},
	} {
		got, err := json.Marshal(tc.event)
		if err != nil || string(got) != tc.want {
			t.Errorf("got %s, %v, want %s", got, err, tc.want)
		}
		var back trace.Event
		if err := json.Unmarshal(got, &back); err != nil || back != tc.event {
			t.Errorf("%s came back as %+v, %v", got, back, err)
		}
	}
}
