//go:build !linux

package localstore

// background does nothing: threads have no priority of their own here.
func background() {}
