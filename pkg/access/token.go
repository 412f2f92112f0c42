package access

import (
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// MinSecret is the least length of a token key in bytes: HS256 is as strong as its key, up to 32 bytes.
const MinSecret = 32

// maxToken bounds what is looked at, in bytes; our tokens have about 250.
const maxToken = 2048

const issuer = "parley"

// Claims is what a token says: its bearer is this participant of this session, until then.
type Claims struct {
	Session     string
	Participant string
	Expires     time.Time // whole seconds
}

// Tokens issues and verifies tokens with one key. It is safe for concurrent use.
type Tokens struct {
	key []byte
	now func() time.Time
}

// NewTokens gives a Tokens that signs with key (at least MinSecret bytes) and reads the time from now.
func NewTokens(key []byte, now func() time.Time) (*Tokens, error) {
	if len(key) < MinSecret {
		return nil, fmt.Errorf("token key has %d bytes, at least %d are needed", len(key), MinSecret)
	}
	return &Tokens{key: append([]byte(nil), key...), now: now}, nil
}

// NewSecret makes a key for NewTokens from the system's random source.
func NewSecret() []byte {
	b := make([]byte, MinSecret)
	rand.Read(b) // never fails: crypto/rand ends the program instead
	return b
}

// Issue signs claims as a JWT (HS256).
func (t *Tokens) Issue(c Claims) (string, error) {
	token := jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.RegisteredClaims{
		Issuer:    issuer,
		Subject:   c.Participant,
		Audience:  jwt.ClaimStrings{c.Session},
		IssuedAt:  jwt.NewNumericDate(t.now()),
		ExpiresAt: jwt.NewNumericDate(c.Expires),
	})
	signed, err := token.SignedString(t.key)
	if err != nil {
		return "", fmt.Errorf("sign token: %w", err)
	}
	return signed, nil
}

// Verify gives the claims of a token of this session, or ErrBadToken. Only HS256 with our key counts, whatever
// the token says of itself; it must name an issuer, one session, a participant and an expiry.
func (t *Tokens) Verify(token, session string) (Claims, error) {
	if token == "" || len(token) > maxToken {
		return Claims{}, fmt.Errorf("%w: %d bytes", ErrBadToken, len(token))
	}
	var rc jwt.RegisteredClaims
	_, err := jwt.ParseWithClaims(token, &rc, func(*jwt.Token) (any, error) { return t.key, nil },
		jwt.WithValidMethods([]string{jwt.SigningMethodHS256.Alg()}),
		jwt.WithIssuer(issuer), jwt.WithAudience(session), jwt.WithExpirationRequired(), jwt.WithTimeFunc(t.now))
	if err != nil {
		return Claims{}, errors.Join(ErrBadToken, err)
	}
	if rc.Subject == "" || len(rc.Audience) != 1 {
		return Claims{}, fmt.Errorf("%w: names no participant or several sessions", ErrBadToken)
	}
	return Claims{Session: session, Participant: rc.Subject, Expires: rc.ExpiresAt.Time}, nil
}
