//go:build !unix

package crdt_test

import "time"

var began = time.Now()

// cpuTime is the time since the start, since this system offers nothing better.
func cpuTime() time.Duration { return time.Since(began) }
