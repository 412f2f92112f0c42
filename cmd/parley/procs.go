package main

import (
	"os"
	"runtime"
)

// procsToCommit is the least number of goroutines that run in parallel while the embedded store
// writes to the disk.
const procsToCommit = 2

// widen sets GOMAXPROCS to procsToCommit on a machine with one processor, until narrow is called.
// With GOMAXPROCS=1, a blocked fsync keeps the only P for up to 10 ms, until sysmon retakes it, and
// typing participants wait. The second P is used during commits only, because at all other times it
// costs a twelfth of the CPU time, for threads that wake each other. If the environment sets
// GOMAXPROCS, widen does nothing.
func widen() (narrow func()) {
	if os.Getenv("GOMAXPROCS") != "" || runtime.GOMAXPROCS(0) >= procsToCommit {
		return func() {}
	}
	elsewhere(func() { runtime.GOMAXPROCS(procsToCommit) })
	// Follows the limits of a container again.
	return func() { elsewhere(runtime.SetDefaultGOMAXPROCS) }
}

// elsewhere runs fn on another thread. fn stops the world, and the committer's thread has a low
// priority: on that thread fn could stop the world for long.
func elsewhere(fn func()) {
	done := make(chan struct{})
	go func() { // ends with fn
		defer close(done)
		fn()
	}()
	<-done
}
