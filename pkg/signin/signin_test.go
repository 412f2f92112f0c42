package signin_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"parley/pkg/access"
	"parley/pkg/signin"
)

// memory keeps sign-outs as a store does. The stores have a suite of their own.
type memory struct {
	mu   sync.Mutex
	outs map[string]time.Time
	err  error
}

func (m *memory) SignOut(_ context.Context, user string, before, _ time.Time) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if before.After(m.outs[user]) {
		m.outs[user] = before
	}
	return m.err
}

func (m *memory) SignedOut(_ context.Context, user string) (time.Time, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.outs[user], m.err
}

// desk is Cookies with a clock that a test sets.
type desk struct {
	*signin.Cookies
	tokens *access.Tokens
	store  *memory
	now    time.Time
}

func newDesk(t testing.TB) *desk {
	t.Helper()
	d := &desk{store: &memory{outs: map[string]time.Time{}}, now: time.Date(2026, 11, 29, 12, 0, 0, 0, time.UTC)}
	tokens, err := access.NewTokens([]byte(strings.Repeat("k", access.MinSecret)), func() time.Time { return d.now })
	if err != nil {
		t.Fatal(err)
	}
	d.tokens, d.Cookies = tokens, signin.NewCookies(tokens, d.store, func() time.Time { return d.now })
	return d
}

func (d *desk) give(t testing.TB, u signin.User) string {
	t.Helper()
	value, _, err := d.Give(t.Context(), u)
	if err != nil {
		t.Fatal(err)
	}
	return value
}

var ada = signin.User{ID: signin.UserID("https://login.example", "ada"), Name: "Ada", Email: "ada@example.com", Groups: []string{"staff"}, Admin: true}

