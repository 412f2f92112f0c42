package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func questions(args ...string) (code int, out, complaint string) {
	var stdout, stderr bytes.Buffer
	code = run(append([]string{"questions"}, args...), func(string) (string, bool) { return "", false }, &stdout, &stderr, nil)
	return code, stdout.String(), stderr.String()
}

// The exit code says whether a directory may be used, and each mistake is one line.
func TestQuestionsCheck(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	put := func(name, text string) {
		t.Helper()
		name = filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	put("good/question.yaml", "title: Good\n")
	put("good/prompt.md", "# Good\n")
	if code, out, _ := questions("check", dir); code != exitOK || out != "1 questions, no mistakes\n" {
		t.Errorf("a good directory: %d %q", code, out)
	}
	put("bad/question.yaml", "title: Bad\nminuets: 3\n")
	put("bad/tests.yaml", "- name: x\n")
	code, out, complaint := questions("check", dir)
	if want := "bad/question.yaml:2: unknown key \"minuets\""; code != exitFailure || !strings.HasPrefix(out, want) || strings.Count(out, "\n") != 3 || complaint != "" {
		t.Errorf("a bad directory: %d %q %q", code, out, complaint)
	}
	for _, args := range [][]string{{}, {"check"}, {"check", filepath.Join(dir, "nothing")}, {"import", "kattis", dir}, {"import", "other", dir, dir}, {"lint", dir}} {
		if code, _, complaint := questions(args...); code != exitUsage || strings.Count(complaint, "\n") != 1 {
			t.Errorf("%q: %d %q", args, code, complaint)
		}
	}
}

func TestQuestionsImport(t *testing.T) {
	t.Parallel()
	from, to := t.TempDir(), filepath.Join(t.TempDir(), "new")
	if err := os.WriteFile(filepath.Join(from, "problem.yaml"), []byte("name: Hello\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if code, out, complaint := questions("import", "kattis", from, to); code != exitOK || !strings.Contains(out, "no statement") {
		t.Errorf("import: %d %q %q", code, out, complaint)
	}
	if code, out, _ := questions("check", to); code != exitOK {
		t.Errorf("what was imported: %d %q", code, out)
	}
}
