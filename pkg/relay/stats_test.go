package relay_test

import (
	"maps"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"parley/pkg/relay"
	"parley/pkg/relay/relaytest"
)

// The age of unsaved updates grows while the store is away, and is zero when the store is back.
func TestStatsTellWhatIsNotStored(t *testing.T) {
	inBubble(t, relay.Options{StoreTimeout: time.Hour}, func(b bench) {
		a := b.connect(editor("ada"), nil)
		a.Type("stored")
		b.settle(a)
		if s := b.relay.Stats(); s.UnsavedDocs != 0 || s.UnsavedAge != 0 || s.Unsaved != 0 {
			t.Errorf("with all stored: %d documents, %v, %d bytes", s.UnsavedDocs, s.UnsavedAge, s.Unsaved)
		}
		g := b.hold(relaytest.Append)
		a.Type("x")
		b.settle(a)
		<-time.After(3 * time.Second)
		a.Type("y")
		b.settle(a)
		<-time.After(4 * time.Second)
		if s := b.relay.Stats(); s.UnsavedDocs != 1 || s.UnsavedAge != 7*time.Second || s.Unsaved == 0 {
			t.Errorf("with the store away: %d documents, %v, %d bytes; want 1, 7s, some", s.UnsavedDocs, s.UnsavedAge, s.Unsaved)
		}
		close(g.open)
		b.settle(a)
		if s := b.relay.Stats(); s.UnsavedDocs != 0 || s.UnsavedAge != 0 || s.Unsaved != 0 {
			t.Errorf("with the store back: %d documents, %v, %d bytes", s.UnsavedDocs, s.UnsavedAge, s.Unsaved)
		}
		if n := b.relay.Stats().DocBytes; len(n) != 1 || n[0] < len("storedxy") {
			t.Errorf("sizes of the documents: %v", n)
		}
	})
}

// A person counts once, with any number of connections. Anonymous connections count each.
func TestStatsCountPeopleByRole(t *testing.T) {
	inBubble(t, relay.Options{}, func(b bench) {
		b.connect(editor("ada"), nil)
		b.connect(editor("ada"), nil)
		b.connect(relay.Grant{Participant: "ivy", Role: "interviewer"}, nil)
		b.connect(relay.Grant{Role: "interviewer", Open: true}, nil)
		b.connect(relay.Grant{Role: "interviewer", Open: true}, nil)
		if got, want := b.relay.Stats().Participants, map[string]int{"candidate": 1, "interviewer": 3}; !maps.Equal(got, want) {
			t.Errorf("participants are %v, want %v", got, want)
		}
	})
}

// Fan-out is measured until the write to the reader, even when the reader needed a resync.
func TestFanOutIsMeasuredToTheWrite(t *testing.T) {
	for name, outbox := range map[string]int{"queued": 1 << 20, "resynchronised": 2000} {
		t.Run(name, func(t *testing.T) {
			var mu sync.Mutex
			took := map[relay.Timing][]time.Duration{}
			measured := func(what relay.Timing, d time.Duration) {
				mu.Lock()
				defer mu.Unlock()
				took[what] = append(took[what], d)
			}
			inBubble(t, relay.Options{MaxOutboxBytes: outbox, Measured: measured}, func(b bench) {
				a, slow := b.connect(editor("ada"), nil), b.connect(editor("bob"), nil)
				slow.SetWindow(0)
				a.Type("x") // the writer takes it at once
				b.settle(a)
				<-time.After(time.Second)
				a.Type("y") // blocks the writer
				b.settle(a)
				<-time.After(time.Second)
				for range 10 {
					a.Type(strings.Repeat("z", 300))
					b.settle(a)
				}
				<-time.After(5 * time.Second)
				s := b.relay.Stats()
				if lagging := map[bool]int{true: 1}[name == "resynchronised"]; s.Lagging != lagging || lagging == 0 && s.MaxWaiting < 3000 {
					t.Errorf("%d are behind, %d bytes wait", s.Lagging, s.MaxWaiting)
				}
				slow.SetWindow(-1)
				b.settle(a, slow)
				synctest.Wait()
				mu.Lock()
				defer mu.Unlock()
				want := []time.Duration{0, 6 * time.Second, 5 * time.Second}
				if got := took[relay.FanOut]; len(got) != len(want) || got[0] != want[0] || got[1] != want[1] || got[2] != want[2] {
					t.Errorf("fan-out took %v, want %v", got, want)
				}
				if len(took[relay.Merge]) != 1 || len(took[relay.Load]) != 1 || len(took[relay.Append]) == 0 {
					t.Errorf("measured %d merges, %d loads, %d appends; want 1, 1 and some", len(took[relay.Merge]), len(took[relay.Load]), len(took[relay.Append]))
				}
			})
		})
	}
}
