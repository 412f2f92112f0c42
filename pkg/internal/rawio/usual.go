//go:build unix && (!linux || race)

package rawio

import "syscall"

// Read is syscall.Read.
func Read(fd uintptr, b []byte) (n int, err error) { return syscall.Read(int(fd), b) }

// Write is syscall.Write.
func Write(fd uintptr, b []byte) (n int, err error) { return syscall.Write(int(fd), b) }
