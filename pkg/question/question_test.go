package question_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"parley/pkg/question"
)

// good is a folder without mistakes.
func good() map[string]string {
	return map[string]string{
		"question.yaml":           "title: Two sums\nsummary: Warm-up\nminutes: 10\nlevel: easy\ntags: [maps]\nparts: 2\nassistant: hints\n",
		"prompt.md":               "# Two sums\n",
		"prompt.2.md":             "And three?\n",
		"guide.md":                "Look for <b>maps</b>.\n",
		"files/python/main.py":    "print(1)\r\n",
		"files/python/data.txt":   "1 2\n",
		"files/javascript/app.js": "1;\n",
		"tests.yaml":              "- name: one\n  input: '1'\n  expected: '2'\n- name: two\n  hidden: true\n  code: {python: assert 1, javascript: '1'}\n",
	}
}

// write writes files below dir.
func write(t testing.TB, dir string, files map[string]string) {
	t.Helper()
	for name, text := range files {
		name = filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func open(t testing.TB, dir string) *question.Bank {
	t.Helper()
	b, err := question.Open(dir, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.Close() })
	return b
}

func TestAQuestionIsItsFolder(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, filepath.Join(dir, "two-sums"), good())
	q, err := open(t, dir).Get("two-sums")
	if err != nil {
		t.Fatal(err)
	}
	if q.Title != "Two sums" || q.Minutes != 10 || q.Level != "easy" || q.Parts != 2 || q.Assistant != "hints" || q.BuiltIn {
		t.Errorf("the question is %+v", q.Summary)
	}
	if !slices.Equal(q.Languages, []string{"javascript", "python"}) || !slices.Equal(q.Prompts, []string{"# Two sums\n", "And three?\n"}) {
		t.Errorf("languages %v, prompts %q", q.Languages, q.Prompts)
	}
	if files := q.Files["python"]; len(files) != 2 || files[0].Name != "main.py" || files[0].Text != "print(1)\n" {
		t.Errorf("the starters are %+v, want main.py first and LF line ends", files)
	}
	if q.Guide != "Look for <b>maps</b>.\n" {
		t.Errorf("HTML in Markdown is text and stays as it is; got %q", q.Guide)
	}
	if len(q.Checks) != 2 || q.Checks[0].Hidden || !q.Checks[1].Hidden || q.Checks[1].CodeIn("python") != "assert 1" || q.Checks[1].Fits("go") {
		t.Errorf("the tests are %+v", q.Checks)
	}
	if !question.ValidHash(q.Hash) {
		t.Errorf("the hash is %q", q.Hash)
	}
}

