package arch

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// folders are the parts of the tree that hold source files.
var folders = []string{"api", "cmd", "crdt", "deploy", "pkg", "ui"}

// foreign are folders whose files nobody here writes by hand: packages, builds, recordings.
var foreign = []string{"node_modules", "testdata", "dist", "out", "notices"}

// eachFile calls do with every source file of the module, its name relative to the module. It
// reads the disk and not `go list`, which leaves out files of other platforms.
func eachFile(t *testing.T, do func(name string, source []byte)) {
	t.Helper()
	top, read := root(t), 0
	for _, folder := range folders {
		err := filepath.WalkDir(filepath.Join(top, folder), func(path string, d fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			if d.IsDir() {
				if slices.Contains(foreign, d.Name()) {
					return fs.SkipDir
				}
				return nil
			}
			if !d.Type().IsRegular() {
				return nil
			}
			source, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			name, err := filepath.Rel(top, path)
			do(filepath.ToSlash(name), source)
			read++
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if read < 100 {
		t.Fatalf("only %d files were read, the test looks in the wrong place", read)
	}
}
