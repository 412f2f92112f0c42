package access_test

import (
	"encoding/base64"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"parley/pkg/access"
)

func TestParseCodeAsPeopleType(t *testing.T) {
	t.Parallel()
	const want = access.Code("0123456789ab")
	for name, in := range map[string]string{
		"as shown":       "0123-4567-89ab",
		"plain":          "0123456789ab",
		"upper case":     "0123-4567-89AB",
		"look-alikes":    "OI23-4567-89ab",
		"l for one":      "ol23-4567-89ab",
		"odd hyphens":    "-01-23456789a-b-",
		"pasted, blanks": " 0123 4567 89ab ",
	} {
		if got, err := access.ParseCode(in); err != nil || got != want {
			t.Errorf("%s: ParseCode(%q) = %q, %v; want %q", name, in, got, err, want)
		}
	}
	for _, in := range []string{"", "0123", "0123-4567-89abc", "0123-4567-89au", "0123_4567_89ab", "0123-4567-89aé", strings.Repeat("-", 65)} {
		if got, err := access.ParseCode(in); !errors.Is(err, access.ErrBadInvite) {
			t.Errorf("ParseCode(%q) = %q, %v; want ErrBadInvite", in, got, err)
		}
	}
}

func TestNewCodeRoundTrip(t *testing.T) {
	t.Parallel()
	seen := map[access.Code]bool{}
	var used [256]bool
	for range 2000 {
		c := access.NewCode()
		back, err := access.ParseCode(c.String())
		if err != nil || back != c {
			t.Fatalf("ParseCode(%q) = %q, %v; want %q", c.String(), back, err, c)
		}
		if seen[c] {
			t.Fatalf("code %q appeared twice", c)
		}
		seen[c] = true
		for _, b := range []byte(c) {
			used[b] = true
		}
		if !c.Hash().Equal(back.Hash()) || c.Hash().Equal(access.NewCode().Hash()) {
			t.Fatal("different codes have the same hash")
		}
	}
	n := 0
	for _, u := range used {
		if u {
			n++
		}
	}
	if n != 32 {
		t.Errorf("codes use %d different characters, want all 32: fewer means fewer than 60 bits", n)
	}
}

func TestRoles(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		role                              access.Role
		write, manage, main, lobby, notes bool
	}{
		{access.Interviewer, true, true, true, true, true},
		{access.Candidate, true, false, true, true, false},
		{access.Observer, false, false, true, true, false},
		{"", false, false, false, false, false},
	} {
		r := tc.role
		if r.CanWrite() != tc.write || r.CanManage() != tc.manage || r.CanOpen("") != tc.main || r.CanOpen(access.LobbyDoc) != tc.lobby ||
			r.CanOpen(access.NotesDoc) != tc.notes {
			t.Errorf("role %q: rights differ from the table", r)
		}
	}
	if _, err := access.ParseRole("admin"); !errors.Is(err, access.ErrBadRole) {
		t.Errorf("ParseRole(admin) = %v, want ErrBadRole", err)
	}
}

func newTokens(t *testing.T, key []byte, now time.Time) *access.Tokens {
	t.Helper()
	tok, err := access.NewTokens(key, func() time.Time { return now })
	if err != nil {
		t.Fatal(err)
	}
	return tok
}

func TestTokenOfThisSessionOnly(t *testing.T) {
	t.Parallel()
	now := time.Unix(1_800_000_000, 0)
	key := access.NewSecret()
	tokens := newTokens(t, key, now)
	want := access.Claims{Session: "0a1b2c3d", Participant: "p1", Expires: now.Add(time.Hour)}
	token, err := tokens.Issue(want)
	if err != nil {
		t.Fatal(err)
	}
	got, err := tokens.Verify(token, want.Session)
	if err != nil || got.Participant != want.Participant || !got.Expires.Equal(want.Expires) {
		t.Fatalf("Verify = %+v, %v; want %+v", got, err, want)
	}
	parts := strings.Split(token, ".")
	body, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		t.Fatal(err)
	}
	forged := base64.RawURLEncoding.EncodeToString([]byte(strings.Replace(string(body), `"p1"`, `"p2"`, 1)))
	for name, tc := range map[string]struct {
		tokens  *access.Tokens
		token   string
		session string
	}{
		"another session": {tokens, token, "ffffffff"},
		"another key":     {newTokens(t, access.NewSecret(), now), token, want.Session},
		"expired":         {newTokens(t, key, now.Add(2*time.Hour)), token, want.Session},
		"empty":           {tokens, "", want.Session},
		"cut":             {tokens, token[:len(token)-1], want.Session},
		"another person":  {tokens, parts[0] + "." + forged + "." + parts[2], want.Session},
		"huge":            {tokens, strings.Repeat("a", 1<<20), want.Session},
	} {
		if c, err := tc.tokens.Verify(tc.token, tc.session); !errors.Is(err, access.ErrBadToken) {
			t.Errorf("%s: Verify = %+v, %v; want ErrBadToken", name, c, err)
		}
	}
}

// A token that names its own algorithm or lacks a required claim is refused.
func TestTokenAlgorithmIsPinned(t *testing.T) {
	t.Parallel()
	now := time.Unix(1_800_000_000, 0)
	key := access.NewSecret()
	tokens := newTokens(t, key, now)
	full := jwt.MapClaims{"iss": "parley", "sub": "p1", "aud": "0a1b2c3d", "exp": now.Add(time.Hour).Unix()}
	without := func(name string) jwt.MapClaims {
		c := jwt.MapClaims{}
		for k, v := range full {
			if k != name {
				c[k] = v
			}
		}
		return c
	}
	with := func(name string, value any) jwt.MapClaims {
		c := without(name)
		c[name] = value
		return c
	}
	for name, tc := range map[string]struct {
		method jwt.SigningMethod
		claims jwt.MapClaims
		key    any
	}{
		"none":            {jwt.SigningMethodNone, full, jwt.UnsafeAllowNoneSignatureType},
		"HS512":           {jwt.SigningMethodHS512, full, key},
		"no expiry":       {jwt.SigningMethodHS256, without("exp"), key},
		"no participant":  {jwt.SigningMethodHS256, without("sub"), key},
		"no session":      {jwt.SigningMethodHS256, without("aud"), key},
		"no issuer":       {jwt.SigningMethodHS256, without("iss"), key},
		"from the future": {jwt.SigningMethodHS256, with("iat", now.Add(2*time.Minute).Unix()), key},
		"not valid yet":   {jwt.SigningMethodHS256, with("nbf", now.Add(2*time.Minute).Unix()), key},
		"critical":        {jwt.SigningMethodHS256, full, key},
	} {
		made := jwt.NewWithClaims(tc.method, tc.claims)
		if name == "critical" {
			made.Header["crit"] = []string{"b64"}
		}
		token, err := made.SignedString(tc.key)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := tokens.Verify(token, "0a1b2c3d"); !errors.Is(err, access.ErrBadToken) {
			t.Errorf("%s: Verify gave %v, want ErrBadToken", name, err)
		}
	}
	for name, claims := range map[string]jwt.MapClaims{"complete": full, "of a clock that is ahead": with("iat", now.Add(30*time.Second).Unix())} {
		token, err := jwt.NewWithClaims(jwt.SigningMethodHS256, claims).SignedString(key)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := tokens.Verify(token, "0a1b2c3d"); err != nil {
			t.Errorf("the control token %s is refused: %v", name, err)
		}
	}
}
