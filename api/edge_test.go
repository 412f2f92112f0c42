package api_test

import (
	"context"
	"errors"
	"net"
	"strings"
	"testing"
	"testing/fstest"

	"parley/api"
)

// Every bad request gets a problem that says what to do and reveals no inner error.
func TestBadRequests(t *testing.T) {
	t.Parallel()
	s := newService(t, nil)
	made := s.create(t, nil)
	for _, tc := range []struct {
		what, method, path string
		body               any
		status             int
		code               string
	}{
		{"an unknown route", "GET", "/api/v1/nope", nil, 404, "not_found"},
		{"an unknown route, unversioned", "POST", "/api/nope", nil, 404, "not_found"},
		{"the root of the API", "GET", "/api", nil, 404, "not_found"},
		{"another version", "GET", "/api/v2/health", nil, 404, "not_found"},
		{"a method that is not there", "PUT", "/api/v1/sessions", nil, 405, "method_not_allowed"},
		{"a method that is not there, unversioned", "DELETE", "/api/join", nil, 405, "method_not_allowed"},
		{"broken JSON", "POST", "/api/v1/sessions", "{", 400, "bad_request"},
		{"not an object", "POST", "/api/v1/sessions", "[]", 422, "invalid_input"},
		{"an unknown field", "POST", "/api/v1/sessions", `{"titel":"x"}`, 422, "invalid_input"},
		{"a wrong type", "POST", "/api/v1/sessions", `{"title":5}`, 422, "invalid_input"},
		{"an unknown start", "POST", "/api/v1/sessions", `{"start":"later"}`, 422, "invalid_input"},
		{"no body where one is needed", "POST", "/api/v1/join", nil, 400, "bad_request"},
		{"a body that is too large", "POST", "/api/v1/sessions", `{"code":"` + strings.Repeat("x", 2<<20) + `"}`, 413, "body_too_large"},
		{"code that is too large", "POST", "/api/v1/sessions", `{"code":"` + strings.Repeat("x", 600<<10) + `"}`, 422, "invalid_input"},
		{"an odd id", "GET", "/api/v1/sessions/..%2f..%2fetc", nil, 404, "session_not_found"},
		{"a long id", "GET", "/api/v1/sessions/" + strings.Repeat("x", 5000), nil, 404, "session_not_found"},
		{"a page that is not there", "GET", "/nope", nil, 404, "not_found"},
		{"a socket without a handshake", "GET", "/ws/sessions/" + made.ID, nil, 426, "upgrade_required"},
		{"a socket that is not there", "GET", "/ws/nope", nil, 404, "not_found"},
	} {
		a := s.do(t, tc.method, tc.path, made.Token, tc.body)
		a.want(t, tc.what, tc.status, tc.code)
		if a.header.Get("X-Request-Id") == "" || a.header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: headers are %v", tc.what, a.header)
		}
	}
	a := s.do(t, "POST", "/api/v1/sessions", "", `{"titel":"x","creator":{"nom":"y"}}`)
	p := decode[api.Problem](t, a)
	if len(p.Errors) != 2 || p.Errors[0].Field == "" || p.Errors[0].Detail == "" {
		t.Errorf("fields are not named: %s", a)
	}
	s.do(t, "POST", "/api/v1/sessions", "", "title=x", "Content-Type", "application/x-www-form-urlencoded").
		want(t, "a form", 415, "unsupported_media_type")
}

// An inner error or a panic is an internal error for the client and one line in the log.
func TestInnerErrorsStayInside(t *testing.T) {
	t.Parallel()
	for name, ready := range map[string]func(context.Context) error{
		"error": func(context.Context) error { return errors.New("password is hunter2") },
		"panic": func(context.Context) error { panic("password is hunter2") },
	} {
		s := newService(t, func(o *api.Options) { o.Ready = ready })
		a := s.do(t, "GET", "/readyz", "", nil)
		if a.status < 500 || strings.Contains(a.String(), "hunter2") || strings.Contains(a.String(), "goroutine") {
			t.Errorf("%s: the client sees %s", name, a)
		}
		if !strings.Contains(s.log.String(), "hunter2") || !strings.Contains(s.log.String(), a.header.Get("X-Request-Id")) {
			t.Errorf("%s: the log does not have the error:\n%s", name, s.log)
		}
		s.do(t, "GET", "/healthz", "", nil).want(t, "afterwards", 200, "")
	}
	s := newService(t, nil)
	made := s.create(t, nil)
	if err := s.store.Close(); err != nil {
		t.Fatal(err)
	}
	s.do(t, "GET", "/api/v1/sessions/"+made.ID, made.Token, nil).want(t, "a store that is closed", 503, "store_unavailable")
	s.do(t, "GET", "/readyz", "", nil).want(t, "readyz", 503, "not_ready")
}

