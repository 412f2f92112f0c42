//go:build unix

package main

import (
	"os"
	"syscall"
)

// Signals that do not end the program.
var (
	signalReload os.Signal = syscall.SIGHUP  // look at the certificate at once
	signalDebug  os.Signal = syscall.SIGUSR1 // log level to debug, and back
)
