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

// Code is an invite code in its plain spelling: 12 lower-case characters of Crockford's base32, without hyphens.
// Whoever knows it may join, so it is shown once, and kept only as its Hash.
type Code string

// Hash is what is stored of a Code: its SHA-256, in lower-case hex.
//
// A plain fast hash is enough here, where a password would need a slow one: a code is 60 bits from the system's
// random source, so there is no dictionary to try, and 2^60 attempts for one code that lives a
// day are out of reach for whoever steals the store. It lets a store look a code up by an index.
type Hash string

// NewCode makes a code from the system's random source.
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

// ParseCode reads a code as people type it: any case, hyphens and blanks anywhere, i and l for 1, o for 0.
// Anything else is ErrBadInvite.
func ParseCode(s string) (Code, error) {
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

// String spells the code for people: xxxx-xxxx-xxxx.
func (c Code) String() string {
	if len(c) != codeLen {
		return ""
	}
	return string(c[0:4] + "-" + c[4:8] + "-" + c[8:12])
}

// Hash gives what a store may keep of the code.
func (c Code) Hash() Hash {
	sum := sha256.Sum256([]byte("parley invite:" + string(c)))
	return Hash(hex.EncodeToString(sum[:]))
}

// Equal compares in a time that does not depend on where the two differ.
func (h Hash) Equal(other Hash) bool {
	return subtle.ConstantTimeCompare([]byte(h), []byte(other)) == 1
}
