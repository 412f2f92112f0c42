//go:build linux && !race

package rawio

import (
	"syscall"
	"unsafe"
)

// mostQuick bounds the bytes of a quick call: what is copied in some microseconds. The collector waits as long.
const mostQuick = 32 << 10

// Read is syscall.Read for a descriptor that does not block.
func Read(fd uintptr, b []byte) (n int, err error) {
	return call(syscall.SYS_READ, fd, b, syscall.Read)
}

// Write is syscall.Write for a descriptor that does not block.
func Write(fd uintptr, b []byte) (n int, err error) {
	return call(syscall.SYS_WRITE, fd, b, syscall.Write)
}

func call(number, fd uintptr, b []byte, usual func(int, []byte) (int, error)) (int, error) {
	if len(b) > mostQuick || len(b) == 0 {
		return usual(int(fd), b)
	}
	n, _, errno := syscall.RawSyscall(number, fd, uintptr(unsafe.Pointer(&b[0])), uintptr(len(b)))
	if errno != 0 {
		return -1, errno
	}
	return int(n), nil
}
