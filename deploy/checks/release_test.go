package checks_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Two builds of the same sources in different directories have the same bytes.
func TestBuildIsReproducible(t *testing.T) {
	t.Parallel()
	here, err := filepath.Abs(root)
	if err != nil {
		t.Fatal(err)
	}
	copied := filepath.Join(t.TempDir(), "somewhere", "else")
	for _, name := range []string{"go.mod", "go.sum", "api", "cmd/parley", "crdt", "pkg", "ui/embed.go", "ui/dist", "ui/runtimes/dist"} {
		if err := copyTree(filepath.Join(here, name), filepath.Join(copied, name)); err != nil {
			t.Fatal(err)
		}
	}
	build := func(dir string) []byte {
		out := filepath.Join(t.TempDir(), "parley")
		cmd := exec.Command("go", "build", "-buildvcs=false", "-trimpath", "-ldflags", "-s -w -buildid= -X main.version=v9", "-o", out, "./cmd/parley")
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
		if text, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("build in %s: %v\n%s", dir, err, text)
		}
		raw, err := os.ReadFile(out)
		if err != nil {
			t.Fatal(err)
		}
		return raw
	}
	first, second := build(here), build(copied)
	if !bytes.Equal(first, second) {
		t.Errorf("two builds of %d and %d bytes differ", len(first), len(second))
	}
	if bytes.Contains(first, []byte(here)) {
		t.Errorf("the program contains its build directory %s", here)
	}
}

// copyTree copies files, except tests and npm packages.
func copyTree(from, to string) error {
	return filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == "node_modules" || d.Name() == "testdata"):
			return filepath.SkipDir
		case d.IsDir() || strings.HasSuffix(path, "_test.go") || !d.Type().IsRegular():
			return nil
		}
		rel, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		target := filepath.Join(to, rel)
		if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
			return err
		}
		in, err := os.Open(path)
		if err != nil {
			return err
		}
		defer in.Close()
		out, err := os.Create(target)
		if err != nil {
			return err
		}
		_, err = io.Copy(out, in)
		return errors.Join(err, out.Close())
	})
}

// free are the licences that a program under the MIT licence may include.
var free = []string{
	"MIT", "ISC", "0BSD", "BSD-2-Clause", "BSD-3-Clause", "Apache-2.0", "MPL-2.0", "CC0-1.0", "Unlicense", "BlueOak-1.0.0", "Zlib", "PSF-2.0", "PostgreSQL", "PHP-3.01", "blessing",
	"Apache-2.0 WITH LLVM-exception",
}

// The list of licences has every module that the program needs from go.mod. All licences are free,
// and all but public domain have a text.
func TestLicences(t *testing.T) {
	t.Parallel()
	out := filepath.Join(t.TempDir(), "notices.json")
	cmd := exec.Command("node", "deploy/tasks/notices.mjs", out)
	cmd.Dir = root
	if text, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	raw, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	var parts []struct{ Kind, Name, Version, Licence, Text string }
	if err := json.Unmarshal(raw, &parts); err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	for _, p := range parts {
		names[p.Name] = true
		if !permitted(p.Licence) {
			t.Errorf("%s %s is under %q", p.Kind, p.Name, p.Licence)
		}
		if p.Kind == "golang" && p.Text == "" {
			t.Errorf("%s has no text", p.Name)
		}
	}
	for _, want := range []string{"std", "github.com/gofiber/fiber/v2", "github.com/redis/go-redis/v9", "go.etcd.io/bbolt", "react", "yjs", "monaco-editor", "pyodide"} {
		if !names[want] {
			t.Errorf("%s is not in the list of %d", want, len(parts))
		}
	}
}

// permitted evaluates an SPDX expression without nested brackets. OR needs one free licence, AND
// needs all.
func permitted(expression string) bool {
	expression = strings.Trim(expression, "()")
	if slices.Contains(free, expression) {
		return true
	}
	if any := strings.Split(expression, " OR "); len(any) > 1 {
		return slices.ContainsFunc(any, permitted)
	}
	all := strings.Split(expression, " AND ")
	return len(all) > 1 && !slices.ContainsFunc(all, func(e string) bool { return !permitted(e) })
}
