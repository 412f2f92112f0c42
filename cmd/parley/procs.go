package main

import (
	"os"
	"runtime"
)

// procsToCommit is the number of goroutines that run at a time at least while the embedded store writes to the disk.
const procsToCommit = 2

// widen has two goroutines run at a time on a machine of one processor, until narrow is called. With one, whoever types would wait while the
// embedded store writes to the disk, as a thread that waits in the kernel keeps its place in Go's scheduler for up to 10 ms. At all other
// times the second costs a twelfth of the CPU time, for threads that wake each other. A GOMAXPROCS in the environment is left alone.
func widen() (narrow func()) {
	if os.Getenv("GOMAXPROCS") != "" || runtime.GOMAXPROCS(0) >= procsToCommit {
		return func() {}
	}
	elsewhere(func() { runtime.GOMAXPROCS(procsToCommit) })
	return func() { elsewhere(runtime.SetDefaultGOMAXPROCS) } // which follows the limits of a container from then on, too
}

// elsewhere runs fn, for which everything stands still, on a thread that does not make way for others as the committer's does.
func elsewhere(fn func()) {
	done := make(chan struct{})
	go func() { // ends with fn
		defer close(done)
		fn()
	}()
	<-done
}
