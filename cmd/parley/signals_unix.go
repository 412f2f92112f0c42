//go:build unix

package main

import (
	"os"
	"syscall"
)

// Signals that do not end the program.
var (
	signalReload os.Signal = syscall.SIGHUP  // reload the certificate
	signalDebug  os.Signal = syscall.SIGUSR1 // log level to debug and back
)
