package localstore_test

import (
	"testing"
	"time"

	"parley/pkg/store/localstore"
)

func TestSlowCommitsComeMoreRarely(t *testing.T) {
	t.Parallel()
	for took, want := range map[time.Duration]time.Duration{
		0: 500 * time.Millisecond, 3 * time.Millisecond: 500 * time.Millisecond, 5 * time.Millisecond: 640 * time.Millisecond,
		6 * time.Millisecond: 768 * time.Millisecond, time.Minute: time.Second,
	} {
		if got := localstore.WindowAfter(took); got != want {
			t.Errorf("after a commit of %v the next is due in %v, want %v", took, got, want)
		}
	}
}
