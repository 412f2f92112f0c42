package arch

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

// commentsToShorten are folders in which comment lines may still pass MaxCommentColumn.
var commentsToShorten = []string{
	"api", "cmd/parley", "crdt",
	"deploy/checks", "deploy/dashboards",
	"pkg/access", "pkg/audit", "pkg/export", "pkg/internal/faults", "pkg/internal/rawio", "pkg/nodes",
	"pkg/protocol", "pkg/relay", "pkg/session", "pkg/store", "pkg/telemetry", "pkg/webhook", "pkg/wsconn",
	"ui",
}

// directive is a comment that a tool reads and that has to stay on one line.
var directive = regexp.MustCompile(`^(//[a-z]+:[a-z]|//nolint|// \+build|//export |/// <|` +
	`(//|/\*|\{/\*) *(eslint-|@ts-|prettier-|@vite|@vitest-|#__))`)

// tooWide says how many columns a line takes when it may not take as many. An address on a line of
// its own cannot be broken; nor can a directive.
func tooWide(line string) (columns int, wide bool) {
	columns = utf8.RuneCountInString(strings.ReplaceAll(line, "\t", strings.Repeat(" ", TabWidth)))
	text := strings.TrimSpace(line)
	if columns <= MaxCommentColumn || strings.Contains(text, "://") || directive.MatchString(text) {
		return columns, false
	}
	return columns, true
}

// wideComments gives the lines of a file that hold nothing but a comment and are too wide, each as
// "file:line: why".
func wideComments(name string, source []byte) ([]string, error) {
	lines := strings.Split(string(source), "\n")
	comments, err := commentLines(name, source, lines)
	if err != nil {
		return nil, err
	}
	var found []string
	for _, i := range comments {
		if columns, wide := tooWide(lines[i]); wide {
			found = append(found, fmt.Sprintf("%s:%d: the comment ends at column %d", name, i+1, columns))
		}
	}
	return found, nil
}

// opening is how lines begin that are comments, by extension. The languages that are not Go are
// read line by line.
var opening = map[string][]string{
	".ts": {"//", "/*", "*", "{/*"}, ".tsx": {"//", "/*", "*", "{/*"}, ".js": {"//", "/*", "*"},
	".mjs": {"//", "/*", "*"}, ".sh": {"#"}, ".lua": {"--"},
}

// commentLines gives the indices of the lines that hold nothing but a comment.
func commentLines(name string, source []byte, lines []string) ([]int, error) {
	switch {
	case path.Ext(name) == ".go":
		return goCommentLines(name, source, lines)
	case strings.Contains(name, ".gen."):
		return nil, nil
	}
	var found []int
	for i, line := range lines {
		line = strings.TrimSpace(line)
		if slices.ContainsFunc(opening[path.Ext(name)], func(o string) bool { return strings.HasPrefix(line, o) }) {
			found = append(found, i)
		}
	}
	return found, nil
}

// goCommentLines parses the file, so that a string that looks like a comment is not taken for one.
func goCommentLines(name string, source []byte, lines []string) ([]int, error) {
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, name, source, parser.ParseComments)
	if err != nil {
		return nil, fmt.Errorf("parse %s: %w", name, err)
	}
	if ast.IsGenerated(file) {
		return nil, nil
	}
	var found []int
	for _, group := range file.Comments {
		for _, c := range group.List {
			from, to := fset.PositionFor(c.Pos(), false), fset.PositionFor(c.End(), false)
			if strings.TrimSpace(lines[from.Line-1][:from.Column-1]) != "" {
				continue // it stands behind code
			}
			for line := from.Line; line <= to.Line; line++ {
				found = append(found, line-1)
			}
		}
	}
	return found, nil
}

// Long comment lines are hard to read, and wrap in a review.
func TestCommentLinesEndInTime(t *testing.T) {
	t.Parallel()
	var found []string
	eachFile(t, func(name string, source []byte) {
		if below(name, commentsToShorten) {
			return
		}
		wide, err := wideComments(name, source)
		if err != nil {
			t.Error(err)
		}
		found = append(found, wide...)
	})
	if len(found) > 0 {
		t.Errorf("%d comment lines are longer than %d columns (a tab counts as %d); break them:\n%s",
			len(found), MaxCommentColumn, TabWidth, strings.Join(found, "\n"))
	}
}

func TestWideComments(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("long ", 20) // 100 columns
	for _, c := range []struct {
		name, file, source string
		want               []int // lines
	}{
		{"at the limit", "a.go", "package a\n\n// " + long[:97] + "\n", nil},
		{"one past it", "a.go", "package a\n\n// " + long[:98] + "\n", []int{3}},
		{"a tab counts as four", "a.go", "package a\n\nfunc f() {\n\t// " + long[:94] + "\n}\n", []int{4}},
		{"runes, not bytes", "a.go", "package a\n\n// " + strings.Repeat("é", 97) + "\n", nil},
		{"second line of a block", "a.go", "package a\n\n/* a\n" + long + "b\n*/\n", []int{4}},
		{"behind code", "a.go", "package a\n\nvar b int // " + long + "\n", nil},
		{"in a string", "a.go", "package a\n\nvar b = `\n// " + long + "\n`\n", nil},
		{"an address", "a.go", "package a\n\n// https://example.org/" + strings.ReplaceAll(long, " ", "-") + "\n", nil},
		{"a directive", "a.go", "package a\n\n//lint:ignore SA1019 " + long + "\nvar b int\n", nil},
		{"generated TypeScript", "a.gen.ts", "/** " + long + " */\n", nil},
		{"generated", "a.go", "// Code generated by x. DO NOT EDIT.\n\npackage a\n\n// " + long + "\n", nil},
		{"TypeScript", "a.ts", "// " + long + "\nlet a;\n/**\n * " + long + "\n */\n", []int{1, 4}},
		{"TypeScript code", "a.ts", "const a = '" + long + "'; // why\n", nil},
		{"JSX", "a.tsx", "  {/* " + long + " */}\n", []int{1}},
		{"a lint rule", "a.ts", "// eslint-disable-next-line no-console -- " + long + "\n", nil},
		{"shell", "a.sh", "#!/bin/sh\n# " + long + "\n", []int{2}},
		{"no source", "a.md", "// " + long + "\n", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got, err := wideComments(c.file, []byte(c.source))
			if err != nil {
				t.Fatal(err)
			}
			if len(got) != len(c.want) {
				t.Fatalf("found %q, want lines %v", got, c.want)
			}
			for i, line := range c.want {
				if !strings.HasPrefix(got[i], fmt.Sprintf("%s:%d: ", c.file, line)) {
					t.Errorf("found %q, want line %d", got[i], line)
				}
			}
		})
	}
}
