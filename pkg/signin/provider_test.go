package signin_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"log/slog"
	"maps"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"parley/pkg/signin"
)

func TestSignIn(t *testing.T) {
	t.Parallel()
	f := newFakeProvider(t)
	u, err := f.finish(t, f.provider(nil), "good")
	if err != nil {
		t.Fatal(err)
	}
	if u.ID != signin.UserID(f.URL, "subject-1") || u.Name != "Grace Hopper" || u.Email != "grace@example.com" || u.Admin || len(u.Groups) != 1 {
		t.Errorf("the user is %+v", u)
	}
	if !signin.ValidID(u.ID) {
		t.Errorf("%s is no id", u.ID)
	}
}

// One e-mail address at two providers, or with two subjects of one, is two people. A change of the
// address makes no other person.
func TestPeopleAreKnownBySubject(t *testing.T) {
	t.Parallel()
	one, two := newFakeProvider(t), newFakeProvider(t)
	seen := map[string]string{}
	for name, sign := range map[string]func() (signin.User, error){
		"one provider":     func() (signin.User, error) { return one.finish(t, one.provider(nil), "good") },
		"another provider": func() (signin.User, error) { return two.finish(t, two.provider(nil), "good") },
		"another subject": func() (signin.User, error) {
			third := newFakeProvider(t)
			third.claims = func(c map[string]any) { c["sub"] = "subject-2" }
			return third.finish(t, third.provider(nil), "good")
		},
	} {
		u, err := sign()
		if err != nil {
			t.Fatal(err)
		}
		if u.Email != "grace@example.com" || seen[u.ID] != "" {
			t.Errorf("%s is the same as %s: %+v", name, seen[u.ID], u)
		}
		seen[u.ID] = name
	}
	one.set(func() { one.claims = func(c map[string]any) { c["email"] = "hopper@example.com" } })
	if u, err := one.finish(t, one.provider(nil), "good"); err != nil || seen[u.ID] != "one provider" {
		t.Errorf("with a new address: %+v, %v", u, err)
	}
	if signin.UserID("ab", "c") == signin.UserID("a", "bc") {
		t.Error("issuer and subject run together")
	}
}

// A token that does not prove who signs in here and now is refused.
func TestForgedTokens(t *testing.T) {
	t.Parallel()
	claim := func(name string, value any) func(*fakeProvider) {
		return func(f *fakeProvider) { f.claims = func(c map[string]any) { c[name] = value } }
	}
	ago := func(d time.Duration) int64 { return time.Now().Add(-d).Unix() }
	for name, forge := range map[string]func(*fakeProvider){
		"another nonce":    claim("nonce", "another"),
		"no nonce":         func(f *fakeProvider) { f.claims = func(c map[string]any) { delete(c, "nonce") } },
		"another issuer":   claim("iss", "https://evil.example"),
		"no issuer":        func(f *fakeProvider) { f.claims = func(c map[string]any) { delete(c, "iss") } },
		"another audience": claim("aud", "another-client"),
		"no audience":      func(f *fakeProvider) { f.claims = func(c map[string]any) { delete(c, "aud") } },
		"another party":    claim("azp", "another-client"),
		"two audiences":    claim("aud", []string{clientID, "another-client"}),
		"over its time":    claim("exp", ago(2*time.Minute)),
		"no end":           func(f *fakeProvider) { f.claims = func(c map[string]any) { delete(c, "exp") } },
		"from tomorrow":    claim("iat", ago(-24*time.Hour)),
		"not valid yet":    claim("nbf", ago(-24*time.Hour)),
		"no subject":       claim("sub", ""),
		"another's token":  claim("at_hash", base64.RawURLEncoding.EncodeToString(make([]byte, 16))),
		"another key": func(f *fakeProvider) {
			f.sign = func(c map[string]any) string { return signed(f.t, jose.RS256, otherKey(), c) }
		},
		"the client secret": func(f *fakeProvider) {
			f.sign = func(c map[string]any) string { return signed(f.t, jose.HS256, []byte(strings.Repeat("hush", 8)), c) }
		},
		"another algorithm": func(f *fakeProvider) {
			f.sign = func(c map[string]any) string { return signed(f.t, jose.PS512, goodKey(), c) }
		},
		"no signature": func(f *fakeProvider) {
			f.sign = func(c map[string]any) string {
				good := signed(f.t, jose.RS256, goodKey(), c)
				return base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none"}`)) + "." + strings.Split(good, ".")[1] + "."
			}
		},
		"changed claims": func(f *fakeProvider) {
			f.sign = func(c map[string]any) string {
				good := strings.Split(signed(f.t, jose.RS256, goodKey(), c), ".")
				other := maps.Clone(c)
				other["sub"] = "admin"
				body, _ := json.Marshal(other)
				return good[0] + "." + base64.RawURLEncoding.EncodeToString(body) + "." + good[2]
			}
		},
		"no token": func(f *fakeProvider) { f.sign = func(map[string]any) string { return "" } },
		"rubbish":  func(f *fakeProvider) { f.sign = func(map[string]any) string { return "a.b.c" } },
		"userinfo of another person": func(f *fakeProvider) {
			f.claims = func(c map[string]any) { delete(c, "email") }
			f.userinfo = map[string]any{"sub": "admin", "email": "admin@example.com"}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFakeProvider(t)
			forge(f)
			if u, err := f.finish(t, f.provider(nil), "good"); !errors.Is(err, signin.ErrProvider) {
				t.Errorf("got %+v, %v", u, err)
			}
		})
	}
}

