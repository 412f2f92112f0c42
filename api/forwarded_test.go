package api_test

import (
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/fasthttp/websocket"

	"parley/api"
)

// behindProxy trusts this machine as a proxy.
func behindProxy(o *api.Options) { o.Proxies = []*net.IPNet{loopback} }

// The client is the nearest address that is no trusted proxy, in every form that proxies write. A
// client's own entries stand further left and do not count.
func TestForwardedFor(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		lines []string
		want  string
	}{
		"none":                       {nil, "127.0.0.1"},
		"one":                        {[]string{"203.0.113.7"}, "203.0.113.7"},
		"behind a second proxy":      {[]string{"203.0.113.7, 127.0.0.9"}, "203.0.113.7"},
		"the client's own line":      {[]string{"9.9.9.9", "203.0.113.7"}, "203.0.113.7"},
		"the client's own entry":     {[]string{"9.9.9.9, 203.0.113.7"}, "203.0.113.7"},
		"many lines":                 {[]string{"9.9.9.9", "8.8.8.8, 203.0.113.7", "127.0.0.2", "127.0.0.3"}, "203.0.113.7"},
		"a port":                     {[]string{"203.0.113.7:5123"}, "203.0.113.7"},
		"a port behind a proxy":      {[]string{"203.0.113.7:5123, 127.0.0.9:80"}, "203.0.113.7"},
		"IPv6":                       {[]string{"2001:db8::1"}, "2001:db8::1"},
		"IPv6 in brackets":           {[]string{"[2001:db8::1]"}, "2001:db8::1"},
		"IPv6 in brackets, a port":   {[]string{"[2001:db8::1]:443"}, "2001:db8::1"},
		"IPv6 in quotes":             {[]string{`"[2001:db8::1]:443"`}, "2001:db8::1"},
		"IPv6 with a zone":           {[]string{"fe80::1%eth0"}, "fe80::1"},
		"IPv4 in IPv6":               {[]string{"::ffff:203.0.113.7"}, "203.0.113.7"},
		"a proxy in IPv6 form":       {[]string{"203.0.113.7, ::ffff:127.0.0.1"}, "203.0.113.7"},
		"rubbish":                    {[]string{"203.0.113.7, unknown"}, "127.0.0.1"},
		"rubbish further left":       {[]string{"_hidden, 203.0.113.7"}, "203.0.113.7"},
		"an empty entry":             {[]string{"203.0.113.7,"}, "127.0.0.1"},
		"a port that is none":        {[]string{"203.0.113.7:99999"}, "127.0.0.1"},
		"blanks around":              {[]string{"  203.0.113.7  "}, "203.0.113.7"},
		"proxies all the way":        {[]string{"127.0.0.5, 127.0.0.6"}, "127.0.0.5"},
		"an address in a long chain": {[]string{strings.Repeat("9.9.9.9, ", 500) + "203.0.113.7"}, "203.0.113.7"},
	} {
		s := newService(t, behindProxy)
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.url+"/healthz", nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, line := range tc.lines {
			req.Header.Add("X-Forwarded-For", line)
		}
		res, err := client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if log := s.log.String(); !strings.Contains(log, " from="+tc.want+"\n") {
			t.Errorf("%s: the log has another address than %s: %s", name, tc.want, log)
		}
	}
}

