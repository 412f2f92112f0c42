package main

import (
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"parley/pkg/signin"
)

// misconfigured is a provider of OpenID Connect with what a test wants to be wrong. The browser
// tests run doctor against a real one.
type misconfigured struct {
	issuer string        // "": its address
	noPKCE bool          // it does not say S256
	noKeys bool          // it shows no key
	ahead  time.Duration // its clock
	refuse string        // error of the token endpoint; "": a page in HTML
	revoke string        // error of the revocation endpoint; "": there is none
}

func (m misconfigured) start(t *testing.T) string {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	answer := func(w http.ResponseWriter, status int, v any) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Date", time.Now().Add(m.ahead).UTC().Format(http.TimeFormat))
		w.WriteHeader(status)
		_ = json.NewEncoder(w).Encode(v)
	}
	mux.HandleFunc("GET /.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		doc := map[string]any{
			"issuer": s.URL + m.issuer, "authorization_endpoint": s.URL + "/authorize", "token_endpoint": s.URL + "/token", "jwks_uri": s.URL + "/keys",
			"code_challenge_methods_supported": []string{"S256"},
		}
		if m.noPKCE {
			delete(doc, "code_challenge_methods_supported")
		}
		if m.revoke != "" {
			doc["revocation_endpoint"] = s.URL + "/revoke"
		}
		answer(w, http.StatusOK, doc)
	})
	mux.HandleFunc("POST /revoke", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, http.StatusUnauthorized, map[string]string{"error": m.revoke})
	})
	mux.HandleFunc("GET /keys", func(w http.ResponseWriter, _ *http.Request) {
		var keys jose.JSONWebKeySet
		if !m.noKeys {
			keys.Keys = []jose.JSONWebKey{{Key: key.Public(), KeyID: "1", Algorithm: "RS256", Use: "sig"}}
		}
		answer(w, http.StatusOK, keys)
	})
	mux.HandleFunc("POST /token", func(w http.ResponseWriter, r *http.Request) {
		if m.refuse == "" {
			http.Error(w, "<h1>Welcome</h1>", http.StatusOK)
			return
		}
		answer(w, http.StatusBadRequest, map[string]string{"error": m.refuse, "error_description": r.PostFormValue("code")})
	})
	return s.URL
}

// A provider that works passes. Each mistake is reported with what to change.
func TestDoctorExaminesTheProvider(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		provider misconfigured
		verdicts map[string]verdict
	}{
		"good":                   {misconfigured{refuse: "invalid_grant"}, map[string]verdict{"answers, with 1 keys": fine, "https://parley.example/auth/callback": fine, "everybody at the provider": fine}},
		"another name":           {misconfigured{issuer: "/"}, map[string]verdict{"the provider calls itself": trouble}},
		"no PKCE":                {misconfigured{noPKCE: true, refuse: "invalid_grant"}, map[string]verdict{"PKCE": doubt, "answers": fine}},
		"no keys":                {misconfigured{noKeys: true}, map[string]verdict{"no key that signs": trouble}},
		"its clock is ahead":     {misconfigured{ahead: 90 * time.Minute, refuse: "invalid_grant"}, map[string]verdict{"clock differs by 1h": trouble}},
		"its clock is behind":    {misconfigured{ahead: -90 * time.Minute, refuse: "invalid_grant"}, map[string]verdict{"clock differs by -1h": trouble}},
		"an unknown client":      {misconfigured{refuse: "invalid_client"}, map[string]verdict{"does not accept the client id": trouble}},
		"the grant is forbidden": {misconfigured{refuse: "unauthorized_client"}, map[string]verdict{"does not accept the client id": trouble}},
		"the code comes first":   {misconfigured{refuse: "invalid_grant", revoke: "invalid_client"}, map[string]verdict{"does not accept the client id": trouble}},
		"it revokes nothing":     {misconfigured{refuse: "invalid_grant", revoke: "unsupported_token_type"}, map[string]verdict{"answers, with 1 keys": fine}},
		"a page for a token":     {misconfigured{}, map[string]verdict{"the client could not be tried": doubt}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cfg := config{publicURL: "https://parley.example"}
			cfg.signIn = signInConfig{mode: "oidc", oidc: signin.OIDC{Issuer: tc.provider.start(t), ClientID: "parley", ClientSecret: "geheim"}}
			var f findings
			cfg.examineSignIn(&f)
			for words, v := range tc.verdicts {
				if !f.has(v, words) {
					t.Errorf("no %s with %q in %+v", v, words, f)
				}
			}
			for _, x := range f {
				if strings.Contains(x.detail+x.advice, "geheim") {
					t.Errorf("the secret is shown: %+v", x)
				}
			}
		})
	}
}

// Findings about settings that point to nothing, or to somebody else.
func TestDoctorExaminesSignInSettings(t *testing.T) {
	t.Parallel()
	oidc := func(issuer string) signInConfig {
		return signInConfig{mode: "oidc", oidc: signin.OIDC{Issuer: issuer, ClientID: "parley"}}
	}
	_, wide, err := net.ParseCIDR("10.0.0.0/8")
	if err != nil {
		t.Fatal(err)
	}
	_, one, err := net.ParseCIDR("10.0.0.7/32")
	if err != nil {
		t.Fatal(err)
	}
	for name, tc := range map[string]struct {
		cfg      config
		verdicts map[string]verdict
	}{
		"nobody answers": {config{signIn: oidc("http://" + freeAddr(t))}, map[string]verdict{"does not answer": trouble, "set --public-url": doubt}},
		"plain HTTP":     {config{signIn: oidc("http://192.0.2.1.invalid")}, map[string]verdict{"is plain HTTP": doubt, "does not answer": trouble}},
		"by headers": {config{publicURL: "https://p.example", trustedProxies: []*net.IPNet{one}, signIn: signInConfig{mode: "header", preset: "authelia"}},
			map[string]verdict{"by the header Remote-User at /auth/login, from 1 trusted networks": fine}},
		"by headers of a wide network": {config{trustedProxies: []*net.IPNet{wide}, signIn: signInConfig{mode: "header", preset: "authelia"}},
			map[string]verdict{"every machine in 10.0.0.0/8": doubt, "X-Forwarded-Proto": doubt}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var f findings
			tc.cfg.examineSignIn(&f)
			for words, v := range tc.verdicts {
				if !f.has(v, words) && !(v == doubt && hasAdvice(f, words)) {
					t.Errorf("no %s with %q in %+v", v, words, f)
				}
			}
		})
	}
	var f findings
	if (config{signIn: signInConfig{mode: "none"}}).examineSignIn(&f); len(f) > 0 {
		t.Errorf("without sign-in: %+v", f)
	}
}

func hasAdvice(f findings, words string) bool {
	for _, x := range f {
		if x.verdict == doubt && strings.Contains(x.advice, words) {
			return true
		}
	}
	return false
}
