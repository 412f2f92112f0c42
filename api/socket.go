package api

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"runtime/debug"
	"sync/atomic"
	"time"

	"github.com/fasthttp/websocket"
	fiberws "github.com/gofiber/contrib/websocket"
	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"parley/pkg/relay"
	"parley/pkg/wsconn"
)

// The websocket endpoint.
//
// A request passes three checks. First, the origin is checked before the upgrade, and a refusal is
// a plain 403. Second, authorise identifies the caller. Third, the connection is upgraded and
// handed to the relay. A caller that authorise refuses is upgraded too, then closed with the close
// code of the refusal. The reason: a browser hides the status of a failed handshake from scripts,
// and y-websocket would reconnect for ever.
//
// The libraries run the handshake. Then pkg/wsconn takes over the connection beneath. Otherwise
// each connection would keep 12 KiB of buffers, the request, several maps and a reader goroutine
// that cannot wait without a buffer. The libraries have faults up to that point; each is worked
// around here and has a test in socket_test.go:
//
//   - contrib puts its Conn back into a pool when the handler returns. A late user of that Conn
//     writes into the socket of another client. So only the connection beneath is used.
//   - The server closes a hijacked connection when its handler returns. KeepSockets turns that off.
//   - Shutdown does not wait for hijacked connections. Relay.Drain does.
//   - Every origin is allowed by default. SocketHandler checks the origin itself.
//   - If a handler panics, the library writes a text frame from the wrong goroutine. RecoverHandler
//     replaces that.
//   - All headers, cookies, queries (with the token) and locals are copied. strip hides them during
//     the upgrade.

// Authorise returns the room of a handshake and the rights of its caller. A *relay.ClosedError
// carries the code to close with; any other error closes with CloseUnavailable. Authorise must not
// keep c.
type Authorise func(c *fiber.Ctx) (relay.RoomID, relay.Grant, error)

