package main

import "testing"

func TestSmallHeapsAreCollectedRarely(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		live uint64
		want int
	}{{0, 400}, {1 << 20, 400}, {9 << 20, 400}, {12 << 20, 300}, {24 << 20, 100}, {30 << 20, 50}, {48 << 20, 50}, {4 << 30, 50}} {
		if got := collectAt(c.live); got != c.want {
			t.Errorf("with %d MiB in use: %d, want %d", c.live>>20, got, c.want)
		}
	}
}

func TestMemoryGoesBackWhenItIsQuiet(t *testing.T) {
	t.Parallel()
	const mib = 1 << 20
	for _, c := range []struct {
		name                string
		last, now, returned memory
		want                bool
	}{
		{"nothing happened", memory{allocs: 5 * mib}, memory{allocs: 5 * mib}, memory{}, false},
		{"garbage came, and comes", memory{allocs: 100 * mib}, memory{allocs: 110 * mib}, memory{}, false},
		{"garbage came", memory{allocs: 100 * mib}, memory{allocs: 100*mib + 1}, memory{}, true},
		{"it was returned", memory{allocs: 100 * mib}, memory{allocs: 100 * mib}, memory{allocs: 99 * mib}, false},
		{"connections were parked", memory{allocs: 99 * mib}, memory{allocs: 99 * mib, goroutines: 90}, memory{allocs: 99 * mib, goroutines: 5000}, true},
		{"few were", memory{allocs: 99 * mib}, memory{allocs: 99 * mib, goroutines: 90}, memory{allocs: 99 * mib, goroutines: 1000}, false},
	} {
		if got := worthReturning(c.last, c.now, c.returned); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}