// A code serves whoever began, once, for this client.
func TestCodes(t *testing.T) {
	t.Parallel()
	f := newFakeProvider(t)
	p := f.provider(nil)
	if _, err := f.finish(t, p, "bad"); !errors.Is(err, signin.ErrProvider) || strings.Contains(err.Error(), "hush") {
		t.Errorf("a bad code: %v", err)
	}
	if _, err := f.finish(t, f.provider(func(o *signin.OIDC) { o.ClientSecret = "wrong" }), "good"); !errors.Is(err, signin.ErrProvider) || strings.Contains(err.Error(), "wrong") {
		t.Errorf("a wrong secret: %v", err)
	}
	other := signin.NewLogin("/", redirect)
	other.Nonce = "the nonce"
	if _, err := p.Finish(t.Context(), other, "good"); !errors.Is(err, signin.ErrProvider) {
		t.Errorf("the code of another sign-in: %v", err)
	}
}

func TestGroups(t *testing.T) {
	t.Parallel()
	with := func(claim string, value any) func(map[string]any) {
		return func(c map[string]any) { delete(c, "groups"); c[claim] = value }
	}
	policy := signin.Policy{Groups: []string{"staff"}, Admins: []string{"root"}}
	entra := func(c map[string]any) {
		delete(c, "groups")
		c["_claim_names"] = map[string]any{"groups": "src1"}
		c["_claim_sources"] = map[string]any{"src1": map[string]any{"endpoint": "https://graph.example/groups"}}
	}
	for name, tc := range map[string]struct {
		claims   func(map[string]any)
		claim    string
		userinfo map[string]any
		want     error
		admin    bool
	}{
		"in a group":             {claims: with("groups", []string{"x", "staff"})},
		"administrators may too": {claims: with("groups", []string{"root"}), admin: true},
		"one group as a string":  {claims: with("groups", "staff")},
		"groups as an object":    {claims: with("roles", map[string]any{"staff": 1}), claim: "roles"},
		"nested":                 {claims: with("realm_access", map[string]any{"roles": []string{"staff"}}), claim: "realm_access.roles"},
		"a name with dots":       {claims: with("https://a.example/roles", []string{"staff"}), claim: "https://a.example/roles"},
		"in the userinfo":        {claims: with("x", 1), userinfo: map[string]any{"sub": "subject-1", "groups": []string{"staff"}}},
		"the ID token counts":    {claims: with("groups", []string{"x"}), userinfo: map[string]any{"sub": "subject-1", "groups": []string{"staff"}}, want: signin.ErrNotAllowed},
		"in none":                {claims: with("groups", []string{"x"}), want: signin.ErrNotAllowed},
		"no claim":               {claims: with("x", 1), want: signin.ErrNotAllowed},
		"part of a name":         {claims: with("groups", "staffers"), want: signin.ErrNotAllowed},
		"numbers":                {claims: with("groups", []any{1, nil, []string{"staff"}}), want: signin.ErrNotAllowed},
		"too many for Entra":     {claims: entra, want: signin.ErrGroups},
		"the claim of another":   {claims: with("groups", []string{"staff"}), claim: "roles", want: signin.ErrNotAllowed},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFakeProvider(t)
			f.claims, f.userinfo = tc.claims, tc.userinfo
			u, err := f.finish(t, f.provider(func(o *signin.OIDC) {
				if o.Policy = policy; tc.claim != "" {
					o.GroupsClaim = tc.claim
				}
			}), "good")
			if !errors.Is(err, tc.want) || (err == nil) != (tc.want == nil) || u.Admin != tc.admin {
				t.Errorf("got %+v, %v", u, err)
			}
		})
	}
}

