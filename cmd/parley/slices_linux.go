package main

import (
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

// threadSlice is the time slice of the server's threads, in nanoseconds. This is the minimum that
// Linux accepts (6.12 and newer). The default is 1.4 ms on two processors. With the default, a
// typing participant waits that long behind a garbage collection or a commit.
const threadSlice = 100_000

// shortenSlices gives all threads short time slices. New threads inherit them. If the kernel
// refuses, nothing changes.
func shortenSlices() {
	for range 2 { // a thread may have been started by a thread that was not changed yet
		threads, err := os.ReadDir("/proc/self/task")
		if err != nil {
			return
		}
		for _, t := range threads {
			id, err := strconv.Atoi(t.Name())
			if err != nil {
				continue
			}
			if attr, err := unix.SchedGetAttr(id, 0); err == nil && attr.Policy == unix.SCHED_NORMAL {
				attr.Runtime, attr.Flags = threadSlice, 0
				_ = unix.SchedSetAttr(id, attr, 0)
			}
		}
	}
}
