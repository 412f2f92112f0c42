package main

import (
	"os"
	"runtime"
	"strconv"
	"testing"

	"golang.org/x/sys/unix"
)

func TestThreadsHaveShortSlices(t *testing.T) {
	runtime.LockOSThread() // never unlocked: the thread with its nice value ends with the goroutine
	if err := unix.Setpriority(unix.PRIO_PROCESS, unix.Gettid(), 3); err != nil {
		t.Fatal(err)
	}
	if err := unix.SchedSetAttr(0, &unix.SchedAttr{Policy: unix.SCHED_NORMAL, Nice: 3, Runtime: threadSlice}, 0); err != nil {
		t.Skipf("the kernel refuses: %v", err)
	}
	if attr, err := unix.SchedGetAttr(0, 0); err != nil || attr.Runtime != threadSlice {
		t.Skipf("the kernel is older than 6.12: a slice of %d, %v", attr.Runtime, err)
	}
	shortenSlices()
	started := make(chan int)
	go func() {
		runtime.LockOSThread()
		started <- unix.Gettid()
		<-started
	}()
	id := <-started
	defer close(started)
	threads, err := os.ReadDir("/proc/self/task")
	if err != nil {
		t.Fatal(err)
	}
	names := []string{strconv.Itoa(id)}
	for _, thread := range threads {
		names = append(names, thread.Name())
	}
	for _, name := range names {
		thread, err := strconv.Atoi(name)
		if err != nil {
			t.Fatal(err)
		}
		if attr, err := unix.SchedGetAttr(thread, 0); err == nil && attr.Runtime != threadSlice {
			t.Errorf("thread %d has slices of %d ns", thread, attr.Runtime)
		}
	}
	if attr, err := unix.SchedGetAttr(0, 0); err != nil || attr.Nice != 3 {
		t.Errorf("the nice value is %d afterwards, %v", attr.Nice, err)
	}
}
