package access

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// maxSealed limits the size of a sealed note in bytes: a browser keeps no cookie above 4096.
const maxSealed = 4096

// sealed is the content of a note: a JWT whose audience is its purpose.
type sealed struct {
	jwt.RegisteredClaims
	Note json.RawMessage `json:"note"`
}

// purposeAudience is the audience of notes. No session has a colon in its id, so no check of a
// participant's token accepts a note. A replay token has another prefix.
func purposeAudience(purpose string) string { return "note:" + purpose }

// Seal signs a note that this service gives out and reads again, such as a cookie. Its bearer can
// read the note and cannot change it. A note opens for its purpose alone.
func (t *Tokens) Seal(purpose string, note any, expires time.Time) (string, error) {
	raw, err := json.Marshal(note)
	if err != nil {
		return "", fmt.Errorf("encode note: %w", err)
	}
	signed, err := jwt.NewWithClaims(jwt.SigningMethodHS256, sealed{
		RegisteredClaims: jwt.RegisteredClaims{
			Issuer: issuer, Audience: jwt.ClaimStrings{purposeAudience(purpose)},
			IssuedAt: jwt.NewNumericDate(t.now()), ExpiresAt: jwt.NewNumericDate(expires),
		},
		Note: raw,
	}).SignedString(t.key)
	if err != nil {
		return "", fmt.Errorf("sign note: %w", err)
	}
	return signed, nil
}

// Open reads a note that was sealed for this purpose into note, a pointer. The error is ErrBadToken
// unless the note is whole and its time is not over.
func (t *Tokens) Open(purpose, token string, note any) error {
	if token == "" || len(token) > maxSealed {
		return fmt.Errorf("%w: %d bytes", ErrBadToken, len(token))
	}
	var content sealed
	parsed, err := jwt.ParseWithClaims(token, &content, func(*jwt.Token) (any, error) { return t.key, nil },
		jwt.WithValidMethods([]string{jwt.SigningMethodHS256.Alg()}), jwt.WithIssuer(issuer),
		jwt.WithAudience(purposeAudience(purpose)), jwt.WithExpirationRequired(), jwt.WithTimeFunc(t.now))
	if err != nil {
		return errors.Join(ErrBadToken, err)
	}
	if _, critical := parsed.Header["crit"]; critical { // as in Verify
		return fmt.Errorf("%w: critical extensions", ErrBadToken)
	}
	if content.IssuedAt != nil && content.IssuedAt.After(t.now().Add(maxSkew)) {
		return fmt.Errorf("%w: issued in the future", ErrBadToken)
	}
	if len(content.Audience) != 1 {
		return fmt.Errorf("%w: several purposes", ErrBadToken)
	}
	if err := json.Unmarshal(content.Note, note); err != nil {
		return fmt.Errorf("%w: %w", ErrBadToken, err)
	}
	return nil
}
