package question

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// folder is a folder of a question while it is read.
type folder struct {
	fsys     fs.FS
	id       string
	lists    map[string]list   // what directories hold, by path below the folder
	files    map[string][]byte // what was read, by path below the folder
	left     int               // bytes that may still be read
	mistakes []Mistake
}

// list is what a directory holds, or why that is not known.
type list struct {
	entries []fs.DirEntry
	err     error
}

// list lists a directory of the folder, and asks for each once.
func (f *folder) list(dir string) list {
	l, ok := f.lists[dir]
	if !ok {
		l.entries, l.err = fs.ReadDir(f.fsys, f.path(dir))
		f.lists[dir] = l
	}
	return l
}

// readFolder reads one question. The question counts only without mistakes. rubrics tells which
// rubrics there are.
func readFolder(fsys fs.FS, id string, rubrics func(string) bool) (Question, []Mistake) {
	f := &folder{fsys: fsys, id: id, lists: map[string]list{}, files: map[string][]byte{}, left: MaxQuestion}
	if !ValidID(id) {
		f.wrong("", 0, "the name of the folder is the id of the question: use 1 to 64 lower-case letters, digits and hyphens")
		return Question{}, f.mistakes
	}
	var q Question
	raw, ok := f.read("question.yaml", MaxMeta)
	if !ok {
		return q, f.mistakes
	}
	m, mistakes := readMeta(f.path("question.yaml"), raw)
	f.mistakes = append(f.mistakes, mistakes...)
	q.Summary, q.PartTitles, q.Assistant, q.Rubric = m.Summary, m.partTitles, m.assistant, m.rubric
	q.ID, q.Tags = id, slices.Concat([]string{}, m.Tags)
	if m.rubric != "" && !rubrics(m.rubric) {
		f.wrong("question.yaml", m.rubricLine, fmt.Sprintf("there is no rubrics/%s.yaml without mistakes", m.rubric))
	}
	f.lookAround()
	f.readPrompts(&q, m)
	if raw, ok := f.optional("guide.md", MaxGuide); ok {
		q.Guide = lines(raw)
	}
	f.readFiles(&q, m)
	if raw, ok := f.optional("tests.yaml", MaxTestsFile); ok {
		q.Checks, mistakes = readTests(f.path("tests.yaml"), raw, q.Languages)
		f.mistakes = append(f.mistakes, mistakes...)
	}
	f.readBoard(&q)
	q.Tests, q.Hash = len(q.Checks), hashOf(f.files)
	return q, f.mistakes
}

func (f *folder) path(name string) string { return path.Join(f.id, name) }

func (f *folder) wrong(name string, line int, what string) {
	f.mistakes = append(f.mistakes, Mistake{Path: f.path(name), Line: line, What: what})
}

// known are the names at the top of a folder. prompt.N.md is known too.
var known = []string{"question.yaml", "prompt.md", "guide.md", "files", "tests.yaml", "board.excalidraw"}

var partForm = regexp.MustCompile(`^prompt\.([0-9]+)\.md$`)

// lookAround notes files that nothing reads, because a wrong name is a mistake that nobody sees.
func (f *folder) lookAround() {
	top := f.list(".")
	if top.err != nil {
		f.wrong("", 0, unreadable(top.err))
		return
	}
	for _, e := range top.entries {
		name := e.Name()
		if !strings.HasPrefix(name, ".") && !slices.Contains(known, name) && !partForm.MatchString(name) && name != "README.md" {
			f.wrong(name, 0, "nothing reads this file; a question has question.yaml, prompt.md, prompt.2.md …, guide.md, files, tests.yaml, board.excalidraw and README.md")
		}
	}
}

// read reads a file that must be there.
func (f *folder) read(name string, limit int) ([]byte, bool) {
	raw, err := f.bytes(name, limit)
	if err != nil {
		f.wrong(name, 0, unreadable(err))
	}
	return raw, err == nil
}

// optional reads a file at the top of the folder that may be missing.
func (f *folder) optional(name string, limit int) ([]byte, bool) {
	if !slices.ContainsFunc(f.list(".").entries, func(e fs.DirEntry) bool { return e.Name() == name }) {
		return nil, false
	}
	return f.read(name, limit)
}

var (
	errTooLarge = errors.New("the file is too large")
	errNoFile   = errors.New("this is no file")
)

// bytes reads a regular file of at most limit bytes.
func (f *folder) bytes(name string, limit int) ([]byte, error) {
	limit = min(limit, f.left)
	raw, err := readRegular(f.fsys, f.path(name), limit)
	if err != nil {
		return nil, err
	}
	f.left -= len(raw)
	f.files[name] = raw
	return raw, nil
}

// readRegular reads a regular file of at most limit bytes.
func readRegular(fsys fs.FS, name string, limit int) ([]byte, error) {
	info, err := fs.Stat(fsys, name)
	switch {
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, errNoFile // to open a pipe would wait for its writer
	case info.Size() > int64(limit):
		return nil, fmt.Errorf("%w: it has %d bytes, and %d are allowed", errTooLarge, info.Size(), limit)
	}
	in, err := fsys.Open(name)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	raw, err := io.ReadAll(io.LimitReader(in, int64(limit)+1))
	if err == nil && len(raw) > limit {
		err = fmt.Errorf("%w: %d bytes are allowed", errTooLarge, limit)
	}
	return raw, err
}

