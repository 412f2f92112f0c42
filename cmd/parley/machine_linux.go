package main

import "syscall"

// fileSystem returns the name of the file system, where doctor has a check for it.
func fileSystem(s *syscall.Statfs_t) string {
	switch uint32(s.Type) {
	case 0x6969:
		return "nfs"
	case 0xFF534D42, 0xFE534D42, 0x517B:
		return "smb"
	case 0x65735546:
		return "fuse"
	case 0x01021994:
		return "tmpfs"
	}
	return ""
}
