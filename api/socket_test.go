package api_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/fasthttp/websocket"
	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"parley/api"
	"parley/crdt"
	"parley/pkg/protocol"
	"parley/pkg/relay"
	"parley/pkg/relay/relaytest"
)

// edge is a websocket endpoint on a real listener, in front of a relay with a store in memory.
// There are the sessions one and two. The query names the participant (?as=ada), a refusal
// (?refuse=4403) and a document (?doc=notes).
type edge struct {
	*testing.T
	relay  *relay.Relay
	host   string
	panics *atomic.Uint64
	writes *atomic.Int64 // writes of the server on all its connections
}

func newEdge(t *testing.T, tune func(*api.SocketOptions)) *edge {
	t.Helper()
	return newEdgeOn(t, tune, func(l net.Listener, _ *atomic.Int64) net.Listener { return l })
}

// newEdgeOn is newEdge with a wrapped listener.
func newEdgeOn(t *testing.T, tune func(*api.SocketOptions), wrap func(net.Listener, *atomic.Int64) net.Listener) *edge {
	t.Helper()
	quiet := slog.New(slog.DiscardHandler)
	e := &edge{T: t, panics: new(atomic.Uint64), writes: new(atomic.Int64)}
	e.relay = relay.New(relaytest.NewStore("one", "two"), relay.Options{Logger: quiet})
	opts := api.SocketOptions{Panics: e.panics, Logger: quiet, Linger: 300 * time.Millisecond}
	if tune != nil {
		tune(&opts)
	}
	app := fiber.New(fiber.Config{DisableStartupMessage: true})
	api.KeepSockets(app)
	app.Get("/ws/sessions/:id", api.SocketHandler(e.relay, authoriseTest, opts))
	app.Get("/ws/refused/sessions/:id", api.SocketHandler(e.relay, func(*fiber.Ctx) (relay.RoomID, relay.Grant, error) {
		return relay.RoomID{}, relay.Grant{}, &relay.ClosedError{Code: relay.CloseNoSession}
	}, opts))
	app.Get("/ws/broken", api.SocketHandler(nil, authoriseTest, opts)) // panics after the upgrade
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	e.host = l.Addr().String()
	served := make(chan error, 1)
	go func() { served <- app.Listener(wrap(l, e.writes)) }() // ends with Shutdown below
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := errors.Join(e.relay.Drain(ctx), app.ShutdownWithContext(ctx), <-served); err != nil {
			t.Errorf("shut down: %v", err)
		}
		if n := e.relay.Stats().Conns; n != 0 {
			t.Errorf("%d connections after the drain", n)
		}
	})
	return e
}

func authoriseTest(c *fiber.Ctx) (relay.RoomID, relay.Grant, error) {
	if code := c.QueryInt("refuse"); code != 0 {
		return relay.RoomID{}, relay.Grant{}, &relay.ClosedError{Code: relay.CloseCode(code), Reason: "as asked"}
	}
	if c.Query("fail") != "" {
		return relay.RoomID{}, relay.Grant{}, errors.New("an error of unknown kind")
	}
	id := relay.RoomID{Session: strings.Clone(c.Params("id", "one")), Doc: strings.Clone(c.Query("doc"))}
	return id, relay.Grant{Participant: strings.Clone(c.Query("as", "ada")), Exclusive: true, Ack: c.Query("ack") == "1"}, nil
}

// countingListener counts the writes to its connections.
type countingListener struct {
	net.Listener
	writes *atomic.Int64
}

func (l countingListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	return countingConn{c, l.writes}, err
}

type countingConn struct {
	net.Conn
	writes *atomic.Int64
}

func (c countingConn) Write(b []byte) (int, error) {
	c.writes.Add(1)
	return c.Conn.Write(b)
}

// dial connects a client. header and dialer may be nil.
func (e *edge) dial(path string, header http.Header, d *websocket.Dialer) (*websocket.Conn, *http.Response, error) {
	if d == nil {
		d = websocket.DefaultDialer
	}
	c, resp, err := d.Dial("ws://"+e.host+path, header)
	if err == nil {
		e.Cleanup(func() { c.Close() })
		c.SetReadDeadline(time.Now().Add(20 * time.Second))
	}
	return c, resp, err
}

func (e *edge) mustDial(path string) *websocket.Conn {
	e.Helper()
	c, _, err := e.dial(path, nil, nil)
	if err != nil {
		e.Fatalf("dial %s: %v", path, err)
	}
	return c
}

// read returns the next binary message.
func read(t *testing.T, c *websocket.Conn) []byte {
	t.Helper()
	kind, b, err := c.ReadMessage()
	if err != nil || kind != websocket.BinaryMessage {
		t.Fatalf("read: kind %d, %v", kind, err)
	}
	return b
}

