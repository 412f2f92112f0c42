package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"parley/api"
	"parley/pkg/access"
	"parley/pkg/audit"
	"parley/pkg/question"
	"parley/pkg/relay"
	"parley/pkg/session"
	"parley/pkg/signin"
	"parley/pkg/store/localstore"
	"parley/pkg/trace"
)

// backend is the part of a store that a server needs.
type backend interface {
	relay.Log
	session.Store
	session.Sweeper
	session.Lister
	session.Browser
	relay.Historian
	audit.Store
	trace.Store
	signin.Store
	session.Copies
	session.Papers
	Ping(ctx context.Context) error
	Close() error
}

// service is a whole server on its own port, with a real store and a clock that tests set.
type service struct {
	url      string // http://127.0.0.1:port
	store    backend
	relay    *relay.Relay
	sessions *session.Service
	tokens   *access.Tokens
	secret   []byte
	server   *api.Server
	log      *logBuffer

	mu  sync.Mutex // guards now
	now time.Time
}

func (s *service) clock() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now
}

func (s *service) advance(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now = s.now.Add(d)
}

// logBuffer holds the log of a service.
type logBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

const sessionTTL = time.Hour

// builtInBank holds the questions that come with the program.
var builtInBank = sync.OnceValue(func() *question.Bank {
	b, err := question.Open("", slog.New(slog.DiscardHandler))
	if err != nil {
		panic(err)
	}
	return b
})

var builtClient = fstest.MapFS{
	".keep":                      {},
	"index.html":                 {Data: []byte("<!doctype html><title>app</title>")},
	"index.html.gz":              {Data: []byte("gz of index")},
	"room.html":                  {Data: []byte("<!doctype html><title>room</title>")},
	"favicon.svg":                {Data: []byte("<svg/>")},
	"sw.js":                      {Data: []byte("keep()")},
	"assets/app-1.js":            {Data: []byte("app()")},
	"assets/app-1.js.br":         {Data: []byte("br of app")},
	"assets/app-1.js.gz":         {Data: []byte("gz of app")},
	"vendor/py/py.wasm":          {Data: []byte("\x00asm")},
	"vendor/py/py.mjs":           {Data: []byte("export {}")},
	"vendor/py/notes.br":         {Data: []byte("no twin of anything")},
	"sandbox/run.html":           {Data: []byte("<!doctype html>")},
	"sandbox/preview-still.html": {Data: []byte("<!doctype html>")},
	"sandbox/boot.js":            {Data: []byte("boot()")},
	"sandbox/boot.js.br":         {Data: []byte("br of boot")},
	"assets/secret/.keep":        {},
}

// newService starts a server. tune may change its options.
func newService(t *testing.T, tune func(*api.Options)) *service {
	t.Helper()
	return newServiceWith(t, func(_ *service, o *api.Options) {
		if tune != nil {
			tune(o)
		}
	})
}

// newServiceWith starts a server. tune may change its options with what the service has.
func newServiceWith(t *testing.T, tune func(*service, *api.Options)) *service {
	t.Helper()
	store, err := localstore.Open(t.TempDir(), localstore.Options{})
	if err != nil {
		t.Fatal(err)
	}
	s := &service{store: store, secret: access.NewSecret(), log: &logBuffer{}, now: time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)}
	s.serve(t, relay.Options{}, nil, func(o *api.Options) { tune(s, o) })
	return s
}

// serve starts the server over its store. join may make it one of several nodes.
func (s *service) serve(t *testing.T, ro relay.Options, join func(*api.Options), tune func(*api.Options)) {
	t.Helper()
	logger := slog.New(slog.NewTextHandler(s.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	recorder := trace.NewRecorder(s.store, s.clock, logger)
	ro.Logger, ro.DrainTime, ro.Presence = logger, time.Millisecond, recorder.Presence
	s.relay = relay.New(s.store, ro)
	s.sessions = session.NewService(s.store, sessionTTL, s.clock)
	var err error
	if s.tokens, err = access.NewTokens(s.secret, s.clock); err != nil {
		t.Fatal(err)
	}
	opts := api.Options{
		Sessions: s.sessions, Lister: s.store, Browser: s.store, Relay: s.relay, Tokens: s.tokens, Ready: s.store.Ping, Client: fs.FS(builtClient),
		Audit: audit.NewRecorder(s.store, s.clock, logger), Trace: recorder, History: s.store,
		Copies: s.store, Papers: s.store, Questions: builtInBank(),
		Version: "test", MaxMessageBytes: 1 << 20, Logger: logger,
	}
	if join != nil {
		join(&opts)
	}
	if tune != nil {
		tune(&opts)
	}
	if s.server, err = api.New(opts); err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.url = "http://" + l.Addr().String()
	served := make(chan error, 1)
	go func() { served <- s.server.Serve(l) }()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		for _, end := range []struct {
			what string
			err  error
		}{
			{"drain", s.relay.Drain(ctx)}, {"shutdown", s.server.Shutdown(ctx)}, {"serve", <-served}, {"webhooks", opts.Webhooks.Close(ctx)},
			{"trace", recorder.Close(ctx)}, {"audit", opts.Audit.Close(ctx)}, {"close", s.store.Close()},
		} {
			if end.err != nil {
				t.Errorf("%s: %v", end.what, end.err)
			}
		}
	})
}

