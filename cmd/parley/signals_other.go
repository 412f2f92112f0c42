//go:build !unix

package main

import "os"

// Signals that do not end the program: there are none here.
var signalReload, signalDebug os.Signal