// Tokens and invite codes never appear in the log, wherever the client sent them.
func TestLogHoldsNoSecrets(t *testing.T) {
	t.Parallel()
	s := newService(t, nil)
	made := s.create(t, nil)
	code := codeOf(made.Invites.Candidate)
	joined := s.join(t, made.Invites.Candidate, "Bo")
	s.do(t, "GET", "/j/"+code, "", nil)
	s.do(t, "GET", "/j/"+code+"/more?invite="+code, "", nil)
	s.do(t, "GET", "/"+joined.Token, "", nil)
	s.do(t, "GET", "/api/v1/sessions/"+made.ID+"?token="+joined.Token, joined.Token, nil)
	s.do(t, "GET", "/ws/sessions/"+made.ID+"?token="+joined.Token, "", nil)
	c := s.dial(t, "/ws/sessions/"+made.ID+"?token="+joined.Token)
	c.expectStep1(t)
	c.close()
	s.expectClose(t, "/ws/sessions/"+made.ID+"?token=x"+joined.Token, 4401)
	log := s.log.String()
	for what, secret := range map[string]string{
		"token": joined.Token, "signature": joined.Token[strings.LastIndex(joined.Token, "."):], "code": code, "plain code": strings.ReplaceAll(code, "-", ""),
	} {
		if strings.Contains(log, secret) {
			t.Errorf("the log holds the %s", what)
		}
	}
	if n := strings.Count(log, "msg=http"); n < 8 {
		t.Errorf("only %d requests are in the log, so this test proves nothing", n)
	}
}

// Probes that succeed are not in the log of a service, only in that of a developer.
func TestProbesAreNotLogged(t *testing.T) {
	t.Parallel()
	s := newService(t, nil)
	for _, path := range []string{"/healthz", "/readyz", "/"} {
		s.do(t, "GET", path, "", nil).want(t, path, 200, "")
	}
	if err := s.store.Close(); err != nil {
		t.Fatal(err)
	}
	s.do(t, "GET", "/readyz", "", nil).want(t, "readyz without a store", 503, "not_ready")
	for _, want := range []string{"level=DEBUG msg=http", "level=INFO msg=http"} {
		if n := strings.Count(s.log.String(), want); n != 2 {
			t.Errorf("%d lines with %s, want 2:\n%s", n, want, s.log)
		}
	}
}

