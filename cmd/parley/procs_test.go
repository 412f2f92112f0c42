package main

import (
	"runtime"
	"testing"
)

func TestOneProcessorRunsTwoGoroutinesAtATimeToCommit(t *testing.T) {
	t.Setenv("GOMAXPROCS", "") // restores the old value at the end
	runtime.SetDefaultGOMAXPROCS()
	own := runtime.GOMAXPROCS(0)
	defer runtime.SetDefaultGOMAXPROCS()
	for _, c := range []struct {
		set                string
		had, within, after int
	}{{"", 1, 2, own}, {"", 3, 3, 3}, {"1", 1, 1, 1}} {
		runtime.GOMAXPROCS(c.had)
		t.Setenv("GOMAXPROCS", c.set)
		narrow := widen()
		within := runtime.GOMAXPROCS(0)
		narrow()
		if after := runtime.GOMAXPROCS(0); within != c.within || after != c.after {
			t.Errorf("with %d processors and GOMAXPROCS=%q, GOMAXPROCS is %d during a commit and %d after it", c.had, c.set, within, after)
		}
	}
}
