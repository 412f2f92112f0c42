package main

import "syscall"

// fileSystem names the kinds of which doctor has something to say.
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