// Links have the scheme and host that the browser used.
func TestForwardedProtoAndHost(t *testing.T) {
	t.Parallel()
	s, direct := newService(t, behindProxy), newService(t, nil)
	for name, tc := range map[string]struct{ proto, host, want string }{
		"https":              {"https", "parley.example", "https://parley.example/"},
		"http":               {"http", "parley.example", "http://parley.example/"},
		"capitals":           {"HTTPS", "parley.example", "https://parley.example/"},
		"a list":             {"https,http", "parley.example, inner:8080", "https://parley.example/"},
		"a list with blanks": {" https , http", "parley.example", "https://parley.example/"},
		"http first":         {"http, https", "parley.example", "http://parley.example/"},
		"rubbish":            {"gopher", "parley.example", "http://parley.example/"},
		"the default port":   {"https", "parley.example:443", "https://parley.example/"},
		"another port":       {"https", "parley.example:8443", "https://parley.example:8443/"},
		"a port of http":     {"https", "parley.example:80", "https://parley.example:80/"},
	} {
		headers := []string{"X-Forwarded-Proto", tc.proto, "X-Forwarded-Host", tc.host}
		if made := decode[api.NewSession](t, s.do(t, "POST", "/api/v1/sessions", "", nil, headers...)); !strings.HasPrefix(made.URL, tc.want) {
			t.Errorf("%s: the link is %s, want %s", name, made.URL, tc.want)
		}
		if made := decode[api.NewSession](t, direct.do(t, "POST", "/api/v1/sessions", "", nil, headers...)); !strings.HasPrefix(made.URL, "http://127.0.0.1:") {
			t.Errorf("%s: without a trusted proxy the link is %s", name, made.URL)
		}
	}
}

// An origin is the own one with and without the default port, and no other.
func TestOriginWithPorts(t *testing.T) {
	t.Parallel()
	s := newService(t, func(o *api.Options) { o.Origins = []string{"https://careers.example:443", "http://intranet"} })
	made := s.create(t, nil)
	for name, tc := range map[string]struct {
		host, origin string
		status       int
	}{
		"the same":                        {"parley.example", "https://parley.example", 101},
		"the default port in the host":    {"parley.example:443", "https://parley.example", 101},
		"the default port in the origin":  {"parley.example", "https://parley.example:443", 101},
		"the port of http":                {"parley.example:80", "http://parley.example", 101},
		"the port of another scheme":      {"parley.example:80", "https://parley.example", 403},
		"another port":                    {"parley.example:8443", "https://parley.example", 403},
		"another host":                    {"parley.example:443", "https://parley.example.evil", 403},
		"a configured one":                {"parley.example", "https://careers.example", 101},
		"a configured one, with its port": {"parley.example", "http://INTRANET:80", 101},
		"a configured one, other scheme":  {"parley.example", "https://intranet", 403},
		"no origin at all":                {"parley.example:443", "null", 403},
	} {
		conn, res, err := websocket.DefaultDialer.Dial("ws"+strings.TrimPrefix(s.url, "http")+ws(made.ID, "", made.Token),
			http.Header{"Host": {tc.host}, "Origin": {tc.origin}})
		if conn != nil {
			conn.Close()
		}
		if res == nil || res.StatusCode != tc.status {
			t.Errorf("%s: got %+v, %v, want %d", name, res, err, tc.status)
		}
	}
}

// The policy of the pages names the public host, also when a proxy asks for a container.
func TestPolicyNamesThePublicHost(t *testing.T) {
	t.Parallel()
	s := newService(t, func(o *api.Options) { o.PublicURL = "https://parley.example" })
	for path, want := range map[string]string{
		"/":                 "frame-src http://parley.example/sandbox/ http://parley-1:8080/sandbox/;",
		"/s/0a1b2c3d":       "connect-src 'self' ws://parley.example ws://parley-1:8080;",
		"/sandbox/run.html": "script-src http://parley.example/sandbox/ http://parley-1:8080/sandbox/ ",
	} {
		if got := s.do(t, "GET", path, "", nil, "Host", "parley-1:8080").header.Get("Content-Security-Policy"); !strings.Contains(got, want) {
			t.Errorf("%s: the policy is %q, want %q in it", path, got, want)
		}
	}
	const list = `("*://parley.example/sandbox/boot.js" "*://parley-1:8080/sandbox/boot.js")`
	if got := s.do(t, "GET", "/sandbox/run.html", "", nil, "Host", "parley-1:8080").header.Get("Connection-Allowlist"); got != list {
		t.Errorf("the sandbox may connect to %q, want %q", got, list)
	}
	if got := s.do(t, "GET", "/", "", nil, "Host", "parley.example").header.Get("Content-Security-Policy"); strings.Count(got, "parley.example") != 2 {
		t.Errorf("the policy names the host more than once: %q", got)
	}
}
