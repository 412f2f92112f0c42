package session

import (
	"fmt"
	"unicode/utf16"
	"unicode/utf8"

	"parley/crdt"
)

// Edit is a change of one file by a caller without an editor. A nil field stays unchanged.
type Edit struct {
	File     string // id of the file; "" is main
	Code     *string
	Language *string
}

// Empty reports whether the edit changes nothing.
func (e Edit) Empty() bool { return e.Code == nil && e.Language == nil }

// Clean returns the edit in the form to store: LF line ends, valid UTF-8, a language id. A
// *FieldError describes invalid input.
func (e Edit) Clean() (Edit, error) {
	if e.File == "" {
		e.File = mainFileID
	}
	if !ValidName(e.File) {
		return Edit{}, &FieldError{Field: "file", Detail: "use the id of a file: at most 64 letters, digits, - and _"}
	}
	if e.Code != nil {
		code, err := cleanCode(*e.Code)
		if err != nil {
			return Edit{}, err
		}
		e.Code = &code
	}
	if e.Language != nil {
		if *e.Language == "" {
			return Edit{}, &FieldError{Field: "language", Detail: "use the id of a language, such as javascript or python"}
		}
		language, err := cleanLanguage(*e.Language)
		if err != nil {
			return Edit{}, err
		}
		e.Language = &language
	}
	return e, nil
}

// Apply applies a clean edit to the main document as a minimal change, so that cursors in unchanged
// text do not move. The result is ErrNoFile if the document has no such file. A missing file main
// is created, because a room of open access starts empty.
func (e Edit) Apply(doc *crdt.Doc) error {
	entry, ok := doc.Map("files").Get(e.File).(*crdt.Map)
	if !ok {
		if e.File != mainFileID {
			return ErrNoFile
		}
		var err error
		if entry, err = addMain(doc, e.Language); err != nil {
			return fmt.Errorf("add file main: %w", err)
		}
	}
	if e.Language != nil {
		if err := setLanguage(entry, *e.Language); err != nil {
			return fmt.Errorf("set language: %w", err)
		}
	}
	if e.Code == nil {
		return nil
	}
	if err := replaceText(doc.Text("file:"+e.File), *e.Code); err != nil {
		return fmt.Errorf("set code: %w", err)
	}
	return nil
}

// setLanguage changes the language of a file. A default name changes with the language, as in the
// client.
func setLanguage(entry *crdt.Map, language string) error {
	if held, _ := entry.Get("language").(string); held == language {
		return nil
	}
	if err := entry.Set("language", language); err != nil {
		return err
	}
	name, _ := entry.Get("name").(string)
	if next := fileName(language); isDefaultName(name) && name != next {
		return entry.Set("name", next)
	}
	return nil
}

// isDefaultName reports whether name is a default, and not chosen by a person.
func isDefaultName(name string) bool {
	if name == "main.txt" {
		return true
	}
	for _, s := range starters {
		if s.file == name {
			return true
		}
	}
	return false
}

// addMain adds an empty file main to the document.
func addMain(doc *crdt.Doc, language *string) (*crdt.Map, error) {
	f := File{Language: DefaultLanguage}
	if language != nil {
		f.Language = *language
	}
	f.Name = fileName(f.Language)
	return putFile(doc, f)
}

// replaceText changes text to want. The common start and end stay unchanged, and so do the cursors
// and undo histories that refer to them. The comparison works on whole characters, so no surrogate
// pair is cut.
func replaceText(text *crdt.Text, want string) error {
	have := text.String()
	start, end := commonEnds(have, want)
	from, length := units(have[:start]), units(have[start:len(have)-end])
	if units(have) != text.Len() { // has embeds: counting characters cannot locate the change
		from, length, start, end = 0, text.Len(), 0, 0
	}
	if length > 0 {
		if err := text.Delete(from, length); err != nil {
			return err
		}
	}
	if insert := want[start : len(want)-end]; insert != "" {
		return text.Insert(from, insert)
	}
	return nil
}

// commonEnds returns the length in bytes of the common prefix of a and b, and of the common suffix
// of the rest.
func commonEnds(a, b string) (start, end int) {
	for start < len(a) && start < len(b) {
		r, n := utf8.DecodeRuneInString(a[start:])
		if other, m := utf8.DecodeRuneInString(b[start:]); r != other || n != m {
			break
		}
		start += n
	}
	for end < len(a)-start && end < len(b)-start {
		r, n := utf8.DecodeLastRuneInString(a[start : len(a)-end])
		if other, m := utf8.DecodeLastRuneInString(b[start : len(b)-end]); r != other || n != m {
			break
		}
		end += n
	}
	return start, end
}

// units counts the UTF-16 units of s. s must be valid UTF-8.
func units(s string) int {
	n := 0
	for _, r := range s {
		n += utf16.RuneLen(r)
	}
	return n
}
