package question_test

import (
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"

	"parley/pkg/question"
)

// Whatever stands in the files, a question is whole or has mistakes with a path.
func FuzzFolder(f *testing.F) {
	g := good()
	f.Add([]byte(g["question.yaml"]), []byte(g["tests.yaml"]), []byte(g["prompt.md"]), []byte(`{"type":"excalidraw","elements":[]}`))
	f.Add([]byte("title: x\nparts: [a, b]\nlanguages: [python, javascript]\n"), []byte("- {name: a, code: x, hidden: true}"), []byte("\xff"), []byte("{}"))
	f.Add([]byte("a: &a [*a]"), []byte("- &b {name: *b}"), []byte(""), []byte("["))
	f.Fuzz(func(t *testing.T, meta, tests, prompt, board []byte) {
		folder := fstest.MapFS{
			"q/question.yaml": {Data: meta}, "q/tests.yaml": {Data: tests}, "q/prompt.md": {Data: prompt}, "q/board.excalidraw": {Data: board},
			"q/files/python/main.py": {Data: prompt}, "q/files/javascript/main.js": {Data: board},
		}
		q, mistakes := question.ReadFolder(folder, "q")
		for _, m := range mistakes {
			if m.Path == "" || m.What == "" || len(m.String()) > 2000 {
				t.Fatalf("a mistake without words: %q", m)
			}
		}
		if len(mistakes) > 0 {
			return
		}
		if q.Title == "" || q.Parts != len(q.Prompts) || q.Parts != 1 || len(q.Checks) > 2*question.MaxTests || !question.ValidHash(q.Hash) {
			t.Fatalf("a question that is not whole: %+v", q)
		}
		for _, check := range q.Checks {
			if check.Name == "" || len(check.Input) > question.MaxHidden || len(check.Expected) > question.MaxHidden {
				t.Fatalf("a test that is not whole: %+v", check)
			}
		}
	})
}

func FuzzRubric(f *testing.F) {
	f.Add([]byte("title: x\ncriteria:\n  - {id: a, title: b, levels: {1: c}}\n"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		r, mistakes := question.ReadRubric("rubrics/r.yaml", "r", raw)
		if len(mistakes) == 0 && (r.Title == "" || len(r.Criteria) == 0) {
			t.Fatalf("a rubric that is not whole: %+v", r)
		}
	})
}

// What is imported passes the check of a folder, or says why not.
func FuzzImportKattis(f *testing.F) {
	f.Add([]byte("name: Two\n"), []byte("# Hello"), []byte("1"), []byte("2"))
	f.Add([]byte("name: {en: a, sv: b}\n"), []byte("\\problemname{x"), []byte("\r"), []byte("\xff"))
	f.Fuzz(func(t *testing.T, meta, statement, in, ans []byte) {
		from, to := t.TempDir(), t.TempDir()
		write(t, from, map[string]string{
			"problem.yaml": string(meta), "statement/problem.md": string(statement), "data/sample/1.in": string(in), "data/sample/1.ans": string(ans),
		})
		made, err := question.Import("kattis", from, to)
		if err != nil || len(made) != 1 {
			return
		}
		n, mistakes, err := question.Check(to)
		if err != nil || n+min(1, len(mistakes)) != 1 || len(mistakes) > len(made[0].Notes) {
			t.Fatalf("%d good, %v, %v, notes %q", n, mistakes, err, made[0].Notes)
		}
	})
}

func FuzzImportExercism(f *testing.F) {
	f.Add([]byte(`{"slug": "python"}`), []byte(`{"blurb": "x", "files": {"solution": ["a.py"]}}`), []byte("# Instructions"))
	f.Add([]byte(`{"slug": "../x"}`), []byte(`{"files": {"solution": ["../../a", "/etc/passwd", ""]}}`), []byte(""))
	f.Fuzz(func(t *testing.T, track, config, instructions []byte) {
		from, to := t.TempDir(), t.TempDir()
		write(t, from, map[string]string{
			"config.json": string(track), ".meta/config.json": string(config), ".docs/instructions.md": string(instructions), "a.py": "x",
		})
		if _, err := question.Import("exercism", from, to); err != nil {
			return
		}
		entries, err := os.ReadDir(filepath.Dir(to))
		if err != nil || len(entries) != 2 {
			t.Fatalf("something was written beside the directory: %v, %v", entries, err)
		}
	})
}