func TestClientFiles(t *testing.T) {
	t.Parallel()
	s := newService(t, nil)
	host := strings.TrimPrefix(s.url, "http://")
	for _, tc := range []struct {
		path, accept string // Accept-Encoding
		body, kind   string
		headers      map[string]string
	}{
		{"/", "", "<!doctype html><title>app</title>", "text/html; charset=utf-8", map[string]string{"Cache-Control": "no-cache", "Content-Encoding": ""}},
		{"/", "gzip, deflate, br", "gz of index", "text/html; charset=utf-8", map[string]string{"Content-Encoding": "gzip", "Vary": "Accept-Encoding"}},
		{"/j/0a1b-2c3d-4e5f", "", "<!doctype html><title>app</title>", "text/html; charset=utf-8", nil},
		{"/s/0a1b2c3d", "", "<!doctype html><title>room</title>", "text/html; charset=utf-8", map[string]string{"Cache-Control": "no-cache"}},
		{"/s/0a1b2c3d/", "", "<!doctype html><title>room</title>", "text/html; charset=utf-8", nil},
		{"/favicon.svg", "", "<svg/>", "image/svg+xml", nil},
		{"/assets/app-1.js", "", "app()", "text/javascript; charset=utf-8", map[string]string{"Cache-Control": "public, max-age=31536000, immutable", "Cross-Origin-Resource-Policy": "same-origin"}},
		{"/assets/app-1.js", "gzip, br;q=0.9", "br of app", "text/javascript; charset=utf-8", map[string]string{"Content-Encoding": "br"}},
		{"/assets/app-1.js", "gzip, br;q=0", "gz of app", "text/javascript; charset=utf-8", map[string]string{"Content-Encoding": "gzip"}},
		{"/assets/app-1.js", "identity", "app()", "text/javascript; charset=utf-8", map[string]string{"Content-Encoding": ""}},
		{"/sw.js", "", "keep()", "text/javascript; charset=utf-8", map[string]string{"Cache-Control": "no-cache", "Content-Security-Policy": "default-src 'none'; script-src 'self'; connect-src 'self'"}},
		{"/vendor/py/py.wasm", "br", "\x00asm", "application/wasm", map[string]string{"Cache-Control": "public, max-age=31536000, immutable"}},
		{"/vendor/py/py.mjs", "", "export {}", "text/javascript; charset=utf-8", nil},
		{"/sandbox/run.html", "", "<!doctype html>", "text/html; charset=utf-8", map[string]string{
			"Cross-Origin-Resource-Policy": "cross-origin", "Cross-Origin-Opener-Policy": "", "X-Dns-Prefetch-Control": "off",
			"Connection-Allowlist":    `("*://` + host + `/sandbox/boot.js")`,
			"Content-Security-Policy": "sandbox allow-scripts; default-src 'none'; connect-src 'none'; base-uri 'none'; form-action 'none'; worker-src blob: data:; script-src http://" + host + "/sandbox/ blob: data: 'wasm-unsafe-eval' 'unsafe-eval'",
		}},
		// Of the pages that a program wrote, one without scripts allows none.
		{"/sandbox/preview-still.html", "", "<!doctype html>", "text/html; charset=utf-8", map[string]string{
			"Connection-Allowlist": `("*://` + host + `/sandbox/preview.js")`,
			"Content-Security-Policy": "sandbox allow-scripts; default-src 'none'; connect-src 'none'; base-uri 'none'; form-action 'none'; script-src http://" + host + "/sandbox/; style-src 'unsafe-inline' blob: data:; " +
				"img-src blob: data:; font-src blob: data:; media-src blob: data:; frame-src 'none'; require-trusted-types-for 'script'; trusted-types default",
		}},
		{"/sandbox/boot.js", "br", "br of boot", "text/javascript; charset=utf-8", map[string]string{"Cross-Origin-Resource-Policy": "cross-origin", "Access-Control-Allow-Origin": "*"}},
	} {
		a := s.do(t, "GET", tc.path, "", nil, "Accept-Encoding", tc.accept)
		if a.status != 200 || string(a.body) != tc.body || a.header.Get("Content-Type") != tc.kind {
			t.Errorf("GET %s (%s) gave %s as %s", tc.path, tc.accept, a, a.header.Get("Content-Type"))
		}
		for name, want := range tc.headers {
			if got := a.header.Get(name); got != want {
				t.Errorf("GET %s: %s is %q, want %q", tc.path, name, got, want)
			}
		}
		if got := a.header.Get("Cross-Origin-Embedder-Policy"); got != "require-corp" {
			t.Errorf("GET %s: COEP is %q", tc.path, got)
		}
		if again := s.do(t, "GET", tc.path, "", nil, "If-None-Match", a.header.Get("Etag")); again.status != 304 || len(again.body) != 0 {
			t.Errorf("GET %s again gave %s, want 304", tc.path, again)
		}
		if head := s.do(t, "HEAD", tc.path, "", nil); head.status != 200 || len(head.body) != 0 {
			t.Errorf("HEAD %s gave %s", tc.path, head)
		}
	}
	page := s.do(t, "GET", "/", "", nil).header
	if csp := page.Get("Content-Security-Policy"); page.Get("Cross-Origin-Opener-Policy") != "same-origin" ||
		!strings.Contains(csp, "default-src 'none'; script-src 'self'; ") || !strings.Contains(csp, "frame-src http://"+host+"/sandbox/;") ||
		!strings.Contains(csp, "connect-src 'self' ws://"+host+";") {
		t.Errorf("the page's headers are %v", page)
	}
}

