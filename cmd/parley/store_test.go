package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"testing"
)

// A data directory of another user is named with the user who needs it.
func TestDataDirectoryOfAnotherUser(t *testing.T) {
	t.Parallel()
	cause := fmt.Errorf("make data directory: %w", &fs.PathError{Op: "mkdir", Path: "/var/lib/parley", Err: fs.ErrPermission})
	err := notOurs(cause, "/var/lib/parley")
	for _, want := range []string{cause.Error(), fmt.Sprintf("user %d", os.Getuid()), fmt.Sprintf("chown -R %d:%d /var/lib/parley", os.Getuid(), os.Getgid()), "--data-dir"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q does not name %q", err, want)
		}
	}
	if !errors.Is(err, fs.ErrPermission) || strings.Contains(err.Error(), "\n") {
		t.Errorf("the error is %q", err)
	}
	if other := errors.New("disk full"); !errors.Is(notOurs(other, "/data"), other) || notOurs(other, "/data").Error() != other.Error() {
		t.Error("another error was changed")
	}
}
