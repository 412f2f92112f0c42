//go:build !unix

package main

import "os"

// Signals that do not end the program. This system has none.
var signalReload, signalDebug os.Signal
