// Command parley is the whole service in one program: the client, the session API, the relay and an embedded store.
package main

import (
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
)

// version is set by the linker for releases (-X main.version=…).
var version = ""

// Exit codes.
const (
	exitOK      = 0
	exitFailure = 1 // the environment: a taken port, a data directory that cannot be used
	exitUsage   = 2 // the command line
)

const usage = `Parley: collaborative coding interviews in one program.

Usage:
  parley serve [flags]         serve the client, the API and the websockets
  parley config [flags]        print the settings that serve would use, and where each comes from
  parley doctor [flags]        look whether serve would do well here, and say what to change
  parley backup FILE [flags]   write a backup of the embedded store, also while the server runs
  parley restore FILE [flags]  put a backup in place of the store, while no server runs (--replace: also over another)
  parley healthcheck [flags]   ask the server on this machine whether it is ready; exit code 0 or 1
  parley licenses [--full]     list what of others is in this program, with its licences; --full: with all texts
  parley sbom                  the same as a CycloneDX document
  parley version               print the version
  parley help                  print this, with all flags

All but the last four take the flags of serve.

`

// commands are the subcommands but for serve, version and help.
var commands = map[string]func(args []string, env lookup, stdout, stderr io.Writer) int{
	"backup":      runBackup,
	"config":      runConfig,
	"doctor":      runDoctor,
	"healthcheck": runHealthcheck,
	"licenses":    runLicenses,
	"restore":     runRestore,
	"sbom":        runSBOM,
}

func main() {
	signals := make(chan os.Signal, 8)
	signal.Notify(signals, syscall.SIGTERM, os.Interrupt)
	for _, s := range []os.Signal{signalReload, signalDebug} {
		if s != nil {
			signal.Notify(signals, s)
		}
	}
	os.Exit(run(os.Args[1:], os.LookupEnv, os.Stdout, os.Stderr, signals))
}

// run is the program without its process: it gives the exit code.
func run(args []string, env lookup, stdout, stderr io.Writer, signals <-chan os.Signal) int {
	if len(args) == 0 {
		fmt.Fprint(stderr, usage)
		return exitUsage
	}
	command, rest := args[0], args[1:]
	if run, ok := commands[command]; ok {
		if len(rest) == 1 && (rest[0] == "--help" || rest[0] == "-h" || rest[0] == "-help") {
			command, rest = "help", nil
		} else {
			return run(rest, env, stdout, stderr)
		}
	}
	switch command {
	case "serve":
		return runServe(rest, env, stdout, stderr, signals)
	case "version", "--version", "-version", "help", "--help", "-help", "-h":
		if len(rest) > 0 {
			return complain(stderr, "unexpected argument %q", rest[0])
		}
		if command == "version" || command == "--version" || command == "-version" {
			fmt.Fprintln(stdout, "parley", versionString())
			return exitOK
		}
		fmt.Fprint(stdout, usage)
		printFlags(stdout)
		return exitOK
	}
	return complain(stderr, "unknown command %q: see parley help", command)
}

// complain prints one line about the command line and gives its exit code.
func complain(stderr io.Writer, format string, args ...any) int {
	fmt.Fprintf(stderr, "parley: "+format+"\n", args...)
	return exitUsage
}

// versionString gives the version of a release, or the commit of another build.
func versionString() string {
	if version != "" {
		return version
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" && len(s.Value) >= 12 {
			return "0.0.0-" + s.Value[:12]
		}
	}
	return "0.0.0-dev"
}
