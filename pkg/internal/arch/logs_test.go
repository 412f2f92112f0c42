package arch

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// logCalls are the functions and methods of log/slog that take keys and values.
var logCalls = []string{
	"Debug", "DebugContext", "Info", "InfoContext", "Warn", "WarnContext", "Error", "ErrorContext",
	"Log", "With", "Any", "Group",
}

// strayErrorKeys gives the places where a log line names an error by another key than ErrorKey: by
// "error", or by any key before a value called err.
func strayErrorKeys(name string, source []byte) ([]string, error) {
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, name, source, 0)
	if err != nil {
		return nil, fmt.Errorf("parse %s: %w", name, err)
	}
	var found []string
	ast.Inspect(file, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		fn, ok := call.Fun.(*ast.SelectorExpr)
		if !ok || !slices.Contains(logCalls, fn.Sel.Name) {
			return true
		}
		for i, arg := range call.Args[:max(len(call.Args)-1, 0)] {
			key, value := literal(arg), call.Args[i+1]
			id, isName := value.(*ast.Ident)
			if key == "error" || key != "" && key != ErrorKey && isName && id.Name == "err" {
				found = append(found, fmt.Sprintf("%s: the log names an error %q, the key is %q", fset.Position(arg.Pos()), key, ErrorKey))
			}
		}
		return true
	})
	return found, nil
}

// literal is the text of a string literal, "" for any other expression.
func literal(e ast.Expr) string {
	lit, ok := e.(*ast.BasicLit)
	if !ok || lit.Kind != token.STRING {
		return ""
	}
	text, err := strconv.Unquote(lit.Value)
	if err != nil {
		return ""
	}
	return text
}

// One key for an error lets an operator search for it in the logs of every part.
func TestLogsNameAnErrorByOneKey(t *testing.T) {
	t.Parallel()
	eachFile(t, func(name string, source []byte) {
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return
		}
		found, err := strayErrorKeys(name, source)
		if err != nil {
			t.Error(err)
		}
		for _, f := range found {
			t.Error(f)
		}
	})
}

func TestStrayErrorKeys(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, call string
		want       int
	}{
		{"the key", `log.Error("load", "err", err)`, 0},
		{"the long word", `log.Error("load", "error", err)`, 1},
		{"the long word before another name", `s.opts.Logger.Warn("load", "room", id, "error", cause)`, 1},
		{"another key", `log.WarnContext(ctx, "load", "why", err)`, 1},
		{"an attribute", `log.Info("load", slog.Any("error", cause))`, 1},
		{"a message of one word", `log.Error("error")`, 0},
		{"no log", `fmt.Sprint("error", err)`, 0},
		{"other keys", `log.Info("load", "room", id, "bytes", n)`, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got, err := strayErrorKeys("a.go", []byte("package a\n\nfunc f() { "+c.call+" }\n"))
			if err != nil {
				t.Fatal(err)
			}
			if len(got) != c.want {
				t.Errorf("found %v, want %d", got, c.want)
			}
		})
	}
}
