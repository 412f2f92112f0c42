package access

import (
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// MinSecret is the least length of a token key in bytes. HS256 gets stronger with the length of its
// key, up to 32 bytes.
const MinSecret = 32

// maxToken limits the size of a token in bytes. Tokens of this package have about 250 bytes.
const maxToken = 2048

const issuer = "parley"

// maxSkew is how far the clocks of two nodes may differ: a token may seem to be issued later by
// that much.
const maxSkew = time.Minute

// Claims is the content of a token: its bearer is this participant of this session until Expires.
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

// NewTokens returns a Tokens that signs with key and reads the time from now. key needs at least
// MinSecret bytes.
func NewTokens(key []byte, now func() time.Time) (*Tokens, error) {
	if len(key) < MinSecret {
		return nil, fmt.Errorf("the token key has %d bytes, but needs at least %d", len(key), MinSecret)
	}
	return &Tokens{key: append([]byte(nil), key...), now: now}, nil
}

// NewSecret returns a key for NewTokens from the system's random source.
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

// SessionOf returns the session that a token names. Nothing of the token is checked: Verify does
// that.
func SessionOf(token string) (string, error) {
	var rc jwt.RegisteredClaims
	if token == "" || len(token) > maxToken {
		return "", fmt.Errorf("%w: %d bytes", ErrBadToken, len(token))
	}
	if _, _, err := jwt.NewParser().ParseUnverified(token, &rc); err != nil || len(rc.Audience) != 1 {
		return "", fmt.Errorf("%w: no session", ErrBadToken)
	}
	return rc.Audience[0], nil
}

// Verify returns the claims of a token for this session, or ErrBadToken. Only HS256 with the key of
// t is accepted, whatever algorithm the token names. The token must have an issuer, one session, a
// participant and an expiry.
func (t *Tokens) Verify(token, session string) (Claims, error) {
	return t.verify(token, session, t.now)
}

// VerifyPast is Verify for a token that may have expired. It proves who its bearer was.
func (t *Tokens) VerifyPast(token, session string) (Claims, error) {
	return t.verify(token, session, func() time.Time { return time.Unix(0, 0) })
}

// verify is Verify with the time at which the token must not have expired.
func (t *Tokens) verify(token, session string, at func() time.Time) (Claims, error) {
	if token == "" || len(token) > maxToken {
		return Claims{}, fmt.Errorf("%w: %d bytes", ErrBadToken, len(token))
	}
	var rc jwt.RegisteredClaims
	parsed, err := jwt.ParseWithClaims(token, &rc, func(*jwt.Token) (any, error) { return t.key, nil },
		jwt.WithValidMethods([]string{jwt.SigningMethodHS256.Alg()}),
		jwt.WithIssuer(issuer), jwt.WithAudience(session), jwt.WithExpirationRequired(), jwt.WithTimeFunc(at))
	if err != nil {
		return Claims{}, errors.Join(ErrBadToken, err)
	}
	if _, critical := parsed.Header["crit"]; critical { // RFC 7515, section 4.1.11: nothing there is known here
		return Claims{}, fmt.Errorf("%w: critical extensions", ErrBadToken)
	}
	if rc.IssuedAt != nil && rc.IssuedAt.After(t.now().Add(maxSkew)) {
		return Claims{}, fmt.Errorf("%w: issued in the future", ErrBadToken)
	}
	if rc.Subject == "" || len(rc.Audience) != 1 {
		return Claims{}, fmt.Errorf("%w: no participant or several sessions", ErrBadToken)
	}
	return Claims{Session: session, Participant: rc.Subject, Expires: rc.ExpiresAt.Time}, nil
}