func TestNothingElseIsServed(t *testing.T) {
	t.Parallel()
	s := newService(t, nil)
	for _, path := range []string{
		"/index.html", "/room.html", "/.keep", "/assets/app-1.js.br", "/assets/", "/assets", "/assets/secret/.keep", "/nope", "/s/", "/s", "/j/a/b", "/j/",
		"/assets/../index.html", "/..%2fgo.mod", "/%2e%2e/go.mod", "/sandbox/", "/vendor/py/nope.wasm", "/S/0a1b2c3d",
	} {
		a := s.do(t, "GET", path, "", nil, "Accept", "text/html,*/*")
		if a.status != 404 || !strings.Contains(string(a.body), "Page not found") {
			t.Errorf("GET %s gave %.80s", path, a)
		}
		s.do(t, "GET", path, "", nil).want(t, path+" for a program", 404, "not_found")
	}
	s.do(t, "POST", "/", "", nil).want(t, "POST /", 404, "not_found")
	if a := s.do(t, "GET", "/vendor/py/notes.br", "", nil); a.status != 200 {
		t.Errorf("a plain file named like a compressed twin gave %s", a)
	}
}

func TestWithoutAClient(t *testing.T) {
	t.Parallel()
	s := newService(t, func(o *api.Options) { o.Client = fstest.MapFS{".keep": {}} })
	for _, path := range []string{"/", "/s/0a1b2c3d", "/j/x"} {
		if a := s.do(t, "GET", path, "", nil); a.status != 200 || !strings.Contains(string(a.body), "make build") {
			t.Errorf("GET %s gave %s", path, a)
		}
	}
	s.create(t, nil)
}

// A malformed host must not get into links or policies.
func TestHostIsChecked(t *testing.T) {
	t.Parallel()
	s := newService(t, nil)
	a := s.do(t, "GET", "/", "", nil, "Host", "a.example;script-src *")
	if csp := a.header.Get("Content-Security-Policy"); strings.Contains(csp, "script-src *") {
		t.Errorf("the policy is %q", csp)
	}
	made := decode[api.NewSession](t, s.do(t, "POST", "/api/v1/sessions", "", nil, "Host", "code.example:8443"))
	if made.URL != "http://code.example:8443/s/"+made.ID {
		t.Errorf("url is %q", made.URL)
	}
	public := newService(t, func(o *api.Options) { o.PublicURL = "https://parley.example" })
	made = public.create(t, nil)
	if made.URL != "https://parley.example/s/"+made.ID || !strings.HasPrefix(made.Invites.Observer, "https://parley.example/j/") {
		t.Errorf("url is %q, invites are %+v", made.URL, made.Invites)
	}
}

// Proxy headers count only if a trusted proxy wrote them.
func TestProxyHeaders(t *testing.T) {
	t.Parallel()
	_, local, err := net.ParseCIDR("127.0.0.0/8")
	if err != nil {
		t.Fatal(err)
	}
	headers := []string{"X-Forwarded-For", "9.9.9.9, 203.0.113.7, 127.0.0.9", "X-Forwarded-Proto", "https", "X-Forwarded-Host", "parley.example"}
	for name, tc := range map[string]struct {
		proxies  []*net.IPNet
		url, who string
	}{
		"trusted":     {[]*net.IPNet{local}, "https://parley.example/s/", "from=203.0.113.7"},
		"not trusted": {nil, "http://127.0.0.1:", "from=127.0.0.1"},
	} {
		s := newService(t, func(o *api.Options) { o.Proxies = tc.proxies })
		made := decode[api.NewSession](t, s.do(t, "POST", "/api/v1/sessions", "", nil, headers...))
		if !strings.HasPrefix(made.URL, tc.url) || !strings.Contains(s.log.String(), tc.who) {
			t.Errorf("%s: url %q, log %s", name, made.URL, s.log)
		}
	}
}

// A malformed escape that Go's client refuses to send, but fasthttp accepts.
func TestBrokenEscape(t *testing.T) {
	t.Parallel()
	s := newService(t, nil)
	conn, err := net.Dial("tcp", strings.TrimPrefix(s.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.Write([]byte("GET /api/v1/sessions/%zz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")); err != nil {
		t.Fatal(err)
	}
	buf := make([]byte, 64)
	if n, err := conn.Read(buf); err != nil || !strings.HasPrefix(string(buf[:n]), "HTTP/1.1 404") {
		t.Errorf("got %q, %v", buf[:n], err)
	}
}

func TestOpenAPIDescribesTheRoutes(t *testing.T) {
	t.Parallel()
	s := newService(t, nil)
	a := s.do(t, "GET", "/openapi.json", "", nil)
	a.want(t, "openapi.json", 200, "")
	for _, want := range []string{`"openapi":"3.1.0"`, `"/api/v1/sessions/{id}/join"`, `application/problem+json`, `"creator_id"`} {
		if !strings.Contains(string(a.body), want) {
			t.Errorf("the document lacks %s", want)
		}
	}
}