func TestCookie(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	value := d.give(t, ada)
	got, err := d.User(t.Context(), value)
	if err != nil || fmt.Sprint(got) != fmt.Sprint(ada) {
		t.Fatalf("got %+v, %v", got, err)
	}
	login, _, err := d.Seal(signin.NewLogin("/", redirect))
	if err != nil {
		t.Fatal(err)
	}
	session, err := d.tokens.Issue(access.Claims{Session: "0a1b2c3d", Participant: ada.ID, Expires: d.now.Add(time.Hour)})
	if err != nil {
		t.Fatal(err)
	}
	named, err := d.tokens.Issue(access.Claims{Session: "note:user", Participant: ada.ID, Expires: d.now.Add(time.Hour)})
	if err != nil {
		t.Fatal(err)
	}
	noUser, err := d.tokens.Seal("user", map[string]any{"user": map[string]string{"id": "ada"}}, d.now.Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	parts := strings.Split(value, ".")
	for name, bad := range map[string]string{
		"empty": "", "cut": value[:len(value)-1], "the cookie of a sign-in": login, "a session's token": session,
		"a token for a session of that name": named, "no user": noUser, "no signature": parts[0] + "." + parts[1] + ".",
		"another's signature": parts[0] + "." + parts[1] + "." + strings.Split(login, ".")[2], "long": strings.Repeat("x", 5000),
	} {
		if u, err := d.User(t.Context(), bad); !errors.Is(err, signin.ErrNotSignedIn) {
			t.Errorf("%s: %+v, %v", name, u, err)
		}
	}
	if _, err := d.tokens.Verify(value, "0a1b2c3d"); !errors.Is(err, access.ErrBadToken) {
		t.Errorf("the cookie opens a session: %v", err)
	}
	if _, err := d.tokens.VerifyReplay(value, "0a1b2c3d"); !errors.Is(err, access.ErrBadToken) {
		t.Errorf("the cookie opens a replay: %v", err)
	}
	d.now = d.now.Add(signin.CookieLife + time.Second)
	if _, err := d.User(t.Context(), value); !errors.Is(err, signin.ErrNotSignedIn) {
		t.Errorf("after its time: %v", err)
	}
}

// The largest cookie stays below what a browser keeps.
func TestCookieSize(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	values := map[string][]string{"U": {"u"}, "N": {strings.Repeat("界", 300)}, "E": {strings.Repeat("e", 400) + "@example.com"}}
	var groups []string
	for n := range 500 {
		groups = append(groups, fmt.Sprintf("%036d", n))
	}
	values["G"] = []string{strings.Join(append(groups, "wanted"), ",")}
	h := signin.Headers{User: "U", Name: "N", Email: "E", Groups: "G", Policy: signin.Policy{Groups: []string{"wanted"}}}
	u, err := h.Read(func(name string) []string { return values[name] })
	if err != nil {
		t.Fatal(err)
	}
	if u.Groups[0] != "wanted" || len(u.Groups) < 20 {
		t.Errorf("the groups are %v", u.Groups)
	}
	if value := d.give(t, u); len(value) > 3800 {
		t.Errorf("the cookie has %d bytes", len(value))
	} else if _, err := d.User(t.Context(), value); err != nil {
		t.Error(err)
	}
	l := signin.NewLogin("/new?title="+strings.Repeat("x", 480), "https://"+strings.Repeat("a", 253)+"/auth/callback")
	if value, _, err := d.Seal(l); err != nil || len(value) > 3800 {
		t.Errorf("the cookie of a sign-in has %d bytes, %v", len(value), err)
	}
}

func TestSignOutEverywhere(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	before := d.give(t, ada)
	if err := d.SignOutEverywhere(t.Context(), ada.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := d.User(t.Context(), before); !errors.Is(err, signin.ErrNotSignedIn) {
		t.Errorf("the cookie of before: %v", err)
	}
	// Within the same millisecond, and on a node whose clock is behind.
	for _, behind := range []time.Duration{0, time.Minute / 2} {
		d.now = d.now.Add(-behind)
		if _, err := d.User(t.Context(), d.give(t, ada)); err != nil {
			t.Errorf("signed in again, %v behind: %v", behind, err)
		}
	}
	away := errors.New("away")
	value := d.give(t, ada)
	d.store.err = away
	if _, err := d.User(t.Context(), value); !errors.Is(err, away) || errors.Is(err, signin.ErrNotSignedIn) {
		t.Errorf("without a store: %v", err)
	}
	if _, _, err := d.Give(t.Context(), ada); !errors.Is(err, away) {
		t.Errorf("signing in without a store: %v", err)
	}
}

// The cookie of a sign-in ends one sign-in, of the browser that began it.
func TestLogin(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	l := signin.NewLogin("/s/0a1b2c3d?x=1", redirect)
	value, _, err := d.Seal(l)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := d.Login(value, l.State); err != nil || got != l {
		t.Fatalf("got %+v, %v", got, err)
	}
	other := signin.NewLogin("/", redirect)
	if other.State == l.State || other.Nonce == l.Nonce || other.Verifier == l.Verifier || l.State == l.Nonce {
		t.Error("secrets repeat")
	}
	for name, tc := range map[string][2]string{
		"another state": {value, other.State}, "no state": {value, ""}, "part of it": {value, l.State[:10]}, "no cookie": {"", l.State},
		"a person's cookie": {d.give(t, ada), l.State}, "no state at all": {d.give(t, ada), ""},
	} {
		if _, err := d.Login(tc[0], tc[1]); !errors.Is(err, signin.ErrLogin) {
			t.Errorf("%s: %v", name, err)
		}
	}
	d.now = d.now.Add(signin.LoginLife + time.Second)
	if _, err := d.Login(value, l.State); !errors.Is(err, signin.ErrLogin) {
		t.Errorf("after its time: %v", err)
	}
}

func TestNext(t *testing.T) {
	t.Parallel()
	for _, own := range []string{"/", "/s/0a1b2c3d", "/j/7k3d-9xwq-m2va", "/mine/", "/mine?q=a%20b&state=ended", "/new?title=R%26D%20%2F%2Fx&question=two-sum", "/s/a?next=//evil.example"} {
		if got := signin.Next(own); got != own {
			t.Errorf("%q becomes %q", own, got)
		}
	}
	for _, bad := range []string{
		"", "mine", "//evil.example", "///evil.example", `/\evil.example`, `\\evil.example`, `/\/evil.example`, "/%2Fevil.example", "/%5Cevil.example", "/%2f%2fevil",
		"/%09/evil.example", "/\t/evil.example", "/\n/evil.example", "/ /evil", "/.//evil.example", "/..//evil", "/a/../..//evil", "/./", "//", "/a//b",
		"https://evil.example", "https:evil.example", "javascript:alert(1)", "/x\x00", "/x%00", "/é", "/x#frag", "/x?a=%0d%0aSet-Cookie:x", "/x?a=%zz", "/%25%32%66/evil",
		"/auth/login", "/auth/logout?everywhere=1", "/auth", "/" + strings.Repeat("x", 600), "http:///evil", "//user@evil/x", "/\u2028/evil", "/\u202e",
	} {
		if got := signin.Next(bad); got != "/" {
			t.Errorf("%q becomes %q", bad, got)
		}
	}
}

func TestHeaders(t *testing.T) {
	t.Parallel()
	h := signin.Presets["oauth2-proxy"]
	read := func(values map[string][]string) (signin.User, error) {
		return h.Read(func(name string) []string { return values[name] })
	}
	u, err := read(map[string][]string{
		"X-Auth-Request-User": {"42"}, "X-Auth-Request-Preferred-Username": {" Grace\u202e\x00 \tHopper "}, "X-Auth-Request-Email": {"a b@c"}, "X-Auth-Request-Groups": {"a, ,b,a"},
	})
	if err != nil || u.Name != "Grace Hopper" || u.Email != "" || fmt.Sprint(u.Groups) != "[a b]" || u.ID != signin.UserID("header", "42") {
		t.Errorf("got %+v, %v", u, err)
	}
	if u, err := read(map[string][]string{"X-Auth-Request-User": {"42"}}); err != nil || u.Name != "42" {
		t.Errorf("without a name: %+v, %v", u, err)
	}
	for name, values := range map[string]map[string][]string{
		"nobody": nil, "empty": {"X-Auth-Request-User": {""}}, "two": {"X-Auth-Request-User": {"a", "b"}},
		"two lists of groups": {"X-Auth-Request-User": {"a"}, "X-Auth-Request-Groups": {"x", "admins"}},
	} {
		if u, err := read(values); !errors.Is(err, signin.ErrNotSignedIn) {
			t.Errorf("%s: %+v, %v", name, u, err)
		}
	}
}

func TestCheckProxies(t *testing.T) {
	t.Parallel()
	for network, ok := range map[string]bool{
		"127.0.0.1/32": true, "10.0.0.0/8": true, "fd00::/8": true, "fc00::/7": true, "::1/128": true, "::ffff:10.0.0.0/104": true,
		"0.0.0.0/0": false, "::/0": false, "0.0.0.0/1": false, "8.0.0.0/7": false, "2000::/3": false, "::ffff:0.0.0.0/96": false, "::ffff:128.0.0.0/97": false,
	} {
		_, n, err := net.ParseCIDR(network)
		if err != nil {
			t.Fatal(err)
		}
		if err := signin.CheckProxies([]*net.IPNet{n}); (err == nil) != ok {
			t.Errorf("%s: %v", network, err)
		}
	}
	if signin.CheckProxies(nil) == nil {
		t.Error("nobody is trusted, and that is fine")
	}
}

// Whatever comes in, the way on stays within this service.
func FuzzNext(f *testing.F) {
	for _, s := range []string{"/", "/s/a?b=c", "//evil", `/\evil`, "/%2f/evil", "/\t/x", "https://x"} {
		f.Add(s)
	}
	base, err := url.Parse("https://parley.example/auth/callback")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, s string) {
		next := signin.Next(s)
		if next == "" || next[0] != '/' || len(next) > 1 && strings.ContainsRune(`/\`, rune(next[1])) || strings.ContainsFunc(next, func(r rune) bool { return r <= ' ' || r >= 0x7f || r == '\\' }) {
			t.Fatalf("%q becomes %q", s, next)
		}
		to, err := base.Parse(next)
		if err != nil || to.Host != base.Host || to.Scheme != "https" || to.User != nil {
			t.Fatalf("%q leads to %v, %v", s, to, err)
		}
		if signin.Next(next) != next {
			t.Fatalf("%q becomes %q, and that another", s, next)
		}
	})
}

// No cookie that this service has not made signs anybody in.
func FuzzCookie(f *testing.F) {
	d := newDesk(f)
	value := d.give(f, ada)
	// The same in every process that fuzzes.
	l := signin.Login{State: "state", Nonce: "nonce", Verifier: "verifier", Next: "/", Redirect: redirect}
	login, _, err := d.Seal(l)
	if err != nil {
		f.Fatal(err)
	}
	for _, s := range []string{value, login, value + "=", "a.b.c", ""} {
		f.Add(s, l.State)
	}
	f.Fuzz(func(t *testing.T, cookie, state string) {
		if u, err := d.User(t.Context(), cookie); err == nil && u.ID != ada.ID {
			t.Fatalf("%q is %+v", cookie, u)
		}
		if got, err := d.Login(cookie, state); err == nil && got != l {
			t.Fatalf("%q with %q is %+v", cookie, state, got)
		}
	})
}

func FuzzHeaders(f *testing.F) {
	f.Add("ada", "Ada", "a@b", "x,y")
	h := signin.Presets["authelia"]
	f.Fuzz(func(t *testing.T, user, name, email, groups string) {
		values := map[string]string{h.User: user, h.Name: name, h.Email: email, h.Groups: groups}
		u, err := h.Read(func(name string) []string { return []string{values[name]} })
		if err != nil {
			return
		}
		d := newDesk(t)
		value := d.give(t, u)
		got, err := d.User(t.Context(), value)
		if err != nil || fmt.Sprint(got) != fmt.Sprint(u) || u.Name == "" || strings.ContainsAny(u.Name+u.Email, "\n\r\x00") || len(value) > 4000 {
			t.Fatalf("%+v becomes %+v, %v, in %d bytes", u, got, err, len(value))
		}
	})
}
