package main

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/fasthttp/websocket"

	"parley/pkg/telemetry"
)

// writeCertificate writes a certificate for localhost and 127.0.0.1 with that serial number.
func writeCertificate(t *testing.T, dir string, serial int64, ends time.Time) (certFile, keyFile string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	draft := &x509.Certificate{
		SerialNumber: big.NewInt(serial), NotBefore: time.Now().Add(-time.Hour), NotAfter: ends,
		DNSNames: []string{"localhost"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
	}
	cert, err := x509.CreateCertificate(rand.Reader, draft, draft, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	certFile, keyFile = filepath.Join(dir, "tls.crt"), filepath.Join(dir, "tls.key")
	for path, block := range map[string]*pem.Block{certFile: {Type: "CERTIFICATE", Bytes: cert}, keyFile: {Type: "PRIVATE KEY", Bytes: raw}} {
		if err := os.WriteFile(path, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return certFile, keyFile
}

// serialOf returns the serial number of the certificate that a server presents.
func serialOf(t *testing.T, addr string) int64 {
	t.Helper()
	conn, err := tls.Dial("tcp", addr, &tls.Config{InsecureSkipVerify: true})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	return conn.ConnectionState().PeerCertificates[0].SerialNumber.Int64()
}

// eventually waits for the work of another goroutine or process.
func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !is(); <-time.After(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("never: %s", what)
		}
	}
}

// With a certificate, the program serves HTTPS and wss. SIGHUP loads a new certificate, and a
// broken one leaves the old one in use.
func TestOwnCertificate(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	certFile, keyFile := writeCertificate(t, dir, 1, time.Now().Add(time.Hour))
	p := launch(t, "--data-dir", filepath.Join(dir, "data"), "--tls-cert", certFile, "--tls-key", keyFile, "--access", "open")
	if !strings.HasPrefix(p.url, "https://") {
		t.Fatalf("the program prints %s", p.line)
	}
	addr := strings.TrimPrefix(p.url, "https://")
	roots := x509.NewCertPool()
	raw, err := os.ReadFile(certFile)
	if err != nil || !roots.AppendCertsFromPEM(raw) {
		t.Fatal(err)
	}
	trust := &tls.Config{RootCAs: roots}
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: trust}}
	res, err := client.Post(p.url+"/api/v1/sessions", "application/json", strings.NewReader(`{}`))
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(res.Body)
	res.Body.Close()
	if err != nil || res.StatusCode != http.StatusCreated || !strings.Contains(string(body), `"https://`) {
		t.Errorf("over HTTPS: %d %s, %v; want links with https", res.StatusCode, body, err)
	}
	dialer := websocket.Dialer{TLSClientConfig: trust}
	ws, _, err := dialer.Dial("wss://"+addr+"/ws/sessions/room", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer ws.Close()
	if _, _, err := ws.ReadMessage(); err != nil {
		t.Errorf("over wss: %v", err)
	}
	writeCertificate(t, dir, 2, time.Now().Add(time.Hour))
	p.signal(t, syscall.SIGHUP)
	eventually(t, "the new certificate is shown", func() bool { return serialOf(t, addr) == 2 })
	if err := os.WriteFile(keyFile, []byte("no key"), 0o600); err != nil {
		t.Fatal(err)
	}
	p.signal(t, syscall.SIGHUP)
	p.signal(t, syscall.SIGHUP)
	if n := serialOf(t, addr); n != 2 {
		t.Errorf("with a broken key, certificate %d is served, want 2", n)
	}
	p.signal(t, syscall.SIGTERM)
	if code := p.wait(t); code != exitOK || !strings.Contains(p.stderr.String(), "cannot load the new certificate") {
		t.Errorf("exit %d:\n%s", code, p.stderr.String())
	}
}

// A change of the files is noticed without a signal.
func TestCertificateFollowsItsFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	ends := time.Now().Add(time.Hour).Truncate(time.Second)
	certFile, keyFile := writeCertificate(t, dir, 1, ends)
	c, err := loadCertificate(certFile, keyFile, slog.New(slog.DiscardHandler))
	if err != nil || !c.ends().Equal(ends) {
		t.Fatalf("ends at %v, %v; want %v", c.ends(), err, ends)
	}
	writeCertificate(t, dir, 22, ends)
	show := func() int64 {
		pair, err := c.config().GetCertificate(nil)
		if err != nil {
			t.Fatal(err)
		}
		return pair.Leaf.SerialNumber.Int64()
	}
	if n := show(); n != 1 {
		t.Errorf("certificate %d is served at once: every handshake checks the files", n)
	}
	c.looked = c.looked.Add(-certLookEvery - time.Second)
	if n := show(); n != 22 {
		t.Errorf("later, certificate %d is served, want 22", n)
	}
	if _, err := loadCertificate(certFile, certFile, slog.Default()); err == nil || !strings.Contains(err.Error(), certFile) {
		t.Errorf("a certificate in place of a key: %v", err)
	}
	if (*certificate)(nil).ends() != (time.Time{}) {
		t.Error("without a certificate there is an expiry")
	}
}

