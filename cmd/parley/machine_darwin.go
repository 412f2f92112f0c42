package main

import "syscall"

// fileSystem names the kinds of which doctor has something to say.
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
