package api_test

import (
	"log/slog"
	"net"
	"strings"
	"testing"

	"parley/api"
	"parley/pkg/signin"
)

// byAbsentProvider starts a service whose provider is away.
func byAbsentProvider(t *testing.T) (*service, *signin.Cookies) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	issuer := "http://" + l.Addr().String()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	var cookies *signin.Cookies
	s := newServiceWith(t, func(s *service, o *api.Options) {
		cookies = signin.NewCookies(s.tokens, s.store, s.clock)
		provider := signin.NewProvider(signin.OIDC{Issuer: issuer, ClientID: "parley"}, s.clock, slog.New(slog.DiscardHandler))
		o.SignIn = &api.SignIn{Cookies: cookies, Provider: provider}
	})
	return s, cookies
}

// An answer of the provider counts for the sign-in that the browser has begun, and once.
func TestCallbackRefusals(t *testing.T) {
	t.Parallel()
	s, cookies := byAbsentProvider(t)
	begun := signin.NewLogin("/s/0a1b2c3d", s.url+"/auth/callback")
	value, _, err := cookies.Seal(begun)
	if err != nil {
		t.Fatal(err)
	}
	for name, tc := range map[string]struct {
		cookie, query string
		status        int
		code          string
		over          bool // the sign-in has ended, and its cookie goes
	}{
		"no cookie":            {"", "state=" + begun.State + "&code=x", 400, "sign_in_expired", false},
		"another state":        {value, "state=another&code=x", 400, "sign_in_expired", false},
		"no state":             {value, "code=x", 400, "sign_in_expired", false},
		"a forged cookie":      {value[:len(value)-4] + "AAAA", "state=" + begun.State + "&code=x", 400, "sign_in_expired", false},
		"an error for another": {value, "state=another&error=access_denied", 400, "sign_in_expired", false},
		"declined":             {value, "state=" + begun.State + "&error=access_denied", 403, "sign_in_declined", true},
		"the provider is busy": {value, "state=" + begun.State + "&error=temporarily_unavailable", 503, "sign_in_provider_away", true},
		"wrong settings":       {value, "state=" + begun.State + "&error=unauthorized_client", 502, "sign_in_failed", true},
		"another issuer":       {value, "state=" + begun.State + "&code=x&iss=https://evil.example", 502, "sign_in_failed", true},
		"the provider is away": {value, "state=" + begun.State + "&code=x", 503, "sign_in_provider_away", true},
	} {
		a := s.do(t, "GET", "/auth/callback?"+tc.query, "", nil, "Cookie", "parley-local-login="+tc.cookie)
		a.want(t, name, tc.status, tc.code)
		set := a.header.Get("Set-Cookie")
		if dropped := strings.HasPrefix(set, "parley-local-login=;"); dropped != tc.over || strings.Contains(set, "parley-local=") {
			t.Errorf("%s sets %q", name, set)
		}
	}
	if log := s.log.String(); strings.Contains(log, begun.State) || strings.Contains(log, begun.Verifier) {
		t.Error("the secrets of a sign-in are in the log")
	}
}

// A provider that is away stops nothing but the sign-in, and the page says so.
func TestProviderAway(t *testing.T) {
	t.Parallel()
	s, _ := byAbsentProvider(t)
	s.do(t, "GET", "/auth/login", "", nil).want(t, "sign in", 503, "sign_in_provider_away")
	page := s.do(t, "GET", "/auth/login?next=/mine", "", nil, "Accept", "text/html")
	for _, want := range []string{"does not answer", `href="/auth/login?next=%2Fmine"`, "Candidates need no account"} {
		if page.status != 503 || !strings.Contains(string(page.body), want) {
			t.Errorf("a person sees %s, without %q", page, want)
		}
	}
	made := s.mustCreate(t)
	s.do(t, "GET", "/api/v1/sessions/"+string(made.ID), s.token(t, made, made.Creator), nil).want(t, "a session goes on", 200, "")
	s.do(t, "GET", "/readyz", "", nil).want(t, "ready", 200, "")
}
