package main

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"parley/pkg/export"
)

// exported writes an archive to a file.
func exported(t *testing.T) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "interview.zip")
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	a := export.Archive{ID: "0a1b2c3d", Timeline: func(_ context.Context, w io.Writer, _ bool) error {
		_, err := io.WriteString(w, "{\"v\":1}\n")
		return err
	}}
	if err := a.Write(t.Context(), f); err != nil {
		t.Fatal(err)
	}
	return name
}

// One file is served on this machine, with the page and nothing else.
func TestReplay(t *testing.T) {
	t.Parallel()
	name := exported(t)
	out, in := io.Pipe()
	signals, code := make(chan os.Signal, 1), make(chan int, 1)
	var errs bytes.Buffer
	go func() {
		code <- run([]string{"replay", name}, func(string) (string, bool) { return "", false }, in, &errs, signals)
	}()
	line := make([]byte, 4096)
	n, err := out.Read(line)
	if err != nil {
		t.Fatal(err)
	}
	base := strings.TrimSuffix(strings.Fields(string(line[:n]))[1], "/replay?bundle")
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	get := func(path, host string) (int, []byte) {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, base+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		if req.Close = true; host != "" {
			req.Host = host
		}
		res, err := http.DefaultTransport.RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		body, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		return res.StatusCode, body
	}
	if status, body := get("/replay/bundle.zip", ""); status != 200 || !bytes.Equal(body, want) {
		t.Errorf("the bundle: %d, %d bytes", status, len(body))
	}
	if status, _ := get("/replay/bundle.zip", "evil.example"); status != 404 {
		t.Errorf("under another name: %d", status)
	}
	if status, body := get("/replay", ""); status != 200 && !bytes.Contains(body, []byte("not built")) && status != 503 {
		t.Errorf("the page: %d %s", status, body)
	}
	for _, path := range []string{"/api/v1/health", "/api/v1/sessions", "/ws/sessions/0a1b2c3d", "/s/0a1b2c3d", "/j/0000-0000-0000", "/healthz", "/openapi.json"} {
		if status, _ := get(path, ""); status != 404 {
			t.Errorf("%s: %d", path, status)
		}
	}
	signals <- os.Interrupt
	select {
	case got := <-code:
		if got != exitOK || errs.Len() > 0 {
			t.Errorf("exit code %d, %s", got, errs.String())
		}
	case <-time.After(20 * time.Second):
		t.Fatal("still running")
	}
}

// Whatever is wrong is one line, and the exit code of a wrong command line.
func TestReplayRefuses(t *testing.T) {
	t.Parallel()
	good, bad := exported(t), filepath.Join(t.TempDir(), "bad.zip")
	content, err := os.ReadFile(good)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(bad, content[:len(content)/2], 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		args []string
		want string
	}{
		{nil, "name one exported file"},
		{[]string{good, bad}, "name one exported file"},
		{[]string{good, "--addr", "0.0.0.0:0"}, "of this machine alone"},
		{[]string{good, "--port", "1"}, "not defined"},
		{[]string{filepath.Join(t.TempDir(), "none.zip")}, "no such file"},
		{[]string{t.TempDir()}, "not an interview"},
		{[]string{bad}, "not an interview"},
	} {
		var out, errs bytes.Buffer
		code := run(append([]string{"replay"}, tc.args...), func(string) (string, bool) { return "", false }, &out, &errs, nil)
		if line := errs.String(); code != exitUsage || !strings.Contains(line, tc.want) || strings.Count(line, "\n") != 1 || out.Len() > 0 {
			t.Errorf("%v: %d %q %q", tc.args, code, line, out.String())
		}
	}
}
