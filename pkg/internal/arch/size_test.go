package arch

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// finding is one place where a file breaks a rule of its own.
type finding struct {
	key  string // of Exceptions; "" where none is possible
	text string
}

// inspect parses one non-test file and returns what breaks the rules of size and comment.
// name is relative to the module.
func inspect(name string, source []byte) ([]finding, error) {
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, name, source, parser.ParseComments)
	if err != nil {
		return nil, fmt.Errorf("parse %s: %w", name, err)
	}
	if ast.IsGenerated(file) {
		return nil, nil
	}
	var found []finding
	if lines := strings.Count(string(source), "\n"); lines > MaxFile {
		found = append(found, finding{name, fmt.Sprintf("%s has %d lines, at most %d", name, lines, MaxFile)})
	}
	for _, decl := range file.Decls {
		switch d := decl.(type) {
		case *ast.FuncDecl:
			found = append(found, inspectFunc(fset, name, d)...)
		case *ast.GenDecl:
			found = append(found, inspectGroup(fset, d)...)
		}
	}
	return found, nil
}

// inspectFunc checks the length of a function and the comment of an exported one.
func inspectFunc(fset *token.FileSet, name string, d *ast.FuncDecl) []finding {
	var found []finding
	full, receiver := d.Name.Name, receiverName(d)
	if receiver != "" {
		full = receiver + "." + full
	}
	if lines := fset.Position(d.End()).Line - fset.Position(d.Pos()).Line + 1; lines > MaxFunction {
		text := fmt.Sprintf("%s: %s has %d lines, at most %d", fset.Position(d.Pos()), full, lines, MaxFunction)
		found = append(found, finding{name + ":" + full, text})
	}
	said := receiver != "" && wellKnown[d.Name.Name]
	if d.Name.IsExported() && (receiver == "" || ast.IsExported(receiver)) && !said {
		found = append(found, inspectDoc(fset, d.Name, d.Doc)...)
	}
	return found
}

// wellKnown are the methods whose meaning the standard library fixes.
var wellKnown = map[string]bool{"Error": true, "Unwrap": true, "String": true, "Read": true, "Write": true, "ServeHTTP": true}

// inspectGroup checks that exported types, variables and constants have a comment. In a group, one
// of the group or of its first line serves.
func inspectGroup(fset *token.FileSet, d *ast.GenDecl) []finding {
	var found []finding
	for i, spec := range d.Specs {
		switch s := spec.(type) {
		case *ast.TypeSpec:
			doc := s.Doc
			if doc == nil {
				doc = d.Doc
			}
			if s.Name.IsExported() {
				found = append(found, inspectDoc(fset, s.Name, doc)...)
			}
		case *ast.ValueSpec:
			if i == 0 && s.Names[0].IsExported() && s.Doc == nil && s.Comment == nil && d.Doc == nil {
				found = append(found, undocumented(fset, s.Names[0]))
			}
		}
	}
	return found
}

// inspectDoc wants a sentence that starts with the name.
func inspectDoc(fset *token.FileSet, name *ast.Ident, doc *ast.CommentGroup) []finding {
	text := doc.Text()
	for _, article := range []string{"A ", "An ", "The "} {
		text = strings.TrimPrefix(text, article)
	}
	if strings.HasPrefix(text, name.Name) || strings.HasPrefix(text, "Deprecated:") {
		return nil
	}
	return []finding{undocumented(fset, name)}
}

func undocumented(fset *token.FileSet, name *ast.Ident) finding {
	return finding{text: fmt.Sprintf("%s: exported %s wants a comment that starts with its name",
		fset.Position(name.Pos()), name.Name)}
}

// receiverName is the type that a method belongs to, "" for a function.
func receiverName(d *ast.FuncDecl) string {
	if d.Recv == nil {
		return ""
	}
	expr := d.Recv.List[0].Type
	for {
		switch e := expr.(type) {
		case *ast.StarExpr:
			expr = e.X
		case *ast.IndexExpr:
			expr = e.X
		case *ast.IndexListExpr:
			expr = e.X
		case *ast.Ident:
			return e.Name
		default:
			return ""
		}
	}
}

func TestCodeStaysReadable(t *testing.T) {
	t.Parallel()
	top := root(t)
	used := map[string]bool{}
	for _, p := range list(t, "./...") {
		for _, name := range p.GoFiles {
			path := filepath.Join(p.Dir, name)
			source, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			short, err := filepath.Rel(top, path)
			if err != nil {
				t.Fatal(err)
			}
			found, err := inspect(filepath.ToSlash(short), source)
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range found {
				if _, excused := Exceptions[f.key]; excused {
					used[f.key] = true
					continue
				}
				t.Error(f.text)
			}
		}
	}
	for key := range Exceptions {
		if !used[key] {
			t.Errorf("exception %s in rules.go is not needed any more", key)
		}
	}
}

// banned are the marks of a test that waits instead of watching, that passes by not running, and of
// work that was left for later.
var banned = []string{"time." + "Sleep(", "t." + "Skip(", "TO" + "DO", "FIX" + "ME"}

func TestTestsNeitherSleepNorSkip(t *testing.T) {
	t.Parallel()
	for _, p := range list(t, "./...") {
		for _, name := range append(p.TestGoFiles, p.XTestGoFiles...) {
			source, err := os.ReadFile(filepath.Join(p.Dir, name))
			if err != nil {
				t.Fatal(err)
			}
			for _, word := range banned {
				if strings.Contains(string(source), word) {
					t.Errorf("%s/%s has %q", p.ImportPath, name, word)
				}
			}
		}
	}
}

// The checks are tried on code that breaks them.
func TestInspect(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("\t_ = 0\n", MaxFunction)
	for _, c := range []struct {
		name, source string
		want         int
	}{
		{"clean", "package a\n\n// F does.\nfunc F() {}\n\nfunc g() {}\n", 0},
		{"no comment", "package a\n\nfunc F() {}\n", 1},
		{"comment about something else", "package a\n\n// G does.\nfunc F() {}\n", 1},
		{"article", "package a\n\n// A T is.\ntype T struct{}\n", 0},
		{"method of a hidden type", "package a\n\ntype t struct{}\n\nfunc (t) F() {}\n", 0},
		{"method of a generic type", "package a\n\n// T is.\ntype T[K any] struct{}\n\nfunc (*T[K]) F() {}\n", 1},
		{"well-known method", "package a\n\n// T is.\ntype T struct{}\n\nfunc (T) Error() string { return \"\" }\n", 0},
		{"bare constant", "package a\n\nconst A = 1\n", 1},
		{"group with a comment", "package a\n\n// Limits.\nconst (\n\tA = 1\n\tB = 2\n)\n", 0},
		{"long function", "package a\n\nfunc f() {\n" + long + "}\n", 1},
		{"long file", "package a\n" + strings.Repeat("\n", MaxFile), 1},
		{"generated", "// Code generated by x. DO NOT EDIT.\n\npackage a\n\nfunc F() {}\n", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got, err := inspect("a.go", []byte(c.source))
			if err != nil {
				t.Fatal(err)
			}
			if len(got) != c.want {
				t.Errorf("found %v, want %d", got, c.want)
			}
		})
	}
}
