package api

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"sync/atomic"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humafiber"
	"github.com/gofiber/fiber/v2"

	"parley/pkg/access"
	"parley/pkg/audit"
	"parley/pkg/relay"
	"parley/pkg/session"
	"parley/pkg/webhook"
)

// Bounds of one HTTP request.
const (
	maxBody       = 1 << 20          // bytes; the largest is a session with its first code
	maxRead       = 4 * maxBody      // bytes that are read to the end, so that the client sees the answer; beyond, it is cut off
	maxHeader     = 16 << 10         // bytes of request line and headers: a token in the query and proxies' additions fit
	readTimeout   = 15 * time.Second // from the first byte of a request to its last
	writeTimeout  = 60 * time.Second // a whole answer: 5 MB of client on a slow line
	idleTimeout   = 75 * time.Second // between the requests of a connection; longer than the usual 60 s of proxies
	handleTimeout = 10 * time.Second // what a handler may take, the store's answer in it
	readyTimeout  = 2 * time.Second  // what the store may take to answer a readiness probe
)

// Observer takes note of finished requests: route is the pattern, never the path.
type Observer interface {
	Request(method, route string, status int, took time.Duration)
}

// Tracer begins the span of a request, of which parent is the traceparent header, and gives what ends it.
type Tracer interface {
	Request(ctx context.Context, method, parent, request string) (context.Context, func(route, session string, status int))
}

// Options are what a Server is made of. All but Nodes, Meter, PublicURL, Origins, Proxies, Keys, Audit, Webhooks, Observer and Tracer are needed.
type Options struct {
	Sessions *session.Service
	Lister   session.Lister // what GET /sessions shows
	Relay    *relay.Relay
	Tokens   *access.Tokens
	Ready    func(context.Context) error // whether the store can serve
	Client   fs.FS                       // the built client, see ui.Dist

	Runtimes []fs.FS // language runtimes, see ui.Runtimes; a later one takes the place of an earlier one of the same id
	Wheels   fs.FS   // Python packages that programs can import; nil: none

	Nodes Nodes // nil: there is no other node
	Meter Meter // counts for the limits on creating, joining and guessing; nil: each node counts for itself

	Keys     *access.Keys    // when there are any, creating a session needs one
	Audit    *audit.Recorder // nil: nothing is noted
	Webhooks *webhook.Sender // nil: nobody is told

	Open      bool         // --access open: nobody needs a token
	PublicURL string       // scheme and host that links are made with, without a slash at the end; "" takes the request's
	Origins   []string     // further origins whose pages may connect
	Proxies   []*net.IPNet // whose X-Forwarded-For, -Proto and -Host count
	Version   string

	MaxMessageBytes int // of one websocket message
	MaxConns        int // websockets that one address may have open; 0: any number
	CreateRate      int // sessions that one address may create in a minute; 0: any number
	KeyCreateRate   int // sessions that one API key may create in a minute; 0: any number
	JoinRate        int // participants that one address may become in a minute; 0: any number
	InviteFailures  int // invite codes that one address may get wrong in a minute; 0: any number
	Logger          *slog.Logger
	Observer        Observer // nil: nobody
	Tracer          Tracer   // nil: none
}

// Server answers HTTP. Make it with New, run it with Serve, end it with BeginDrain and Shutdown.
type Server struct {
	// Fixed by New.
	opts     Options
	app      *fiber.App
	client   *client
	runtimes *runtimes
	log      *slog.Logger

	creates    *limiter // sessions created, by address
	keyCreates *limiter // sessions created, by API key
	joins      *limiter // participants made
	guesses    *limiter // invite codes and API keys that opened nothing
	visits     *visits

	documents documents

	draining atomic.Bool
}