// One mistake each, and the one line that says so.
func TestMistakes(t *testing.T) {
	t.Parallel()
	bomb := "a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a]\nc: [*b,*b,*b,*b,*b,*b,*b,*b]\n"
	tests := map[string]struct {
		change map[string]string
		want   string
	}{
		"unknown key":            {map[string]string{"question.yaml": "title: x\ncolour: red\n"}, `q/question.yaml:2: unknown key "colour"`},
		"a key twice":            {map[string]string{"question.yaml": "title: x\nparts: 2\ntitle: y\n"}, "q/question.yaml:3: the key title stands here twice"},
		"no title":               {map[string]string{"question.yaml": "parts: 2\n"}, "q/question.yaml: the key title is missing"},
		"no YAML":                {map[string]string{"question.yaml": "title: [x\n"}, "q/question.yaml:2: this is no YAML"},
		"an empty file":          {map[string]string{"question.yaml": ""}, "q/question.yaml: the file is empty"},
		"two documents":          {map[string]string{"question.yaml": "title: x\n---\ntitle: y\n"}, "q/question.yaml: the file may hold one document only"},
		"a bomb of aliases":      {map[string]string{"question.yaml": bomb}, "q/question.yaml:1: anchors and aliases"},
		"an alias alone":         {map[string]string{"question.yaml": "title: x\ntags: *x\n"}, "q/question.yaml"},
		"a tag":                  {map[string]string{"question.yaml": "title: !!binary aGk=\n"}, "q/question.yaml:1: tags (!) are not allowed"},
		"nested too deep":        {map[string]string{"question.yaml": "title: " + strings.Repeat("[", 5000) + strings.Repeat("]", 5000) + "\n"}, "q/question.yaml:1: this is nested too deep"},
		"deeper than the parser": {map[string]string{"question.yaml": "title: " + strings.Repeat("[", 50_000)}, "q/question.yaml:1: this is no YAML"},
		"too large":              {map[string]string{"question.yaml": "title: x\n# " + strings.Repeat("x", 70_000)}, "q/question.yaml: the file is too large"},
		"minutes":                {map[string]string{"question.yaml": "title: x\nminutes: soon\n"}, "q/question.yaml:2: use a number from 1 to 480"},
		"level":                  {map[string]string{"question.yaml": "title: x\nlevel: nice\n"}, "q/question.yaml:2: use one of easy, medium, hard"},
		"a tag with a capital":   {map[string]string{"question.yaml": "title: x\ntags: [Maps]\n"}, `q/question.yaml:2: "Maps" is not allowed`},
		"parts that are not":     {map[string]string{"question.yaml": "title: x\nparts: 3\n"}, "q/question.yaml:2: parts says 3, and there are 2 files"},
		"a rubric that is not":   {map[string]string{"question.yaml": "title: x\nrubric: nothing\n"}, "q/question.yaml:2: there is no rubrics/nothing.yaml"},
		"a language without":     {map[string]string{"question.yaml": "title: x\nlanguages: [python, javascript, go]\n"}, "q/question.yaml:2: files/go is missing"},
		"a language too many":    {map[string]string{"question.yaml": "title: x\nlanguages: [python]\n", "tests.yaml": "[]"}, "q/question.yaml:2: languages lacks javascript"},
		"a gap in the parts":     {map[string]string{"prompt.4.md": "x", "question.yaml": "title: x\n"}, "q/prompt.3.md: the file is missing"},
		"an empty part":          {map[string]string{"prompt.2.md": " \n"}, "q/prompt.2.md: the file is empty"},
		"a file that is no part": {map[string]string{"prompts.md": "x"}, "q/prompts.md: nothing reads this file"},
		"names that collide":     {map[string]string{"files/python/MAIN.py": "x"}, "has the same name in other letters"},
		"a test without name":    {map[string]string{"tests.yaml": "- expected: x\n"}, "q/tests.yaml:1: the test has no name"},
		"a test without sense":   {map[string]string{"tests.yaml": "- name: a\n  input: x\n"}, "q/tests.yaml:1: the test needs expected or code"},
		"a test with both":       {map[string]string{"tests.yaml": "- name: a\n  expected: x\n  code: y\n"}, "q/tests.yaml:1: the test may have expected or code"},
		"tests of one name":      {map[string]string{"tests.yaml": "- {name: a, expected: x}\n- {name: a, expected: y}\n"}, `q/tests.yaml:2: the name "a" is taken by the test in line 1`},
		"code in what is not":    {map[string]string{"tests.yaml": "- name: a\n  code: {rust: x}\n"}, `q/tests.yaml:2: unknown key "rust"`},
		"hidden: maybe":          {map[string]string{"tests.yaml": "- {name: a, expected: x, hidden: maybe}\n"}, "q/tests.yaml:1: use true or false"},
		"a megabyte to be shown": {map[string]string{"tests.yaml": "- name: a\n  expected: x\n  input: " + strings.Repeat("x", 1<<20) + "\n"}, "q/tests.yaml:3: this text has 1048576 characters"},
		"two megabytes hidden":   {map[string]string{"tests.yaml": "- name: a\n  hidden: true\n  expected: x\n  input: " + strings.Repeat("x", 2<<20) + "\n"}, "q/tests.yaml:4: this text has 2097152 bytes"},
		"a drawing that is none": {map[string]string{"board.excalidraw": "{}"}, "q/board.excalidraw: this is no drawing"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			write(t, filepath.Join(dir, "q"), good())
			write(t, filepath.Join(dir, "q"), tc.change)
			write(t, filepath.Join(dir, "other"), good())
			n, mistakes, err := question.Check(dir)
			if err != nil || n != 1 {
				t.Fatalf("%d good questions, %v, %v; want the other one", n, mistakes, err)
			}
			if len(mistakes) == 0 || !strings.Contains(mistakes[0].String(), tc.want) {
				t.Errorf("got %v\nwant %s", mistakes, tc.want)
			}
			if len(mistakes) > 1 {
				t.Errorf("one mistake gave %d lines: %v", len(mistakes), mistakes)
			}
			if b := open(t, dir); !slices.ContainsFunc(b.List(), func(s question.Summary) bool { return s.ID == "other" }) {
				t.Error("the mistake cost another question")
			} else if _, err := b.Get("q"); err == nil {
				t.Error("a question with a mistake is handed out")
			}
		})
	}
}

