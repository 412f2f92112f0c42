package localstore

import (
	"syscall"
	"testing"
	"time"

	"parley/pkg/session"
)

func TestCommitsRunInTheBackground(t *testing.T) {
	t.Parallel()
	nice := make(chan int, 8)                                                        // more than there are commits
	s, err := Open(t.TempDir(), Options{Committed: func(int, time.Duration, error) { // called by the committer
		got, _, _ := syscall.RawSyscall(syscall.SYS_GETPRIORITY, syscall.PRIO_PROCESS, 0, 0)
		nice <- 20 - int(got)
	}})
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	if err := s.Create(t.Context(), session.Session{ID: "aaaa0001", Status: "active", CreatedAt: now, ExpiresAt: now.Add(time.Hour)}, nil); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if got := <-nice; got != commitNice {
		t.Errorf("a commit ran with a nice value of %d, want %d", got, commitNice)
	}
}
