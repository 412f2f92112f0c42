package api

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/url"
	"runtime/debug"
	"strings"
	"sync/atomic"
	"time"

	"github.com/fasthttp/websocket"
	fiberws "github.com/gofiber/contrib/websocket"
	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"parley/pkg/relay"
	"parley/pkg/wsconn"
)

// The websocket edge.
//
// SocketHandler takes a request through three doors: the origin is checked before the upgrade (403 in plain
// HTTP), then the caller's authorise says who that is, then the connection is upgraded and handed to the relay. Who is
// refused at the second door is upgraded all the same and closed with the code of the refusal, because a browser
// lets no script see the status of a handshake that failed, and y-websocket would try again for ever.
//
// The libraries make the handshake. Then the connection beneath is taken over (pkg/wsconn), because per connection they would keep
// 12 KiB of buffers, the request and several maps, and a reader goroutine that cannot wait without a buffer. What they
// do wrong up to there is fenced here, each with a test in socket_test.go:
//
//   - contrib's Conn goes back to a pool when its handler returns, and whoever still holds it writes into the next user's
//     socket: nothing of it is used but the connection beneath.
//   - The server closes a hijacked connection when its handler returns, unless it was told otherwise: KeepSockets.
//   - Shutdown does not know hijacked connections: Relay.Drain does.
//   - Every origin is allowed by default: see above.
//   - A handler that panics has a text frame written to it from the wrong goroutine: ours does nothing that could.
//   - All headers, cookies, queries (with the token) and locals are copied: strip hides them during the upgrade.

// Authorise says which room a handshake is for and what its owner may do there. The error is a *relay.ClosedError with
// the code to close with; any other is taken for CloseUnavailable. It keeps nothing of c.
type Authorise func(c *fiber.Ctx) (relay.RoomID, relay.Grant, error)

// SocketOptions are the settings of the websocket edge. A zero field takes its default.
type SocketOptions struct {
	// AllowOrigin decides on the Origin of a handshake. Default: none (no browser asks), or the request's own host.
	AllowOrigin func(*fiber.Ctx) bool
	// MaxMessageBytes bounds one message. Default 1 MiB: a paste of a large file fits, and a step 2 after hours offline.
	MaxMessageBytes int
	// PingInterval is how often the peer is pinged; one that is silent for two intervals and a half is given up.
	// Default 25 s: proxies cut at 60 s.
	PingInterval time.Duration
	// WriteTimeout is how long a peer may take to read 128 KiB. Default 15 s.
	WriteTimeout time.Duration
	// Quiet is how long a silent connection keeps its goroutine. Default 2 s, at most an eighth of PingInterval: who types has it all
	// the time, and coming back costs no more than a message.
	Quiet time.Duration
	// Linger is how long a closed connection waits for the peer's goodbye. Default 1 s.
	Linger time.Duration
	// Visit, when given, is told of every upgraded connection before it is served or refused. An error ends it, a
	// *relay.ClosedError with its code; leave is called when the connection has ended.
	Visit func(Visit) (leave func(), err error)
	// Address gives where a handshake comes from, for Visit. Default: the peer's address.
	Address func(*fiber.Ctx) string
	// Panics counts handlers that panicked, when given.
	Panics *atomic.Uint64
	Logger *slog.Logger // default slog.Default()
}

func (o SocketOptions) withDefaults() SocketOptions {
	if o.AllowOrigin == nil {
		o.AllowOrigin = sameOrigin
	}
	if o.MaxMessageBytes <= 0 {
		o.MaxMessageBytes = 1 << 20
	}
	for field, value := range map[*time.Duration]time.Duration{
		&o.PingInterval: 25 * time.Second, &o.WriteTimeout: 15 * time.Second, &o.Linger: time.Second,
	} {
		if *field <= 0 {
			*field = value
		}
	}
	if o.Quiet <= 0 {
		o.Quiet = min(2*time.Second, o.PingInterval/8)
	}
	if o.Visit == nil {
		o.Visit = func(Visit) (func(), error) { return func() {}, nil }
	}
	if o.Address == nil {
		o.Address = func(c *fiber.Ctx) string { return c.Context().RemoteIP().String() }
	}
	if o.Panics == nil {
		o.Panics = new(atomic.Uint64)
	}
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	return o
}

