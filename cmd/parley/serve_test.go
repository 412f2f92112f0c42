package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/fasthttp/websocket"

	"parley/crdt"
	"parley/pkg/protocol"
)

// asProgram makes the test binary run as the program, so that a test can kill it.
const asProgram = "PARLEY_TEST_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
	}
	checkEnvironment = []string{asProgram + "=1"}
	os.Exit(m.Run())
}

const patience = 20 * time.Second

// output is what a process has written so far, also while the process writes more.
type output struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.String()
}

// program is a running parley process.
type program struct {
	cmd    *exec.Cmd
	url    string
	line   string // the line that the program printed when it was ready
	stderr output
	exited chan error
}

// command prepares the program with these arguments. Metrics are off unless the arguments enable
// them.
func command(args ...string) *exec.Cmd {
	cmd := exec.Command(os.Args[0], args...)
	cmd.Env = append(os.Environ(), asProgram+"=1", "PARLEY_METRICS_ADDR=off", "PARLEY_ADDR=127.0.0.1:0")
	return cmd
}

// launch starts the program and waits until it is ready.
func launch(t *testing.T, args ...string) *program {
	t.Helper()
	p := &program{cmd: command(append([]string{"serve"}, args...)...), exited: make(chan error, 1)}
	p.cmd.Stderr = &p.stderr
	stdout, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	p.line, err = bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		t.Fatalf("the program printed nothing: %v: %s", errors.Join(err, p.cmd.Wait()), p.stderr.String())
	}
	_, rest, _ := strings.Cut(p.line, "open ")
	p.url, _, _ = strings.Cut(rest, " ")
	go func() { p.exited <- p.cmd.Wait() }()
	t.Cleanup(func() { p.cmd.Process.Kill() })
	return p
}

// wait returns the exit code.
func (p *program) wait(t *testing.T) int {
	t.Helper()
	select {
	case <-p.exited:
		return p.cmd.ProcessState.ExitCode()
	case <-time.After(patience):
		t.Fatalf("the program does not end:\n%s", p.stderr.String())
		return -1
	}
}

func (p *program) signal(t *testing.T, sig os.Signal) {
	t.Helper()
	if err := p.cmd.Process.Signal(sig); err != nil {
		t.Fatal(err)
	}
}

// answer sends a request and returns status and body.
func (p *program) answer(t *testing.T, method, path, token, body string) (int, []byte) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, p.url+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+token)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, raw
}

// call sends a request and decodes the answer into out.
func (p *program) call(t *testing.T, method, path, token, body string, status int, out any) {
	t.Helper()
	got, raw := p.answer(t, method, path, token, body)
	if got != status {
		t.Fatalf("%s %s: %d %s; want %d", method, path, got, raw, status)
	}
	if out == nil {
		return
	}
	if err := json.Unmarshal(raw, out); err != nil {
		t.Fatalf("%s %s: %s: %v", method, path, raw, err)
	}
}

// shown is the part of a session that these tests read.
type shown struct {
	ID, Token, Code string
	Invites         struct{ Candidate string }
}

// editor is a replica with a websocket.
type editor struct {
	ws  *websocket.Conn
	doc *crdt.Doc
}

func (p *program) connect(t *testing.T, id, token string) *editor {
	t.Helper()
	ws, _, err := websocket.DefaultDialer.Dial("ws"+strings.TrimPrefix(p.url, "http")+"/ws/sessions/"+id+"?ack=1&token="+token, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ws.Close() })
	e := &editor{ws: ws, doc: crdt.NewDoc()}
	if err := ws.SetReadDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	e.send(t, protocol.AppendStep1(nil, e.doc.EncodeStateVector()))
	e.until(t, func(m protocol.Message) bool { return m.Type == protocol.TypeSync && m.Step == protocol.Step2 })
	return e
}

func (e *editor) send(t *testing.T, frame []byte) {
	t.Helper()
	if err := e.ws.WriteMessage(websocket.BinaryMessage, frame); err != nil {
		t.Fatal(err)
	}
}

