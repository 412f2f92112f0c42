package session

import (
	"fmt"

	"parley/crdt"
)

// SeedClientID is the ClientID that writes the first state of every session. It is fixed, so that
// the same draft always gives the same bytes. A seed that a race or a restart applies twice
// therefore counts once. A replica picks this id by accident with a probability of 1 in 2^32.
const SeedClientID = 0x5EED_0001

// DefaultLanguage is the language of a session without a chosen language.
const DefaultLanguage = "javascript"

// mainFileID is the id of the file that every session starts with.
const mainFileID = "main"

// starters are the initial file name and code by language. Any other language starts with an empty
// file.
var starters = map[string]struct{ file, code string }{
	"javascript": {"main.js", "// Write your code here, then press Run.\n\nfunction greet(name) {\n  return `Hello, ${name}!`;\n}\n\nconsole.log(greet(\"world\"));\n"},
	"python":     {"main.py", "# Write your code here, then press Run.\n\ndef greet(name):\n    return f\"Hello, {name}!\"\n\n\nprint(greet(\"world\"))\n"},
	"typescript": {"main.ts", ""},
	"go":         {"main.go", ""},
	"java":       {"Main.java", ""},
	"c":          {"main.c", ""},
	"cpp":        {"main.cpp", ""},
	"csharp":     {"Main.cs", ""},
	"rust":       {"main.rs", ""},
	"ruby":       {"main.rb", ""},
	"php":        {"main.php", ""},
	"sql":        {"main.sql", ""},
	"html":       {"index.html", ""},
	"markdown":   {"main.md", ""},
}

// File is one file of a session's main document.
type File struct {
	Name     string
	Language string
	Code     string // line ends are LF
}

// seedOf returns the first Update of the main document: the prompt and the file main. If code is
// nil, the file holds the starter of the language. An error means that an argument is not valid.
func seedOf(language string, code *string, prompt string) ([]byte, error) {
	language, err := cleanLanguage(language)
	if err != nil {
		return nil, err
	}
	file := File{Name: fileName(language), Language: language, Code: starters[language].code}
	if code != nil {
		if file.Code, err = cleanCode(*code); err != nil {
			return nil, err
		}
	}
	if prompt, err = cleanPrompt(prompt); err != nil {
		return nil, err
	}
	seed, err := encodeSeed(file, prompt)
	if err != nil {
		return nil, fmt.Errorf("seed document: %w", err)
	}
	return seed, nil
}

// encodeSeed encodes a document with only the prompt and this file as main. The same arguments give
// the same bytes.
func encodeSeed(f File, prompt string) ([]byte, error) {
	doc := crdt.NewDoc(crdt.WithClientID(SeedClientID))
	if _, err := putFile(doc, f); err != nil {
		return nil, err
	}
	if err := doc.Text("file:"+mainFileID).Insert(0, f.Code); err != nil {
		return nil, err
	}
	if prompt != "" {
		if err := doc.Text("prompt").Insert(0, prompt); err != nil {
			return nil, err
		}
	}
	return doc.EncodeStateAsUpdate(nil)
}

// putFile adds the entry of the file main, without its text.
func putFile(doc *crdt.Doc, f File) (*crdt.Map, error) {
	entry := crdt.NewMap()
	if err := doc.Map("files").Set(mainFileID, entry); err != nil {
		return nil, err
	}
	for _, field := range []struct {
		key   string
		value any
	}{{"name", f.Name}, {"language", f.Language}, {"order", 0}} {
		if err := entry.Set(field.key, field.value); err != nil {
			return nil, err
		}
	}
	return entry, nil
}

// fileName returns the default name of the file main for a language.
func fileName(language string) string {
	if name := starters[language].file; name != "" {
		return name
	}
	return "main.txt"
}
