package session

import (
	"fmt"

	"parley/crdt"
)

// SeedClientID is the ClientID under which the first state of every session is written. It is fixed so that the same draft
// gives the same bytes: a seed that is applied twice, by whatever race or restart, is one seed. No replica draws it
// but by a chance of 1 in 2^32.
const SeedClientID = 0x5EED_0001

// DefaultLanguage is the language of a session for which none was asked.
const DefaultLanguage = "javascript"

// mainFileID is the file that every session starts with.
const mainFileID = "main"

// starters is what a session in that language starts with; others start empty.
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

// File is one file of a session, as it stands in the main document.
type File struct {
	Name     string
	Language string
	Code     string // line ends are LF
}

// seedOf checks its arguments and gives the first Update of the main document: the prompt, and the file main with that code or, when
// it is nil, the starter of the language.
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

// encodeSeed writes the document that holds only this file, as main, and the prompt. Same arguments, same bytes.
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

// putFile makes the entry of the file main, without its text.
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

// fileName is what the file main is called in that language.
func fileName(language string) string {
	if name := starters[language].file; name != "" {
		return name
	}
	return "main.txt"
}

// MainFile reads the file main of a session's document; what is missing there, as in a document that others
// made, is "".
func MainFile(doc *crdt.Doc) File {
	f := File{Code: doc.Text("file:" + mainFileID).String()}
	if entry, ok := doc.Map("files").Get(mainFileID).(*crdt.Map); ok {
		f.Name, _ = entry.Get("name").(string)
		f.Language, _ = entry.Get("language").(string)
	}
	return f
}
