package localstore_test

import (
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"parley/pkg/relay"
	"parley/pkg/session"
	"parley/pkg/store/localstore"
	"parley/pkg/store/storetest"
)

// BenchmarkAppend measures one acknowledged keystroke, with one writer and with many rooms at once.
// Each room waits for its acknowledgement before it appends again. commits/op shows how rooms share
// fsyncs.
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
						if _, err := appendTo(s, crashRoom(n), entry); err != nil {
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

// BenchmarkCommit measures one commit of many rooms in which people type: three held entries of
// each room. A quarter of a second passes between commits, as in a server, so the cost of settling
// is included. cpu-µs/op leaves out the wait for the disk. p99-ms is the slowest hundredth of the
// commits.
func BenchmarkCommit(b *testing.B) {
	for _, rooms := range []int{100, 500} {
		b.Run(fmt.Sprintf("rooms=%d", rooms), func(b *testing.B) {
			var commits []time.Duration
			clock := newClock()
			s, err := localstore.Open(b.TempDir(), localstore.WithClock(localstore.Options{
				Committed: func(_ int, took time.Duration, _ error) { commits = append(commits, took) },
			}, clock.Now))
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
			entry := relay.Entry{Update: make([]byte, 30), At: time.Now(), By: "0123456789abcdef"}
			entries := []relay.Entry{entry, entry, entry}
			keystrokes := func() {
				clock.Add(250 * time.Millisecond)
				var stored sync.WaitGroup
				stored.Add(rooms)
				for n := range rooms {
					s.Append(crashRoom(n), relay.Position{}, entries, relay.Batched, func(_ relay.Position, err error) {
						if err != nil {
							b.Error(err)
						}
						stored.Done()
					})
				}
				s.Flush()
				stored.Wait()
			}
			for range 100 { // until the journal has its usual size
				keystrokes()
			}
			commits = commits[:0]
			before := cpuTime(b)
			b.ResetTimer()
			for range b.N {
				keystrokes()
			}
			b.StopTimer()
			b.ReportMetric(float64((cpuTime(b)-before).Microseconds())/float64(b.N), "cpu-µs/op")
			slices.Sort(commits)
			b.ReportMetric(float64(commits[len(commits)*99/100].Microseconds())/1000, "p99-ms")
		})
	}
}

// cpuTime returns the CPU time that this process has used.
func cpuTime(b *testing.B) time.Duration {
	b.Helper()
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		b.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

func BenchmarkShelves(b *testing.B) {
	s, err := localstore.Open(b.TempDir(), localstore.Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	storetest.BenchmarkShelves(b, s)
}
