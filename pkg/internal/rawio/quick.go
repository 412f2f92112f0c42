//go:build linux && !race

package rawio

import (
	"syscall"
	"unsafe"
)

// mostQuick bounds the bytes of a quick call: what is copied in some microseconds. The collector waits as long.
const mostQuick = 32 << 10

// Read is syscall.Read for a descriptor that does not block. It may give less than there is.
func Read(fd uintptr, b []byte) (n int, err error) {
	if len(b) == 0 {
		return 0, nil
	}
	return call(syscall.SYS_READ, fd, b[:min(len(b), mostQuick)])
}

// Write is syscall.Write for a descriptor that does not block.
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
