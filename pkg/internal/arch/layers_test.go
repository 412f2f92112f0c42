package arch

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// listed is what `go list -json` says of one package.
type listed struct {
	ImportPath   string
	Dir          string
	Doc          string
	Standard     bool
	GoFiles      []string
	TestGoFiles  []string
	XTestGoFiles []string
	Imports      []string
	TestImports  []string
	XTestImports []string
}

// rel is the package's path relative to the module.
func (p listed) rel() string { return relative(p.ImportPath) }

func relative(path string) string { return strings.TrimPrefix(path, Module+"/") }

func ours(path string) bool { return covers(Module, path) }

// list runs go list with args over the module.
func list(t *testing.T, args ...string) []listed {
	t.Helper()
	cmd := exec.Command("go", append([]string{"list", "-json"}, args...)...)
	cmd.Dir = root(t)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list %v: %v\n%s", args, err, stderr.Bytes())
	}
	var packages []listed
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var p listed
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			return packages
		} else if err != nil {
			t.Fatalf("read go list: %v", err)
		}
		packages = append(packages, p)
	}
}

// root is the module's directory.
func root(t *testing.T) string {
	t.Helper()
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}").Output()
	if err != nil {
		t.Fatalf("find the module: %v", err)
	}
	return strings.TrimSpace(string(out))
}

func TestEveryPackageHasALayerAndKeepsIt(t *testing.T) {
	t.Parallel()
	packages := list(t, "./...")
	if len(packages) < 2 {
		t.Fatalf("go list found %d packages, the test looks in the wrong place", len(packages))
	}
	for _, p := range packages {
		if _, ok := layerOf(p.rel()); !ok {
			t.Errorf("%s is in no layer: add it to Layers in rules.go", p.ImportPath)
			continue
		}
		check := func(imports []string, inTest bool) {
			for _, path := range imports {
				if ours(path) && !mayImport(p.rel(), relative(path), inTest) {
					t.Errorf("%s may not import %s (test: %v)", p.ImportPath, path, inTest)
				}
			}
		}
		check(p.Imports, false)
		check(append(p.TestImports, p.XTestImports...), true)
	}
}

func TestDependenciesStayBehindTheirFences(t *testing.T) {
	t.Parallel()
	for _, p := range list(t, "./...") {
		for _, path := range p.Imports {
			if f, stopped := fenced(p.rel(), path); stopped {
				t.Errorf("%s imports %s, which is for %v only: %s", p.ImportPath, path, f.Only, f.Why)
			}
		}
	}
}

func TestTheEngineStandsOnTheStandardLibraryAlone(t *testing.T) {
	t.Parallel()
	for _, top := range StandardLibraryOnly {
		for _, p := range list(t, "-deps", "./"+top+"/...") {
			if !p.Standard && !ours(p.ImportPath) {
				t.Errorf("%s reaches %s, which is not of the standard library", top, p.ImportPath)
			}
		}
	}
}

func TestEveryPackageSaysWhatItIs(t *testing.T) {
	t.Parallel()
	for _, p := range list(t, "./...") {
		if len(p.GoFiles) == 0 {
			continue
		}
		name := p.ImportPath[strings.LastIndex(p.ImportPath, "/")+1:]
		want := []string{"Package " + name, "Command " + name, strings.ToUpper(name[:1]) + name[1:] + " "}
		if !slices.ContainsFunc(want, func(w string) bool { return strings.HasPrefix(p.Doc, w) }) {
			t.Errorf("%s: the package comment should start with %q, it is %q", p.ImportPath, want[0], p.Doc)
		}
	}
}

// The rules themselves are tested on made-up packages, so that a rule that allows everything does
// not pass for a clean house.
func TestRules(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		pkg, imports string
		inTest, want bool
	}{
		{"crdt", "crdt/internal/lib0", false, true},
		{"crdt", "crdt/internal/wire", false, true},
		{"crdt/internal/wire", "crdt/internal/lib0", false, true},
		{"crdt/internal/wire", "crdt", false, false},
		{"crdt/internal/lib0", "crdt/internal/wire", false, false},
		{"crdt/internal/oracle", "crdt", true, false},
		{"crdt/internal/lib0", "pkg/protocol", false, false},
		{"pkg/protocol", "crdt", false, true},
		{"pkg/session", "pkg/relay", false, false},
		{"pkg/relay", "pkg/session", false, false},
		{"pkg/relay", "pkg/store/localstore", false, false},
		{"pkg/relay", "pkg/store/localstore", true, true},
		{"pkg/store/localstore", "pkg/relay", false, true},
		{"pkg/store/localstore", "api", false, false},
		{"api", "pkg/store/localstore", false, false},
		{"cmd/parley", "pkg/store/localstore", false, true},
		{"nowhere", "crdt", false, false},
	} {
		if got := mayImport(c.pkg, c.imports, c.inTest); got != c.want {
			t.Errorf("mayImport(%s, %s, test %v) = %v", c.pkg, c.imports, c.inTest, got)
		}
	}
	if _, stopped := fenced("pkg/relay", "github.com/gofiber/fiber/v2"); !stopped {
		t.Error("relay got at the web framework")
	}
	if _, stopped := fenced("api", "github.com/gofiber/fiber/v2"); stopped {
		t.Error("api was kept from its web framework")
	}
}
