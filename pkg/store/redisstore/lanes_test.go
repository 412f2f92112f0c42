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

// Source: the Redis cluster specification. Its example is "123456789".
func TestSlots(t *testing.T) {
	t.Parallel()
	for tag, want := range map[string]int{"foo": 12182, "123456789": 0x31c3, "": 0} {
		if got := slotOf(tag); got != want {
			t.Errorf("the slot of %q is %d, want %d", tag, got, want)
		}
	}
}

// A restarted server knows no script. Every lane sends it the text of the script again.
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

// Held appends go out after the pace, when there are many of them, and when they are flushed.
func TestWhatIsGatheredGoesOut(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		n    int
		pace time.Duration
		then func(s *Store)
	}{
		"by itself":          {n: 3, pace: heldPace, then: func(*Store) {}},
		"when there is much": {n: laneDepth, pace: time.Hour, then: func(*Store) {}},
		"flushed":            {n: 3, pace: time.Hour, then: (*Store).Flush},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, _ := open(t)
			// the first one goes at once
			if _, err := appendWith(s, main, relay.Position{}, relay.Batched, entry(0)); err != nil {
				t.Fatal(err)
			}
			s.lanes[0].queue.SetPace(tc.pace)
			told := make(chan error, tc.n)
			for i := range tc.n {
				id := relay.RoomID{Session: "aaaa0001", Doc: fmt.Sprint("d", i)}
				s.Append(id, relay.Position{}, []relay.Entry{entry(i)}, relay.Batched, func(end relay.Position, err error) {
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

// When the store closes, an append that was not sent is answered with an error.
func TestCloseAnswersWhatIsHeld(t *testing.T) {
	t.Parallel()
	s, _ := open(t)
	if _, err := appendWith(s, main, relay.Position{}, relay.Batched, entry(0)); err != nil {
		t.Fatal(err)
	}
	s.lanes[0].queue.SetPace(time.Hour)
	told := make(chan error, 1)
	s.Append(relay.RoomID{Session: "aaaa0001", Doc: "d"}, relay.Position{}, []relay.Entry{entry(1)}, relay.Batched, func(_ relay.Position, err error) { told <- err })
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-told; !errors.Is(err, ErrClosed) {
		t.Errorf("a held append gave %v when the store was closed, want ErrClosed", err)
	}
}

// Many rooms share pipelines, and each gets its own answer.
func TestLanesAnswerEachJob(t *testing.T) {
	t.Parallel()
	s, server := open(t)
	var wg sync.WaitGroup
	for i := range 300 {
		id := relay.RoomID{Session: "aaaa0001", Doc: string(rune('a'+i%26)) + string(rune('a'+i/26))}
		if i%10 == 0 {
			id.Session = "bbbb0001" // does not exist
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
	a, err := s.newAppend(main, relay.Position{}, []relay.Entry{entry(1)})
	if err != nil {
		t.Fatal(err)
	}
	if err := a.await(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("an append that nobody waits for gave %v", err)
	}
	server.Continue()
}