func open(o *api.Options) { o.Open = true }

// answer is the answer to a request.
type answer struct {
	status int
	header http.Header
	body   []byte
}

func (a answer) String() string { return fmt.Sprintf("%d %s", a.status, a.body) }

// decode reads the body as JSON. An empty body fails the test.
func decode[T any](t *testing.T, a answer) T {
	t.Helper()
	var v T
	if err := json.Unmarshal(a.body, &v); err != nil {
		t.Fatalf("%s: %v", a, err)
	}
	return v
}

// client follows no redirects and keeps no connections, so that a server shuts down at once.
var client = &http.Client{
	Transport:     &http.Transport{DisableKeepAlives: true, DisableCompression: true},
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	Timeout:       2 * time.Minute, // a busy machine with -race takes long over large answers
}

// do sends a request. body is sent as JSON, unless it is nil or a string. headers alternate between
// name and value.
func (s *service) do(t *testing.T, method, path, token string, body any, headers ...string) answer {
	t.Helper()
	var in io.Reader
	switch b := body.(type) {
	case nil:
	case string:
		in = strings.NewReader(b)
	default:
		raw, err := json.Marshal(b)
		if err != nil {
			t.Fatal(err)
		}
		in = bytes.NewReader(raw)
	}
	req, err := http.NewRequestWithContext(t.Context(), method, s.url+path, in)
	if err != nil {
		t.Fatal(err)
	}
	if in != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
		if headers[i] == "Host" {
			req.Host = headers[i+1]
		}
	}
	res, err := client.Do(req)
	if err != nil {
		t.Fatalf("%s %s: %v", method, path, err)
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{status: res.StatusCode, header: res.Header, body: raw}
}

// want fails the test unless the answer has that status. An error must be a problem with that code.
func (a answer) want(t *testing.T, what string, status int, code string) {
	t.Helper()
	if a.status != status {
		t.Fatalf("%s: got %s, want %d %s", what, a, status, code)
	}
	if code == "" {
		return
	}
	if got := a.header.Get("Content-Type"); got != "application/problem+json" {
		t.Errorf("%s: content type %q", what, got)
	}
	p := decode[api.Problem](t, a)
	if p.Code != code || p.Status != status || p.Type == "" || p.Title == "" || p.Detail == "" {
		t.Errorf("%s: problem is %s, want code %s", what, a, code)
	}
}

// people is a session with one participant in each role.
type people struct {
	id      string
	created api.NewSession
	token   map[string]string // by role
	pid     map[string]string
}

func (s *service) create(t *testing.T, body any) api.NewSession {
	t.Helper()
	a := s.do(t, "POST", "/api/v1/sessions", "", body)
	a.want(t, "create", 201, "")
	return decode[api.NewSession](t, a)
}

func codeOf(link string) string { return link[strings.LastIndex(link, "/")+1:] }

func (s *service) join(t *testing.T, link, name string) api.Joined {
	t.Helper()
	a := s.do(t, "POST", "/api/v1/join", "", map[string]string{"invite": codeOf(link), "name": name})
	a.want(t, "join", 200, "")
	return decode[api.Joined](t, a)
}

func (s *service) gather(t *testing.T, body any) people {
	t.Helper()
	made := s.create(t, body)
	p := people{id: made.ID, created: made,
		token: map[string]string{"interviewer": made.Token}, pid: map[string]string{"interviewer": made.Participant.ID}}
	for role, link := range map[string]string{"candidate": made.Invites.Candidate, "observer": made.Invites.Observer} {
		j := s.join(t, link, "The "+role)
		p.token[role], p.pid[role] = j.Token, j.Participant.ID
	}
	return p
}
