package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"parley/pkg/store/localstore"
)

// A damaged backup can end the process that reads it: the database maps the file into memory, and
// checks its pages in goroutines of its own. It can also keep that process busy for minutes. So a
// process of its own checks a backup, within a time that grows with the file.

// checkCommand is the subcommand of that process. It is not for people.
const checkCommand = "check-backup"

// Bounds of a check. A disk and a processor that are slow need some seconds for a gigabyte.
const (
	checkTime     = 6 * time.Second
	checkTimeEach = time.Second // for every 16 MiB
)

// checkEnvironment is added to the environment of the process. Only tests set it.
var checkEnvironment []string

// runCheckBackup is the subcommand check-backup: it prints the number of sessions in a file.
func runCheckBackup(args []string, _ lookup, stdout, stderr io.Writer) int {
	if len(args) != 1 {
		return complain(stderr, "%s: name one file", checkCommand)
	}
	sessions, err := localstore.CheckBackup(args[0])
	if err != nil {
		fmt.Fprintf(stderr, "%v\n", err)
		return exitFailure
	}
	fmt.Fprintln(stdout, sessions)
	return exitOK
}

// checkBackup returns the number of sessions in a backup. The error is one line for a person,
// whatever is in the file.
func checkBackup(file string) (sessions int, err error) {
	program, err := os.Executable()
	if err != nil {
		return localstore.CheckBackup(file)
	}
	limit := checkTime
	if info, err := os.Stat(file); err == nil {
		limit += time.Duration(info.Size()>>24) * checkTimeEach
	}
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	var stdout, stderr bytes.Buffer
	cmd := exec.CommandContext(ctx, program, checkCommand, file)
	cmd.Env, cmd.Stdout, cmd.Stderr = append(os.Environ(), checkEnvironment...), &stdout, &stderr
	err = cmd.Run()
	if err == nil {
		if sessions, err = strconv.Atoi(strings.TrimSpace(stdout.String())); err == nil {
			return sessions, nil
		}
	}
	line := strings.TrimSpace(stderr.String())
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) && exit.ExitCode() == exitFailure && line != "" && !strings.Contains(line, "\n") {
		return 0, errors.New(line)
	}
	if ctx.Err() != nil {
		return 0, fmt.Errorf("read %s: it is damaged (no end of its check after %v)", file, limit)
	}
	return 0, fmt.Errorf("read %s: it is damaged (its check failed: %w)", file, err)
}