// New gives a Server with all its routes, or an error when the client's files cannot be read.
func New(opts Options) (*Server, error) {
	client, err := newClient(opts.Client)
	if err != nil {
		return nil, fmt.Errorf("read the client's files: %w", err)
	}
	runtimes, err := newRuntimes(opts.Runtimes, opts.Wheels)
	if err != nil {
		return nil, fmt.Errorf("read the language runtimes: %w", err)
	}
	if opts.Nodes == nil {
		opts.Nodes = alone{opts.Relay}
	}
	s := &Server{
		opts: opts, client: client, runtimes: runtimes, log: opts.Logger,
		creates: newLimiter("create", opts.CreateRate, opts.Meter, time.Now), keyCreates: newLimiter("key", opts.KeyCreateRate, opts.Meter, time.Now),
		joins: newLimiter("join", opts.JoinRate, opts.Meter, time.Now), guesses: newLimiter("guess", opts.InviteFailures, opts.Meter, time.Now),
		visits: newVisits(opts.MaxConns),
	}
	s.app = fiber.New(fiber.Config{
		AppName:               "parley",
		DisableStartupMessage: true,
		CaseSensitive:         true,
		Immutable:             true, // strings of a request outlive it: names go into the store
		BodyLimit:             maxRead,
		ReadBufferSize:        maxHeader,
		ReadTimeout:           readTimeout,
		WriteTimeout:          writeTimeout,
		IdleTimeout:           idleTimeout,
		ErrorHandler:          s.writeError,
	})
	s.app.Server().HeaderReceived = patience
	KeepSockets(s.app)
	if err := s.routes(); err != nil {
		return nil, err
	}
	return s, nil
}

// routes is every route, in the order in which they are tried.
func (s *Server) routes() (err error) {
	s.app.Use(s.observe, s.recoverPanics, secure, s.deadline)

	s.app.Get("/healthz", s.healthz)
	s.app.Get("/readyz", s.readyz)
	s.app.Get("/ws/sessions/:id/:doc?", SocketHandler(s.opts.Relay, s.authorise, SocketOptions{
		AllowOrigin: s.originAllowed, MaxMessageBytes: s.opts.MaxMessageBytes, Logger: s.log,
		Visit: s.visit, Address: s.clientIP,
	}))

	s.app.Use("/api", s.cors, s.enterAPI)
	var operations []*huma.Operation
	api := humafiber.New(s.app, apiConfig(func(op *huma.Operation) { operations = append(operations, op) }))
	handle(s, api, createOperation, s.createSession)
	handle(s, api, listOperation, s.listSessions)
	handle(s, api, getOperation, s.getSession)
	handle(s, api, patchOperation, s.patchSession)
	handle(s, api, deleteOperation, s.deleteSession)
	handle(s, api, putCodeOperation, s.putCode)
	handle(s, api, exportOperation, s.exportSession)
	handle(s, api, joinOperation, s.joinByInvite)
	handle(s, api, lookAtInviteOperation, s.lookAtInvite)
	handle(s, api, joinSessionOperation, s.joinSession)
	handle(s, api, participantsOperation, s.listParticipants)
	handle(s, api, patchParticipantOperation, s.patchParticipant)
	handle(s, api, removeParticipantOperation, s.removeParticipant)
	handle(s, api, renewInviteOperation, s.renewInvite)
	handle(s, api, configOperation, s.getConfig)
	handle(s, api, healthOperation, s.getHealth)
	if s.documents, err = newDocuments(api, operations); err != nil {
		return err
	}
	s.app.Get("/openapi.json", s.sendOpenAPI)
	s.app.Get("/api/v1/openapi.json", s.sendOpenAPI)
	s.app.Get("/docs", s.sendDocs)

	s.app.Use("/runtimes", s.serveRuntimes)
	s.app.Use(s.serveClient)
	return nil
}

// Serve answers on l until Shutdown. It gives nil after that.
func (s *Server) Serve(l net.Listener) error {
	if err := s.app.Listener(l); err != nil && !errors.Is(err, net.ErrClosed) {
		return fmt.Errorf("serve http: %w", err)
	}
	return nil
}

// BeginDrain makes readiness fail, so that load balancers look elsewhere; everything else goes on.
func (s *Server) BeginDrain() { s.draining.Store(true) }

// Draining reports whether BeginDrain was called.
func (s *Server) Draining() bool { return s.draining.Load() }

// Shutdown ends listening and waits for requests under way until ctx is done. Websockets are not its matter: Relay.Drain ends
// them before.
func (s *Server) Shutdown(ctx context.Context) error {
	if err := s.app.ShutdownWithContext(ctx); err != nil {
		return fmt.Errorf("shut down http: %w", err)
	}
	return nil
}
