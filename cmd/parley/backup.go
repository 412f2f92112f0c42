package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"parley/pkg/store/localstore"
)

// A database that is open belongs to one process, so a backup of a server that runs is made by the server: it listens on a socket in its data
// directory, which only the user who runs it can reach.

// socketName is the socket within the data directory.
const socketName = "parley.sock"

// maxSocketPath is what the shortest of the systems takes for the path of a socket.
const maxSocketPath = 100

// backupServer answers parley backup.
type backupServer struct {
	http *http.Server
	path string
}

// serveBackups begins to answer parley backup for the embedded store. That it cannot is no reason not to start.
func (n *node) serveBackups(store *localstore.Store) {
	path := filepath.Join(n.cfg.dataDir, socketName)
	listener, err := listenPrivately(path)
	if err != nil {
		n.log.Warn("no backup while this runs", "socket", path, "err", err)
		return
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /backup", func(w http.ResponseWriter, _ *http.Request) {
		started := time.Now()
		bytes, err := store.Backup(w)
		if err != nil {
			n.log.Error("backup failed", "bytes", bytes, "err", err)
			panic(http.ErrAbortHandler) // the reader sees that the end is missing
		}
		n.log.Info("backup made", "bytes", bytes, "took", time.Since(started))
	})
	n.backups = &backupServer{&http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second}, path}
	n.goroutines.Go(func() {
		if err := n.backups.http.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			n.log.Warn("no more backups while this runs", "err", err)
		}
	})
}

// listenPrivately listens on a socket that the own user alone may use. One that is left from a process that was killed goes away: whoever
// calls this has the database locked.
func listenPrivately(path string) (net.Listener, error) {
	if len(path) > maxSocketPath {
		return nil, fmt.Errorf("the path is longer than %d characters", maxSocketPath)
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	listener, err := net.Listen("unix", path)
	if err != nil {
		return nil, plain(err)
	}
	if err := os.Chmod(path, 0o600); err != nil {
		return nil, errors.Join(err, listener.Close())
	}
	return listener, nil
}

// stop ends the server, and a backup under way when ctx is done.
func (b *backupServer) stop(ctx context.Context) {
	if b == nil {
		return
	}
	if err := b.http.Shutdown(ctx); err != nil {
		b.http.Close()
	}
}

// runBackup is the subcommand backup.
func runBackup(args []string, env lookup, stdout, stderr io.Writer) int {
	cfg, file, err := parseWithFile(args, env, "backup", "where to write the backup")
	if err != nil {
		return complain(stderr, "%v", err)
	}
	if cfg.store != "local" {
		return complain(stderr, "backup is for --store local; Redis makes its own: see deploy/README.md")
	}
	started := time.Now()
	bytes, sessions, err := backupTo(cfg.dataDir, file)
	if err != nil {
		fmt.Fprintf(stderr, "parley: %v\n", err)
		return exitFailure
	}
	fmt.Fprintf(stdout, "backed up %d sessions, %d bytes, to %s in %s\n", sessions, bytes, file, time.Since(started).Round(time.Millisecond))
	return exitOK
}

// backupTo writes a backup of the database in dir, by its server when one runs, and reads it back. The file is there whole or not at all, and
// never replaces another.
func backupTo(dir, file string) (bytes int64, sessions int, err error) {
	if _, err := os.Stat(file); err == nil {
		return 0, 0, fmt.Errorf("%s is there already: a backup replaces nothing", file)
	}
	part := file + ".part"
	out, err := os.OpenFile(part, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return 0, 0, fmt.Errorf("write %s: %w", part, unwrapPath(err))
	}
	defer os.Remove(part) // gone already when all went well
	bytes, err = localstore.BackupFile(dir, out)
	if errors.Is(err, localstore.ErrInUse) {
		bytes, err = askForBackup(filepath.Join(dir, socketName), out)
	}
	if err = errors.Join(err, out.Sync(), out.Close()); err != nil {
		return 0, 0, err
	}
	if sessions, err = localstore.CheckBackup(part); err != nil {
		return 0, 0, fmt.Errorf("what was written cannot be read: %w", err)
	}
	if err := os.Rename(part, file); err != nil {
		return 0, 0, fmt.Errorf("write %s: %w", file, err)
	}
	return bytes, sessions, nil
}

// askForBackup has the running server write.
func askForBackup(socket string, out io.Writer) (int64, error) {
	client := &http.Client{Transport: &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "unix", socket)
		},
	}}
	defer client.CloseIdleConnections()
	res, err := client.Get("http://parley/backup")
	if err != nil {
		return 0, fmt.Errorf("ask the server that runs for a backup: %w", plain(err))
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return 0, fmt.Errorf("ask the server that runs for a backup: it answers %s", res.Status)
	}
	bytes, err := io.Copy(out, res.Body)
	if err != nil {
		return bytes, fmt.Errorf("the backup broke off: %w", err)
	}
	return bytes, nil
}

// runRestore is the subcommand restore.
func runRestore(args []string, env lookup, stdout, stderr io.Writer) int {
	replace := slices.Contains(args, "--replace")
	args = slices.DeleteFunc(slices.Clone(args), func(a string) bool { return a == "--replace" })
	cfg, file, err := parseWithFile(args, env, "restore", "which backup to restore")
	if err != nil {
		return complain(stderr, "%v", err)
	}
	if cfg.store != "local" {
		return complain(stderr, "restore is for --store local; Redis has its own: see deploy/README.md")
	}
	sessions, err := localstore.CheckBackup(file)
	aside := ""
	if err == nil {
		aside, err = localstore.Restore(file, cfg.dataDir, replace)
	}
	switch {
	case errors.Is(err, localstore.ErrOccupied):
		fmt.Fprintf(stderr, "parley: %v; --replace puts it aside\n", err)
		return exitFailure
	case err != nil:
		fmt.Fprintf(stderr, "parley: %v\n", err)
		return exitFailure
	}
	fmt.Fprintf(stdout, "restored %d sessions to %s\n", sessions, cfg.dataDir)
	if aside != "" {
		fmt.Fprintf(stdout, "what was there is in %s\n", aside)
	}
	return exitOK
}

// parseWithFile reads the flags of serve, and the one file that stands before or behind them.
func parseWithFile(args []string, env lookup, command, what string) (config, string, error) {
	for i, a := range args {
		if strings.HasPrefix(a, "-") || i > 0 && valueOf(args[i-1]) {
			continue
		}
		cfg, err := parseConfig(slices.Concat(args[:i], args[i+1:]), env)
		return cfg, a, err
	}
	if _, err := parseConfig(args, env); err != nil {
		return config{}, "", err
	}
	return config{}, "", fmt.Errorf("%s: say %s, as parley %s parley-backup.db", command, what, command)
}

// valueOf reports whether the argument after this one is its value.
func valueOf(arg string) bool {
	name := strings.TrimLeft(arg, "-")
	if name == arg || strings.Contains(name, "=") {
		return false
	}
	for _, s := range settings() {
		if s.name == name {
			return !s.isSwitch()
		}
	}
	return false
}
