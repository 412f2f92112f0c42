package session

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
	"time"

	"parley/crdt"
)

// MaxQuestions limits the questions of one session.
const MaxQuestions = 10

// ErrManyQuestions means that a session already has MaxQuestions.
var ErrManyQuestions = errors.New("too many questions")

// ErrNoPart means that the part of a question is not the next one to reveal.
var ErrNoPart = errors.New("not the next part")

// ErrNoQuestion means that no question was asked in a session.
var ErrNoQuestion = errors.New("session has no question")

// Asked is a question that was asked in a session. Its content is kept apart, see Copies.
type Asked struct {
	ID       string    `json:"id"`
	Hash     string    `json:"hash"`
	Title    string    `json:"title"`
	Language string    `json:"language"`
	Parts    int       `json:"parts"`
	Revealed int       `json:"revealed"` // parts that candidates see, from 1 on
	At       time.Time `json:"at"`
}

// Task is what everybody may see of a question: it goes into the main document. Guide, hidden tests
// and later parts have no place in it.
type Task struct {
	ID, Hash, Title string
	Parts           int
	Language        string
	Prompt          string     // the first part
	Files           []File     // the main file first; their Language is set
	Tests           []TaskTest // that candidates see
}

// TaskTest is a test of the document.
type TaskTest struct {
	Name, Input string
	Expected    string // or the code, if Code
	Code        bool
}

// Current returns the question that is asked now, and false when there is none.
func (s *Session) Current() (Asked, bool) {
	if len(s.Questions) == 0 {
		return Asked{}, false
	}
	return s.Questions[len(s.Questions)-1], true
}

func (t *Task) asked(now time.Time) Asked {
	return Asked{ID: t.ID, Hash: t.Hash, Title: t.Title, Language: t.Language, Parts: t.Parts, Revealed: 1, At: now}
}

// Ask notes that a question was asked.
func (s *Service) Ask(ctx context.Context, id ID, t *Task) (Session, error) {
	sess, err := s.store.Update(ctx, id, func(sess *Session) error {
		now := s.clock()
		if err := sess.mayAsk(now); err != nil {
			return err
		}
		sess.UpdatedAt, sess.Questions = now, append(sess.Questions, t.asked(now))
		return nil
	})
	if err != nil {
		return Session{}, fmt.Errorf("ask in session %s: %w", id, err)
	}
	return sess, nil
}

// MayAsk returns why no question can be asked now, or nil.
func (s *Service) MayAsk(sess Session) error { return sess.mayAsk(s.clock()) }

func (s *Session) mayAsk(now time.Time) error {
	switch {
	case s.Expired(now):
		return ErrGone
	case s.Status == Ended:
		return ErrEnded
	case len(s.Questions) >= MaxQuestions:
		return ErrManyQuestions
	}
	return nil
}

// Reveal notes that a part of the current question was revealed. A part that is revealed already
// changes nothing.
func (s *Service) Reveal(ctx context.Context, id ID, hash string, part int) (Session, error) {
	sess, err := s.store.Update(ctx, id, func(sess *Session) error {
		now := s.clock()
		switch asked, ok := sess.Current(); {
		case sess.Expired(now):
			return ErrGone
		case !ok || asked.Hash != hash:
			return ErrNoQuestion
		case part <= asked.Revealed:
			return nil
		}
		sess.UpdatedAt, sess.Questions[len(sess.Questions)-1].Revealed = now, part
		return nil
	})
	if err != nil {
		return Session{}, fmt.Errorf("reveal in session %s: %w", id, err)
	}
	return sess, nil
}

// seed returns the first Update of the main document.
func (d *Draft) seed() ([]byte, error) {
	if d.Task == nil {
		return seedOf(d.Language, d.Code, d.Prompt)
	}
	doc := crdt.NewDoc(crdt.WithClientID(SeedClientID))
	if err := d.Task.Insert(doc); err != nil {
		return nil, fmt.Errorf("seed document: %w", err)
	}
	return doc.EncodeStateAsUpdate(nil)
}

