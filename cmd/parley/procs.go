package main

import (
	"os"
	"runtime"
)

// leastProcs is the number of goroutines that run at a time at least.
const leastProcs = 2

// raiseProcs has two goroutines run at a time on a machine of one processor. With one, whoever types would wait while the embedded store writes
// to the disk, as a thread that waits in the kernel keeps its place in Go's scheduler for up to 10 ms. Where nothing waits like that the second
// costs a sixth of the CPU time, for threads that wake each other. A GOMAXPROCS in the environment is left alone.
func raiseProcs() {
	if os.Getenv("GOMAXPROCS") == "" && runtime.GOMAXPROCS(0) < leastProcs {
		runtime.GOMAXPROCS(leastProcs)
	}
}