// A provider that is away, slow or broken is an error of its own, and it is asked again.
func TestProviderAway(t *testing.T) {
	t.Parallel()
	f := newFakeProvider(t)
	broken := true
	f.document = func(doc map[string]any) {
		if broken {
			doc["issuer"] = "https://another.example"
		}
	}
	p := f.provider(nil)
	if _, err := f.finish(t, p, "good"); !errors.Is(err, signin.ErrProviderAway) {
		t.Fatalf("another issuer in the document: %v", err)
	}
	f.set(func() { broken = false })
	if _, err := f.finish(t, p, "good"); err != nil {
		t.Fatalf("the provider is back: %v", err)
	}
	f.set(func() {
		f.token = func(w http.ResponseWriter) bool {
			if h, ok := w.(http.Hijacker); ok {
				conn, _, err := h.Hijack()
				if err == nil {
					conn.Close()
				}
			}
			return true
		}
	})
	if _, err := f.finish(t, p, "good"); !errors.Is(err, signin.ErrProviderAway) {
		t.Errorf("cut off at the token: %v", err)
	}
	f.set(func() {
		f.token = func(w http.ResponseWriter) bool {
			w.WriteHeader(http.StatusBadGateway)
			return true
		}
	})
	if _, err := f.finish(t, p, "good"); !errors.Is(err, signin.ErrProviderAway) {
		t.Errorf("a proxy answers in place of the token: %v", err)
	}
	// It does not end, and is not read to its end.
	f.set(func() {
		f.token = func(w http.ResponseWriter) bool {
			for range 64 {
				if _, err := w.Write([]byte(strings.Repeat(" ", 1<<16))); err != nil {
					return true
				}
			}
			return true
		}
	})
	if _, err := f.finish(t, p, "good"); err == nil {
		t.Error("4 MiB of blanks are a token")
	}
	gone := newFakeProvider(t)
	gone.Close()
	if _, err := gone.provider(nil).Begin(t.Context(), signin.NewLogin("/", redirect), false); !errors.Is(err, signin.ErrProviderAway) {
		t.Errorf("nobody listens: %v", err)
	}
}

// A provider that has answered and is away now is an error of ours: the browser is not sent there.
// A crowd waits for one answer.
func TestProviderGoesAway(t *testing.T) {
	t.Parallel()
	f := newFakeProvider(t)
	var now atomic.Int64
	asked := 0
	f.document = func(map[string]any) { asked++ }
	p := signin.NewProvider(signin.OIDC{Issuer: f.URL, ClientID: clientID, ClientSecret: "hush"}, func() time.Time { return time.Unix(now.Load(), 0) }, slog.New(slog.DiscardHandler))
	begin := func() error {
		_, err := p.Begin(t.Context(), signin.NewLogin("/", redirect), false)
		return err
	}
	for range 3 {
		if err := begin(); err != nil {
			t.Fatal(err)
		}
	}
	if asked != 1 {
		t.Errorf("three sign-ins of one moment asked %d times", asked)
	}
	f.Close()
	now.Add(60)
	var crowd sync.WaitGroup
	for range 8 {
		crowd.Go(func() {
			if err := begin(); !errors.Is(err, signin.ErrProviderAway) {
				t.Errorf("the provider is away: %v", err)
			}
		})
	}
	crowd.Wait()
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := p.Begin(gone, signin.NewLogin("/", redirect), false); !errors.Is(err, signin.ErrProviderAway) {
		t.Errorf("a request that has ended: %v", err)
	}
}

