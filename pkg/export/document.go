package export

import (
	"cmp"
	"fmt"
	"math"
	"path"
	"slices"
	"strings"
	"time"
	"unicode"

	"parley/crdt"
)

// File is one file of a session.
type File struct {
	ID       string
	Name     string
	Language string
	Code     string
	order    float64
}

// Run is one run of a program, as the browser that ran it wrote it down.
type Run struct {
	ID         string    `json:"id"`
	By         string    `json:"by"`
	File       string    `json:"file"`
	Language   string    `json:"language"`
	StartedAt  time.Time `json:"started_at"`
	DurationMS float64   `json:"duration_ms"`
	Status     string    `json:"status"`
	Output     string    `json:"output"`
}

// Document is what an archive shows of a session's main document.
type Document struct {
	Files  []File // in the order in which people see them
	Prompt string
	Runs   []Run
	Update []byte // the whole document, as a Yjs update
}

// ReadDocument takes from doc what an archive shows. What participants wrote in a form that is not ours is left to the update.
func ReadDocument(doc *crdt.Doc) (Document, error) {
	update, err := doc.EncodeStateAsUpdate(nil)
	if err != nil {
		return Document{}, fmt.Errorf("encode document: %w", err)
	}
	out := Document{Files: readFiles(doc), Prompt: doc.Text("prompt").String(), Runs: []Run{}, Update: update}
	for _, v := range doc.Array("runs").Values() {
		if m, ok := v.(*crdt.Map); ok {
			out.Runs = append(out.Runs, readRun(m))
		}
	}
	return out, nil
}

func readFiles(doc *crdt.Doc) []File {
	index := doc.Map("files")
	var files []File
	for _, id := range index.Keys() {
		entry, ok := index.Get(id).(*crdt.Map)
		if !ok {
			continue
		}
		order, _ := entry.Get("order").(float64)
		files = append(files, File{
			ID: id, Name: text(entry, "name"), Language: text(entry, "language"), Code: doc.Text("file:" + id).String(), order: order,
		})
	}
	if main := doc.Text("file:main").String(); main != "" && !index.Has("main") {
		files = append(files, File{ID: "main", Code: main}) // a room that a plain client wrote in
	}
	slices.SortStableFunc(files, func(a, b File) int { return cmp.Or(cmp.Compare(a.order, b.order), cmp.Compare(a.ID, b.ID)) })
	return files
}

func readRun(m *crdt.Map) Run {
	r := Run{
		ID: text(m, "id"), By: text(m, "by"), File: text(m, "file"), Language: text(m, "language"), Status: text(m, "status"),
		DurationMS: number(m, "durationMs"), StartedAt: time.UnixMilli(int64(number(m, "startedAt"))).UTC(),
	}
	if output, ok := m.Get("output").(*crdt.Text); ok {
		r.Output = output.String()
	}
	return r
}

func text(m *crdt.Map, key string) string {
	s, _ := m.Get(key).(string)
	return s
}

// maxNumber is the largest number that is taken: as a time in milliseconds, the last that JavaScript and JSON know.
const maxNumber = 253402300799999 // 9999-12-31

// number gives a number from 0 to maxNumber; others are 0.
func number(m *crdt.Map, key string) float64 {
	n, _ := m.Get(key).(float64)
	if math.IsNaN(n) || n < 0 || n > maxNumber {
		return 0
	}
	return n
}

const maxFileName = 100 // bytes

// archiveNames gives every file a name that is safe to unpack anywhere and different from all others, whatever its
// participants called it.
func archiveNames(files []File) []string {
	names := make([]string, len(files))
	taken := map[string]bool{}
	for i, f := range files {
		name := safeName(f.Name)
		ext := path.Ext(name)
		for n := 2; taken[strings.ToLower(name)]; n++ {
			name = fmt.Sprintf("%s-%d%s", strings.TrimSuffix(safeName(f.Name), ext), n, ext)
		}
		taken[strings.ToLower(name)] = true
		names[i] = name
	}
	return names
}

// safeName keeps of a name what every file system takes: no directories, no control characters, no leading dots.
func safeName(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsLetter(r), unicode.IsDigit(r), strings.ContainsRune("._- +#", r):
			return r
		}
		return '_'
	}, s)
	for len(s) > maxFileName {
		runes := []rune(s)
		s = string(runes[:len(runes)-1])
	}
	if s = strings.Trim(strings.TrimLeft(s, ". "), ". "); s == "" {
		return "file.txt"
	}
	return s
}