// until reads and applies messages until done returns true.
func (e *editor) until(t *testing.T, done func(protocol.Message) bool) {
	t.Helper()
	for {
		_, frame, err := e.ws.ReadMessage()
		if err != nil {
			t.Fatal(err)
		}
		m, err := protocol.Decode(frame)
		if err != nil {
			t.Fatal(err)
		}
		if m.Type == protocol.TypeSync && m.Step != protocol.Step1 {
			if err := e.doc.ApplyUpdate(m.Body); err != nil {
				t.Fatal(err)
			}
		}
		if done(m) {
			return
		}
	}
}

// typeSaved types text at the end, letter by letter, and waits until the server has stored
// everything.
func (e *editor) typeSaved(t *testing.T, text string) {
	t.Helper()
	cancel := e.doc.OnUpdate(func(update []byte, _ any) { e.send(t, protocol.AppendUpdate(nil, update)) })
	defer cancel()
	for _, letter := range text {
		main := e.doc.Text("file:main")
		if err := main.Insert(main.Len(), string(letter)); err != nil {
			t.Fatal(err)
		}
	}
	own, err := crdt.ReadStateVector(e.doc.EncodeStateVector())
	if err != nil {
		t.Fatal(err)
	}
	// Only a state vector that reaches this clock covers the whole text.
	all := own[e.doc.ClientID()]
	e.until(t, func(m protocol.Message) bool {
		if m.Type != protocol.TypeSaved {
			return false
		}
		sv, err := crdt.ReadStateVector(m.Body)
		return err == nil && sv[e.doc.ClientID()] >= all
	})
}

func TestKilledAndRestartedLosesNothing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	p := launch(t, "--data-dir", dir)
	var made, joined shown
	p.call(t, "POST", "/api/sessions/", "", `{"code":"start "}`, 201, &made)
	invite := made.Invites.Candidate[strings.LastIndex(made.Invites.Candidate, "/")+1:]
	p.call(t, "POST", "/api/v1/join", "", fmt.Sprintf(`{"invite":%q,"name":"Bo"}`, invite), 200, &joined)
	want := "start "
	for round := range 3 {
		word := fmt.Sprintf("round-%d ", round)
		p.connect(t, made.ID, joined.Token).typeSaved(t, word)
		want += word
		p.signal(t, syscall.SIGKILL)
		p.wait(t)
		p = launch(t, "--data-dir", dir)
		var got shown
		p.call(t, "GET", "/api/v1/sessions/"+made.ID, made.Token, "", 200, &got)
		if got.Code != want {
			t.Fatalf("after kill %d the code is %q, want %q", round, got.Code, want)
		}
	}
	if code := p.connect(t, made.ID, made.Token).doc.Text("file:main").String(); code != want {
		t.Errorf("a client reads %q, want %q", code, want)
	}
}

// SIGTERM closes connections with 1012, stores edits that were not acknowledged yet, and exits with
// 0.
func TestTermDrains(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	p := launch(t, "--data-dir", dir, "--drain-time", "100ms")
	var made, got shown
	p.call(t, "POST", "/api/v1/sessions", "", `{"code":""}`, 201, &made)
	e := p.connect(t, made.ID, made.Token)
	e.typeSaved(t, "typed")
	p.signal(t, syscall.SIGTERM)
	var closed *websocket.CloseError
	for {
		if _, _, err := e.ws.ReadMessage(); err != nil {
			if !errors.As(err, &closed) || closed.Code != 1012 {
				t.Errorf("the socket ended with %v, want 1012", err)
			}
			break
		}
	}
	if code := p.wait(t); code != exitOK {
		t.Errorf("exit code %d, want 0:\n%s", code, p.stderr.String())
	}
	if _, err := net.DialTimeout("tcp", strings.TrimPrefix(p.url, "http://"), time.Second); err == nil {
		t.Error("the port still answers")
	}
	p = launch(t, "--data-dir", dir, "--access", "open")
	if !strings.Contains(p.line, "access: open") {
		t.Errorf("the program prints %q", p.line)
	}
	p.call(t, "GET", "/api/v1/sessions/"+made.ID, "", "", 200, &got)
	if got.Code != "typed" {
		t.Errorf("code is %q", got.Code)
	}
	p.signal(t, os.Interrupt)
	if code := p.wait(t); code != exitOK {
		t.Errorf("exit code %d after an interrupt, want 0", code)
	}
}

