//go:build linux && !race

package rawio

import (
	"syscall"
	"unsafe"
)

// mostQuick limits the bytes of a quick call, so that the copy takes some microseconds. The garbage
// collector may have to wait for that long.
const mostQuick = 32 << 10

// Read is syscall.Read for a non-blocking descriptor. It may return less than is available.
func Read(fd uintptr, b []byte) (n int, err error) {
	if len(b) == 0 {
		return 0, nil
	}
	return call(syscall.SYS_READ, fd, b[:min(len(b), mostQuick)])
}

// Write is syscall.Write for a non-blocking descriptor.
func Write(fd uintptr, b []byte) (n int, err error) {
	if len(b) == 0 || len(b) > mostQuick {
		return syscall.Write(int(fd), b)
	}
	return call(syscall.SYS_WRITE, fd, b)
}

func call(number, fd uintptr, b []byte) (int, error) {
	n, _, errno := syscall.RawSyscall(number, fd, uintptr(unsafe.Pointer(&b[0])), uintptr(len(b)))
	if errno != 0 {
		return -1, errno
	}
	return int(n), nil
}
