package arch

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// setting finds the names in the list of settings of cmd/parley.
var setting = regexp.MustCompile(`(?m)^\t\{name: "([a-z-]+)"`)

// The README has a row for every flag, and for no other.
func TestReadmeHasEverySetting(t *testing.T) {
	t.Parallel()
	config := read(t, "cmd/parley/config.go")
	readme := read(t, "README.md")
	names := setting.FindAllStringSubmatch(config, -1)
	if len(names) < 5 {
		t.Fatalf("found %d settings, the test looks in the wrong place", len(names))
	}
	for _, m := range names {
		if !strings.Contains(readme, "| `--"+m[1]+"` |") {
			t.Errorf("README.md has no row for --%s", m[1])
		}
	}
	if rows := strings.Count(readme, "\n| `--"); rows != len(names) {
		t.Errorf("README.md has %d rows of settings, the program %d", rows, len(names))
	}
}

// Links of the documents into the tree lead somewhere.
func TestLinksOfTheDocumentsLeadSomewhere(t *testing.T) {
	t.Parallel()
	link := regexp.MustCompile(`\]\(([^)#:]+)\)`)
	for _, name := range []string{"README.md", "ARCHITECTURE.md", "CHANGELOG.md"} {
		for _, m := range link.FindAllStringSubmatch(read(t, name), -1) {
			if _, err := os.Stat(filepath.Join(root(t), m[1])); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}

func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root(t), name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