// A second signal ends the program without waiting for the drain.
func TestSecondSignalEndsAtOnce(t *testing.T) {
	t.Parallel()
	p := launch(t, "--data-dir", t.TempDir(), "--drain-time", "10m")
	var made shown
	p.call(t, "POST", "/api/v1/sessions", "", `{}`, 201, &made)
	for range 60 { // more than one wave of closes
		p.connect(t, made.ID, made.Token)
	}
	p.signal(t, syscall.SIGTERM)
	deadline := time.Now().Add(patience)
	for {
		res, err := http.Get(p.url + "/readyz")
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if res.StatusCode == http.StatusServiceUnavailable {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("readiness never failed")
		}
	}
	p.signal(t, syscall.SIGTERM)
	if code := p.wait(t); code != exitFailure {
		t.Errorf("exit code %d, want 1", code)
	}
}

// A problem of the environment gives one line and exit code 1.
func TestEnvironmentRefuses(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	p := launch(t, "--data-dir", dir)
	taken := strings.TrimPrefix(p.url, "http://")
	foreign := t.TempDir()
	if err := os.WriteFile(filepath.Join(foreign, "parley.db"), []byte("my notes"), 0o600); err != nil {
		t.Fatal(err)
	}
	for what, args := range map[string][]string{
		"address already in use":   {"--addr", taken, "--data-dir", t.TempDir()},
		"in use by another":        {"--data-dir", dir},
		"not a directory":          {"--data-dir", filepath.Join(foreign, "parley.db")},
		"not a Parley database":    {"--data-dir", foreign},
		"metrics: address already": {"--metrics-addr", taken, "--data-dir", t.TempDir()},
	} {
		cmd := command(append([]string{"serve"}, args...)...)
		var out, errs bytes.Buffer
		cmd.Stdout, cmd.Stderr = &out, &errs
		started := time.Now()
		err := cmd.Run()
		line := errs.String()
		if cmd.ProcessState.ExitCode() != exitFailure || strings.Count(line, "\n") != 1 || !strings.Contains(line, what) || out.Len() > 0 {
			t.Errorf("%q: %v, stderr %q; want exit code 1 and one line with %q", args, err, line, what)
		}
		if took := time.Since(started); took > 5*time.Second {
			t.Errorf("%q took %v", args, took)
		}
	}
}

func TestMetricsListener(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().String()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	p := launch(t, "--data-dir", t.TempDir(), "--metrics-addr", addr)
	var made shown
	p.call(t, "POST", "/api/v1/sessions", "", `{}`, 201, &made)
	p.connect(t, made.ID, made.Token).typeSaved(t, "x")
	res, err := http.Get("http://" + addr + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"parley_connections 1\n", "parley_rooms 1\n", "parley_updates_applied_total 1\n",
		`parley_http_requests_total{method="POST",route="/api/v1/sessions",status="201"} 1`} {
		if !strings.Contains(string(raw), want) {
			t.Errorf("no %q in the scrape", want)
		}
	}
	if strings.Contains(string(raw), made.ID) {
		t.Error("the scrape names a session")
	}
	res, err = http.Get(p.url + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if res.StatusCode != http.StatusNotFound {
		t.Errorf("/metrics on the public listener answers %d", res.StatusCode)
	}
}

// If the default metrics address is in use by another node on this machine, the program starts with
// a warning. If a configured address is in use, the program fails.
func TestTakenMetricsAddress(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	var log bytes.Buffer
	n := &node{cfg: config{metricsAddr: taken.Addr().String(), origins: map[string]given{"metrics-addr": {source: byDefault}}}, log: slog.New(slog.NewTextHandler(&log, nil))}
	if l, err := n.listenMetrics(); l != nil || err != nil || !strings.Contains(log.String(), "--metrics-addr") {
		t.Errorf("default address: %v, %v, log %q; want only a warning", l, err, log.String())
	}
	n.cfg.origins["metrics-addr"] = given{source: "--metrics-addr"}
	if l, err := n.listenMetrics(); l != nil || err == nil {
		t.Errorf("configured address: %v, %v; want an error", l, err)
	}
}