// A hidden test may have a megabyte of input.
func TestAMegabyteOfInput(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, filepath.Join(dir, "q"), good())
	write(t, filepath.Join(dir, "q"), map[string]string{"tests.yaml": "- name: a\n  hidden: true\n  expected: x\n  input: " + strings.Repeat("x", 1<<20) + "\n"})
	q, err := open(t, dir).Get("q")
	if err != nil || len(q.Checks[0].Input) != 1<<20 {
		t.Errorf("got %v", err)
	}
}

func TestLinksStayInTheDirectory(t *testing.T) {
	t.Parallel()
	outside, dir := t.TempDir(), t.TempDir()
	write(t, outside, map[string]string{"secret": "title: secret\n"})
	for name, link := range map[string]func(folder string) error{
		"a file": func(f string) error {
			return os.Symlink(filepath.Join(outside, "secret"), filepath.Join(f, "guide.md"))
		},
		"a folder": func(f string) error { return os.Symlink(outside, filepath.Join(f, "files", "go")) },
		"itself":   func(f string) error { return os.Symlink("guide.md", filepath.Join(f, "guide.md")) },
		"a device": func(f string) error { return os.Symlink("/dev/zero", filepath.Join(f, "guide.md")) },
	} {
		folder := filepath.Join(dir, strings.ReplaceAll(name, " ", "-"))
		write(t, folder, good())
		if err := os.Remove(filepath.Join(folder, "guide.md")); err != nil {
			t.Fatal(err)
		}
		if err := link(folder); err != nil {
			t.Fatal(err)
		}
		if _, err := open(t, dir).Get(filepath.Base(folder)); err == nil {
			t.Errorf("a link to %s is followed", name)
		}
	}
	if _, mistakes, _ := question.Check(dir); len(mistakes) != 4 || strings.Contains(fmt.Sprint(mistakes), outside) {
		t.Errorf("mistakes: %v", mistakes)
	}
}

// Two folders whose ids would collide where letters have no case.
func TestIDsAreLowerCase(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, filepath.Join(dir, "Two-Sums"), good())
	if n, mistakes, _ := question.Check(dir); n != 0 || len(mistakes) != 1 || !strings.HasPrefix(mistakes[0].String(), "Two-Sums: the name of the folder") {
		t.Errorf("%d good, %v", n, mistakes)
	}
}

func TestTheHashIsOfTheContent(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, filepath.Join(dir, "a"), good())
	write(t, filepath.Join(dir, "b"), good())
	write(t, filepath.Join(dir, "c"), good())
	write(t, filepath.Join(dir, "c"), map[string]string{"guide.md": "other"})
	b := open(t, dir)
	hash := func(id string) string {
		q, err := b.Get(id)
		if err != nil {
			t.Fatal(err)
		}
		return q.Hash
	}
	if hash("a") != hash("b") || hash("a") == hash("c") {
		t.Error("the hash does not follow the content")
	}
}

