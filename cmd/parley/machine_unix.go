//go:build linux || darwin

package main

import (
	"syscall"
)

// space returns the bytes that this user may still write to the file system of dir, and its kind if
// doctor has a check for that kind.
func space(dir string) (free uint64, kind string, err error) {
	var s syscall.Statfs_t
	if err := syscall.Statfs(dir, &s); err != nil {
		return 0, "", err
	}
	return s.Bavail * uint64(s.Bsize), fileSystem(&s), nil
}

// fileLimit returns how many files this process may open. Go raises the soft limit to the hard
// limit itself.
func fileLimit() (uint64, error) {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return 0, err
	}
	return uint64(limit.Cur), nil
}