// wantClose reads until the connection ends and expects that close code.
func wantClose(t *testing.T, c *websocket.Conn, code relay.CloseCode) string {
	t.Helper()
	for {
		kind, b, err := c.ReadMessage()
		if err == nil {
			if kind != websocket.BinaryMessage {
				t.Errorf("got a message of kind %d: %q", kind, b)
			}
			continue
		}
		var closed *websocket.CloseError
		if !errors.As(err, &closed) || closed.Code != int(code) {
			t.Errorf("ended with %v, want close code %v", err, code)
			return ""
		}
		return closed.Text
	}
}

// eventually waits until ok returns true. what names the condition.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(15 * time.Second); !ok(); <-tick.C {
		if time.Now().After(end) {
			t.Fatalf("timed out waiting for %s", what)
		}
	}
}

func TestSocketOriginIsCheckedBeforeTheUpgrade(t *testing.T) {
	t.Parallel()
	e := newEdge(t, nil)
	for origin, ok := range map[string]bool{
		"":                                   true,
		"http://" + e.host:                   true,
		"https://" + e.host:                  true,
		"http://evil.example":                false,
		"http://" + e.host + ".evil.example": false,
		"http://evil.example/" + e.host:      false,
		"null":                               false,
		"%zz":                                false,
	} {
		header := http.Header{}
		if origin != "" {
			header.Set("Origin", origin)
		}
		_, resp, err := e.dial("/ws/sessions/one", header, nil)
		if (err == nil) != ok || !ok && resp.StatusCode != http.StatusForbidden {
			t.Errorf("origin %q: %v, %v; want allowed: %v", origin, resp, err, ok)
		}
	}
	resp, err := http.Get("http://" + e.host + "/ws/sessions/one")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusUpgradeRequired {
		t.Errorf("without an upgrade: status %d, want 426", resp.StatusCode)
	}
}

func TestSocketRefusalIsACloseCode(t *testing.T) {
	t.Parallel()
	e := newEdge(t, nil)
	for query, code := range map[string]relay.CloseCode{
		"refuse=4401": relay.CloseNoToken, "refuse=4403": relay.CloseForbidden, "refuse=4404": relay.CloseNoSession,
		"refuse=4410": relay.CloseGone, "refuse=4503": relay.CloseUnavailable, "fail=1": relay.CloseUnavailable,
	} {
		reason := wantClose(t, e.mustDial("/ws/sessions/one?"+query), code)
		if strings.HasPrefix(query, "refuse") && reason != "as asked" {
			t.Errorf("%s: reason %q", query, reason)
		}
	}
	wantClose(t, e.mustDial("/ws/sessions/unknown"), relay.CloseNoSession)
}

func TestSocketTakesNoCompression(t *testing.T) {
	t.Parallel()
	e := newEdge(t, nil)
	c, resp, err := e.dial("/ws/sessions/one", nil, &websocket.Dialer{EnableCompression: true})
	if err != nil {
		t.Fatal(err)
	}
	if ext := resp.Header.Get("Sec-WebSocket-Extensions"); ext != "" {
		t.Errorf("negotiated %q", ext)
	}
	read(t, c)
	// A frame that claims to be compressed, with RSV1 set.
	if _, err := c.NetConn().Write([]byte{0x80 | 0x40 | 2, 0x80 | 1, 0, 0, 0, 0, 3}); err != nil {
		t.Fatal(err)
	}
	wantClose(t, c, 1002)
}

func TestSocketLimits(t *testing.T) {
	t.Parallel()
	e := newEdge(t, func(o *api.SocketOptions) { o.MaxMessageBytes = 50_000 })
	send := func(kind, n int) *websocket.Conn {
		c := e.mustDial("/ws/sessions/one")
		message := bytes.Repeat([]byte{9}, n) // an unknown message type
		if err := c.WriteMessage(kind, message); err != nil {
			t.Fatal(err)
		}
		return c
	}
	wantClose(t, send(websocket.TextMessage, 10), relay.CloseMalformed)
	wantClose(t, send(websocket.BinaryMessage, 50_001), relay.CloseTooLarge)
	// The server does not read most of it.
	wantClose(t, send(websocket.BinaryMessage, 5_000_000), relay.CloseTooLarge)
	c := send(websocket.BinaryMessage, 50_000)
	for _, n := range []int{0, 1, 4095, 4096, 4097, 20_000} { // in fragments
		w, _ := c.NextWriter(websocket.BinaryMessage)
		w.Write([]byte{1})
		w.Write(bytes.Repeat([]byte{2}, n))
		w.Close()
		if n == 0 {
			wantClose(t, c, relay.CloseMalformed) // type 1 without a body
			c = e.mustDial("/ws/sessions/one")
		}
	}
	wantClose(t, c, relay.CloseMalformed)
}