// unreadable says why a file could not be read, without its path.
func unreadable(err error) string {
	inner := err
	if p := (*fs.PathError)(nil); errors.As(err, &p) {
		inner = p.Err
	}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "the file is missing"
	case strings.Contains(inner.Error(), "escapes"):
		return "this link leads out of the directory; links must stay within it"
	case strings.Contains(inner.Error(), "too many"):
		return "this link leads to itself"
	}
	return inner.Error()
}

// readPrompts reads prompt.md and the further parts, which are numbered without gaps.
func (f *folder) readPrompts(q *Question, m meta) {
	raw, ok := f.read("prompt.md", MaxPrompt)
	if !ok {
		return
	}
	q.Prompts = []string{lines(raw)}
	last := 1
	for _, name := range f.names(".") {
		if n, ok := partOf(name); ok && n > last {
			last = n
		}
	}
	if last > MaxParts {
		f.wrong("", 0, fmt.Sprintf("use at most %d parts", MaxParts))
		return
	}
	for n := 2; n <= last; n++ {
		if raw, ok := f.read(fmt.Sprintf("prompt.%d.md", n), MaxPrompt); ok {
			q.Prompts = append(q.Prompts, lines(raw))
		}
	}
	total := 0
	for i, prompt := range q.Prompts {
		if total += len(prompt) + 2; strings.TrimSpace(prompt) == "" {
			f.wrong(promptName(i+1), 0, "the file is empty")
		}
	}
	if total > MaxPrompt {
		f.wrong("prompt.md", 0, fmt.Sprintf("all parts together have %d bytes, and %d are allowed", total, MaxPrompt))
	}
	if q.Parts = len(q.Prompts); m.parts > 0 && m.parts != q.Parts {
		f.wrong("question.yaml", m.partsLine, fmt.Sprintf("parts says %d, and there are %d files prompt.md, prompt.2.md …", m.parts, q.Parts))
	}
}

func promptName(part int) string {
	if part == 1 {
		return "prompt.md"
	}
	return fmt.Sprintf("prompt.%d.md", part)
}

// partOf returns the number in prompt.N.md.
func partOf(name string) (int, bool) {
	match := partForm.FindStringSubmatch(name)
	if match == nil {
		return 0, false
	}
	n, err := strconv.Atoi(match[1])
	if err != nil {
		return MaxParts + 1, true
	}
	return n, true
}

// names lists a directory of the folder; nothing when it is not there.
func (f *folder) names(dir string) (out []string) {
	for _, e := range f.list(dir).entries {
		if !strings.HasPrefix(e.Name(), ".") {
			out = append(out, e.Name())
		}
	}
	return out
}

// readFiles reads the starters. Without languages in question.yaml, the folders name them.
func (f *folder) readFiles(q *Question, m meta) {
	q.Files = map[string][]File{}
	dirs := f.names("files")
	q.Languages = slices.Concat([]string{}, m.Languages)
	if len(m.Languages) == 0 {
		q.Languages = append(q.Languages, dirs...)
	}
	for _, language := range dirs {
		switch {
		case !languageForm.MatchString(language):
			f.wrong("files/"+language, 0, "the name of this folder is the id of a language, such as javascript or python")
			continue
		case !slices.Contains(q.Languages, language):
			f.wrong("question.yaml", m.langLine, fmt.Sprintf("languages lacks %s, which has a folder in files", language))
		}
		f.readStarters(q, language)
	}
	for _, language := range m.Languages {
		if !slices.Contains(dirs, language) {
			f.wrong("question.yaml", m.langLine, fmt.Sprintf("files/%s is missing, and languages names it", language))
		}
	}
}

// readStarters reads the files of one language. The main file comes first.
func (f *folder) readStarters(q *Question, language string) {
	dir := "files/" + language
	names := f.names(dir)
	if len(names) == 0 || len(names) > MaxFiles {
		f.wrong(dir, 0, fmt.Sprintf("put 1 to %d files here", MaxFiles))
		return
	}
	slices.SortStableFunc(names, func(a, b string) int { return rank(a) - rank(b) })
	taken := map[string]string{}
	for _, name := range names {
		at := dir + "/" + name
		if len([]rune(name)) > 60 || strings.ContainsFunc(name, isControl) {
			f.wrong(at, 0, "use a name of at most 60 characters")
			continue
		}
		if other, ok := taken[strings.ToLower(name)]; ok {
			f.wrong(at, 0, fmt.Sprintf("%s has the same name in other letters", other))
		}
		taken[strings.ToLower(name)] = name
		if raw, ok := f.read(at, MaxFile); ok {
			q.Files[language] = append(q.Files[language], File{Name: name, Text: lines(raw)})
		}
	}
}

// rank puts the file that is run before the others.
func rank(name string) int {
	stem := strings.ToLower(strings.TrimSuffix(name, path.Ext(name)))
	if stem == "main" || stem == "index" {
		return 0
	}
	return 1
}

func (f *folder) readBoard(q *Question) {
	raw, ok := f.optional("board.excalidraw", MaxBoard)
	if !ok {
		return
	}
	var scene struct {
		Type     string            `json:"type"`
		Elements []json.RawMessage `json:"elements"`
	}
	if err := json.Unmarshal(raw, &scene); err != nil || scene.Type != "excalidraw" {
		f.wrong("board.excalidraw", 0, "this is no drawing that Excalidraw has saved")
		return
	}
	q.Board = string(raw)
}

// lines returns text with LF line ends and valid UTF-8.
func lines(raw []byte) string {
	s := strings.TrimPrefix(string(raw), "\ufeff")
	s = strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
	return strings.ToValidUTF8(s, "\ufffd")
}
