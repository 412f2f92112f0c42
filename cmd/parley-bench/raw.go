//go:build linux

package main

import (
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// The swarm makes raw system calls, which Go's scheduler does not notice. The usual calls wake the
// scheduler's monitor thread for a millisecond after every message. On a machine with few
// processors that thread takes time from the server that is measured.
//
// A goroutine that waits in a raw call keeps its processor. This is no loss here, because nothing
// else in the load generator has to run. (The server's package for raw calls, pkg/internal/rawio,
// has no calls that wait.)

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

// epollWait is syscall.EpollWait with a timeout in nanoseconds. Kernels before 5.11 round the
// timeout up to whole milliseconds.
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
