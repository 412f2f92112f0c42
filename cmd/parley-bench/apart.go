//go:build linux

package main

import (
	"fmt"
	"runtime"

	"golang.org/x/sys/unix"
)

// apart starts a server on all processors but the last and keeps the load generator, which is the
// calling goroutine, on the last one. undo lifts that.
//
// Without it the kernel may have server and load generator take turns on one processor while
// another is idle, because a woken thread tends to run where its waker runs. Latency would then
// depend on luck. On a machine with one processor apart only starts the server.
func apart(start func() (*target, error)) (t *target, undo func(), err error) {
	var all, own unix.CPUSet
	if err := unix.SchedGetaffinity(0, &all); err != nil {
		return nil, nil, fmt.Errorf("which processors there are: %w", err)
	}
	if all.Count() < 2 {
		t, err := start()
		return t, func() {}, err
	}
	others, last := all, 0
	for cpu := range len(all) * 64 {
		if all.IsSet(cpu) {
			last = cpu
		}
	}
	others.Clear(last)
	own.Set(last)
	runtime.LockOSThread()
	undo = func() {
		_ = unix.SchedSetaffinity(0, &all) // it was allowed before
		runtime.UnlockOSThread()
	}
	// A process inherits the affinity of the thread that starts it.
	if err = unix.SchedSetaffinity(0, &others); err == nil {
		t, err = start()
	}
	if err == nil {
		if err = unix.SchedSetaffinity(0, &own); err != nil {
			t.stop()
		}
	}
	if err != nil {
		undo()
		return nil, nil, err
	}
	return t, undo, nil
}
