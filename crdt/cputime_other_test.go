//go:build !unix

package crdt_test

import "time"

var began = time.Now()

// cpuTime is the time since the start, where no better one is to be had.
func cpuTime() time.Duration { return time.Since(began) }
