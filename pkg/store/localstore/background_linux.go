package localstore

import (
	"runtime"
	"syscall"
)

// commitNice is the nice value of the committer's thread. A thread with this value gets about a
// tenth of the CPU time of a normal thread that competes with it. A higher value would hurt: while
// the committer tells a room that its edits are saved, the room waits, and a preempted committer
// keeps it waiting.
const commitNice = 10

// background locks the calling goroutine to its thread and lowers the priority of that thread. A
// commit for hundreds of rooms takes milliseconds, which would delay the people who type meanwhile.
// Yielding between steps does not help: the kernel lets a thread that has just begun to run go on,
// even when another thread wakes up. docs/decisions/021.
func background() {
	runtime.LockOSThread() // the thread ends with the goroutine
	_ = syscall.Setpriority(syscall.PRIO_PROCESS, syscall.Gettid(), commitNice)
}