// SocketOptions are the settings of the websocket endpoint. A zero field takes its default.
type SocketOptions struct {
	// AllowOrigin decides about the Origin of a handshake. The default allows a request without
	// Origin and a request from a page of the same host.
	AllowOrigin func(*fiber.Ctx) bool
	// MaxMessageBytes limits one message. The default of 1 MiB fits a paste of a large file, and a
	// sync step 2 after hours offline.
	MaxMessageBytes int
	// PingInterval is the time between pings. A peer that is silent for 2.5 intervals is closed.
	// The default is 25 s, because proxies cut idle connections after 60 s.
	PingInterval time.Duration
	// WriteTimeout is the time that a peer may take to read 128 KiB. The default is 15 s.
	WriteTimeout time.Duration
	// Quiet is how long a silent connection keeps its goroutine. The default is 2 s, at most an
	// eighth of PingInterval. A typing participant keeps the goroutine all the time. Starting a
	// goroutine again costs no more than a message.
	Quiet time.Duration
	// Linger is how long a closed connection waits for the peer's close frame. The default is 1 s.
	Linger time.Duration
	// Visit, if set, is called for every upgraded connection before the connection is served or
	// refused. An error closes the connection, a *relay.ClosedError with its own code. leave is
	// called when the connection has ended.
	Visit func(Visit) (leave func(), err error)
	// Address returns the client address of a handshake, for Visit. The default is the peer's
	// address.
	Address func(*fiber.Ctx) string
	// Panics, if set, counts handlers that panicked.
	Panics *atomic.Uint64
	Logger *slog.Logger // the default is slog.Default()
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

// admission is the result of a handshake, for the connection that follows.
type admission struct {
	from   string
	id     relay.RoomID
	grant  relay.Grant
	denied *relay.ClosedError

	leave func() // from SocketOptions.Visit
}

// Visit describes an upgraded connection for SocketOptions.Visit.
type Visit struct {
	From    string // client address
	Room    relay.RoomID
	Grant   relay.Grant
	Refused bool // closed at once; Room and Grant are not valid
}

// admissionKey is the only local that survives the upgrade.
const admissionKey = "parley.admission"

// KeepSockets makes app leave upgraded connections to SocketHandler. Call it before app serves.
func KeepSockets(app *fiber.App) { app.Server().KeepHijackedConns = true }

// SocketHandler serves the websocket endpoint; the comment at the top of this file lists its
// checks. No middleware that limits the time of a request may wrap the handler. The app needs
// KeepSockets.
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
		Origins:         []string{"*"}, // AllowOrigin decides instead
		ReadBufferSize:  256,           // the library reads and writes nothing
		WriteBufferSize: 256,
		// Updates hardly compress, and limits would count compressed bytes.
		EnableCompression: false,
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

// socketEdge holds the state that all connections of a SocketHandler share.
type socketEdge struct {
	relay  *relay.Relay
	opts   SocketOptions
	limits wsconn.Options
}

// takeOver takes the connection beneath from Fiber, with the bytes that the client sent after its
// handshake. The connection is served in its own goroutine, so that Fiber can release the memory of
// the request.
func (e *socketEdge) takeOver(a *admission, hijacked net.Conn) {
	conn := hijacked
	if wrapped, ok := hijacked.(interface{ UnsafeConn() net.Conn }); ok {
		conn = wrapped.UnsafeConn()
	}
	// Ends with the connection; Drain waits for those in the relay.
	go e.serve(a, conn, readAhead(hijacked, conn))
}

// readAhead returns the bytes that Fiber has already read after the request. The expired deadline
// makes the connection itself return nothing.
func readAhead(hijacked, conn net.Conn) []byte {
	if hijacked == conn || conn.SetReadDeadline(time.Unix(1, 0)) != nil {
		return nil
	}
	defer conn.SetReadDeadline(time.Time{}) //nolint:errcheck // an error shows in the next read
	b, _ := io.ReadAll(io.LimitReader(hijacked, maxHeader))
	return b
}

// serve starts the life of an upgraded connection. serve returns when the connection has ended or
// is parked. end is called at the end of the connection.
func (e *socketEdge) serve(a *admission, conn net.Conn, head []byte) {
	s := &socket{Conn: wsconn.New(conn, head, &e.limits), edge: e, admission: a}
	defer s.recovered()
	if !e.enter(a, s) {
		s.end(nil)
		return
	}
	g := a.grant
	// The relay has its own copy of g; free the closure early.
	a.grant.Confirm = nil
	e.relay.Take(context.Background(), a.id, g, s, s.end) // Drain and deadlines end the connection
}

// enter counts the connection as a visit. The result is false if the connection was refused.
func (e *socketEdge) enter(a *admission, s *socket) bool {
	leave, err := e.opts.Visit(Visit{From: a.from, Room: a.id, Grant: a.grant, Refused: a.denied != nil})
	if err != nil && !errors.As(err, &a.denied) {
		a.denied = &relay.ClosedError{Code: relay.CloseUnavailable, Reason: relay.CloseUnavailable.Reason(), Cause: err}
	}
	a.leave = leave
	if a.denied == nil {
		return true
	}
	e.opts.Logger.Debug("socket refused", "room", a.id.String(), "code", int(a.denied.Code), "err", a.denied.Cause)
	if e.relay != nil {
		e.relay.Refused(a.denied.Code)
	}
	_ = s.Close(a.denied.Code, a.denied.Reason)
	return false
}

// end releases the resources of a connection. cause is the reason if the server ended the
// connection, else nil.
func (s *socket) end(cause error) {
	a := s.admission
	if a.denied == nil {
		s.edge.opts.Logger.Debug("socket closed", "room", a.id.String(), "participant", a.grant.Participant, "err", cause)
	}
	if leave := a.leave; leave != nil {
		a.leave = nil
		leave()
	}
	s.Finish(uint16(relay.CloseNormal)) // closes the connection
}

// recovered handles a panic on a connection's goroutine. The panic is logged, and the connection
// ends without further writes.
func (s *socket) recovered() {
	if v := recover(); v != nil {
		s.edge.opts.Panics.Add(1)
		s.edge.opts.Logger.Error("socket handler panicked", "panic", v, "stack", string(debug.Stack()))
		s.end(nil)
	}
}

// handshakeHeaders are the headers that the upgrade reads.
var handshakeHeaders = []string{
	fiber.HeaderHost, fiber.HeaderConnection, fiber.HeaderUpgrade, "Sec-WebSocket-Version", "Sec-WebSocket-Key",
}

// strip hides the parts of a request that the upgrade does not need and would copy into the
// connection: other headers, cookies, the query with its token, and locals. restore puts them back
// for later middleware.
func strip(ctx *fasthttp.RequestCtx) (restore func()) {
	var header fasthttp.RequestHeader
	ctx.Request.Header.CopyTo(&header)
	query := string(ctx.QueryArgs().QueryString())
	locals := map[any]any{}
	ctx.VisitUserValuesAll(func(k, v any) { locals[k] = v })

	ctx.Request.Header.Reset() // the method is now GET
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

// sameOrigin allows pages of the host that the request went to, and clients that are no browser.
func sameOrigin(c *fiber.Ctx) bool {
	origin := c.Get(fiber.HeaderOrigin)
	if origin == "" {
		return true
	}
	return originIs(origin, string(c.Context().Host()))
}