// TestSocketRecycledConnLeaksNothing lets people leave a busy room while others enter another room.
// contrib reuses its wrapper for the next connection. If the server kept the wrapper, bytes of the
// first room would reach people in the second room.
func TestSocketRecycledConnLeaksNothing(t *testing.T) {
	t.Parallel()
	e := newEdge(t, nil)
	secret := []byte("SECRET of session one")
	writer, stop := e.mustDial("/ws/sessions/one?as=writer"), make(chan struct{})
	var writing, visits sync.WaitGroup
	writing.Go(func() {
		doc := crdt.NewDoc()
		var frame []byte
		doc.OnUpdate(func(u []byte, _ any) { frame = protocol.AppendUpdate(nil, u) })
		tick := time.NewTicker(time.Millisecond) // below the limit of messages a second
		defer tick.Stop()
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			case <-tick.C:
			}
			if err := doc.Text("t").Insert(0, string(secret)); err != nil || writer.WriteMessage(websocket.BinaryMessage, frame) != nil {
				t.Error("the writer could not write")
				return
			}
			if i%20 == 0 {
				_ = doc.Text("t").Delete(0, doc.Text("t").Len())
			}
		}
	})
	for range 4 {
		visits.Go(func() {
			for range 50 {
				visitor, _, err := e.dial("/ws/sessions/one?as=visitor", nil, nil)
				if err != nil {
					t.Error(err)
					return
				}
				visitor.NetConn().(*net.TCPConn).SetLinger(0)
				visitor.Close() // in the middle of a write of the server
				other, _, err := e.dial("/ws/sessions/two?as=other", nil, nil)
				if err != nil {
					t.Error(err)
					return
				}
				other.WriteMessage(websocket.BinaryMessage, protocol.AppendStep1(nil, []byte{0}))
				for range 2 { // step 1 and step 2
					if _, b, err := other.ReadMessage(); err != nil || bytes.Contains(b, secret[:6]) {
						t.Errorf("in session two: %q, %v", b, err)
						return
					}
				}
				other.Close()
			}
		})
	}
	visits.Wait()
	close(stop)
	writing.Wait()
}

