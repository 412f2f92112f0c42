package question_test

import (
	"path/filepath"
	"strings"
	"testing"

	"parley/pkg/question"
)

func TestImportKattis(t *testing.T) {
	t.Parallel()
	from, to := t.TempDir(), t.TempDir()
	write(t, filepath.Join(from, "different"), map[string]string{
		"problem.yaml":            "source: Kattis\nlicense: cc by-sa\nname:\n  sv: Annorlunda\n  en: A Different Problem\nlimits:\n  memory: 512\n",
		"statement/problem.en.md": "Write the absolute difference.\n",
		"data/sample/1.in":        "10 12\n",
		"data/sample/1.ans":       "2\n",
		"data/secret/02-big.in":   strings.Repeat("9", 30_000),
		"data/secret/02-big.ans":  "0\r\n",
		"data/secret/03.in":       "no answer",
		"data/secret/testdata.md": "nothing",
	})
	write(t, filepath.Join(from, "tex"), map[string]string{
		"problem.yaml":                     "author: someone\n",
		"problem_statement/problem.en.tex": "\\problemname{Hello World!}\nPrint \\texttt{Hello}.\n",
	})
	write(t, filepath.Join(from, "notes"), map[string]string{"README": "no problem"})
	made, err := question.Import("kattis", from, to)
	if err != nil || len(made) != 2 {
		t.Fatalf("%+v, %v", made, err)
	}
	b := open(t, to)
	q, err := b.Get("different")
	if err != nil || q.Title != "A Different Problem" || q.Prompts[0] != "# A Different Problem\n\nWrite the absolute difference.\n" {
		t.Fatalf("%+v, %v", q, err)
	}
	if len(q.Checks) != 2 || q.Checks[0].Hidden || q.Checks[0].Expected != "2\n" || !q.Checks[1].Hidden || q.Checks[1].Expected != "0\n" {
		t.Errorf("the tests are %+v", q.Checks)
	}
	if len(made[0].Notes) != 1 || !strings.Contains(made[0].Notes[0], "1 tests are left out") {
		t.Errorf("notes: %q", made[0].Notes)
	}
	if q, err := b.Get("tex"); err != nil || q.Title != "Hello World!" || !strings.Contains(made[1].Notes[0], "TeX") {
		t.Errorf("%+v, %v, %q", q, err, made[1].Notes)
	}
	if made, err = question.Import("kattis", filepath.Join(from, "different"), to); err != nil || !strings.Contains(made[0].Notes[1], "stays as it is") {
		t.Errorf("a second import: %+v, %v", made, err)
	}
	for _, from := range []string{t.TempDir(), filepath.Join(from, "nothing")} {
		if _, err := question.Import("kattis", from, to); err == nil {
			t.Errorf("%s was imported", from)
		}
	}
}

func TestImportExercism(t *testing.T) {
	t.Parallel()
	root, to := t.TempDir(), t.TempDir()
	exercise := func(track, stub string) {
		write(t, filepath.Join(root, track), map[string]string{
			"config.json": `{"language": "x", "slug": "` + track + `"}`,
			"exercises/practice/two-fer/.docs/instructions.md": "# Instructions\n\nOne for you.\n",
			"exercises/practice/two-fer/.meta/config.json":     `{"blurb": "Say it.", "files": {"solution": ["` + stub + `"], "test": ["t"], "example": [".meta/example"]}}`,
			"exercises/practice/two-fer/.meta/example":         "model answer\n",
			"exercises/practice/two-fer/" + stub:               "stub\n",
		})
	}
	exercise("python", "two_fer.py")
	exercise("go", "two_fer.go")
	if made, err := question.Import("exercism", filepath.Join(root, "python"), to); err != nil || len(made) != 1 || made[0].ID != "two-fer" {
		t.Fatalf("%+v, %v", made, err)
	}
	if _, err := question.Import("exercism", filepath.Join(root, "go", "exercises", "practice", "two-fer"), to); err != nil {
		t.Fatal(err)
	}
	q, err := open(t, to).Get("two-fer")
	if err != nil || q.Title != "Two fer" || q.Summary.Summary != "Say it." || q.Prompts[0] != "# Two fer\n\nOne for you.\n" {
		t.Fatalf("%+v, %v", q, err)
	}
	if q.Files["python"][0].Name != "two_fer.py" || q.Files["go"][0].Name != "two_fer.go" || !strings.Contains(q.Guide, "model answer") {
		t.Errorf("files %+v, guide %q", q.Files, q.Guide)
	}
	for _, from := range []string{t.TempDir(), root} {
		if _, err := question.Import("exercism", from, to); err == nil {
			t.Errorf("%s was imported", from)
		}
	}
	if _, err := question.Import("leetcode", root, to); err == nil {
		t.Error("leetcode was imported")
	}
}