// The log level can be changed at run time, by a signal and over the metrics listener. Profiles are
// served with --pprof.
func TestLogLevelAndProfiles(t *testing.T) {
	t.Parallel()
	addr := freeAddr(t)
	p := launch(t, "--data-dir", t.TempDir(), "--metrics-addr", addr, "--pprof")
	ask := func(method, path, body string) (int, string) {
		req, err := http.NewRequestWithContext(t.Context(), method, "http://"+addr+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		raw, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		return res.StatusCode, strings.TrimSpace(string(raw))
	}
	level := func() string { _, text := ask("GET", "/log-level", ""); return text }
	if code, text := ask("PUT", "/log-level", "warn"); code != 200 || text != "warn" || level() != "warn" {
		t.Errorf("set to warn: %d %s, then %s", code, text, level())
	}
	if code, _ := ask("PUT", "/log-level", "loud"); code != http.StatusBadRequest || level() != "warn" {
		t.Errorf("set to loud: %d, then %s", code, level())
	}
	p.signal(t, syscall.SIGUSR1)
	eventually(t, "debug by a signal", func() bool { return level() == "debug" })
	p.signal(t, syscall.SIGUSR1)
	eventually(t, "info by another", func() bool { return level() == "info" })
	if code, text := ask("GET", "/debug/pprof/goroutine?debug=1", ""); code != 200 || !strings.Contains(text, "goroutine profile") {
		t.Errorf("the profile: %d %.100s", code, text)
	}
	p.signal(t, syscall.SIGTERM)
	p.wait(t)
	if log := p.stderr.String(); !strings.Contains(log, `"was":"INFO","is":"WARN"`) {
		t.Errorf("the log does not record the change:\n%s", log)
	}
}

// Without --pprof there are no profiles, and a remote client cannot set the level.
func TestAdminIsCareful(t *testing.T) {
	t.Parallel()
	level := new(slog.LevelVar)
	for _, tc := range []struct {
		method, path, from string
		want               int
	}{
		{"GET", "/debug/pprof/", "127.0.0.1:1", http.StatusNotFound},
		{"PUT", "/log-level", "10.0.0.9:1", http.StatusForbidden},
		{"GET", "/log-level", "10.0.0.9:1", http.StatusOK},
		{"PUT", "/log-level", "[::1]:1", http.StatusOK},
	} {
		req, err := http.NewRequest(tc.method, tc.path, strings.NewReader("error"))
		if err != nil {
			t.Fatal(err)
		}
		req.RemoteAddr = tc.from
		rec := httptest.NewRecorder()
		newAdmin(telemetry.New("test"), level, false, slog.New(slog.DiscardHandler)).Handler.ServeHTTP(rec, req)
		if rec.Code != tc.want {
			t.Errorf("%s %s from %s: %d, want %d", tc.method, tc.path, tc.from, rec.Code, tc.want)
		}
	}
	if level.Level() != slog.LevelError {
		t.Errorf("the level is %v", level.Level())
	}
}

func TestLogFormats(t *testing.T) {
	t.Parallel()
	for format, want := range map[string]string{"auto": `"took_seconds":1.5`, "json": `"took_seconds":1.5`, "text": "took=1.5s"} {
		var out bytes.Buffer
		log, _ := config{logFormat: format}.logger(&out)
		log.Info("x", "took", 1500*time.Millisecond)
		if !strings.Contains(out.String(), want) {
			t.Errorf("%s gives %s", format, out.String())
		}
	}
	if tty, err := os.OpenFile("/dev/tty", os.O_WRONLY, 0); err == nil {
		defer tty.Close()
		if !isTerminal(tty) {
			t.Error("/dev/tty is not a terminal")
		}
	}
	if isTerminal(new(bytes.Buffer)) {
		t.Error("a buffer counts as a terminal")
	}
}

// freeAddr returns an address that nobody listens on.
func freeAddr(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return fmt.Sprint(l.Addr())
}
