package signin_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"

	"parley/pkg/signin"
)

const (
	clientID = "parley"
	redirect = "https://parley.example/auth/callback"
)

// keys of the tests. Making one takes a while.
var goodKey, otherKey = sync.OnceValue(newKey), sync.OnceValue(newKey)

func newKey() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return key
}

// fakeProvider is a provider of OpenID Connect that says what a test wants. It checks what Parley
// sends as a real one does.
type fakeProvider struct {
	*httptest.Server
	t *testing.T

	mu        sync.Mutex
	challenge string                           // of the sign-in under way
	claims    func(map[string]any)             // changes the claims of the ID token
	sign      func(map[string]any) string      // nil: a good signature
	userinfo  map[string]any                   // nil: there is none
	document  func(map[string]any)             // changes the discovery document
	token     func(w http.ResponseWriter) bool // true: it has answered in place of the token
	keys      func() jose.JSONWebKeySet
}

func newFakeProvider(t *testing.T) *fakeProvider {
	f := &fakeProvider{t: t}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/openid-configuration", f.discovery)
	mux.HandleFunc("GET /keys", f.jwks)
	mux.HandleFunc("POST /token", f.exchange)
	mux.HandleFunc("GET /userinfo", f.info)
	f.Server = httptest.NewServer(mux)
	t.Cleanup(f.Close)
	return f
}

func (f *fakeProvider) set(change func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	change()
}

func (f *fakeProvider) discovery(w http.ResponseWriter, _ *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	doc := map[string]any{
		"issuer": f.URL, "authorization_endpoint": f.URL + "/authorize", "token_endpoint": f.URL + "/token", "jwks_uri": f.URL + "/keys",
		"id_token_signing_alg_values_supported": []string{"RS256"},
	}
	if f.userinfo != nil {
		doc["userinfo_endpoint"] = f.URL + "/userinfo"
	}
	if f.document != nil {
		f.document(doc)
	}
	writeJSON(w, doc)
}

func writeJSON(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v)
}

func (f *fakeProvider) jwks(w http.ResponseWriter, _ *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.keys != nil {
		writeJSON(w, f.keys())
		return
	}
	writeJSON(w, jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: goodKey().Public(), KeyID: "1", Algorithm: "RS256", Use: "sig"}}})
}

func (f *fakeProvider) info(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if r.Header.Get("Authorization") != "Bearer the access token" {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	writeJSON(w, f.userinfo)
}

// exchange gives tokens for the code "good", to the client that began with the challenge.
func (f *fakeProvider) exchange(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.token != nil && f.token(w) {
		return
	}
	id, secret, _ := r.BasicAuth()
	if id == "" {
		id, secret = r.PostFormValue("client_id"), r.PostFormValue("client_secret")
	}
	sum := sha256.Sum256([]byte(r.PostFormValue("code_verifier")))
	wrong := ""
	switch {
	case id != clientID || secret != "hush":
		wrong = "invalid_client"
	case r.PostFormValue("code") != "good" || r.PostFormValue("redirect_uri") != redirect || base64.RawURLEncoding.EncodeToString(sum[:]) != f.challenge:
		wrong = "invalid_grant"
	}
	if wrong != "" {
		w.WriteHeader(http.StatusBadRequest)
		writeJSON(w, map[string]string{"error": wrong, "error_description": "the secret is hush"})
		return
	}
	now := time.Now()
	claims := map[string]any{
		"iss": f.URL, "sub": "subject-1", "aud": clientID, "iat": now.Unix(), "exp": now.Add(5 * time.Minute).Unix(),
		"nonce": "the nonce", "name": "Grace Hopper", "email": "grace@example.com", "groups": []string{"staff"},
	}
	if f.claims != nil {
		f.claims(claims)
	}
	sign := f.sign
	if sign == nil {
		sign = func(c map[string]any) string { return signed(f.t, jose.RS256, goodKey(), c) }
	}
	writeJSON(w, map[string]any{"access_token": "the access token", "token_type": "Bearer", "id_token": sign(claims)})
}

// signed returns an ID token.
func signed(t *testing.T, alg jose.SignatureAlgorithm, key any, claims map[string]any) string {
	t.Helper()
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: alg, Key: jose.JSONWebKey{Key: key, KeyID: "1"}}, nil)
	if err != nil {
		t.Error(err)
		return ""
	}
	token, err := jwt.Signed(signer).Claims(claims).Serialize()
	if err != nil {
		t.Error(err)
	}
	return token
}

// provider returns a Provider of f.
func (f *fakeProvider) provider(tune func(*signin.OIDC)) *signin.Provider {
	opts := signin.OIDC{Issuer: f.URL, ClientID: clientID, ClientSecret: "hush", Scopes: []string{"profile", "email"}, GroupsClaim: "groups"}
	if tune != nil {
		tune(&opts)
	}
	return signin.NewProvider(opts, time.Now, slog.New(slog.DiscardHandler))
}

// finish walks through a sign-in, from the first redirect to the answer with the code.
func (f *fakeProvider) finish(t *testing.T, p *signin.Provider, code string) (signin.User, error) {
	t.Helper()
	l := signin.NewLogin("/", redirect)
	l.Nonce = "the nonce"
	address, err := p.Begin(t.Context(), l, false)
	if err != nil {
		return signin.User{}, err
	}
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	want := map[string]string{
		"client_id": clientID, "redirect_uri": redirect, "response_type": "code", "state": l.State, "nonce": "the nonce", "code_challenge_method": "S256",
	}
	for name, value := range want {
		if q.Get(name) != value {
			t.Fatalf("%s is %q in %s", name, q.Get(name), address)
		}
	}
	if !strings.Contains(q.Get("scope"), "openid") || strings.Contains(address, l.Verifier) {
		t.Fatalf("the first address is %s", address)
	}
	f.set(func() { f.challenge = q.Get("code_challenge") })
	return p.Finish(t.Context(), l, code)
}
