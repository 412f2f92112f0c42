package main

import (
	"runtime"
	"testing"
)

func TestOneProcessorRunsTwoGoroutinesAtATime(t *testing.T) {
	for _, c := range []struct {
		set       string
		had, want int
	}{{"", 1, 2}, {"", 3, 3}, {"1", 1, 1}} {
		was := runtime.GOMAXPROCS(c.had)
		t.Setenv("GOMAXPROCS", c.set)
		raiseProcs()
		if got := runtime.GOMAXPROCS(was); got != c.want {
			t.Errorf("with %d of its own and GOMAXPROCS=%q it runs %d", c.had, c.set, got)
		}
	}
}
