package signin

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// User is a person who has signed in. Nothing of a User is stored: a User lives in a cookie.
type User struct {
	ID     string   `json:"id"` // see UserID
	Name   string   `json:"name"`
	Email  string   `json:"email,omitempty"`  // for people to read; it identifies nobody
	Groups []string `json:"groups,omitempty"` // at most maxGroupBytes of them
	Admin  bool     `json:"admin,omitempty"`
}

// Bounds of what a cookie says about a person. A browser keeps no cookie above 4096 bytes.
const (
	maxName       = 80   // runes
	maxEmail      = 254  // bytes as JSON; RFC 5321 allows so many
	maxGroup      = 128  // bytes of one group
	maxGroupBytes = 1500 // bytes of all groups as JSON
)

// UserID returns the id of a person. The provider's own name of a person counts, never an e-mail
// address: two providers, or one provider over time, may give one address to two people.
func UserID(issuer, subject string) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "parley user:%d:%s%s", len(issuer), issuer, subject))
	return hex.EncodeToString(sum[:16])
}

// ValidID reports whether id has the form of a user's id.
func ValidID(id string) bool {
	raw, err := hex.DecodeString(id)
	return err == nil && len(raw) == 16 && strings.ToLower(id) == id
}

// Policy says which groups may interview, and which administer the service.
type Policy struct {
	Groups []string // empty: everybody
	Admins []string
}

// Apply returns u with the rights that its groups give. allowed is false for a person who may not
// interview. The groups of the policy come first, so that they are kept when there are too many.
func (p Policy) Apply(u User) (_ User, allowed bool) {
	named := func(g string) bool { return slices.Contains(p.Groups, g) || slices.Contains(p.Admins, g) }
	u.Admin = slices.ContainsFunc(u.Groups, func(g string) bool { return slices.Contains(p.Admins, g) })
	allowed = len(p.Groups) == 0 || u.Admin || slices.ContainsFunc(u.Groups, func(g string) bool { return slices.Contains(p.Groups, g) })
	var first, rest []string
	for _, g := range u.Groups {
		if named(g) {
			first = append(first, g)
		} else {
			rest = append(rest, g)
		}
	}
	u.Groups = boundGroups(append(first, rest...))
	return u, allowed
}

func boundGroups(groups []string) (kept []string) {
	size := 0
	for _, g := range groups {
		if g == "" || len(g) > maxGroup || !utf8.ValidString(g) || slices.Contains(kept, g) {
			continue
		}
		if size += jsonSize(g) + 1; size > maxGroupBytes {
			break
		}
		kept = append(kept, g)
	}
	return kept
}

// jsonSize returns the bytes of s in a cookie before the cookie is encoded.
func jsonSize(s string) int {
	raw, err := json.Marshal(s)
	if err != nil {
		return math.MaxInt // cannot happen: every string can be encoded
	}
	return len(raw)
}

// ShortName returns the name in at most most runes.
func (u User) ShortName(most int) string { return clean(u.Name, most) }

// clean returns text on one line, without what cannot be seen, at most most runes long.
func clean(text string, most int) string {
	text = strings.ToValidUTF8(text, "")
	text = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case !unicode.IsGraphic(r):
			return -1
		}
		return r
	}, text)
	text = strings.Join(strings.Fields(text), " ")
	if runes := []rune(text); len(runes) > most {
		text = strings.TrimSpace(string(runes[:most]))
	}
	return text
}

// newUser returns a User whose fields are bounded. names are tried in their order.
func newUser(id, email string, groups []string, names ...string) User {
	u := User{ID: id, Email: clean(email, maxEmail), Groups: groups}
	if jsonSize(u.Email) > maxEmail+2 || strings.Contains(u.Email, " ") {
		u.Email = ""
	}
	for _, name := range append(names, u.Email, "Interviewer") {
		if u.Name = clean(name, maxName); u.Name != "" {
			break
		}
	}
	return u
}
