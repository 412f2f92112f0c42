// Command parley is the whole service in one program: the client, the session API, the relay and an
// embedded store.
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
	exitFailure = 1 // the environment: a port in use, an unusable data directory
	exitUsage   = 2 // a wrong command line
)

const usage = `Parley: collaborative coding interviews in one program.

Usage:
  parley serve [flags]         serve the client, the API and the websockets
  parley config [flags]        print the settings of serve and where each one comes from
  parley doctor [flags]        check this machine and the settings, and say what to change
  parley replay FILE [--addr]  replay an exported interview in the browser of this machine
  parley questions check DIR   check a directory of questions; exit code 1 and one line for each mistake
  parley questions import kattis|exercism FROM TO
                               write problems of another format as questions into the directory TO
  parley backup FILE [flags]   back up the embedded store, even while the server runs
  parley restore FILE [flags]  restore a backup while the server is stopped (--replace: over existing data)
  parley healthcheck [flags]   ask the server on this machine whether it is ready; exit code 0 or 1
  parley licenses [--full]     list the third-party components and their licences; --full: with all texts
  parley sbom                  print the third-party components as a CycloneDX document
  parley version               print the version
  parley help                  print this text and all flags

All commands except replay, questions and the last four accept the flags of serve.

`

// commands are the subcommands except serve, version and help.
var commands = map[string]func(args []string, env lookup, stdout, stderr io.Writer) int{
	"backup":      runBackup,
	checkCommand:  runCheckBackup,
	"config":      runConfig,
	"doctor":      runDoctor,
	"healthcheck": runHealthcheck,
	"licenses":    runLicenses,
	"questions":   runQuestions,
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

// run is the program without its process. It returns the exit code.
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
	case "replay":
		return runReplay(rest, stdout, stderr, signals)
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
	return complain(stderr, "unknown command %q; run parley help for a list", command)
}

// complain prints one line about the command line and returns exitUsage.
func complain(stderr io.Writer, format string, args ...any) int {
	fmt.Fprintf(stderr, "parley: "+format+"\n", args...)
	return exitUsage
}

// versionString returns the version of a release, or the commit of any other build.
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
