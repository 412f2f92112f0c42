//go:build !linux

package main

// shortenSlices does nothing: only Linux supports time slices per thread.
func shortenSlices() {}
