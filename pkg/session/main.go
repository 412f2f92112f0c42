package session

import (
	"unicode/utf8"

	"parley/crdt"
)

// maxLanguageShown limits the language of a file in bytes. Peers can write any text there.
const maxLanguageShown = 64

// MainFile reads the file main of a session's document. The code is cut to limit bytes of JSON, as
// JSONSize counts; cut reports whether something is missing. A missing field, as in a document of
// another client, is "".
func MainFile(doc *crdt.Doc, limit int) (f File, cut bool) {
	if entry, ok := doc.Map("files").Get(mainFileID).(*crdt.Map); ok {
		f.Name, _ = entry.Get("name").(string)
		f.Language, _ = entry.Get("language").(string)
	}
	if len(f.Language) > maxLanguageShown {
		f.Language = ""
	}
	text := doc.Text("file:" + mainFileID)
	if limit <= 0 {
		return f, text.Len() > 0
	}
	f.Code = text.String()
	if end := fitsJSON(f.Code, limit); end < len(f.Code) {
		// A copy, so that the whole text can be freed.
		return File{Name: f.Name, Language: f.Language, Code: string([]byte(f.Code[:end]))}, true
	}
	return f, false
}

// MainLen returns the length of the code of the file main in UTF-16 units.
func MainLen(doc *crdt.Doc) int { return doc.Text("file:" + mainFileID).Len() }

// JSONSize returns the bytes of s in JSON, without the quotes.
func JSONSize(s string) int {
	n := 0
	for _, r := range s {
		n += jsonSize(r)
	}
	return n
}

// fitsJSON returns the length of the longest start of s that takes at most limit bytes in JSON.
func fitsJSON(s string, limit int) int {
	for i, r := range s {
		if limit -= jsonSize(r); limit < 0 {
			return i
		}
	}
	return len(s)
}

// jsonSize returns the most bytes that encoding/json writes for r, with HTML not escaped.
func jsonSize(r rune) int {
	switch {
	case r == '"', r == '\\', r == '\n', r == '\r', r == '\t', r == '\b', r == '\f':
		return 2
	case r < ' ', r == utf8.RuneError, r == '\u2028', r == '\u2029':
		return 6
	}
	return utf8.RuneLen(r)
}
