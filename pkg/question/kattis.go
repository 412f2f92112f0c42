package question

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"go.yaml.in/yaml/v4"
)

// readKattis reads a problem package of Kattis, or a directory of them.
// https://www.kattis.com/problem-package-format
func readKattis(fsys fs.FS, from string) ([]draft, error) {
	dirs := []string{"."}
	if _, err := fs.Stat(fsys, "problem.yaml"); err != nil {
		if dirs, err = subdirs(fsys, "."); err != nil {
			return nil, err
		}
	}
	var out []draft
	for _, dir := range dirs {
		raw, err := readRegular(fsys, path.Join(dir, "problem.yaml"), MaxMeta)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %s", path.Join(dir, "problem.yaml"), unreadable(err))
		}
		name := path.Base(from)
		if dir != "." {
			name = dir
		}
		d, err := kattisProblem(fsys, dir, name, raw)
		if err != nil {
			return nil, err
		}
		out = append(out, d)
	}
	if len(out) == 0 {
		return nil, errors.New("there is no problem.yaml here, nor in the folders here")
	}
	return out, nil
}

func subdirs(fsys fs.FS, dir string) (out []string, err error) {
	entries, err := fs.ReadDir(fsys, dir)
	for _, e := range entries {
		if e.IsDir() && !strings.HasPrefix(e.Name(), ".") {
			out = append(out, path.Join(dir, e.Name()))
		}
	}
	return out, err
}

// kattisProblem makes a draft of one package.
func kattisProblem(fsys fs.FS, dir, name string, raw []byte) (draft, error) {
	d := draft{id: idOf(path.Base(name)), files: map[string]string{}}
	title, err := kattisTitle(path.Join(dir, "problem.yaml"), raw)
	if err != nil {
		return d, err
	}
	statement, own, tex := kattisStatement(fsys, dir)
	if own != "" {
		title = own
	}
	if title == "" {
		title = titleOf(d.id)
	}
	if tex {
		d.notes = append(d.notes, "prompt.md: the statement is TeX; write it as Markdown")
	}
	if statement == "" {
		d.notes = append(d.notes, "prompt.md: the package has no statement; write one")
		statement = "The statement is missing."
	}
	if d.files["question.yaml"], err = encode(header{Title: cut(title, 120), Tags: []string{"kattis"}}); err != nil {
		return d, err
	}
	d.files["prompt.md"] = "# " + cut(title, 120) + "\n\n" + strings.TrimSpace(statement) + "\n"
	tests := kattisTests(fsys, path.Join(dir, "data"), &d)
	if len(tests) == 0 {
		return d, nil
	}
	d.files["tests.yaml"], err = encode(tests)
	return d, err
}

// kattisTitle returns the name of a problem: a text, or a text for each language of people.
func kattisTitle(where string, raw []byte) (title string, err error) {
	root, file, ok := parseYAML(where, raw)
	if !ok {
		return "", errors.New(file.mistakes[0].String())
	}
	for i := 0; i+1 < len(root.node.Content); i += 2 {
		v := root.node.Content[i+1]
		if root.node.Content[i].Value != "name" {
			continue
		}
		if v.Kind == yaml.ScalarNode {
			return v.Value, nil
		}
		for k := 0; k+1 < len(v.Content); k += 2 {
			if title == "" || v.Content[k].Value == "en" {
				title = v.Content[k+1].Value
			}
		}
	}
	return title, nil
}

// kattisStatement returns the statement, a name that it gives itself, and whether it is TeX.
func kattisStatement(fsys fs.FS, dir string) (text, name string, tex bool) {
	for _, folder := range []string{"statement", "problem_statement"} {
		for _, file := range []string{"problem.en.md", "problem.md", "problem.en.tex", "problem.tex"} {
			raw, err := readRegular(fsys, path.Join(dir, folder, file), MaxPrompt/2)
			if err != nil {
				continue
			}
			text = lines(raw)
			if strings.HasSuffix(file, ".md") {
				return text, "", false
			}
			if _, rest, ok := strings.Cut(text, `\problemname{`); ok {
				name, _, _ = strings.Cut(rest, "}")
			}
			return fenced("tex", text), name, true
		}
	}
	return "", "", false
}

// kattisTest is a test in tests.yaml.
type kattisTest struct {
	Name     string `yaml:"name"`
	Input    string `yaml:"input"`
	Expected string `yaml:"expected"`
	Hidden   bool   `yaml:"hidden,omitempty"`
}

// kattisTests reads the samples as shown tests and the secret data as hidden ones.
func kattisTests(fsys fs.FS, data string, d *draft) (tests []kattisTest) {
	counts, size, left := map[bool]int{}, 0, 0
	_ = fs.WalkDir(fsys, data, func(name string, e fs.DirEntry, err error) error {
		stem, isInput := strings.CutSuffix(name, ".in")
		if err != nil || e.IsDir() || !isInput {
			return nil
		}
		sample := strings.HasPrefix(name, data+"/sample")
		t, ok := kattisPair(fsys, stem, sample)
		size += len(t.Input) + len(t.Expected)
		if !ok || counts[t.Hidden] >= MaxTests || size > MaxTestsFile/2 {
			left++
			return nil
		}
		counts[t.Hidden]++
		t.Name = cut(strings.TrimPrefix(stem, data+"/"), 100)
		tests = append(tests, t)
		return nil
	})
	if left > 0 {
		d.notes = append(d.notes, fmt.Sprintf("tests.yaml: %d tests are left out, because they are too large, too many or without an answer", left))
	}
	return tests
}

// kattisPair reads the input and the answer of one test. A sample that is too large to be shown is
// hidden.
func kattisPair(fsys fs.FS, stem string, sample bool) (t kattisTest, ok bool) {
	input, err := readRegular(fsys, stem+".in", MaxHidden)
	if err != nil {
		return t, false
	}
	for _, suffix := range []string{".ans", ".out"} {
		answer, err := readRegular(fsys, stem+suffix, MaxHidden)
		if err != nil {
			continue
		}
		t.Input, t.Expected = lines(input), lines(answer)
		t.Hidden = !sample || units(t.Input) > MaxShown || units(t.Expected) > MaxShown
		return t, true
	}
	return t, false
}