// Insert puts the question into a document. Everything that is there stays as files: files whose
// names the question needs get other names, and the problem so far becomes a file. A file main
// without work in it is used for the main file.
func (t *Task) Insert(doc *crdt.Doc) error {
	files := t.Files
	if len(files) == 0 {
		files = []File{{Name: fileName(t.Language), Language: t.Language, Code: starters[t.Language].code}}
	}
	into := &insertion{doc: doc, key: "q" + t.Hash[:min(6, len(t.Hash))], files: doc.Map("files")}
	if err := into.begin(files); err != nil {
		return err
	}
	for i, f := range files {
		if err := into.add(f, i); err != nil {
			return fmt.Errorf("add file: %w", err)
		}
	}
	if err := into.keepPrompt(); err != nil {
		return fmt.Errorf("keep problem: %w", err)
	}
	if err := replaceText(doc.Text("prompt"), cleanText(t.Prompt)); err != nil {
		return fmt.Errorf("set problem: %w", err)
	}
	return into.setTests(t.Tests)
}

// insertion is one question on its way into a document.
type insertion struct {
	doc     *crdt.Doc
	key     string // begins the ids of what the question brings
	files   *crdt.Map
	useMain bool
	first   int // order of the question's first file
}

// begin makes room for files with these names.
func (n *insertion) begin(files []File) error {
	main, ok := n.files.Get(mainFileID).(*crdt.Map)
	n.useMain = !ok || isStarter(n.doc.Text("file:"+mainFileID).String())
	if n.useMain && !ok {
		return nil
	}
	taken := map[string]bool{}
	for _, f := range files {
		taken[strings.ToLower(f.Name)] = true
	}
	for _, id := range sortedKeys(n.files) {
		entry, ok := n.files.Get(id).(*crdt.Map)
		if !ok || n.useMain && entry == main {
			continue
		}
		if order, ok := number(entry.Get("order")); ok {
			n.first = min(n.first, order-len(files))
		}
		name, _ := entry.Get("name").(string)
		if !taken[strings.ToLower(name)] {
			taken[strings.ToLower(name)] = true
			continue
		}
		if err := entry.Set("name", n.free(taken, name)); err != nil {
			return fmt.Errorf("rename file: %w", err)
		}
	}
	return nil
}

// free returns a name like name that is not taken, and takes it.
func (n *insertion) free(taken map[string]bool, name string) string {
	extension := path.Ext(name)
	for i := 1; ; i++ {
		next := fmt.Sprintf("%s-%d%s", strings.TrimSuffix(name, extension), i, extension)
		if !taken[strings.ToLower(next)] {
			taken[strings.ToLower(next)] = true
			return next
		}
	}
}

// add adds file number i of the question.
func (n *insertion) add(f File, i int) error {
	id := mainFileID
	if i > 0 || !n.useMain {
		id = n.newID()
	}
	entry, ok := n.files.Get(id).(*crdt.Map)
	if !ok {
		entry = crdt.NewMap()
		if err := n.files.Set(id, entry); err != nil {
			return err
		}
	}
	for _, field := range []struct {
		key   string
		value any
	}{{"name", f.Name}, {"language", f.Language}, {"order", n.first + i}} {
		if err := entry.Set(field.key, field.value); err != nil {
			return err
		}
	}
	return replaceText(n.doc.Text("file:"+id), cleanText(f.Code))
}

// newID returns an id of a file that was never used in the document.
func (n *insertion) newID() string {
	for i := 1; ; i++ {
		id := fmt.Sprintf("%s-%d", n.key, i)
		if !n.files.Has(id) && n.doc.Text("file:"+id).Len() == 0 {
			return id
		}
	}
}

