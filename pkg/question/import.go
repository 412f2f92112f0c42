package question

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v4"
)

// Imported is what an import made of one problem.
type Imported struct {
	ID    string
	Notes []string // what could not be taken over
}

// Import writes the problems in from as questions into the directory to. kind is kattis or
// exercism. A folder that is there already is not touched, except that an exercise adds its
// language.
func Import(kind, from, to string) ([]Imported, error) {
	read := map[string]func(fs.FS, string) ([]draft, error){"kattis": readKattis, "exercism": readExercism}[kind]
	if read == nil {
		return nil, fmt.Errorf("cannot import %q; use kattis or exercism", kind)
	}
	in, err := os.OpenRoot(from)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	abs, err := filepath.Abs(from)
	if err != nil {
		return nil, err
	}
	drafts, err := read(in.FS(), abs)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(to, 0o755); err != nil {
		return nil, err
	}
	out, err := os.OpenRoot(to)
	if err != nil {
		return nil, err
	}
	defer out.Close()
	var done []Imported
	for _, d := range drafts {
		made, err := d.write(out)
		if err != nil {
			return done, fmt.Errorf("write %s: %w", d.id, err)
		}
		done = append(done, made)
	}
	return done, nil
}

// draft is a question to write.
type draft struct {
	id    string
	files map[string]string // by path below the folder
	adds  string            // a folder that may be added to a question that is there; "" for none
	notes []string
}

// write writes the folder of a draft and checks it.
func (d draft) write(out *os.Root) (Imported, error) {
	made := Imported{ID: d.id, Notes: d.notes}
	files := d.files
	if _, err := out.Stat(d.id); err == nil {
		if _, err := out.Stat(d.id + "/" + d.adds); d.adds == "" || err == nil {
			made.Notes = append(made.Notes, "there is such a question already; it stays as it is")
			return made, nil
		}
		files = map[string]string{}
		for name, text := range d.files {
			if strings.HasPrefix(name, d.adds+"/") {
				files[name] = text
			}
		}
	}
	for name, text := range files {
		name = d.id + "/" + name
		if err := out.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			return made, err
		}
		if err := out.WriteFile(name, []byte(text), 0o644); err != nil {
			return made, err
		}
	}
	_, mistakes := readFolder(out.FS(), d.id, func(string) bool { return true })
	for _, m := range mistakes {
		made.Notes = append(made.Notes, m.String())
	}
	return made, nil
}

var notID = regexp.MustCompile(`[^a-z0-9]+`)

// idOf makes an id of a name.
func idOf(name string) string {
	id := strings.Trim(notID.ReplaceAllString(strings.ToLower(name), "-"), "-")
	return strings.TrimRight(id[:min(len(id), 64)], "-")
}

// titleOf makes a title of a slug.
func titleOf(slug string) string {
	words := strings.Join(strings.Fields(strings.ReplaceAll(slug, "-", " ")), " ")
	if words == "" {
		return slug
	}
	return strings.ToUpper(words[:1]) + words[1:]
}

// encode writes a value as YAML.
func encode(v any) (string, error) {
	raw, err := yaml.Dump(v)
	return string(raw), err
}

// header is question.yaml of an import.
type header struct {
	Title   string   `yaml:"title"`
	Summary string   `yaml:"summary,omitempty"`
	Tags    []string `yaml:"tags"`
}

// cut shortens a text to one line of at most limit characters.
func cut(s string, limit int) string {
	s = strings.Join(strings.Fields(s), " ")
	if r := []rune(s); len(r) > limit {
		return string(r[:limit-1]) + "…"
	}
	return s
}

// fenced returns a block of code in Markdown.
func fenced(language, code string) string {
	fence := "```"
	for strings.Contains(code, fence) {
		fence += "`"
	}
	return fence + language + "\n" + strings.TrimRight(code, "\n") + "\n" + fence + "\n"
}
