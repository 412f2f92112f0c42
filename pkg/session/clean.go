package session

import (
	"fmt"
	"regexp"
	"slices"
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

var (
	colorForm    = regexp.MustCompile(`^#[0-9a-f]{6}$`)
	languageForm = regexp.MustCompile(`^[a-z0-9][a-z0-9+#._-]{0,31}$`)
)

// palette holds the default colours of participants. They are easy to tell apart, and readable as a
// cursor on a dark and on a light background.
var palette = []string{
	"#4f8ff7", "#e5734a", "#3fa66b", "#b46be0", "#d9a017", "#e0559a", "#1fa3b5", "#8a8f3c", "#d0524f", "#7a7fe6",
}

// clean turns s into one line of plain text. It removes broken UTF-8, control characters,
// characters that change the writing direction and characters without a shape. It keeps the joiners
// that emoji and some scripts need. White space becomes single blanks.
func clean(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case r == utf8.RuneError:
			return -1
		case unicode.IsSpace(r), r == '\u2028', r == '\u2029':
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
	case strings.Trim(name, "\u200c\u200d ") == "":
		return "", &FieldError{Field: field, Detail: "enter a name that others can read"}
	case utf8.RuneCountInString(name) > MaxName:
		return "", &FieldError{Field: field, Detail: fmt.Sprintf("use at most %d characters", MaxName)}
	}
	return name, nil
}

// cleanTitle returns a title that is fit to show, or a FieldError. An empty title is valid.
func cleanTitle(s string) (string, error) {
	title := clean(s)
	if utf8.RuneCountInString(title) > MaxTitle {
		return "", &FieldError{Field: "title", Detail: fmt.Sprintf("use at most %d characters", MaxTitle)}
	}
	return title, nil
}

// cleanColor returns a colour as #rrggbb in lower case. If s is "", the colour is the first of the
// palette that no participant in taken has.
func cleanColor(field, s string, taken []Participant) (string, error) {
	s = strings.ToLower(strings.TrimSpace(s))
	if s == "" {
		for _, c := range palette {
			if !slices.ContainsFunc(taken, func(p Participant) bool { return p.Color == c }) {
				return c, nil
			}
		}
		return palette[len(taken)%len(palette)], nil
	}
	if !colorForm.MatchString(s) {
		return "", &FieldError{Field: field, Detail: "use a colour in the form #rrggbb"}
	}
	return s, nil
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
