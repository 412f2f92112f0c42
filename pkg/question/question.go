package question

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"regexp"
	"slices"
)

// Limits of one question. They keep a copy of a question in a session small enough for one record.
const (
	MaxMeta      = 64 << 10 // bytes of question.yaml or of a rubric
	MaxPrompt    = 64 << 10 // bytes of one part; what a session's problem may hold
	MaxParts     = 20
	MaxGuide     = 256 << 10 // bytes
	MaxFile      = 512 << 10 // bytes of one starter
	MaxFiles     = 20        // starters of one language
	MaxTests     = 50        // shown tests, and as many hidden ones
	MaxTestsFile = 4 << 20   // bytes of tests.yaml
	MaxBoard     = 1 << 20   // bytes
	MaxQuestion  = 8 << 20   // bytes of all files together

	// MaxShown limits each text of a test that candidates see, in UTF-16 units. The client cuts
	// longer ones.
	MaxShown = 20_000
	// MaxHidden limits each text of a hidden test in bytes.
	MaxHidden = 1 << 20
)

// Levels are the values of level.
var Levels = []string{"easy", "medium", "hard"}

// Assistants are the values of assistant.
var Assistants = []string{"off", "hints", "full"}

// Summary is a question in lists.
type Summary struct {
	ID        string   `json:"id"`
	Hash      string   `json:"hash"` // of its content: 12 hex characters
	Title     string   `json:"title"`
	Summary   string   `json:"summary"` // one line, for whoever chooses
	Minutes   int      `json:"minutes"` // 0: not said
	Level     string   `json:"level"`   // one of Levels, or ""
	Tags      []string `json:"tags"`
	Languages []string `json:"languages"` // with starters; the first is offered first
	Parts     int      `json:"parts"`     // at least 1
	Tests     int      `json:"tests"`     // hidden ones count
	BuiltIn   bool     `json:"built_in"`  // comes with the program
}

// Question is all of a question. It is not changed after it was read.
type Question struct {
	Summary
	PartTitles []string          `json:"part_titles,omitempty"` // as many as Prompts, or none
	Assistant  string            `json:"assistant,omitempty"`   // one of Assistants, or ""
	Rubric     string            `json:"rubric,omitempty"`      // id of a rubric, or ""
	Prompts    []string          `json:"prompts"`               // Markdown, one for each part
	Guide      string            `json:"guide"`                 // Markdown
	Files      map[string][]File `json:"files"`                 // by language, the main file first
	Checks     []Test            `json:"checks"`                // the tests
	Board      string            `json:"board,omitempty"`       // a scene of Excalidraw, JSON
}

// File is a file that a candidate starts with.
type File struct {
	Name string `json:"name"`
	Text string `json:"text"` // line ends are LF
}

// Test is something that a program must do. A test has Expected, or code.
type Test struct {
	Name     string `json:"name"`
	Input    string `json:"input"`
	Expected string `json:"expected,omitempty"`
	// Code stands after the program, by language. Under "" it is for every language.
	Code   map[string]string `json:"code,omitempty"`
	Hidden bool              `json:"hidden"`
}

// Fits reports whether the test can be run in a language.
func (t Test) Fits(language string) bool {
	return t.Code == nil || t.Code[language] != "" || t.Code[""] != ""
}

// CodeIn returns the code of the test in a language; "" for a test with expected output.
func (t Test) CodeIn(language string) string {
	if code := t.Code[language]; code != "" {
		return code
	}
	return t.Code[""]
}

var (
	idForm       = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,63}$`)
	hashForm     = regexp.MustCompile(`^[0-9a-f]{12}$`)
	languageForm = regexp.MustCompile(`^[a-z0-9][a-z0-9+#._-]{0,31}$`)
	tagForm      = regexp.MustCompile(`^[a-z0-9][a-z0-9+#. -]{0,31}$`)
)

// ValidID reports whether s may be the id of a question: 1 to 64 lower-case letters, digits and
// hyphens.
func ValidID(s string) bool { return idForm.MatchString(s) }

// ValidHash reports whether s has the form of a hash.
func ValidHash(s string) bool { return hashForm.MatchString(s) }

// hashOf returns the hash of the files of a folder, by their names and bytes alone.
func hashOf(files map[string][]byte) string {
	names := make([]string, 0, len(files))
	for name := range files {
		names = append(names, name)
	}
	slices.Sort(names)
	sum := sha256.New()
	for _, name := range names {
		for _, part := range [][]byte{[]byte(name), files[name]} {
			sum.Write(binary.BigEndian.AppendUint64(nil, uint64(len(part))))
			sum.Write(part)
		}
	}
	return hex.EncodeToString(sum.Sum(nil))[:12]
}

// Mistake is something that is wrong in a folder.
type Mistake struct {
	Path string // relative to the directory with the folders
	Line int    // 0: the file as a whole
	What string
}

// String returns path:line: what.
func (m Mistake) String() string {
	if m.Line > 0 {
		return fmt.Sprintf("%s:%d: %s", m.Path, m.Line, m.What)
	}
	return fmt.Sprintf("%s: %s", m.Path, m.What)
}
