package signin

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"time"

	"parley/pkg/access"
)

// LoginLife is how long a person may take to sign in at the provider.
const LoginLife = 10 * time.Minute

// Login is a sign-in that is under way. It lives in a signed cookie of the browser that began it,
// so that no other browser can end it and nothing is stored.
type Login struct {
	State    string `json:"state"`    // comes back from the provider
	Nonce    string `json:"nonce"`    // comes back within the ID token
	Verifier string `json:"verifier"` // of PKCE: proves to the provider who began
	Next     string `json:"next"`     // the page to show then
	Redirect string `json:"redirect"` // the address that the provider was told
}

// NewLogin returns a Login with fresh secrets. next is from outside and unchecked.
func NewLogin(next, redirect string) Login {
	return Login{State: secret(), Nonce: secret(), Verifier: secret(), Next: Next(next), Redirect: redirect}
}

// secret returns 256 random bits, as RFC 7636 asks for a verifier: 43 characters.
func secret() string {
	var b [32]byte
	rand.Read(b[:]) // never fails: crypto/rand ends the program instead
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// Seal returns the value of the cookie of a sign-in and its end.
func (c *Cookies) Seal(l Login) (value string, ends time.Time, err error) {
	ends = c.now().Add(LoginLife)
	value, err = c.tokens.Seal(purposeLogin, l, ends)
	return value, ends, err
}

// Login returns the sign-in of a cookie if state belongs to it, or ErrLogin.
func (c *Cookies) Login(cookie, state string) (Login, error) {
	var l Login
	if err := c.tokens.Open(purposeLogin, cookie, &l); err != nil {
		if errors.Is(err, access.ErrBadToken) {
			return Login{}, errors.Join(ErrLogin, err)
		}
		return Login{}, err
	}
	if l.State == "" || subtle.ConstantTimeCompare([]byte(l.State), []byte(state)) != 1 {
		return Login{}, fmt.Errorf("%w: the state belongs to another sign-in", ErrLogin)
	}
	l.Next = Next(l.Next)
	return l, nil
}

// Refusal returns the error for what a provider says in place of a code: ErrDeclined when it is
// about the person, ErrProviderAway when it may be over in a moment, ErrProvider for the settings.
//
// Source: RFC 6749, section 4.1.2.1; OpenID Connect Core 1.0, section 3.1.2.6.
func Refusal(code string) error {
	switch code {
	case "access_denied", "login_required", "interaction_required", "consent_required", "account_selection_required":
		return ErrDeclined
	case "server_error", "temporarily_unavailable":
		return fmt.Errorf("%w: it says %s", ErrProviderAway, code)
	}
	return fmt.Errorf("%w: it says %s", ErrProvider, clean(code, maxName))
}
