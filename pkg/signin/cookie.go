package signin

import (
	"context"
	"errors"
	"fmt"
	"time"

	"parley/pkg/access"
)

// CookieLife is how long a person stays signed in. Groups are read again at the next sign-in.
const CookieLife = 12 * time.Hour

const (
	purposeUser  = "user"
	purposeLogin = "sign-in"
)

// Errors of this package that a caller branches on.
var (
	// ErrNotSignedIn means that a cookie is missing, wrong, over its time or signed out.
	ErrNotSignedIn = errors.New("not signed in")
	// ErrNotAllowed means that a person is in none of the groups that may interview.
	ErrNotAllowed = errors.New("in no group that may interview")
	// ErrLogin means that a sign-in has to begin anew: its cookie is missing or over its time, or
	// the answer belongs to another sign-in.
	ErrLogin = errors.New("no such sign-in under way")
	// ErrProviderAway means that the provider does not answer.
	ErrProviderAway = errors.New("the sign-in provider does not answer")
	// ErrProvider means that the provider's answer proves nothing.
	ErrProvider = errors.New("the sign-in provider gave no valid answer")
	// ErrDeclined means that the provider says no: the person has cancelled, or has no access.
	ErrDeclined = errors.New("the sign-in provider has declined")
)

// Store keeps from when on the cookies of a person are valid. Both methods are safe for concurrent
// use.
type Store interface {
	// SignOut makes the cookies void that the person got at or before the time before, in whole
	// milliseconds. The store may forget it after until. An earlier time changes nothing.
	SignOut(ctx context.Context, user string, before, until time.Time) error
	// SignedOut returns the latest such time, or the zero time.
	SignedOut(ctx context.Context, user string) (time.Time, error)
}

// Cookies signs people in by a cookie. It is safe for concurrent use.
type Cookies struct {
	tokens *access.Tokens
	store  Store
	now    func() time.Time
}

// NewCookies returns Cookies that sign with tokens.
func NewCookies(tokens *access.Tokens, store Store, now func() time.Time) *Cookies {
	return &Cookies{tokens: tokens, store: store, now: now}
}

// card is the content of a cookie.
type card struct {
	User User `json:"user"`
	// When the cookie was given, in milliseconds since 1970. The issue time of a JWT is in seconds,
	// and a person may sign out and in again within one.
	At int64 `json:"at"`
}

// Give returns the value of a cookie for u and its end.
func (c *Cookies) Give(ctx context.Context, u User) (value string, ends time.Time, err error) {
	out, err := c.store.SignedOut(ctx, u.ID)
	if err != nil {
		return "", time.Time{}, fmt.Errorf("sign in: %w", err)
	}
	now := c.now()
	// Later than the last sign-out, even when another node's clock is ahead.
	at := max(now.UnixMilli(), out.UnixMilli()+1)
	if out.IsZero() {
		at = now.UnixMilli()
	}
	ends = now.Add(CookieLife)
	value, err = c.tokens.Seal(purposeUser, card{User: u, At: at}, ends)
	return value, ends, err
}

// User returns the person that a cookie stands for, or ErrNotSignedIn. Another error means that the
// store could not be asked.
func (c *Cookies) User(ctx context.Context, value string) (User, error) {
	held, err := c.open(value)
	if err != nil {
		return User{}, err
	}
	out, err := c.store.SignedOut(ctx, held.User.ID)
	if err != nil {
		return User{}, fmt.Errorf("ask for sign-outs: %w", err)
	}
	if !out.IsZero() && held.At <= out.UnixMilli() {
		return User{}, fmt.Errorf("%w: signed out everywhere", ErrNotSignedIn)
	}
	return held.User, nil
}

func (c *Cookies) open(value string) (held card, err error) {
	if value == "" {
		return card{}, ErrNotSignedIn
	}
	if err := c.tokens.Open(purposeUser, value, &held); err != nil {
		return card{}, errors.Join(ErrNotSignedIn, err)
	}
	if !ValidID(held.User.ID) {
		return card{}, fmt.Errorf("%w: no user", ErrNotSignedIn)
	}
	return held, nil
}

// SignOutEverywhere makes all cookies void that the person has.
func (c *Cookies) SignOutEverywhere(ctx context.Context, user string) error {
	before := c.now().Truncate(time.Millisecond)
	if err := c.store.SignOut(ctx, user, before, before.Add(CookieLife+time.Minute)); err != nil {
		return fmt.Errorf("sign out everywhere: %w", err)
	}
	return nil
}
