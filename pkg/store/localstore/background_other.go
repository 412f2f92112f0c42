//go:build !linux

package localstore

// background does nothing: only Linux gives each thread a priority of its own.
func background() {}
