package main

import "syscall"

// fileSystem returns the name of the file system, where doctor has a check for it.
func fileSystem(s *syscall.Statfs_t) string {
	name := ""
	for _, c := range s.Fstypename {
		if c == 0 {
			break
		}
		name += string(rune(c))
	}
	if name == "smbfs" {
		return "smb"
	}
	return name
}
