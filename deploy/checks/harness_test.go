package checks_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"math/big"
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

const patience = 60 * time.Second

// root is the root folder of the module.
const root = "../.."

var built struct {
	once sync.Once
	dir  string
	err  error
	log  []byte
}

func TestMain(m *testing.M) {
	code := m.Run()
	if built.dir != "" {
		os.RemoveAll(built.dir)
	}
	os.Exit(code)
}

// program builds parley once for all tests.
func program(t *testing.T) string {
	t.Helper()
	built.once.Do(func() {
		if built.dir, built.err = os.MkdirTemp("", "parley-checks"); built.err != nil {
			return
		}
		cmd := exec.Command("go", "build", "-buildvcs=false", "-o", filepath.Join(built.dir, "parley"), "./cmd/parley")
		cmd.Dir = root
		built.log, built.err = cmd.CombinedOutput()
	})
	if built.err != nil {
		t.Fatalf("build parley: %v\n%s", built.err, built.log)
	}
	return filepath.Join(built.dir, "parley")
}

// tool returns the path of a program that deploy/tasks/packages.sh installs.
func tool(t *testing.T, name string) string {
	t.Helper()
	for _, path := range []string{name, "/usr/sbin/" + name} {
		if found, err := exec.LookPath(path); err == nil {
			return found
		}
	}
	t.Fatalf("%s is missing; make test installs it, or: apt-get install %s", name, name)
	return ""
}

// output keeps the output of a process.
type output struct {
	mu  sync.Mutex
	all bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.all.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.all.String()
}

// process is a program that runs until the test ends.
type process struct {
	cmd    *exec.Cmd
	out    output
	exited chan struct{} // closed when the process has ended
}

// spawn starts a program. A failed test logs its output.
func spawn(t *testing.T, path string, args ...string) *process {
	t.Helper()
	p := &process{cmd: exec.Command(path, args...), exited: make(chan struct{})}
	p.cmd.Stdout, p.cmd.Stderr = &p.out, &p.out
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // the workers of a proxy end with it
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		_ = p.cmd.Wait() // the process state has the result
		close(p.exited)
	}()
	t.Cleanup(func() {
		_ = syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL) // the process may have ended
		<-p.exited
		if t.Failed() {
			text := p.out.String()
			t.Logf("%s said:\n%s", filepath.Base(path), text[max(0, len(text)-3000):])
		}
	})
	return p
}

// node is a running parley.
type node struct {
	*process
	addr, metrics string
}

// startNode runs parley serve with these arguments on free ports, and waits until it is ready.
// Another test may take a port first; then startNode tries other ports.
func startNode(t *testing.T, args ...string) *node {
	t.Helper()
	for range 5 {
		n := &node{addr: freeAddr(t), metrics: freeAddr(t)}
		n.process = spawn(t, program(t), append([]string{"serve", "--addr", n.addr, "--metrics-addr", n.metrics}, args...)...)
		if n.ready(t) {
			return n
		}
	}
	t.Fatal("other processes took every free port")
	return nil
}

// ready waits until the node is ready. The result is false if another process has taken a port.
func (n *node) ready(t *testing.T) (ok bool) {
	t.Helper()
	eventually(t, "the node is ready", func() error {
		for line := range strings.Lines(n.out.String()) {
			if ok = strings.Contains(line, " is ready: open "); ok {
				return nil
			}
		}
		select {
		case <-n.exited:
			if strings.Contains(n.out.String(), "address already in use") {
				return nil
			}
			t.Fatalf("the node ended: %s", n.out.String())
		default:
		}
		return errors.New("no output")
	})
	return ok
}

// figure returns the value of a metric without labels.
func (n *node) figure(t *testing.T, name string) string {
	t.Helper()
	res, err := http.Get("http://" + n.metrics + "/metrics")
	if err != nil {
		return ""
	}
	defer res.Body.Close()
	lines := bufio.NewScanner(res.Body)
	for lines.Scan() {
		if v, ok := strings.CutPrefix(lines.Text(), name+" "); ok {
			return v
		}
	}
	return ""
}

// eventually waits until check returns nil.
func eventually(t *testing.T, what string, check func() error) {
	t.Helper()
	deadline := time.Now().Add(patience)
	for {
		err := check()
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("timed out waiting for %s: %v", what, err)
		}
		<-time.After(20 * time.Millisecond)
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
	return l.Addr().String()
}

// certificate writes a certificate for parley.example that is valid for 90 days, its key, and both
// in one file.
func certificate(t *testing.T) (cert, key, both string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	draft := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(90 * 24 * time.Hour), DNSNames: []string{"parley.example"},
	}
	raw, err := x509.CreateCertificate(rand.Reader, draft, draft, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	certPEM := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: raw})
	keyPEM := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
	dir := t.TempDir()
	cert, key, both = filepath.Join(dir, "tls.crt"), filepath.Join(dir, "tls.key"), filepath.Join(dir, "both.pem")
	for path, text := range map[string][]byte{cert: certPEM, key: keyPEM, both: append(certPEM, keyPEM...)} {
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return cert, key, both
}

