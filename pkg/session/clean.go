package session

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Limits of user input.
const (
	MaxName  = 40      // characters (runes) of a participant's name
	MaxTitle = 200     // characters (runes) of a session's title
	MaxCode  = 1 << 19 // bytes of the initial code, more than any interview starts with
	// MaxPrompt limits the problem statement to this many bytes, some twenty pages.
	MaxPrompt = 1 << 16
)

var languageForm = regexp.MustCompile(`^[a-z0-9][a-z0-9+#._-]{0,31}$`)

// blanks are letters and symbols that fonts draw as nothing: fillers of Hangul, the empty Braille
// pattern and an empty note.
const blanks = "\u115f\u1160\u3164\uffa0\u2800\U0001d159"

// clean turns s into one line of plain text. It removes broken UTF-8, control characters,
// characters that change the writing direction and characters without a shape. It keeps the joiners
// that emoji and some scripts need. White space becomes single blanks.
func clean(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case r == utf8.RuneError:
			return -1
		case unicode.IsSpace(r), r == '\u2028', r == '\u2029', r == '\u3164', r == '\uffa0', r == '\u2800':
			return ' '
		case r == '\u200c', r == '\u200d':
			return r
		case unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co, unicode.Cs):
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, ""))
	return strings.Join(strings.Fields(s), " ")
}

// cleanName returns a participant's name that is fit to show, or a FieldError.
func cleanName(field, s string) (string, error) {
	name := clean(s)
	switch {
	case !strings.ContainsFunc(name, isVisible):
		return "", &FieldError{Field: field, Detail: "enter a name that others can read"}
	case utf8.RuneCountInString(name) > MaxName:
		return "", &FieldError{Field: field, Detail: fmt.Sprintf("use at most %d characters", MaxName)}
	}
	return name, nil
}

// isVisible reports whether r alone leaves a mark on the screen.
func isVisible(r rune) bool {
	return unicode.In(r, unicode.L, unicode.N, unicode.P, unicode.S) && !strings.ContainsRune(blanks, r)
}

// cleanTitle returns a title that is fit to show, or a FieldError. An empty title is valid.
func cleanTitle(s string) (string, error) {
	title := clean(s)
	if utf8.RuneCountInString(title) > MaxTitle {
		return "", &FieldError{Field: "title", Detail: fmt.Sprintf("use at most %d characters", MaxTitle)}
	}
	return title, nil
}

// CleanMark returns the text of a mark that is fit to show, or a FieldError. An empty text is
// valid.
func CleanMark(s string) (string, error) {
	text := clean(s)
	if utf8.RuneCountInString(text) > MaxTitle {
		return "", &FieldError{Field: "text", Detail: fmt.Sprintf("use at most %d characters", MaxTitle)}
	}
	return text, nil
}

// cleanCode returns code with LF line ends and valid UTF-8, or a FieldError.
func cleanCode(s string) (string, error) {
	if len(s) > MaxCode {
		return "", &FieldError{Field: "code", Detail: fmt.Sprintf("use at most %d bytes", MaxCode)}
	}
	return cleanText(s), nil
}

// cleanPrompt returns a problem statement with LF line ends and valid UTF-8, or a FieldError.
func cleanPrompt(s string) (string, error) {
	if len(s) > MaxPrompt {
		return "", &FieldError{Field: "prompt", Detail: fmt.Sprintf("use at most %d bytes", MaxPrompt)}
	}
	return cleanText(s), nil
}

func cleanText(s string) string {
	s = strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
	return strings.ToValidUTF8(s, "\ufffd")
}

// cleanLanguage returns a language id, or a FieldError.
func cleanLanguage(s string) (string, error) {
	s = strings.ToLower(strings.TrimSpace(s))
	if s == "" {
		return DefaultLanguage, nil
	}
	if !languageForm.MatchString(s) {
		return "", &FieldError{Field: "language", Detail: "use the id of a language, such as javascript or python"}
	}
	return s, nil
}
