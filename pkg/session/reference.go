package session

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Limits of what other services and people keep with a session.
const (
	MaxExternalID = 200     // characters (runes)
	MaxMetadata   = 4 << 10 // bytes of JSON without blanks
	MaxCallURL    = 2000    // characters (runes)
)

// UserID identifies a person who signed in. Sessions do not look into it.
type UserID string

// Metadata is a JSON object that a caller keeps with a session. An empty Metadata is none.
type Metadata []byte

// MarshalJSON returns the object as it is.
func (m Metadata) MarshalJSON() ([]byte, error) {
	if len(m) == 0 {
		return []byte("null"), nil
	}
	return m, nil
}

// UnmarshalJSON keeps a copy of the text. It accepts any value; cleanMetadata checks it.
func (m *Metadata) UnmarshalJSON(text []byte) error {
	*m = nil
	if string(text) != "null" {
		*m = bytes.Clone(text)
	}
	return nil
}

// CleanExternalID returns the id as it is, or a FieldError. An empty id is valid. Nothing of an id
// is replaced, because two ids of another service must not become one.
func CleanExternalID(s string) (string, error) {
	switch {
	case utf8.RuneCountInString(s) > MaxExternalID:
		return "", &FieldError{Field: "external_id", Detail: fmt.Sprintf("use at most %d characters", MaxExternalID)}
	case strings.ContainsFunc(s, unprintable):
		return "", &FieldError{Field: "external_id", Detail: "use letters, digits, signs and blanks in one line"}
	}
	return s, nil
}

// cleanMetadata returns the object without blanks, nil for an empty object, or a FieldError.
func cleanMetadata(m Metadata) (Metadata, error) {
	if len(m) == 0 {
		return nil, nil
	}
	var short bytes.Buffer
	if err := json.Compact(&short, m); err != nil || short.Len() == 0 || short.Bytes()[0] != '{' {
		return nil, &FieldError{Field: "metadata", Detail: `use a JSON object, such as {"job": "backend"}`}
	}
	// The store and every answer escape these, so the size that is kept counts.
	var kept bytes.Buffer
	json.HTMLEscape(&kept, bytes.ToValidUTF8(short.Bytes(), []byte("\ufffd")))
	switch {
	case kept.Len() > MaxMetadata:
		return nil, &FieldError{Field: "metadata", Detail: fmt.Sprintf("use at most %d bytes of JSON", MaxMetadata)}
	case kept.String() == "{}":
		return nil, nil
	}
	return kept.Bytes(), nil
}

// cleanCallURL returns the link to a call, or a FieldError. An empty link is valid. People open the
// link from the room, so its host must be what it seems to be.
func cleanCallURL(s string) (string, error) {
	link := strings.TrimSpace(s)
	if link == "" {
		return "", nil
	}
	if utf8.RuneCountInString(link) > MaxCallURL {
		return "", &FieldError{Field: "call_url", Detail: fmt.Sprintf("use at most %d characters", MaxCallURL)}
	}
	u, err := url.Parse(link)
	bad := err != nil || u.Hostname() == "" || u.User != nil || u.Scheme != "http" && u.Scheme != "https" ||
		strings.ContainsFunc(link, func(r rune) bool { return unprintable(r) || unicode.IsSpace(r) || r == '\\' })
	if bad {
		return "", &FieldError{Field: "call_url", Detail: "use a whole link that begins with https:// or http://, such as https://meet.example/abc"}
	}
	return link, nil
}

// unprintable reports whether r is broken, has no shape, or changes how the text around it is
// read.
func unprintable(r rune) bool {
	return r == utf8.RuneError || r == '\u2028' || r == '\u2029' || unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co, unicode.Cs)
}

// References are what other services and people keep with a session. A nil field stays unchanged.
type References struct {
	ExternalID *string
	Metadata   *Metadata
	CallURL    *string
}

// apply sets the fields of sess and reports whether anything changed.
func (r References) apply(sess *Session) (changed bool, err error) {
	if r.ExternalID != nil {
		id, err := CleanExternalID(*r.ExternalID)
		if err != nil {
			return false, err
		}
		changed = id != sess.ExternalID
		sess.ExternalID = id
	}
	if r.Metadata != nil {
		metadata, err := cleanMetadata(*r.Metadata)
		if err != nil {
			return false, err
		}
		changed = changed || !bytes.Equal(metadata, sess.Metadata)
		sess.Metadata = metadata
	}
	if r.CallURL != nil {
		link, err := cleanCallURL(*r.CallURL)
		if err != nil {
			return false, err
		}
		changed = changed || link != sess.CallURL
		sess.CallURL = link
	}
	return changed, nil
}
