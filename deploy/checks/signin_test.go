package checks_test

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// signInProxies are the proxies whose configuration for --sign-in header is tried as shipped.
var signInProxies = map[string]string{"nginx": "nginx/sign-in.conf", "caddy": "caddy/sign-in.Caddyfile"}

// authelia stands in for Authelia: it knows the bearer of one cookie, and sends everybody else to
// its own page.
func authelia(t *testing.T) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if c, err := r.Cookie("authelia_session"); err != nil || c.Value != "ada" {
			w.Header().Set("Location", "https://auth.example/?rd=parley")
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		w.Header().Set("Remote-User", "ada")
		w.Header().Set("Remote-Name", "Ada Lovelace")
		w.Header().Set("Remote-Email", "ada@example.com")
		w.Header().Set("Remote-Groups", "staff,admins")
	}))
	t.Cleanup(server.Close)
	return strings.TrimPrefix(server.URL, "http://")
}

// startSignIn runs a proxy with its configuration for sign-in, and returns a client of it.
func startSignIn(t *testing.T, name, config, node string) func(path string, headers ...string) *http.Response {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("..", config))
	if err != nil {
		t.Fatal(err)
	}
	cert, key, _ := certificate(t)
	listen := freeAddr(t)
	_, port, _ := net.SplitHostPort(listen)
	changes := []string{"parley-1:8080", node, "authelia:9091", authelia(t)}
	if name == "nginx" {
		changes = append(changes, "listen 443 ssl http2;", "listen "+listen+" ssl http2;", "/etc/ssl/parley.crt", cert, "/etc/ssl/parley.key", key)
	} else {
		changes = append(changes, "parley.example {", fmt.Sprintf("{\nadmin off\nauto_https off\n}\nhttps://parley.example:%s {\n\tbind 127.0.0.1\n\ttls %s %s", port, cert, key))
	}
	text := string(raw)
	for i := 0; i < len(changes); i += 2 {
		if !strings.Contains(text, changes[i]) {
			t.Fatalf("%s lacks %q, which this test must change", config, changes[i])
		}
		text = strings.ReplaceAll(text, changes[i], changes[i+1])
	}
	path := filepath.Join(t.TempDir(), filepath.Base(config))
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	balancers[name].run(t, path)
	client := &http.Client{
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			TLSClientConfig: &tls.Config{InsecureSkipVerify: true, ServerName: "parley.example"}, //nolint:gosec // a certificate of this test
			DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
				return (&net.Dialer{}).DialContext(ctx, network, listen)
			},
		},
	}
	t.Cleanup(client.CloseIdleConnections)
	get := func(path string, headers ...string) (*http.Response, error) {
		req, err := http.NewRequestWithContext(t.Context(), "GET", "https://parley.example/", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.URL.Opaque = path // as it is, without being put right
		for i := 0; i < len(headers); i += 2 {
			req.Header.Add(headers[i], headers[i+1])
		}
		res, err := client.Do(req)
		if err != nil {
			return nil, err
		}
		body, err := io.ReadAll(res.Body)
		res.Body.Close()
		res.Body = io.NopCloser(strings.NewReader(string(body)))
		return res, err
	}
	eventually(t, "the proxy reaches Parley", func() error {
		res, err := get("/healthz")
		if err == nil && res.StatusCode != http.StatusOK {
			err = fmt.Errorf("status %s", res.Status)
		}
		return err
	})
	return func(path string, headers ...string) *http.Response {
		t.Helper()
		res, err := get(path, headers...)
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		return res
	}
}

// Behind each proxy an interviewer signs in at /auth/login alone, nobody signs in by a header of
// their own, and what candidates use asks for no account.
func TestSignInBehindProxies(t *testing.T) {
	for name, config := range signInProxies {
		t.Run(name, func(t *testing.T) {
			n := startNode(t, "--data-dir", t.TempDir(), "--sign-in", "header", "--trusted-proxy", "127.0.0.1", "--public-url", "https://parley.example")
			get := startSignIn(t, name, config, n.addr)

			res := get("/auth/login?next=/s/0a1b2c3d", "Remote-User", "admin")
			if to := res.Header.Get("Location"); len(res.Cookies()) > 0 || !strings.HasPrefix(to, "https://auth.example/") {
				t.Fatalf("a stranger gets %s to %q with %v", res.Status, to, res.Cookies())
			}
			res = get("/auth/login?next=/s/0a1b2c3d", "Cookie", "authelia_session=ada", "Remote-User", "admin", "Remote-Groups", "root")
			cookies := res.Cookies()
			if res.StatusCode != http.StatusSeeOther || res.Header.Get("Location") != "/s/0a1b2c3d" || len(cookies) != 1 || cookies[0].Name != "__Host-parley" || !cookies[0].Secure {
				t.Fatalf("Ada gets %s to %q with %v", res.Status, res.Header.Get("Location"), cookies)
			}
			me, err := io.ReadAll(get("/api/v1/me", "Cookie", "__Host-parley="+cookies[0].Value).Body)
			if err != nil || !strings.Contains(string(me), `"Ada Lovelace"`) || strings.Contains(string(me), "root") {
				t.Errorf("Ada is %s, %v", me, err)
			}
			for _, path := range []string{
				"/auth/login/", "//auth/login", "/auth//login", "/auth/%6cogin", "/auth/./login", "/x/../auth/login", "/auth/login%2f", "/auth/login;x", "/AUTH/login", "/auth/callback", "/api/v1/me",
			} {
				res := get(path, "Remote-User", "admin", "Remote-Groups", "admins")
				if len(res.Cookies()) > 0 || strings.HasPrefix(path, "/api") && res.StatusCode != http.StatusUnauthorized {
					t.Errorf("%s: %s with %v", path, res.Status, res.Cookies())
				}
			}
			for _, path := range []string{"/", "/j/7k3d-9xwq-m2va", "/s/0a1b2c3d", "/r/7k3d-9xwq-m2va", "/api/v1/config", "/healthz", "/favicon.svg"} {
				if res := get(path); res.StatusCode >= 300 && !(path == "/favicon.svg" && res.StatusCode == http.StatusNotFound) {
					t.Errorf("a candidate gets %s at %s", res.Status, path)
				}
			}
		})
	}
}
