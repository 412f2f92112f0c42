package main

import "testing"

func TestSmallHeapsAreCollectedRarely(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		live uint64
		want int
	}{{0, 400}, {1 << 20, 400}, {8 << 20, 400}, {10 << 20, 300}, {20 << 20, 150}, {32 << 20, 100}, {4 << 30, 100}} {
		if got := collectAt(c.live); got != c.want {
			t.Errorf("with %d MiB in use: %d, want %d", c.live>>20, got, c.want)
		}
	}
}