// mute upgrades a TCP connection by hand and then does nothing. It does not read and answers
// neither pings nor closes.
func (e *edge) mute(path string) *net.TCPConn {
	e.Helper()
	c, err := net.Dial("tcp", e.host)
	if err != nil {
		e.Fatal(err)
	}
	e.Cleanup(func() { c.Close() })
	io.WriteString(c, "GET "+path+" HTTP/1.1\r\nHost: "+e.host+"\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"+
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
	return c.(*net.TCPConn)
}

func TestSocketCloseEndsABlockedRead(t *testing.T) {
	t.Parallel()
	e := newEdge(t, nil)
	c := e.mute("/ws/sessions/one?as=mute")
	eventually(t, "the connection", func() bool { return e.relay.Online("one")["mute"] == 1 })
	start := time.Now()
	e.relay.CloseParticipant("one", "mute", relay.CloseForbidden)
	eventually(t, "the end of Serve", func() bool { return e.relay.Online("one")["mute"] == 0 })
	c.SetReadDeadline(time.Now().Add(10 * time.Second))
	all, err := io.ReadAll(c)
	if took := time.Since(start); err != nil || took > 5*time.Second {
		t.Errorf("the connection ended after %v with %v", took, err)
	}
	want := append([]byte{0x88, 2 + 11}, binary.BigEndian.AppendUint16(nil, 4403)...)
	if !bytes.HasSuffix(all, append(want, "not allowed"...)) {
		t.Errorf("its last bytes are %q, want the close frame", all[max(0, len(all)-40):])
	}
}

func TestSocketDrainReachesEverybody(t *testing.T) {
	t.Parallel()
	e := newEdge(t, nil)
	a, b := e.mustDial("/ws/sessions/one"), e.mustDial("/ws/sessions/two")
	e.mute("/ws/sessions/one?as=mute")
	eventually(t, "three connections", func() bool { return e.relay.Stats().Conns == 3 })
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	var wg sync.WaitGroup
	for _, c := range []*websocket.Conn{a, b} {
		wg.Go(func() { wantClose(t, c, relay.CloseRestart) })
	}
	if err := e.relay.Drain(ctx); err != nil {
		t.Error(err)
	}
	wg.Wait()
}

func TestSocketPanicWritesNothing(t *testing.T) {
	t.Parallel()
	e := newEdge(t, nil)
	c := e.mustDial("/ws/broken")
	for {
		kind, b, err := c.ReadMessage()
		if err != nil {
			break
		}
		t.Errorf("a message of kind %d came: %q", kind, b)
	}
	eventually(t, "the panic to be counted", func() bool { return e.panics.Load() == 1 })
	read(t, e.mustDial("/ws/sessions/one")) // the server still works
}

func TestSocketPings(t *testing.T) {
	t.Parallel()
	e := newEdge(t, func(o *api.SocketOptions) { o.PingInterval = 100 * time.Millisecond })
	var pings atomic.Int64
	alive := e.mustDial("/ws/sessions/one?as=alive")
	answer := alive.PingHandler()
	alive.SetPingHandler(func(data string) error { pings.Add(1); return answer(data) })
	var wg sync.WaitGroup
	wg.Go(func() { wantClose(t, alive, relay.CloseForbidden) })
	e.mute("/ws/sessions/one?as=dead")
	eventually(t, "both", func() bool { on := e.relay.Online("one"); return on["alive"] == 1 && on["dead"] == 1 })
	eventually(t, "the silent connection to be closed", func() bool { return e.relay.Online("one")["dead"] == 0 })
	eventually(t, "pings", func() bool { return pings.Load() >= 6 })
	if e.relay.Online("one")["alive"] != 1 {
		t.Error("the client that answers pings was closed too")
	}
	if err := alive.WriteControl(websocket.PingMessage, []byte("hi"), time.Now().Add(time.Second)); err != nil {
		t.Error(err)
	}
	e.relay.CloseParticipant("one", "alive", relay.CloseForbidden)
	wg.Wait()
}

func TestSocketThatIsNotReadIsGivenUp(t *testing.T) {
	t.Parallel()
	e := newEdge(t, func(o *api.SocketOptions) { o.WriteTimeout = 200 * time.Millisecond })
	stuck := e.mute("/ws/sessions/one?as=stuck")
	stuck.SetReadBuffer(4 << 10)
	eventually(t, "the stuck one", func() bool { return e.relay.Online("one")["stuck"] == 1 })
	for range 40 {
		err := e.relay.Edit(t.Context(), relay.RoomID{Session: "one"}, "", func(d *crdt.Doc) error {
			return errors.Join(d.Text("t").Delete(0, d.Text("t").Len()), d.Text("t").Insert(0, strings.Repeat("x", 500_000)))
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	eventually(t, "the connection to be closed", func() bool { return e.relay.Online("one")["stuck"] == 0 })
}

func TestSocketWritesWhatWaitsTogether(t *testing.T) {
	t.Parallel()
	e := newEdgeOn(t, nil, func(l net.Listener, writes *atomic.Int64) net.Listener { return countingListener{l, writes} })
	a := e.mustDial("/ws/sessions/one")
	read(t, a)
	state := protocol.AwarenessEntry{Client: 5, Clock: 1, State: []byte(`{}`)}
	a.WriteMessage(websocket.BinaryMessage, protocol.AppendAwareness(nil, protocol.AppendAwarenessUpdate(nil, state)))
	read(t, a)
	before := e.writes.Load()
	b := e.mustDial("/ws/sessions/one?as=bob")
	read(t, b)
	read(t, b)
	if n := e.writes.Load() - before; n != 2 {
		t.Errorf("the handshake and two messages took %d writes, want 2", n)
	}
}

func TestSocketKeepsNothingOfTheRequest(t *testing.T) {
	t.Parallel()
	var ctx fasthttp.RequestCtx
	var req fasthttp.Request
	req.SetRequestURI("http://host.example/ws/sessions/one?token=secret&ack=1")
	for name, value := range map[string]string{
		"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "k",
		"Authorization": "Bearer secret", "Cookie": "a=secret", "User-Agent": "secret", "X-Forwarded-For": "10.0.0.1",
	} {
		req.Header.Set(name, value)
	}
	ctx.Init(&req, nil, nil)
	ctx.SetUserValue("local", "secret")
	restore := api.Strip(&ctx)
	seen := ctx.Request.Header.String() + ctx.QueryArgs().String()
	ctx.VisitUserValuesAll(func(k, v any) { t.Errorf("local %v=%v is visible", k, v) })
	for k := range ctx.Request.Header.Cookies() {
		t.Errorf("cookie %s is visible", k)
	}
	if strings.Contains(seen, "secret") || !websocket.FastHTTPIsWebSocketUpgrade(&ctx) || string(ctx.Host()) != "host.example" {
		t.Errorf("visible during the upgrade: %q", seen)
	}
	restore()
	if string(ctx.QueryArgs().Peek("token")) != "secret" || ctx.UserValue("local") != "secret" ||
		string(ctx.Request.Header.Peek("Authorization")) != "Bearer secret" || string(ctx.Request.Header.Cookie("a")) != "secret" {
		t.Errorf("the request was not restored: %s", ctx.Request.Header.String())
	}
}
