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

// An open database belongs to one process. While the server runs, the server itself writes the
// backup: it listens on a socket in its data directory. Only the user who runs the server can reach
// that socket.

// socketName is the name of the socket in the data directory.
const socketName = "parley.sock"

// maxSocketPath is the longest path of a socket that all supported systems accept.
const maxSocketPath = 100

// backupServer answers parley backup.
type backupServer struct {
	http *http.Server
	path string
}

// serveBackups starts to answer parley backup for the embedded store. A failure is logged but does
// not stop the start of the server.
func (n *node) serveBackups(store *localstore.Store) {
	path := filepath.Join(n.cfg.dataDir, socketName)
	listener, err := listenPrivately(path)
	if err != nil {
		n.log.Warn("backups are not possible while the server runs", "socket", path, "err", err)
		return
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /backup", func(w http.ResponseWriter, _ *http.Request) {
		started := time.Now()
		bytes, err := store.Backup(w)
		if err != nil {
			n.log.Error("backup failed", "bytes", bytes, "err", err)
			panic(http.ErrAbortHandler) // the client sees that the end is missing
		}
		n.log.Info("backup made", "bytes", bytes, "took", time.Since(started))
	})
	n.backups = &backupServer{&http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second}, path}
	n.goroutines.Go(func() {
		if err := n.backups.http.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			n.log.Warn("backups are no longer possible while the server runs", "err", err)
		}
	})
}

// listenPrivately listens on a socket that only the current user may use. A socket left by a killed
// process is removed; that is safe because the caller holds the lock of the database.
func listenPrivately(path string) (net.Listener, error) {
	if len(path) > maxSocketPath {
		return nil, fmt.Errorf("the path of the socket is longer than %d characters", maxSocketPath)
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

// stop ends the server. A running backup is cut off when ctx is done.
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
	cfg, file, err := parseWithFile(args, env, "backup", "the file to write")
	if err != nil {
		return complain(stderr, "%v", err)
	}
	if cfg.store != "local" {
		return complain(stderr, "backup needs --store local; for backups of Redis see deploy/README.md")
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

// backupTo writes a backup of the database in dir and reads the backup back. If a server runs, the
// server writes the backup. The file is complete or missing, and never replaces another file.
func backupTo(dir, file string) (bytes int64, sessions int, err error) {
	if _, err := os.Stat(file); err == nil {
		return 0, 0, fmt.Errorf("%s already exists; choose another name, a backup never replaces a file", file)
	}
	part := file + ".part"
	out, err := os.OpenFile(part, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return 0, 0, fmt.Errorf("write %s: %w", part, unwrapPath(err))
	}
	defer os.Remove(part) // after success the file has been renamed
	bytes, err = localstore.BackupFile(dir, out)
	if errors.Is(err, localstore.ErrInUse) {
		bytes, err = askForBackup(filepath.Join(dir, socketName), out)
	}
	if err = errors.Join(err, out.Sync(), out.Close()); err != nil {
		return 0, 0, err
	}
	if sessions, err = checkBackup(part); err != nil {
		return 0, 0, fmt.Errorf("the new backup cannot be read back: %w", err)
	}
	if err := os.Rename(part, file); err != nil {
		return 0, 0, fmt.Errorf("write %s: %w", file, err)
	}
	return bytes, sessions, nil
}

// askForBackup requests a backup from the running server.
func askForBackup(socket string, out io.Writer) (int64, error) {
	client := &http.Client{Transport: &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "unix", socket)
		},
	}}
	defer client.CloseIdleConnections()
	res, err := client.Get("http://parley/backup")
	if err != nil {
		return 0, fmt.Errorf("request a backup from the running server: %w", plain(err))
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return 0, fmt.Errorf("request a backup from the running server: the answer is %s", res.Status)
	}
	bytes, err := io.Copy(out, res.Body)
	if err != nil {
		return bytes, fmt.Errorf("the backup was interrupted: %w", err)
	}
	return bytes, nil
}

// runRestore is the subcommand restore.
func runRestore(args []string, env lookup, stdout, stderr io.Writer) int {
	replace := slices.Contains(args, "--replace")
	args = slices.DeleteFunc(slices.Clone(args), func(a string) bool { return a == "--replace" })
	cfg, file, err := parseWithFile(args, env, "restore", "the backup to restore")
	if err != nil {
		return complain(stderr, "%v", err)
	}
	if cfg.store != "local" {
		return complain(stderr, "restore needs --store local; for restoring Redis see deploy/README.md")
	}
	sessions, err := checkBackup(file)
	aside := ""
	if err == nil {
		aside, err = localstore.Restore(file, cfg.dataDir, localstore.RestoreOptions{Replace: replace})
	}
	switch {
	case errors.Is(err, localstore.ErrOccupied):
		fmt.Fprintf(stderr, "parley: %v; use --replace to move it aside\n", err)
		return exitFailure
	case err != nil:
		fmt.Fprintf(stderr, "parley: %v\n", err)
		return exitFailure
	}
	fmt.Fprintf(stdout, "restored %d sessions to %s\n", sessions, cfg.dataDir)
	if aside != "" {
		fmt.Fprintf(stdout, "the previous data is in %s\n", aside)
	}
	return exitOK
}

// parseWithFile reads the flags of serve and one file name before or after them. what describes the
// file in the error.
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
	return config{}, "", fmt.Errorf("%s: name %s, for example: parley %s parley-backup.db", command, what, command)
}

// valueOf reports whether the argument after arg is the value of the flag arg.
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