// browser reaches a server under the name parley.example, at any address, and accepts any
// certificate.
type browser struct {
	http   *http.Client
	dialer websocket.Dialer
	scheme string // scheme of pages: http or https
}

func newBrowser(addr, scheme string) *browser {
	dial := func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "tcp", addr)
	}
	trust := &tls.Config{InsecureSkipVerify: true, ServerName: "parley.example"}
	return &browser{
		http: &http.Client{
			Transport:     &http.Transport{DialContext: dial, TLSClientConfig: trust},
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
			Timeout:       20 * time.Second,
		},
		dialer: websocket.Dialer{NetDialContext: dial, TLSClientConfig: trust, HandshakeTimeout: 20 * time.Second},
		scheme: scheme,
	}
}

// call sends a request and decodes the answer into out, unless out is nil.
func (b *browser) call(method, path, body string, out any) (status int, err error) {
	return b.callAs("", method, path, body, out)
}

// callAs is call with a token.
func (b *browser) callAs(token, method, path, body string, out any) (status int, err error) {
	req, err := http.NewRequest(method, b.scheme+"://parley.example"+path, strings.NewReader(body))
	if err != nil {
		return 0, err
	}
	req.Header.Set("Content-Type", "application/json")
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	res, err := b.http.Do(req)
	if err != nil {
		return 0, err
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err == nil && out != nil {
		err = json.Unmarshal(raw, out)
	}
	return res.StatusCode, err
}

// editor is a replica that reconnects whenever its connection ends, like a browser.
type editor struct {
	browser *browser
	path    string
	stop    chan struct{}
	done    chan struct{}

	mu     sync.Mutex // guards the fields below
	ws     *websocket.Conn
	doc    *crdt.Doc
	ready  bool  // has the document on this connection
	closes []int // close codes of ended connections; 0 for a connection without a code
}

// open starts an editor for a room.
func (b *browser) open(t *testing.T, path string) *editor {
	t.Helper()
	e := &editor{browser: b, path: path, stop: make(chan struct{}), done: make(chan struct{}), doc: crdt.NewDoc()}
	go e.run()
	t.Cleanup(e.close)
	eventually(t, "a connection to "+path, func() error {
		if e.mu.Lock(); !e.ready {
			e.mu.Unlock()
			return errors.New("none yet")
		}
		e.mu.Unlock()
		return nil
	})
	return e
}

func (e *editor) close() {
	close(e.stop)
	e.mu.Lock()
	if e.ws != nil {
		e.ws.Close()
	}
	e.mu.Unlock()
	<-e.done
}

func (e *editor) run() {
	defer close(e.done)
	for {
		select {
		case <-e.stop:
			return
		case <-time.After(50 * time.Millisecond):
		}
		ws, _, err := e.browser.dialer.Dial("ws"+strings.TrimPrefix(e.browser.scheme, "http")+"://parley.example"+e.path, nil)
		if err != nil {
			continue
		}
		e.live(ws)
	}
}

// live runs one connection until it ends.
func (e *editor) live(ws *websocket.Conn) {
	e.mu.Lock()
	e.ws = ws
	err := ws.WriteMessage(websocket.BinaryMessage, protocol.AppendStep1(nil, e.doc.EncodeStateVector()))
	e.mu.Unlock()
	var closed *websocket.CloseError
	for err == nil {
		var frame []byte
		if _, frame, err = ws.ReadMessage(); err == nil {
			err = e.hear(frame)
		}
	}
	code := 0
	if errors.As(err, &closed) {
		code = closed.Code
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	ws.Close()
	e.ready, e.closes = false, append(e.closes, code)
}

// hear handles a message and answers a step 1.
func (e *editor) hear(frame []byte) error {
	m, err := protocol.Decode(frame)
	if err != nil || m.Type != protocol.TypeSync {
		return err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if m.Step == protocol.Step1 {
		missing, err := e.doc.EncodeStateAsUpdate(m.Body)
		if err != nil {
			return err
		}
		return e.ws.WriteMessage(websocket.BinaryMessage, protocol.AppendStep2(nil, missing))
	}
	e.ready = e.ready || m.Step == protocol.Step2
	return e.doc.ApplyUpdate(m.Body)
}

// write appends text.
func (e *editor) write(text string) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	defer e.doc.OnUpdate(func(update []byte, _ any) {
		if e.ready { // else the text is sent on the next connection
			_ = e.ws.WriteMessage(websocket.BinaryMessage, protocol.AppendUpdate(nil, update))
		}
	})()
	main := e.doc.Text("file:main")
	return main.Insert(main.Len(), text)
}

func (e *editor) text() string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.doc.Text("file:main").String()
}

// closed returns the close codes of ended connections.
func (e *editor) closed() []int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return append([]int(nil), e.closes...)
}

// agree waits until all editors have the same text and the text contains want.
func agree(t *testing.T, want string, editors ...*editor) {
	t.Helper()
	eventually(t, "all show "+want, func() error {
		first := editors[0].text()
		for i, e := range editors {
			if text := e.text(); text != first || !strings.Contains(text, want) {
				return fmt.Errorf("editor %d has %q, the first %q", i, text, first)
			}
		}
		return nil
	})
}
