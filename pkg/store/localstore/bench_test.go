package localstore_test

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"parley/pkg/relay"
	"parley/pkg/session"
	"parley/pkg/store/localstore"
)

// BenchmarkAppend is one acknowledged keystroke: of a writer alone, and of many rooms at once, each of which waits for its own
// acknowledgement before the next. commits/op tells how they share fsyncs.
func BenchmarkAppend(b *testing.B) {
	for _, rooms := range []int{1, 10, 100, 1000} {
		b.Run(fmt.Sprintf("rooms=%d", rooms), func(b *testing.B) {
			var commits atomic.Int64
			s, err := localstore.Open(b.TempDir(), localstore.Options{Committed: func(int, time.Duration, error) { commits.Add(1) }})
			if err != nil {
				b.Fatal(err)
			}
			defer s.Close()
			var setup sync.WaitGroup
			for n := range rooms {
				setup.Go(func() {
					if err := s.Create(b.Context(), session.Session{ID: session.ID(crashRoom(n).Session), ExpiresAt: time.Now().Add(time.Hour)}, nil); err != nil {
						b.Error(err)
					}
				})
			}
			setup.Wait()
			commits.Store(0)
			entry := []relay.Entry{{Update: make([]byte, 30), By: "0123456789abcdef"}}
			var next atomic.Int64
			var writers sync.WaitGroup
			b.ResetTimer()
			for n := range rooms {
				writers.Go(func() {
					for next.Add(1) <= int64(b.N) {
						if _, err := s.Append(b.Context(), crashRoom(n), entry); err != nil {
							b.Error(err)
							return
						}
					}
				})
			}
			writers.Wait()
			b.ReportMetric(float64(commits.Load())/float64(b.N), "commits/op")
		})
	}
}
