package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"os"

	"parley/api"
	"parley/pkg/export"
	"parley/ui"
)

// runReplay is the subcommand replay: it serves the page that replays one exported file, on this
// machine alone, until it is interrupted.
func runReplay(args []string, stdout, stderr io.Writer, signals <-chan os.Signal) int {
	file, addr, err := replayArgs(args)
	if errors.Is(err, flag.ErrHelp) {
		fmt.Fprint(stdout, usage)
		return exitOK
	}
	if err != nil {
		return complain(stderr, "%v", err)
	}
	bundle, err := openBundle(file)
	if err != nil {
		return complain(stderr, "cannot replay %s: %v", file, err)
	}
	defer bundle.Close()
	info, err := bundle.Stat()
	if err != nil {
		return complain(stderr, "cannot replay %s: %v", file, err)
	}
	l, err := net.Listen("tcp", addr)
	if err != nil {
		fmt.Fprintf(stderr, "parley: cannot listen on %s: %v\n", addr, plain(err))
		return exitFailure
	}
	server, err := api.NewBundle(api.BundleOptions{
		Bundle: io.NewSectionReader(bundle, 0, info.Size()), Client: ui.Dist(), Runtimes: []fs.FS{ui.Runtimes()},
		Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		l.Close()
		fmt.Fprintf(stderr, "parley: %v\n", err)
		return exitFailure
	}
	fmt.Fprintf(stdout, "Open http://%s/replay?bundle to replay %s. Press Ctrl+C to stop.\n", l.Addr(), file)
	return serveBundle(server, l, stderr, signals)
}

// serveBundle serves until a signal says stop.
func serveBundle(server *api.Server, l net.Listener, stderr io.Writer, signals <-chan os.Signal) int {
	served := make(chan error, 1)
	go func() { served <- server.Serve(l) }() // ends with Shutdown
	err := error(nil)
	select {
	case err = <-served:
	case <-signals:
		ctx, cancel := context.WithTimeout(context.Background(), shutdownTime)
		defer cancel()
		_ = server.Shutdown(ctx) // what is under way is cut off by the end of the process
		err = <-served
	}
	if err != nil {
		fmt.Fprintf(stderr, "parley: %v\n", err)
		return exitFailure
	}
	return exitOK
}

// replayArgs returns the file and the address. Flags may come before or after the file.
func replayArgs(args []string) (file, addr string, err error) {
	flags := flag.NewFlagSet("replay", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.StringVar(&addr, "addr", "127.0.0.1:0", "")
	var files []string
	for rest := args; len(rest) > 0; {
		if err := flags.Parse(rest); err != nil {
			return "", "", fmt.Errorf("replay: %w", err)
		}
		if rest = flags.Args(); len(rest) > 0 {
			files, rest = append(files, rest[0]), rest[1:]
		}
	}
	if len(files) != 1 {
		return "", "", errors.New("replay: name one exported file: parley replay FILE [--addr 127.0.0.1:8081]")
	}
	host, _, err := net.SplitHostPort(addr)
	if ip := net.ParseIP(host); err != nil || host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return "", "", fmt.Errorf("replay: --addr %s is not an address of this machine alone; use 127.0.0.1:PORT", addr)
	}
	return files[0], addr, nil
}

// openBundle opens an exported file after checking all of it.
func openBundle(name string) (*os.File, error) {
	f, err := os.Open(name)
	if err != nil {
		if path := (*fs.PathError)(nil); errors.As(err, &path) {
			err = path.Err // the caller names the file
		}
		return nil, err
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = export.ErrNoBundle
	}
	if err == nil {
		err = export.Check(f, info.Size())
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}