// Somebody who closes the page while the provider answers spoils the sign-in of nobody else.
func TestWhoAsksLeaves(t *testing.T) {
	t.Parallel()
	f := newFakeProvider(t)
	reached, release := make(chan struct{}), make(chan struct{})
	first := true
	f.document = func(map[string]any) {
		if first {
			first = false
			close(reached)
			<-release
		}
	}
	p := f.provider(nil)
	leaving, leave := context.WithCancel(t.Context())
	var left, stayed sync.WaitGroup
	left.Go(func() {
		if _, err := p.Begin(leaving, signin.NewLogin("/", redirect), false); err == nil {
			t.Error("who left has an answer")
		}
	})
	<-reached
	waiting := &heldContext{Context: t.Context(), held: make(chan struct{})}
	stayed.Go(func() {
		if _, err := p.Begin(waiting, signin.NewLogin("/", redirect), false); err != nil {
			t.Errorf("who stayed: %v", err)
		}
	})
	<-waiting.held
	leave()
	left.Wait()
	close(release)
	stayed.Wait()
}

// heldContext closes held when somebody waits for its end.
type heldContext struct {
	context.Context
	once sync.Once
	held chan struct{}
}

func (c *heldContext) Done() <-chan struct{} {
	c.once.Do(func() { close(c.held) })
	return c.Context.Done()
}

// Run asks until the provider answers, and ends with its context.
func TestRunAsksAgain(t *testing.T) {
	t.Parallel()
	f := newFakeProvider(t)
	asked := make(chan struct{}, 8)
	refuse := true
	f.document = func(doc map[string]any) {
		if refuse {
			doc["issuer"] = "not yet"
		}
		refuse = false
		asked <- struct{}{}
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { f.provider(nil).Run(ctx); close(ended) }()
	<-asked
	<-asked
	cancel()
	<-ended
}

// When the provider changes its keys, the new ones are fetched.
func TestNewKeys(t *testing.T) {
	t.Parallel()
	f := newFakeProvider(t)
	p := f.provider(nil)
	if _, err := f.finish(t, p, "good"); err != nil {
		t.Fatal(err)
	}
	f.set(func() {
		f.sign = func(c map[string]any) string { return signed(f.t, jose.RS256, otherKey(), c) }
		f.keys = func() jose.JSONWebKeySet {
			return jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: otherKey().Public(), KeyID: "1", Algorithm: "RS256", Use: "sig"}}}
		}
	})
	if _, err := f.finish(t, p, "good"); err != nil {
		t.Errorf("with new keys: %v", err)
	}
}

// Examine finds what would keep everybody from signing in.
func TestExamine(t *testing.T) {
	t.Parallel()
	f := newFakeProvider(t)
	f.document = func(doc map[string]any) { doc["code_challenge_methods_supported"] = []string{"plain", "S256"} }
	report, err := f.provider(nil).Examine(t.Context(), redirect)
	if err != nil || report.Keys != 1 || !report.PKCE || report.Client != nil || report.Skew.Abs() > time.Minute {
		t.Errorf("a good provider: %+v, %v", report, err)
	}
	report, err = f.provider(func(o *signin.OIDC) { o.ClientSecret = "wrong" }).Examine(t.Context(), redirect)
	if err != nil || !errors.Is(report.Client, signin.ErrClient) {
		t.Errorf("a wrong secret: %+v, %v", report, err)
	}
	ahead := signin.NewProvider(signin.OIDC{Issuer: f.URL, ClientID: clientID, ClientSecret: "hush"}, func() time.Time { return time.Now().Add(-time.Hour) }, slog.New(slog.DiscardHandler))
	if report, err = ahead.Examine(t.Context(), redirect); err != nil || report.Skew < 59*time.Minute {
		t.Errorf("a clock that is an hour behind: %+v, %v", report, err)
	}
	f.set(func() { f.keys = func() jose.JSONWebKeySet { return jose.JSONWebKeySet{} } })
	if report, err = f.provider(nil).Examine(t.Context(), redirect); err != nil || report.Keys != 0 {
		t.Errorf("no keys: %+v, %v", report, err)
	}
	if _, err := f.provider(func(o *signin.OIDC) { o.Issuer += "/other" }).Examine(t.Context(), redirect); !errors.Is(err, signin.ErrProviderAway) {
		t.Errorf("no provider at this path: %v", err)
	}
	f.set(func() { f.document = func(doc map[string]any) { doc["issuer"] = f.URL + "/" } })
	if _, err := f.provider(nil).Examine(t.Context(), redirect); !errors.Is(err, signin.ErrIssuer) || !strings.Contains(err.Error(), f.URL+`/"`) {
		t.Errorf("another issuer: %v", err)
	}
}