func TestRubrics(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, dir, map[string]string{
		"rubrics/backend.yaml": "title: Backend\ncriteria:\n  - id: clarity\n    title: Clear words\n    levels: {1: mumbles, 4: clear}\n",
		"rubrics/broken.yaml":  "title: x\ncriteria:\n  - id: a\n    title: b\n    levels: {5: x}\n",
	})
	write(t, filepath.Join(dir, "q"), good())
	write(t, filepath.Join(dir, "q"), map[string]string{"question.yaml": "title: x\nrubric: backend\n"})
	n, mistakes, err := question.Check(dir)
	if err != nil || n != 1 || len(mistakes) != 1 || mistakes[0].String() != `rubrics/broken.yaml:5: unknown key "5"; the keys are 1, 2, 3, 4` {
		t.Errorf("%d good, %v, %v", n, mistakes, err)
	}
	r, ok := open(t, dir).Rubric("backend")
	if !ok || r.Criteria[0].Levels != [4]string{"mumbles", "", "", "clear"} {
		t.Errorf("the rubric is %+v", r)
	}
}

// What changes in the directory is there a moment later, and a mistake takes a question away until
// it is mended.
func TestWatch(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "q"), good())
	synctest.Test(t, func(t *testing.T) {
		b := open(t, dir)
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { defer close(done); b.Watch(ctx) }()
		title := func() string {
			<-time.After(5 * time.Second) // of the bubble: no time passes
			for _, s := range b.List() {
				if s.ID == "q" {
					return s.Title
				}
			}
			return "-"
		}
		for _, step := range []struct{ yaml, want string }{
			{"title: Three sums\n", "Three sums"}, {"title: [\n", "-"}, {"title: Four\n", "Four"},
		} {
			write(t, filepath.Join(dir, "q"), map[string]string{"question.yaml": step.yaml})
			if got := title(); got != step.want {
				t.Errorf("after %q the list has %q, want %q", step.yaml, got, step.want)
			}
		}
		if err := os.RemoveAll(filepath.Join(dir, "q")); err != nil {
			t.Error(err)
		}
		if got := title(); got != "-" {
			t.Errorf("a removed question is still there: %q", got)
		}
		cancel()
		<-done
	})
}

func TestOwnQuestionsComeBeforeThoseOfTheProgram(t *testing.T) {
	t.Parallel()
	if n := len(open(t, "").List()); n != 10 {
		t.Errorf("%d questions come with the program, want 10", n)
	}
	dir := t.TempDir()
	write(t, filepath.Join(dir, "visitors"), good())
	b := open(t, dir)
	if q, err := b.Get("visitors"); err != nil || q.Title != "Two sums" || len(b.List()) != 10 {
		t.Errorf("got %q, %v, %d questions", q.Title, err, len(b.List()))
	}
	for _, s := range open(t, "").List() {
		if !s.BuiltIn || s.Summary == "" || s.Minutes == 0 || s.Level == "" || s.Parts < 2 {
			t.Errorf("%s is not complete: %+v", s.ID, s)
		}
	}
}

func TestNoDirectory(t *testing.T) {
	t.Parallel()
	if _, err := question.Open(filepath.Join(t.TempDir(), "nothing"), slog.New(slog.DiscardHandler)); err == nil {
		t.Error("a directory that is not there was opened")
	}
}

// A question that is written as a folder and read again is the same question.
func TestFolderOfAQuestion(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, filepath.Join(dir, "two-sums"), good())
	b := open(t, dir)
	for _, s := range b.List() {
		q, err := b.Get(s.ID)
		if err != nil {
			t.Fatal(err)
		}
		files, err := q.Folder()
		if err != nil {
			t.Fatal(err)
		}
		again := t.TempDir()
		write(t, filepath.Join(again, s.ID), files)
		got, err := open(t, again).Get(s.ID)
		if err != nil {
			t.Fatal(err)
		}
		got.Hash, got.BuiltIn = q.Hash, q.BuiltIn
		if !reflect.DeepEqual(got, q) {
			t.Errorf("%s was\n%+v\nand is\n%+v", s.ID, q, got)
		}
	}
}
