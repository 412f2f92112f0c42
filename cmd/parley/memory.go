package main

import (
	"context"
	"os"
	"runtime/debug"
	"runtime/metrics"
	"time"
)

// The janitor tunes the garbage collector, for two reasons. A wave of connections leaves garbage
// that Go returns slowly to the system. A small heap under load is collected all the time.
const (
	janitorEvery = 2 * time.Second
	smallHeap    = 48 << 20 // bytes; a smaller heap may grow to this size before a collection
	leastPercent = 50       // lowest value of GOGC
	mostPercent  = 400      // highest value of GOGC, for the smallest heaps
	quietAllocs  = 1 << 20  // bytes allocated between two looks: less counts as quiet
	// Bytes allocated since memory was last returned: more makes another collection worthwhile.
	worthReturn = 8 << 20
	leastStack  = 4 << 10 // bytes of stack of a connection's goroutine
)

// memory is one reading of the runtime's metrics.
type memory struct {
	allocs     uint64 // bytes allocated since the start
	live       uint64 // bytes in use after the last collection
	goroutines uint64
}

func lookAtMemory(samples []metrics.Sample) memory {
	metrics.Read(samples)
	return memory{allocs: samples[0].Value.Uint64(), live: samples[1].Value.Uint64(), goroutines: samples[2].Value.Uint64()}
}

// janitor makes the collector run less often while the heap is small, and returns memory to the
// system when the server becomes quiet. If the environment sets GOGC, the janitor leaves GOGC
// alone. It ends with ctx.
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

// worthReturning reports whether memory should be returned to the system. The server must have been
// quiet since the last look. Since memory was last returned, there must also be new garbage, or
// goroutines must have ended: only a collection frees their stacks.
func worthReturning(last, now, returned memory) bool {
	if now.allocs-last.allocs >= quietAllocs {
		return false
	}
	return now.allocs-returned.allocs > worthReturn || returned.goroutines > now.goroutines+worthReturn/leastStack
}

// collectAt returns the value of GOGC for a heap with live bytes in use, in steps of 50. A small
// heap is collected when it has grown to smallHeap, a larger heap when it has grown by
// leastPercent. Frequent collections keep long-lived objects, which most objects of connections and
// rooms are, close together: with 5,000 idle connections and GOGC=100, a third of the heap was
// holes.
func collectAt(live uint64) int {
	percent := int(smallHeap-min(live, smallHeap)) * 100 / int(max(live, 1))
	return min(max(percent/50*50, leastPercent), mostPercent)
}