// admission is what the handshake found out, for the connection that follows.
type admission struct {
	from   string
	id     relay.RoomID
	grant  relay.Grant
	denied *relay.ClosedError

	leave func() // given by SocketOptions.Visit
}

// Visit is an upgraded connection, as SocketOptions.Visit learns of it.
type Visit struct {
	From    string // address
	Room    relay.RoomID
	Grant   relay.Grant
	Refused bool // closed at once; Room and Grant say nothing
}

// admissionKey is the one local that goes along with the upgraded connection.
const admissionKey = "parley.admission"

// KeepSockets has an app leave upgraded connections to SocketHandler, which takes them over. It comes before the app serves.
func KeepSockets(app *fiber.App) { app.Server().KeepHijackedConns = true }

// SocketHandler serves the websocket endpoint: see above for the doors a request passes. It must not run inside
// of anything that bounds the life of a request, and its app needs KeepSockets.
func SocketHandler(r *relay.Relay, authorise Authorise, opts SocketOptions) fiber.Handler {
	e := &socketEdge{relay: r, opts: opts.withDefaults()}
	e.limits = wsconn.Options{
		MaxMessage: e.opts.MaxMessageBytes, WriteTimeout: e.opts.WriteTimeout, Linger: e.opts.Linger,
		PingEvery: e.opts.PingInterval, Alive: e.opts.PingInterval * 5 / 2, Quiet: e.opts.Quiet, Poller: wsconn.NewPoller(),
	}
	opts = e.opts
	upgrade := fiberws.New(func(c *fiberws.Conn) {
		a, _ := c.Locals(admissionKey).(*admission)
		e.takeOver(a, c.NetConn())
	}, fiberws.Config{
		Origins:           []string{"*"}, // AllowOrigin has decided
		ReadBufferSize:    256,           // nothing is read or written with the library
		WriteBufferSize:   256,
		EnableCompression: false, // updates hardly compress, and limits would count compressed bytes
		RecoverHandler:    func(*fiberws.Conn) {},
	})
	return func(c *fiber.Ctx) error {
		if !websocket.FastHTTPIsWebSocketUpgrade(c.Context()) {
			return fiber.ErrUpgradeRequired
		}
		if !opts.AllowOrigin(c) {
			return fiber.NewError(fiber.StatusForbidden, "this origin may not connect")
		}
		a := &admission{from: opts.Address(c)}
		var err error
		if a.id, a.grant, err = authorise(c); err != nil && !errors.As(err, &a.denied) {
			a.denied = &relay.ClosedError{Code: relay.CloseUnavailable, Reason: relay.CloseUnavailable.Reason(), Cause: err}
		}
		if !c.Context().IsGet() {
			return fiber.ErrMethodNotAllowed
		}
		restore := strip(c.Context())
		defer restore()
		c.Locals(admissionKey, a)
		return upgrade(c)
	}
}

// socketEdge is what all connections of a SocketHandler share.
type socketEdge struct {
	relay  *relay.Relay
	opts   SocketOptions
	limits wsconn.Options
}

// takeOver takes the connection beneath out of the framework's hands, with what the client has sent behind its handshake, and serves
// it in a goroutine of its own: so the framework can let go of all that it holds for a request.
func (e *socketEdge) takeOver(a *admission, hijacked net.Conn) {
	conn := hijacked
	if wrapped, ok := hijacked.(interface{ UnsafeConn() net.Conn }); ok {
		conn = wrapped.UnsafeConn()
	}
	go e.serve(a, conn, readAhead(hijacked, conn)) // ends with the connection; Drain waits for those in the relay
}

// readAhead gives what the framework has read behind the request. With a deadline that is over, the connection itself gives nothing.
func readAhead(hijacked, conn net.Conn) []byte {
	if hijacked == conn || conn.SetReadDeadline(time.Unix(1, 0)) != nil {
		return nil
	}
	defer conn.SetReadDeadline(time.Time{}) //nolint:errcheck // an error shows in the next read
	b, _ := io.ReadAll(io.LimitReader(hijacked, maxHeader))
	return b
}

