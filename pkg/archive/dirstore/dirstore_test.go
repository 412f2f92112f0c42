package dirstore_test

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"parley/pkg/archive"
	"parley/pkg/archive/dirstore"
	"parley/pkg/archive/objecttest"
)

func open(t *testing.T, dir string) *dirstore.Store {
	t.Helper()
	s, err := dirstore.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func TestSuite(t *testing.T) {
	t.Parallel()
	objecttest.Run(t, func(t *testing.T) archive.Objects { return open(t, filepath.Join(t.TempDir(), "archive")) })
}

// What a crash left is not listed, and goes once nobody can still write it.
func TestWhatACrashLeft(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := open(t, dir)
	if err := s.Put(t.Context(), "2026/11/a.zip", strings.NewReader("x")); err != nil {
		t.Fatal(err)
	}
	young, old := filepath.Join(dir, "2026/11/.partial-1"), filepath.Join(dir, "2026/11/.partial-2")
	for _, name := range []string{young, old} {
		if err := os.WriteFile(name, []byte("half"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	past := time.Now().Add(-25 * time.Hour)
	if err := os.Chtimes(old, past, past); err != nil {
		t.Fatal(err)
	}
	s = open(t, dir)
	n := 0
	if err := s.List(t.Context(), "", func(archive.Object) error { n++; return nil }); err != nil || n != 1 {
		t.Errorf("%d objects, %v", n, err)
	}
	if _, err := os.Stat(young); err != nil {
		t.Errorf("a file that is being written is gone: %v", err)
	}
	if _, err := os.Stat(old); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("an old rest is there: %v", err)
	}
}

// A link that leads out of the directory is not followed.
func TestLinksDoNotLeadOut(t *testing.T) {
	t.Parallel()
	dir, outside := t.TempDir(), t.TempDir()
	if err := os.WriteFile(filepath.Join(outside, "secret"), []byte("secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, target := range map[string]string{"file": filepath.Join(outside, "secret"), "folder": outside} {
		if err := os.Symlink(target, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	s := open(t, dir)
	for _, key := range []string{"file", "folder/secret"} {
		if r, err := s.Get(t.Context(), key); err == nil {
			raw, _ := io.ReadAll(r)
			t.Errorf("get %s gave %q", key, raw)
		}
	}
	if err := s.Put(t.Context(), "folder/new", strings.NewReader("x")); err == nil {
		t.Error("a file was written outside")
	}
}

// A full disk and missing rights have names.
func TestErrorsOfTheSystem(t *testing.T) {
	t.Parallel()
	if full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0); err == nil {
		_, err := full.Write([]byte("x"))
		full.Close()
		if !errors.Is(dirstore.Named(err), archive.ErrNoSpace) {
			t.Errorf("a full disk is %v", dirstore.Named(err))
		}
	}
	if !errors.Is(dirstore.Named(os.ErrPermission), archive.ErrDenied) {
		t.Error("missing rights have no name")
	}
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := dirstore.Open(file); err == nil {
		t.Error("a file was taken for a directory")
	}
}
