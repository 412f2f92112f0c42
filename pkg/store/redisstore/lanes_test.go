package redisstore

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"parley/pkg/relay"
)

// Source: the Redis cluster specification, which has the second as its example.
func TestSlots(t *testing.T) {
	t.Parallel()
	for tag, want := range map[string]int{"foo": 12182, "123456789": 0x31c3, "": 0} {
		if got := slotOf(tag); got != want {
			t.Errorf("the slot of %q is %d, want %d", tag, got, want)
		}
	}
}

// A server that was started anew knows no script; every lane teaches it the script again.
func TestScriptsAreTaughtAgain(t *testing.T) {
	t.Parallel()
	s, server := open(t)
	at := relay.Position{}
	for range 3 {
		server.Do("SCRIPT", "FLUSH")
		end, err := appendAt(s, main, at, []relay.Entry{entry(1)})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Check(t.Context(), []relay.Located{{ID: main, At: end}}); err != nil {
			t.Fatal(err)
		}
		at = end
	}
	if at.Seq != 3 {
		t.Errorf("three appends end at %+v", at)
	}
}

// What nobody waits for goes out by itself, at once after a pause, when there is much, and in a hurry. It would never be answered if it did not: but
// for the first, it may wait for an hour here.
func TestWhatIsGatheredGoesOut(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		n    int
		pace time.Duration
		last time.Time
		then func(s *Store)
	}{
		"by itself":          {n: 3, pace: laterPace, last: time.Now().Add(time.Second), then: func(*Store) {}},
		"after a pause":      {n: 1, pace: time.Hour, then: func(*Store) {}},
		"when there is much": {n: laneDepth, pace: time.Hour, last: time.Now(), then: func(*Store) {}},
		"in a hurry":         {n: 3, pace: time.Hour, last: time.Now(), then: (*Store).Hurry},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, _ := open(t)
			s.lanes[0].later.pace, s.lanes[0].later.last = tc.pace, tc.last
			told := make(chan error, tc.n)
			for i := range tc.n {
				id := relay.RoomID{Session: "aaaa0001", Doc: fmt.Sprint("d", i)}
				s.AppendAt(id, relay.Position{}, []relay.Entry{entry(i)}, false, func(end relay.Position, err error) {
					if err == nil && end.Seq != 1 {
						err = fmt.Errorf("%s ends at %+v", id, end)
					}
					told <- err
				})
			}
			tc.then(s)
			for range tc.n {
				if err := <-told; err != nil {
					t.Error(err)
				}
			}
		})
	}
}

// Many rooms at once share pipelines, and each gets its own answer.
func TestLanesAnswerEachJob(t *testing.T) {
	t.Parallel()
	s, server := open(t)
	var wg sync.WaitGroup
	for i := range 300 {
		id := relay.RoomID{Session: "aaaa0001", Doc: string(rune('a'+i%26)) + string(rune('a'+i/26))}
		if i%10 == 0 {
			id.Session = "bbbb0001" // is not there
		}
		wg.Go(func() {
			end, err := appendAt(s, id, relay.Position{}, []relay.Entry{entry(i), entry(i)})
			switch {
			case id.Session == "bbbb0001" && !errors.Is(err, relay.ErrNoSession):
				t.Errorf("append to a session that is not there gave %v", err)
			case id.Session == "aaaa0001" && (err != nil || end.Seq != 2):
				t.Errorf("%s ends at %+v, %v", id, end, err)
			}
		})
	}
	wg.Wait()
	server.Pause()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Append(ctx, main, []relay.Entry{entry(1)}); !errors.Is(err, context.Canceled) {
		t.Errorf("an append that nobody waits for gave %v", err)
	}
	server.Continue()
}
