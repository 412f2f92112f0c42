//go:build !linux

package main

import (
	"fmt"
	"os"
)

func main() {
	fmt.Fprintln(os.Stderr, "parley-bench: runs on Linux only: it needs epoll, and /proc for what the servers cost")
	os.Exit(1)
}
