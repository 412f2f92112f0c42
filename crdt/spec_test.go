package crdt_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// specRule is how a rule begins in SPEC.md.
var specRule = regexp.MustCompile(`(?m)^- \*\*(([A-Z][A-Z0-9]*)-[0-9]+)\*\* `)

// TestSpec demands that every rule of SPEC.md has a test or golden case which carries its id, and
// that no file of the engine speaks of a rule that SPEC.md lacks.
func TestSpec(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("SPEC.md")
	if err != nil {
		t.Fatal(err)
	}
	rules, chapters := map[string]bool{}, map[string]bool{}
	for _, m := range specRule.FindAllStringSubmatch(string(text), -1) {
		if rules[m[1]] {
			t.Errorf("SPEC.md has two rules %s", m[1])
		}
		rules[m[1]], chapters[m[2]] = true, true
	}
	if len(rules) < 50 {
		t.Fatalf("%d rules found in SPEC.md", len(rules))
	}
	ids := regexp.MustCompile(`(?:\b|_)((?:` + strings.Join(slices.Collect(maps.Keys(chapters)), "|") + `)-[0-9]+)(?:\b|_)`)
	for id, where := range idsIn(t, ids) {
		if !rules[id] {
			t.Errorf("%s speaks of %s, which SPEC.md lacks", where, id)
		}
	}
	carried := carriedIDs(t, ids)
	for _, id := range slices.Sorted(maps.Keys(rules)) {
		if !carried[id] {
			t.Errorf("no test and no golden case carries %s", id)
		}
	}
}

// idsIn gives the ids that the sources of the engine and the names of golden cases speak of, each
// with a place where it stands.
func idsIn(t *testing.T, ids *regexp.Regexp) map[string]string {
	t.Helper()
	found := map[string]string{}
	err := filepath.WalkDir(".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text := []byte(entry.Name())
		if ext := filepath.Ext(path); ext == ".go" || ext == ".mjs" {
			if text, err = os.ReadFile(path); err != nil {
				return err
			}
		}
		for _, id := range allIDs(ids, string(text)) {
			found[id] = path
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// carriedIDs gives the ids in the names of golden cases, in the comments of test functions, and in
// the strings of test files, which name subtests.
func carriedIDs(t *testing.T, ids *regexp.Regexp) map[string]bool {
	t.Helper()
	carried := map[string]bool{}
	note := func(text string) {
		for _, id := range allIDs(ids, text) {
			carried[id] = true
		}
	}
	for _, c := range readGolden(t) {
		note(c.name)
	}
	var files []string
	for _, pattern := range []string{"*_test.go", "internal/*/*_test.go"} {
		list, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, list...)
	}
	for _, name := range files {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.BasicLit:
				note(n.Value)
			case *ast.FuncDecl:
				if isTest := strings.HasPrefix(n.Name.Name, "Test") || strings.HasPrefix(n.Name.Name, "Fuzz"); isTest {
					note(n.Doc.Text())
				}
			}
			return true
		})
	}
	return carried
}

// allIDs finds ids, also where one underscore stands between two of them.
func allIDs(ids *regexp.Regexp, text string) []string {
	var out []string
	for {
		at := ids.FindStringSubmatchIndex(text)
		if at == nil {
			return out
		}
		out = append(out, text[at[2]:at[3]])
		text = text[at[3]:]
	}
}
