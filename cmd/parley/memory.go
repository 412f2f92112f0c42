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
	smallHeap    = 48 << 20 // bytes below which the collector may wait until there are so many
	leastPercent = 50       // of GOGC
	mostPercent  = 400      // of GOGC, for the smallest heaps
	quietAllocs  = 1 << 20  // bytes allocated between two looks, at most, when nothing much happens
	worthReturn  = 8 << 20  // bytes allocated since memory was returned last, at least, for it to be worth another collection
	leastStack   = 4 << 10  // bytes, of a connection's goroutine
)

// memory is what the janitor looks at.
type memory struct {
	allocs     uint64 // bytes allocated since the start
	live       uint64 // bytes in use after the last collection
	goroutines uint64
}

func lookAtMemory(samples []metrics.Sample) memory {
	metrics.Read(samples)
	return memory{allocs: samples[0].Value.Uint64(), live: samples[1].Value.Uint64(), goroutines: samples[2].Value.Uint64()}
}

// janitor collects rarely while the heap is small, and returns memory to the system when it has become quiet. A GOGC in the
// environment is left alone. It ends with ctx.
func janitor(ctx context.Context) {
	samples := []metrics.Sample{{Name: "/gc/heap/allocs:bytes"}, {Name: "/gc/heap/live:bytes"}, {Name: "/sched/goroutines:goroutines"}}
	percent := 100
	var last, returned memory
	tick := time.NewTicker(janitorEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
		now := lookAtMemory(samples)
		if want := collectAt(now.live); os.Getenv("GOGC") == "" && want != percent {
			percent = want
			debug.SetGCPercent(percent)
		}
		if worthReturning(last, now, returned) {
			debug.FreeOSMemory()
			returned = now
		}
		returned.goroutines = max(returned.goroutines, now.goroutines)
		last = now
	}
}

// worthReturning reports whether memory should go back: it is quiet since the last look, and since memory was returned last there came
// garbage, or goroutines went, whose stacks only a collection frees.
func worthReturning(last, now, returned memory) bool {
	if now.allocs-last.allocs >= quietAllocs {
		return false
	}
	return now.allocs-returned.allocs > worthReturn || returned.goroutines > now.goroutines+worthReturn/leastStack
}

// collectAt gives the percentage of growth at which a heap with so many bytes in use is collected, in steps of 50: a small one when it
// has grown to smallHeap, a larger one by leastPercent. What lives for long, and most does that a connection or a room has, then
// lies close together: with 5,000 idle connections a third of the heap was holes at 100 %.
func collectAt(live uint64) int {
	percent := int(smallHeap-min(live, smallHeap)) * 100 / int(max(live, 1))
	return min(max(percent/50*50, leastPercent), mostPercent)
}