// keepPrompt makes a file of the problem so far.
func (n *insertion) keepPrompt() error {
	prompt := n.doc.Text("prompt").String()
	if strings.TrimSpace(prompt) == "" {
		return nil
	}
	taken, last := map[string]bool{}, 0
	for _, id := range n.files.Keys() {
		if entry, ok := n.files.Get(id).(*crdt.Map); ok {
			name, _ := entry.Get("name").(string)
			taken[strings.ToLower(name)] = true
			if order, ok := number(entry.Get("order")); ok {
				last = max(last, order)
			}
		}
	}
	was := n.first
	n.first, n.useMain = last+1, false
	defer func() { n.first = was }()
	name := "problem.md"
	if taken[name] {
		name = n.free(taken, name)
	}
	return n.add(File{Name: name, Language: "markdown", Code: prompt}, 0)
}

// setTests replaces the tests of earlier questions. Tests that people wrote stay.
func (n *insertion) setTests(tests []TaskTest) error {
	list := n.doc.Array("tests")
	for i := list.Len() - 1; i >= 0; i-- {
		if entry, ok := list.Get(i).(*crdt.Map); ok {
			if id, _ := entry.Get("id").(string); strings.HasPrefix(id, testPrefix) {
				if err := list.Delete(i, 1); err != nil {
					return fmt.Errorf("remove test: %w", err)
				}
			}
		}
	}
	for i, t := range tests {
		entry := crdt.NewMap()
		if err := list.Push(entry); err != nil {
			return fmt.Errorf("add test: %w", err)
		}
		kind := map[bool]string{true: "code", false: "io"}[t.Code]
		for _, field := range []struct {
			key   string
			value any
		}{
			{"id", fmt.Sprintf("%s%s-%d", testPrefix, n.key, i+1)}, {"name", t.Name}, {"kind", kind},
			{"input", t.Input}, {"expected", t.Expected}, {"hidden", false},
		} {
			if err := entry.Set(field.key, field.value); err != nil {
				return fmt.Errorf("add test: %w", err)
			}
		}
	}
	return nil
}

// testPrefix begins the ids of tests that a question brought.
const testPrefix = "question-"

// AddPart puts the text of a part behind the problem, unless it stands there already.
func AddPart(doc *crdt.Doc, part string) error {
	text := doc.Text("prompt")
	part = cleanText(part)
	held := text.String()
	if strings.Contains(held, strings.TrimSpace(part)) {
		return nil
	}
	gap := "\n"
	if !strings.HasSuffix(held, "\n") {
		gap = "\n\n"
	}
	if held == "" {
		gap = ""
	}
	return text.Insert(text.Len(), gap+part)
}

// isStarter reports whether nobody has worked in a file with this text.
func isStarter(code string) bool {
	if strings.TrimSpace(code) == "" {
		return true
	}
	for _, s := range starters {
		if s.code != "" && s.code == code {
			return true
		}
	}
	return false
}

func sortedKeys(m *crdt.Map) []string {
	keys := slices.Clone(m.Keys())
	slices.Sort(keys)
	return keys
}

// number reads a number of a document.
func number(v any) (int, bool) {
	switch n := v.(type) {
	case int:
		return n, true
	case int64:
		return int(n), true
	case float64:
		return int(max(-1e9, min(1e9, n))), n == n
	}
	return 0, false
}

// LanguageOf returns the language of a further file by its name. main is the language of the main
// file.
func LanguageOf(name, main string) string {
	extension := path.Ext(name)
	if extension == path.Ext(fileName(main)) {
		return main
	}
	for _, language := range sortedLanguages {
		if path.Ext(starters[language].file) == extension {
			return language
		}
	}
	if language, ok := map[string]string{".css": "css", ".json": "json", ".xml": "xml", ".yaml": "yaml", ".yml": "yaml"}[extension]; ok {
		return language
	}
	return "plaintext"
}

// sortedLanguages are the languages with a default name of their file, in a fixed order.
var sortedLanguages = slices.Sorted(maps.Keys(starters))
