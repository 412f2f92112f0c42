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
	"unicode/utf8"

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

// Run is one run of a program, as recorded by the browser that ran it.
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

// Document is the part of a session's main document that an archive shows.
type Document struct {
	Files  []File // in the order of the client
	Prompt string
	Runs   []Run
	Update []byte // the whole document as a Yjs update
}

// ReadDocument reads the archived part of doc. Content of an unknown form is only in Update.
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
	// Reading a root creates the root, and files without text are cheap to make up.
	roots := map[string]bool{}
	for _, name := range doc.RootNames() {
		roots[name] = true
	}
	var files []File
	for _, id := range index.Keys() {
		entry, ok := index.Get(id).(*crdt.Map)
		if !ok {
			continue
		}
		order, _ := entry.Get("order").(float64)
		f := File{ID: id, Name: text(entry, "name"), Language: text(entry, "language"), order: order}
		if root := "file:" + id; roots[root] {
			f.Code = doc.Text(root).String()
		}
		files = append(files, f)
	}
	if main := doc.Text("file:main").String(); main != "" && !index.Has("main") {
		// A room of a plain client, without an entry for the file.
		files = append(files, File{ID: "main", Code: main})
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

// maxNumber is the largest accepted number. It is the last time in milliseconds that RFC 3339 can
// express.
const maxNumber = 253402300799999 // 9999-12-31

// number returns a number from 0 to maxNumber, or 0 for any other value.
func number(m *crdt.Map, key string) float64 {
	n, _ := m.Get(key).(float64)
	if math.IsNaN(n) || n < 0 || n > maxNumber {
		return 0
	}
	return n
}

const maxFileName = 100 // bytes

// archiveNames returns a name for every file. The names are unique and safe to unpack on any
// system, whatever the participants called the files.
func archiveNames(files []File) []string {
	names := make([]string, len(files))
	taken := map[string]bool{}
	next := map[string]int{} // the next number for files of that name
	for i, f := range files {
		first := safeName(f.Name)
		name, key := first, strings.ToLower(first)
		ext := path.Ext(first)
		for taken[strings.ToLower(name)] {
			n := max(next[key], 2)
			next[key] = n + 1
			name = fmt.Sprintf("%s-%d%s", strings.TrimSuffix(first, ext), n, ext)
		}
		taken[strings.ToLower(name)] = true
		names[i] = name
	}
	return names
}

// safeName reduces a name to what every file system accepts: no directories, no control characters,
// no leading dots.
func safeName(s string) string {
	var b strings.Builder
	for _, r := range s {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("._- +#", r) {
			r = '_'
		}
		if b.Len()+utf8.RuneLen(r) > maxFileName {
			break
		}
		b.WriteRune(r)
	}
	if s = strings.Trim(b.String(), ". "); s == "" {
		return "file.txt"
	}
	return s
}
