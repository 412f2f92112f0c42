//go:build linux

package main

import (
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// The swarm's system calls go to the kernel as they are. The usual ones tell Go's scheduler of themselves, which wakes its monitor thread
// for a millisecond after every message: on a machine of few processors that thread then takes the place of the server that
// is measured. The goroutine that waits here holds its processor meanwhile; nothing else in the load generator has to run. (The
// server's package for this, pkg/internal/rawio, knows nothing of calls that wait.)

// read is syscall.Read of a descriptor that does not block.
func read(fd int, b []byte) (int, error) {
	n, _, errno := syscall.RawSyscall(syscall.SYS_READ, uintptr(fd), uintptr(unsafe.Pointer(&b[0])), uintptr(len(b)))
	return outcome(n, errno)
}

// write is syscall.Write to a descriptor that does not block.
func write(fd int, b []byte) (int, error) {
	n, _, errno := syscall.RawSyscall(syscall.SYS_WRITE, uintptr(fd), uintptr(unsafe.Pointer(unsafe.SliceData(b))), uintptr(len(b)))
	return outcome(n, errno)
}

// epollWait is syscall.EpollWait with a timeout that need not be whole milliseconds. Kernels before 5.11 round it up to those.
func epollWait(epoll int, events []syscall.EpollEvent, timeout time.Duration) (int, error) {
	limit := syscall.NsecToTimespec(int64(timeout))
	n, _, errno := syscall.RawSyscall6(unix.SYS_EPOLL_PWAIT2, uintptr(epoll), uintptr(unsafe.Pointer(&events[0])), uintptr(len(events)),
		uintptr(unsafe.Pointer(&limit)), 0, 0)
	if errno == syscall.ENOSYS {
		ms := (timeout + time.Millisecond - 1) / time.Millisecond
		n, _, errno = syscall.RawSyscall6(syscall.SYS_EPOLL_PWAIT, uintptr(epoll), uintptr(unsafe.Pointer(&events[0])), uintptr(len(events)), uintptr(ms), 0, 0)
	}
	return outcome(n, errno)
}

func outcome(n uintptr, errno syscall.Errno) (int, error) {
	if errno != 0 {
		return -1, errno
	}
	return int(n), nil
}
