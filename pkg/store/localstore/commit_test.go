package localstore_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"parley/pkg/relay"
	"parley/pkg/store/localstore"
)

func TestSlowCommitsComeMoreRarely(t *testing.T) {
	t.Parallel()
	for took, want := range map[time.Duration]time.Duration{
		0: 500 * time.Millisecond, 3 * time.Millisecond: 500 * time.Millisecond, 5 * time.Millisecond: 640 * time.Millisecond,
		6 * time.Millisecond: 768 * time.Millisecond, time.Minute: time.Second,
	} {
		if got := localstore.HeldPaceAfter(took); got != want {
			t.Errorf("after a commit of %v the next is due in %v, want %v", took, got, want)
		}
	}
}

// The answers of one commit for many rooms are spread over time, unless another job waits for them
// to end.
func TestAnswersAreSpread(t *testing.T) {
	t.Parallel()
	for _, flushed := range []bool{false, true} {
		t.Run(fmt.Sprintf("flushed=%v", flushed), func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			synctest.Test(t, func(t *testing.T) {
				commits := 0
				within := false
				s := mustOpen(t, dir, localstore.Options{
					Committed:  func(int, time.Duration, error) { commits++ },
					Committing: func() func() { within = true; return func() { within = false } },
				})
				mustCreate(t, s, "aaaa0001")
				const rooms = 320
				before, times := commits, map[time.Time]int{} // answers, by the time in the bubble
				for i := range rooms {
					s.Append(relay.RoomID{Session: "aaaa0001", Doc: fmt.Sprint(i)}, relay.Position{}, []relay.Entry{{Update: []byte("x"), At: time.Now()}}, relay.Batched, func(_ relay.Position, err error) {
						if times[time.Now()]++; err != nil || !within {
							t.Errorf("answered with %v, while committing: %v", err, within)
						}
						if flushed {
							s.Flush()
						}
					})
				}
				<-time.After(2 * time.Second) // in the bubble
				synctest.Wait()
				if commits != before+1 || within {
					t.Fatalf("%d commits, one under way: %v", commits-before, within)
				}
				for at, n := range times {
					if most := rooms / 8; !flushed && n > most {
						t.Errorf("%d answers at %v, want %d at most", n, at, most)
					}
				}
				if flushed && len(times) != 1 {
					t.Errorf("answers come at %d times although a caller waits", len(times))
				}
				if err := s.Close(); err != nil {
					t.Error(err)
				}
			})
		})
	}
}
