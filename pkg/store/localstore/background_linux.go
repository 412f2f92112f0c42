package localstore

import (
	"runtime"
	"syscall"
)

// commitNice is the nice value of the committer's thread: while others want to run it gets a tenth of what one of them gets. Higher values would
// keep a room, in which a preempted committer is just noting that it is saved, waiting for longer when the machine has too much to do.
const commitNice = 10

// background has the calling goroutine, which keeps its thread from then on, run when others do not want to. A commit for hundreds of rooms takes
// milliseconds, which whoever types meanwhile would wait for. To yield in between does not do: the kernel lets a thread that has just
// begun go on, whatever else wakes up.
func background() {
	runtime.LockOSThread() // the thread ends with the goroutine
	_ = syscall.Setpriority(syscall.PRIO_PROCESS, syscall.Gettid(), commitNice)
}
