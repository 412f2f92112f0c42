//go:build linux || darwin

package main

import (
	"syscall"
)

// space gives what is free to this user on the file system of dir, in bytes, and its kind where that matters.
func space(dir string) (free uint64, kind string, err error) {
	var s syscall.Statfs_t
	if err := syscall.Statfs(dir, &s); err != nil {
		return 0, "", err
	}
	return s.Bavail * uint64(s.Bsize), fileSystem(&s), nil
}

// fileLimit gives how many files this process may have open. Go raises it to the hard limit by itself.
func fileLimit() (uint64, error) {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return 0, err
	}
	return uint64(limit.Cur), nil
}
