package arch

import (
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
)

// documents gives the text of every Markdown file under top, by its path from there.
func documents(t *testing.T, top string) map[string]string {
	t.Helper()
	found := map[string]string{}
	tree := os.DirFS(top)
	err := fs.WalkDir(tree, ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && slices.Contains([]string{".git", "node_modules", "bin", "dist", "out", "data"}, d.Name()):
			return fs.SkipDir
		case path.Ext(name) != ".md":
			return nil
		}
		text, err := fs.ReadFile(tree, name)
		found[name] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// read gives the text of a file of the repository.
func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root(t), name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

var (
	docLink    = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	docFence   = regexp.MustCompile("(?ms)^```.*?^```$")
	docCode    = regexp.MustCompile("`[^`\n]*`")
	docHeading = regexp.MustCompile(`(?m)^#+ (.*)$`)
)

// anchors gives the anchors of the headings of a document, as GitHub makes them.
func anchors(text string) map[string]bool {
	found := map[string]bool{}
	for _, m := range docHeading.FindAllStringSubmatch(docFence.ReplaceAllString(text, ""), -1) {
		found[strings.Map(func(r rune) rune {
			switch {
			case r == ' ':
				return '-'
			case r == '-' || r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r):
				return unicode.ToLower(r)
			}
			return -1
		}, m[1])] = true
	}
	return found
}

func TestAnchorsAreThoseOfGitHub(t *testing.T) {
	t.Parallel()
	got := anchors("# What \"saved\" means\n## 2. Five settings\n```\n# not a heading\n```\n### `make` & more\n")
	want := map[string]bool{"what-saved-means": true, "2-five-settings": true, "make--more": true}
	if !maps.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// Every relative link of every document leads to a file that exists, and to a heading of that file
// if it names one.
func TestEveryLinkOfTheDocumentsLeadsSomewhere(t *testing.T) {
	t.Parallel()
	top := root(t)
	all := documents(t, top)
	links := 0
	for name, text := range all {
		for _, m := range docLink.FindAllStringSubmatch(docCode.ReplaceAllString(docFence.ReplaceAllString(text, ""), ""), -1) {
			if strings.Contains(m[1], "://") || strings.HasPrefix(m[1], "mailto:") {
				continue
			}
			links++
			file, anchor, _ := strings.Cut(m[1], "#")
			target := name
			if file != "" {
				target = path.Join(path.Dir(name), file)
			}
			if _, err := os.Stat(filepath.Join(top, target)); err != nil {
				t.Errorf("%s links to %s: %v", name, m[1], err)
			} else if anchor != "" && !anchors(all[target])[anchor] {
				t.Errorf("%s links to %s, which is no heading there", name, m[1])
			}
		}
	}
	if links < 100 {
		t.Errorf("found %d links, the test looks in the wrong place", links)
	}
}

// declared gives the names of all tests and fuzz targets in Go.
func declared(t *testing.T) map[string]bool {
	t.Helper()
	found := map[string]bool{}
	declaration := regexp.MustCompile(`(?m)^func ((?:Test|Fuzz)\w+)\(`)
	tree := os.DirFS(root(t))
	for _, dir := range []string{"api", "cmd", "crdt", "deploy", "pkg"} {
		err := fs.WalkDir(tree, dir, func(name string, d fs.DirEntry, err error) error {
			switch {
			case err != nil:
				return err
			case d.IsDir() && d.Name() == "node_modules":
				return fs.SkipDir
			case !strings.HasSuffix(name, "_test.go"):
				return nil
			}
			text, err := fs.ReadFile(tree, name)
			for _, m := range declaration.FindAllStringSubmatch(string(text), -1) {
				found[m[1]] = true
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return found
}

// Every test that a document names, or the package comment of faults, is there.
func TestTestsThatTheDocumentsNameAreThere(t *testing.T) {
	t.Parallel()
	tests := declared(t)
	texts := documents(t, root(t))
	const faults = "pkg/internal/faults/doc.go"
	texts[faults] = read(t, faults)
	named := 0
	for name, text := range texts {
		pattern := "`((?:Test|Fuzz)\\w+)`"
		if name == faults {
			pattern = `\b((?:Test|Fuzz)[A-Z]\w+)`
		}
		for _, m := range regexp.MustCompile(pattern).FindAllStringSubmatch(text, -1) {
			named++
			if !tests[m[1]] {
				t.Errorf("%s names %s, which is no test", name, m[1])
			}
		}
	}
	if named < 40 {
		t.Errorf("found %d names of tests, the test looks in the wrong place", named)
	}
}

// ARCHITECTURE.md is what one reads first, so it stays short.
func TestArchitectureStaysShort(t *testing.T) {
	t.Parallel()
	const most = 4000
	if n := len(strings.Fields(read(t, "ARCHITECTURE.md"))); n >= most {
		t.Errorf("ARCHITECTURE.md has %d words, and is to have fewer than %d: move the reasons to docs/decisions", n, most)
	}
}