// serve begins the life of an upgraded connection. It returns when that has ended or is parked; end ends it.
func (e *socketEdge) serve(a *admission, conn net.Conn, head []byte) {
	s := &socket{Conn: wsconn.New(conn, head, &e.limits), edge: e, who: a}
	defer s.recovered()
	if !e.enter(a, s) {
		s.end(nil)
		return
	}
	g := a.grant
	a.grant.Confirm = nil                                 // is not needed for longer than the relay takes to ask it
	e.relay.Take(context.Background(), a.id, g, s, s.end) // Drain and deadlines end it
}

// enter counts a connection as a visit. It reports false when the connection was refused.
func (e *socketEdge) enter(a *admission, s *socket) bool {
	leave, err := e.opts.Visit(Visit{From: a.from, Room: a.id, Grant: a.grant, Refused: a.denied != nil})
	if err != nil && !errors.As(err, &a.denied) {
		a.denied = &relay.ClosedError{Code: relay.CloseUnavailable, Reason: relay.CloseUnavailable.Reason(), Cause: err}
	}
	a.leave = leave
	if a.denied == nil {
		return true
	}
	e.opts.Logger.Debug("socket refused", "room", a.id.String(), "code", int(a.denied.Code), "cause", a.denied.Cause)
	if e.relay != nil {
		e.relay.Refused(a.denied.Code)
	}
	_ = s.Close(a.denied.Code, a.denied.Reason)
	return false
}

// end gives back what a connection had; cause is why the server ended it, if it did.
func (s *socket) end(cause error) {
	a := s.who
	if a.denied == nil {
		s.edge.opts.Logger.Debug("socket closed", "room", a.id.String(), "participant", a.grant.Participant, "cause", cause)
	}
	if leave := a.leave; leave != nil {
		a.leave = nil
		leave()
	}
	s.Finish(uint16(relay.CloseNormal)) // which closes the connection
}

// recovered notes a panic on a connection's goroutine; the connection ends, with nothing more written to it.
func (s *socket) recovered() {
	if v := recover(); v != nil {
		s.edge.opts.Panics.Add(1)
		s.edge.opts.Logger.Error("socket handler panicked", "panic", v, "stack", string(debug.Stack()))
		s.end(nil)
	}
}

// handshakeHeaders are those that the upgrade reads.
var handshakeHeaders = []string{
	fiber.HeaderHost, fiber.HeaderConnection, fiber.HeaderUpgrade, "Sec-WebSocket-Version", "Sec-WebSocket-Key",
}

// strip takes from a request all that the upgrade does not need and would copy into the connection: other headers,
// cookies, the query with its token, locals. The result puts it back, for middleware that looks at it afterwards.
func strip(ctx *fasthttp.RequestCtx) (restore func()) {
	var header fasthttp.RequestHeader
	ctx.Request.Header.CopyTo(&header)
	query := string(ctx.QueryArgs().QueryString())
	locals := map[any]any{}
	ctx.VisitUserValuesAll(func(k, v any) { locals[k] = v })

	ctx.Request.Header.Reset() // leaves a GET
	for _, name := range handshakeHeaders {
		ctx.Request.Header.SetBytesV(name, header.Peek(name))
	}
	ctx.QueryArgs().Reset()
	for k := range locals {
		ctx.RemoveUserValue(k)
	}
	return func() {
		header.CopyTo(&ctx.Request.Header)
		ctx.QueryArgs().Parse(query)
		ctx.RemoveUserValue(admissionKey)
		for k, v := range locals {
			ctx.SetUserValue(k, v)
		}
	}
}

// sameOrigin allows pages of the host that the request went to, and those who are no browser.
func sameOrigin(c *fiber.Ctx) bool {
	origin := c.Get(fiber.HeaderOrigin)
	if origin == "" {
		return true
	}
	u, err := url.Parse(origin)
	return err == nil && u.Host != "" && strings.EqualFold(u.Host, string(c.Context().Host()))
}
