package question

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
)

// readExercism reads an exercise of Exercism, or all practice exercises of a track.
// https://exercism.org/docs/building/tracks/practice-exercises
func readExercism(fsys fs.FS, from string) ([]draft, error) {
	dirs := []string{"."}
	if _, err := fs.Stat(fsys, ".docs/instructions.md"); err != nil {
		if dirs, err = subdirs(fsys, "exercises/practice"); err != nil {
			return nil, errors.New("this is neither an exercise, with .docs/instructions.md, nor a track, with exercises/practice")
		}
	}
	language, err := trackOf(from)
	if err != nil {
		return nil, err
	}
	var out []draft
	for _, dir := range dirs {
		slug := path.Base(path.Join(filepath.ToSlash(from), dir))
		d, err := exercise(fsys, dir, slug, language)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", slug, err)
		}
		out = append(out, d)
	}
	return out, nil
}

// trackOf returns the language of a track. Its config.json lies above an exercise.
func trackOf(from string) (string, error) {
	for dir, n := from, 0; n < 4; dir, n = filepath.Dir(dir), n+1 {
		raw, err := os.ReadFile(filepath.Join(dir, "config.json"))
		if err != nil {
			continue
		}
		var track struct {
			Slug string `json:"slug"`
		}
		if err := json.Unmarshal(raw, &track); err != nil || track.Slug == "" {
			return "", fmt.Errorf("%s does not say the slug of the track", filepath.Join(dir, "config.json"))
		}
		if other, ok := map[string]string{"bash": "shell", "sqlite": "sql", "plsql": "sql"}[track.Slug]; ok {
			return other, nil
		}
		return track.Slug, nil
	}
	return "", errors.New("there is no config.json of a track above this folder, so its language is not known")
}

// exerciseConfig is .meta/config.json.
type exerciseConfig struct {
	Blurb string `json:"blurb"`
	Files struct {
		Solution []string `json:"solution"`
		Example  []string `json:"example"`
		Editor   []string `json:"editor"`
	} `json:"files"`
}

// exercise makes a draft of one exercise. Its tests need a test framework and are not taken over.
func exercise(fsys fs.FS, dir, slug, language string) (draft, error) {
	d := draft{id: idOf(slug), files: map[string]string{}, adds: "files/" + language}
	var config exerciseConfig
	if raw, err := readRegular(fsys, path.Join(dir, ".meta/config.json"), MaxMeta); err != nil {
		return d, fmt.Errorf(".meta/config.json: %s", unreadable(err))
	} else if err := json.Unmarshal(raw, &config); err != nil {
		return d, fmt.Errorf(".meta/config.json: %w", err)
	}
	prompt := "# " + titleOf(slug) + "\n"
	for _, name := range []string{"introduction.md", "instructions.md", "instructions.append.md"} {
		if raw, err := readRegular(fsys, path.Join(dir, ".docs", name), MaxPrompt/4); err == nil {
			prompt += "\n" + withoutTitle(lines(raw))
		}
	}
	var err error
	if d.files["question.yaml"], err = encode(header{Title: titleOf(slug), Summary: cut(config.Blurb, 240), Tags: []string{"exercism"}}); err != nil {
		return d, err
	}
	d.files["prompt.md"] = prompt
	for _, name := range append(config.Files.Solution, config.Files.Editor...) {
		raw, err := readRegular(fsys, path.Join(dir, name), MaxFile)
		if err != nil {
			d.notes = append(d.notes, fmt.Sprintf("%s: %s", short(name), unreadable(err)))
			continue
		}
		d.files[d.adds+"/"+path.Base(name)] = lines(raw)
	}
	guide := "# Model answer\n"
	for _, name := range config.Files.Example {
		if raw, err := readRegular(fsys, path.Join(dir, name), MaxFile/4); err == nil {
			guide += "\n" + fenced(language, lines(raw))
		}
	}
	d.files["guide.md"] = guide + "\nThis exercise comes from Exercism (MIT licence).\n"
	d.notes = append(d.notes, "its tests need a test framework and are not taken over")
	return d, nil
}

// withoutTitle removes the first heading of a text.
func withoutTitle(s string) string {
	if rest, ok := strings.CutPrefix(strings.TrimSpace(s), "# "); ok {
		_, rest, _ = strings.Cut(rest, "\n")
		return strings.TrimSpace(rest) + "\n"
	}
	return strings.TrimSpace(s) + "\n"
}
