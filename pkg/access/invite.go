package access

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"strings"
)

const (
	codeLen   = 12 // characters of 5 bits: 60 random bits
	crockford = "0123456789abcdefghjkmnpqrstvwxyz"
)

// Code is an invite code in its plain form: 12 lower-case characters of Crockford's base32, without
// hyphens. Anyone who knows the code may join, so it is shown once and stored only as its Hash.
type Code string

// Hash is the stored form of a Code: its SHA-256, in lower-case hex.
//
// A fast hash is enough here, although a password would need a slow hash. A code has 60 bits from
// the system's random source, so an attacker with the store cannot use a dictionary. The attacker
// would need some 2^60 attempts for a code that lives a day. The hash also lets a store look up a
// code by an index.
type Hash string

// NewCode returns a code from the system's random source.
func NewCode() Code {
	var b [8]byte
	rand.Read(b[:]) // never fails: crypto/rand ends the program instead
	bits := binary.BigEndian.Uint64(b[:])
	var out [codeLen]byte
	for i := range out {
		out[i] = crockford[bits&31]
		bits >>= 5
	}
	return Code(out[:])
}

// maxInvite limits what ParseCode reads, in bytes.
const maxInvite = 2048

// ParseCode reads a code as people type it: in any case, with hyphens and blanks anywhere, with i
// or l for 1 and o for 0. It also reads an invite link, which ends with /j/ and a code. Any other
// text is ErrBadInvite.
func ParseCode(s string) (Code, error) { return parse(s, "/j/") }

// parse reads a code, or a link that ends with path and a code.
func parse(s, path string) (Code, error) {
	if len(s) > maxInvite {
		return "", fmt.Errorf("%w: %d characters", ErrBadInvite, len(s))
	}
	s = strings.TrimSpace(s)
	if _, rest, isLink := cutLast(s, path); isLink {
		rest, _, _ = strings.Cut(rest, "#")
		rest, _, _ = strings.Cut(rest, "?")
		s = strings.TrimSuffix(rest, "/")
	}
	if len(s) > 64 {
		return "", fmt.Errorf("%w: %d characters", ErrBadInvite, len(s))
	}
	var out [codeLen]byte
	n := 0
	for _, c := range []byte(strings.ToLower(s)) {
		switch c {
		case '-', ' ':
			continue
		case 'i', 'l':
			c = '1'
		case 'o':
			c = '0'
		}
		if strings.IndexByte(crockford, c) < 0 || n == codeLen {
			return "", ErrBadInvite
		}
		out[n] = c
		n++
	}
	if n != codeLen {
		return "", ErrBadInvite
	}
	return Code(out[:]), nil
}

// cutLast cuts s around the last sep.
func cutLast(s, sep string) (before, after string, found bool) {
	if i := strings.LastIndex(s, sep); i >= 0 {
		return s[:i], s[i+len(sep):], true
	}
	return s, "", false
}

// String returns the code for people to read: xxxx-xxxx-xxxx.
func (c Code) String() string {
	if len(c) != codeLen {
		return ""
	}
	return string(c[0:4] + "-" + c[4:8] + "-" + c[8:12])
}

// Hash returns the form of the code that a store may keep.
func (c Code) Hash() Hash {
	sum := sha256.Sum256([]byte("parley invite:" + string(c)))
	return Hash(hex.EncodeToString(sum[:]))
}

// Equal compares in constant time.
func (h Hash) Equal(other Hash) bool {
	return subtle.ConstantTimeCompare([]byte(h), []byte(other)) == 1
}
