package api_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"maps"
	"os"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"parley/api"
)

var update = flag.Bool("update", false, "write openapi.json anew")

// The document that is checked in is what the service serves.
func TestGeneratedOpenAPI(t *testing.T) {
	t.Parallel()
	s := newService(t, nil)
	a := s.do(t, "GET", "/openapi.json", "", nil)
	a.want(t, "openapi.json", 200, "")
	if got := a.header.Get("Content-Type"); got != "application/openapi+json" {
		t.Errorf("content type %q", got)
	}
	var indented bytes.Buffer
	if err := json.Indent(&indented, a.body, "", "  "); err != nil {
		t.Fatal(err)
	}
	indented.WriteByte('\n')
	if *update {
		if err := os.WriteFile("openapi.json", indented.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	checkedIn, err := os.ReadFile("openapi.json")
	if err != nil || !bytes.Equal(checkedIn, indented.Bytes()) {
		t.Errorf("api/openapi.json is not what the service serves (%v): run make gen", err)
	}
	if b := newService(t, func(o *api.Options) { open(o); withKey(o); o.Version = "other" }).do(t, "GET", "/api/v1/openapi.json", "", nil); !bytes.Equal(a.body, b.body) {
		t.Error("the document depends on how the service is run")
	}
}

// With a built client, /docs is a page of the client. It may load from and ask its own origin only.
func TestDocsOfTheClient(t *testing.T) {
	t.Parallel()
	files := maps.Clone(builtClient)
	files["docs/index.html"] = &fstest.MapFile{Data: []byte("<!doctype html><title>api</title>")}
	files["docs/index.html.br"] = &fstest.MapFile{Data: []byte("br of api")}
	files["docs/init.js"] = &fstest.MapFile{Data: []byte("init()")}
	s := newService(t, func(o *api.Options) { o.Client = files })
	for _, path := range []string{"/docs", "/docs/"} {
		a := s.do(t, "GET", path, "", nil, "Accept", "text/html")
		a.want(t, path, 200, "")
		if string(a.body) != "<!doctype html><title>api</title>" || a.header.Get("Content-Type") != "text/html; charset=utf-8" || a.header.Get("Cache-Control") != "no-cache" {
			t.Errorf("%s gave %s %v", path, a, a.header)
		}
		want := "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; " +
			"frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
		if csp := a.header.Get("Content-Security-Policy"); csp != want {
			t.Errorf("policy %q", csp)
		}
		if again := s.do(t, "GET", path, "", nil, "If-None-Match", a.header.Get("Etag")); again.status != 304 {
			t.Errorf("asked again: %s", again)
		}
	}
	if a := s.do(t, "GET", "/docs", "", nil, "Accept-Encoding", "br"); string(a.body) != "br of api" || a.header.Get("Content-Encoding") != "br" {
		t.Errorf("compressed: %s %v", a, a.header)
	}
	if a := s.do(t, "GET", "/docs/init.js", "", nil); string(a.body) != "init()" || a.header.Get("Cache-Control") != "no-cache" {
		t.Errorf("init.js: %s %v", a, a.header)
	}
}

// Without a client, /docs is one complete page that loads nothing.
func TestDocsPage(t *testing.T) {
	t.Parallel()
	s := newService(t, nil)
	a := s.do(t, "GET", "/docs", "", nil, "Accept", "text/html")
	a.want(t, "docs", 200, "")
	page := string(a.body)
	if csp := a.header.Get("Content-Security-Policy"); !strings.HasPrefix(csp, "default-src 'none'") || strings.Contains(csp, "script-src") {
		t.Errorf("policy %q", csp)
	}
	if found := regexp.MustCompile(`(?i)<(script|img|link|iframe|object|embed)|src=|url\(|@import|href="(https?:)?//`).FindString(page); found != "" {
		t.Errorf("the page loads something: %q", found)
	}
	for _, op := range loadSpec(t).operations {
		if !strings.Contains(page, `id="`+op.OperationID+`"`) || !strings.Contains(page, op.path) {
			t.Errorf("%s is not on the page", op.OperationID)
		}
	}
	targets := regexp.MustCompile(`id="([^"]+)"`).FindAllStringSubmatch(page, -1)
	seen := map[string]bool{}
	for _, m := range targets {
		if seen[m[1]] {
			t.Errorf("id %s is there twice", m[1])
		}
		seen[m[1]] = true
	}
	for _, m := range regexp.MustCompile(`href="#([^"]+)"`).FindAllStringSubmatch(page, -1) {
		if !seen[m[1]] {
			t.Errorf("a link leads nowhere: %s", m[1])
		}
	}
}
