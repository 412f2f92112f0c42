package main

import (
	"context"
	"os"
	"runtime/debug"
	"runtime/metrics"
	"time"
)

// The memory of a server of interviews goes up and down: a wave of connections leaves garbage that Go gives back slowly, and a
// small heap is collected all the time under load. The janitor looks every few seconds.
const (
	janitorEvery = 2 * time.Second
	smallHeap    = 32 << 20 // bytes in use below which the collector may wait until there are so many
	mostPercent  = 400      // of GOGC, for the smallest heaps
	quietAllocs  = 1 << 20  // bytes allocated between two looks, at most, when nothing much happens
	worthReturn  = 8 << 20  // bytes allocated since memory was returned last, at least, for it to be worth another collection
)

// janitor collects rarely while the heap is small, and returns memory to the system when it has become quiet. A GOGC in the
// environment is left alone. It ends with ctx.
func janitor(ctx context.Context) {
	samples := []metrics.Sample{{Name: "/gc/heap/allocs:bytes"}, {Name: "/gc/heap/live:bytes"}}
	percent := 100
	var last, returned uint64
	tick := time.NewTicker(janitorEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
		metrics.Read(samples)
		allocs, live := samples[0].Value.Uint64(), samples[1].Value.Uint64()
		if want := collectAt(live); os.Getenv("GOGC") == "" && want != percent {
			percent = want
			debug.SetGCPercent(percent)
		}
		if allocs-last < quietAllocs && allocs-returned > worthReturn {
			debug.FreeOSMemory()
			returned = allocs
		}
		last = allocs
	}
}

// collectAt gives the percentage of growth at which a heap with so many bytes in use is collected, in steps of 50.
func collectAt(live uint64) int {
	percent := smallHeap * 100 / max(live, 1)
	return int(min(max(percent/50*50, 100), mostPercent))
}
