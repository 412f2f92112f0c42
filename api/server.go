package api

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"math"
	"net"
	"sync/atomic"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humafiber"
	"github.com/gofiber/fiber/v2"

	"parley/pkg/access"
	"parley/pkg/archive"
	"parley/pkg/audit"
	"parley/pkg/question"
	"parley/pkg/relay"
	"parley/pkg/session"
	"parley/pkg/trace"
	"parley/pkg/webhook"
)

// Bounds of one HTTP request.
const (
	maxBody = 1 << 20 // bytes; the largest body creates a session with its first code
	// The most bytes that are read of a body. A body between maxBody and maxRead is read to its
	// end, so that the client sees the error. A longer body is cut off.
	maxRead      = 4 * maxBody
	maxHeader    = 16 << 10         // bytes of request line and headers, with a token in the query
	readTimeout  = 15 * time.Second // from the first byte of a request to its last
	writeTimeout = 60 * time.Second // for a whole answer: 5 MB of client on a slow line
	// Between the requests of a connection; proxies usually take 60 s.
	idleTimeout   = 75 * time.Second
	handleTimeout = 10 * time.Second // for a handler, including the time that the store takes
	readyTimeout  = 2 * time.Second  // for the store to answer a readiness probe
)

// Observer records finished requests. route is the pattern of the route, never the path.
type Observer interface {
	Request(method, route string, status int, took time.Duration)
}

// Tracer starts the span of a request and returns the function that ends the span. parent is the
// traceparent header of the request.
type Tracer interface {
	Request(ctx context.Context, method, parent, request string) (context.Context, func(route, session string, status int))
}

// Options configure a Server. Optional fields are Nodes, Meter, PublicURL, Origins, Proxies, Keys,
// SignIn, Audit, Trace, Webhooks, Questions, Observer and Tracer. All other fields are required.
type Options struct {
	Sessions *session.Service
	Lister   session.Lister  // lists the sessions for GET /sessions
	Browser  session.Browser // searches the lists of users, teams and external ids
	Relay    *relay.Relay
	Tokens   *access.Tokens
	Ready    func(context.Context) error // an error when the store cannot serve
	Client   fs.FS                       // the built client, see ui.Dist

	// Runtimes holds language runtimes, see ui.Runtimes. If two layers hold the same id, the later
	// layer wins.
	Runtimes []fs.FS
	Wheels   fs.FS // Python packages that programs can import; nil: none

	Nodes Nodes // nil: this node is the only one
	Meter Meter // shared counts for the rate limits; nil: each node counts alone

	Keys     *access.Keys    // if there are any, creating a session needs a key
	SignIn   *SignIn         // nil: nobody signs in
	Audit    *audit.Recorder // nil: nothing is recorded
	Trace    *trace.Recorder // nil: timelines show edits alone
	History  relay.Historian // what was edited, for timelines
	Webhooks *webhook.Sender // nil: no webhooks are sent

	Archive  *archive.Archive // nil: nothing is archived
	Archiver *archive.Writer  // writes it; nil with Archive

	Questions *question.Bank // nil: there are no questions
	Copies    session.Copies // the questions of sessions, as they were asked
	Papers    session.Papers // the scorecards of sessions

	Open bool // --access open: no token is needed
	// PublicURL is the scheme and host of links, without a slash at the end. If empty, the scheme
	// and host of the request are used.
	PublicURL string
	Origins   []string     // further origins that may connect
	Proxies   []*net.IPNet // proxies whose X-Forwarded-For, -Proto and -Host are trusted
	Version   string

	MaxMessageBytes int // limit of one websocket message
	MaxConns        int // open websockets per address; 0: no limit
	CreateRate      int // sessions that one address may create in a minute; 0: no limit
	KeyCreateRate   int // sessions that one API key may create in a minute; 0: no limit
	JoinRate        int // joins from one address in a minute; 0: no limit
	InviteFailures  int // wrong invite codes from one address in a minute; 0: no limit
	Logger          *slog.Logger
	Observer        Observer // nil: requests are not observed
	Tracer          Tracer   // nil: requests are not traced
}

// Server answers HTTP. New makes a Server, Serve runs it, BeginDrain and Shutdown end it.
type Server struct {
	// Fixed by New.
	opts     Options
	app      *fiber.App
	client   *client
	runtimes *runtimes
	log      *slog.Logger

	creates    *limiter // sessions created, by address
	keyCreates *limiter // sessions created, by API key
	joins      *limiter // joins, by address
	guesses    *limiter // wrong invite codes and API keys, by address
	marks      *limiter // marks, by participant
	saves      *limiter // changes of scorecards and comments, by participant
	quiets     *limiter // starts and ends of quiet times, by participant
	visits     *visits
	turns      turns // to encode a timeline or an archive

	bodies   *budget // bytes of bodies under way
	large    *budget // places to handle a large body
	reading  *budget // places to read a document for an answer
	answers  *budget // bytes of answers under way
	exports  *budget // bytes of archives under way
	guessing *budget // places to check a secret
	plain    *budget // places to decompress a file
	doorman  *doorman

	documents documents

	adding chan struct{} // depth 1: one change of what only the archive has at a time; never closed

	draining atomic.Bool
}

// New returns a Server with all its routes. New fails if the files of the client cannot be read.
func New(opts Options) (*Server, error) {
	s, err := newServer(opts)
	if err != nil {
		return nil, err
	}
	if err := s.routes(); err != nil {
		return nil, err
	}
	return s, nil
}

// newServer returns a Server without routes.
func newServer(opts Options) (*Server, error) {
	client, err := newClient(opts.Client)
	if err != nil {
		return nil, fmt.Errorf("read the client files: %w", err)
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
		marks: newLimiter("mark", marksPerMinute, opts.Meter, time.Now), quiets: newLimiter("quiet", quietsPerMinute, opts.Meter, time.Now),
		saves: newLimiter("save", savesPerMinute, opts.Meter, time.Now), adding: make(chan struct{}, 1),
		visits: newVisits(opts.MaxConns), turns: newTurns(halfOfProcessors()),
		bodies: newBudget(bodiesEach, bodiesInAll), large: newBudget(largeAtOnce/2, largeAtOnce),
		reading: newBudget(readingAtOnce/2, readingAtOnce), answers: newBudget(answersEach, answersInAll),
		exports: newBudget(exportsEach, exportsInAll), plain: newBudget(plainEach, plainInAll),
		guessing: newBudget(min(guessesAtOnce, max(1, opts.InviteFailures)), math.MaxInt),
	}
	s.doorman = newDoorman(opts.MaxConns, s.trusts, s.log)
	s.app = fiber.New(fiber.Config{
		AppName:               "parley",
		DisableStartupMessage: true,
		CaseSensitive:         true,
		// Strings of a request outlive the request: names go into the store.
		Immutable:   true,
		BodyLimit:   maxRead,
		Concurrency: maxHTTP,
		// takeBody reads bodies; the framework would set memory aside for what is announced.
		StreamRequestBody:            true,
		DisablePreParseMultipartForm: true,
		ReadBufferSize:               maxHeader,
		ReadTimeout:                  readTimeout,
		WriteTimeout:                 writeTimeout,
		IdleTimeout:                  idleTimeout,
		ErrorHandler:                 s.writeError,
	})
	s.app.Server().HeaderReceived = patience
	s.app.Server().ConnState = s.doorman.changed
	KeepSockets(s.app)
	return s, nil
}

// routes registers every route. Routes are tried in this order.
func (s *Server) routes() (err error) {
	s.app.Use(s.observe, s.recoverPanics, secure, s.takeBody, s.deadline)

	s.app.Get("/healthz", s.healthz)
	s.app.Get("/readyz", s.readyz)
	s.app.Get("/ws/sessions/:id/:doc?", SocketHandler(s.opts.Relay, s.authorise, SocketOptions{
		AllowOrigin: s.originAllowed, MaxMessageBytes: s.opts.MaxMessageBytes, Logger: s.log,
		Visit: s.visit, Address: s.clientIP,
	}))

	s.app.Get(loginPath, s.login)
	s.app.Get(callbackPath, s.callback)
	s.app.Post(logoutPath, s.logout)

	s.app.Use("/api", s.cors, s.enterAPI, s.knowVisitor, s.holdAnswer)
	var operations []*huma.Operation
	api := humafiber.New(s.app, apiConfig(func(op *huma.Operation) { operations = append(operations, op) }))
	handle(s, api, createOperation, s.createSession)
	handle(s, api, listOperation, s.listSessions)
	handle(s, api, listMineOperation, s.listMine)
	handle(s, api, claimOperation, s.claimSession)
	handle(s, api, openMineOperation, s.openMine)
	handle(s, api, getOperation, s.getSession)
	handle(s, api, patchOperation, s.patchSession)
	handle(s, api, deleteOperation, s.deleteSession)
	handle(s, api, putCodeOperation, s.putCode)
	handle(s, api, exportOperation, s.exportSession)
	handle(s, api, timelineOperation, s.timeline)
	handle(s, api, markOperation, s.mark)
	handle(s, api, quietOperation, s.beQuiet)
	handle(s, api, endQuietOperation, s.endQuiet)
	handle(s, api, replayLinkOperation, s.renewReplayLink)
	handle(s, api, revokeReplayLinkOperation, s.revokeReplayLink)
	handle(s, api, openReplayOperation, s.openReplay)
	handle(s, api, joinOperation, s.joinByInvite)
	handle(s, api, lookAtInviteOperation, s.lookAtInvite)
	handle(s, api, joinSessionOperation, s.joinSession)
	handle(s, api, participantsOperation, s.listParticipants)
	handle(s, api, patchParticipantOperation, s.patchParticipant)
	handle(s, api, removeParticipantOperation, s.removeParticipant)
	handle(s, api, renewInviteOperation, s.renewInvite)
	handle(s, api, meOperation, s.getMe)
	handle(s, api, signOutUserOperation, s.signOutUser)
	handle(s, api, listArchiveOperation, s.listArchive)
	handle(s, api, getArchivedOperation, s.getArchived)
	handle(s, api, bundleOperation, s.getBundle)
	handle(s, api, patchArchivedOperation, s.patchArchived)
	handle(s, api, deleteArchivedOperation, s.deleteArchived)
	handle(s, api, forgetOperation, s.forget)
	handle(s, api, listQuestionsOperation, s.listQuestions)
	handle(s, api, getQuestionOperation, s.getQuestion)
	handle(s, api, askOperation, s.askQuestion)
	handle(s, api, revealOperation, s.revealPart)
	handle(s, api, guideOperation, s.getGuide)
	handle(s, api, scorecardsOperation, s.getScorecards)
	handle(s, api, putScorecardOperation, s.putScorecard)
	handle(s, api, submitScorecardOperation, s.submitScorecard)
	handle(s, api, commentOperation, s.addComment)
	handle(s, api, removeCommentOperation, s.removeComment)
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

// Serve answers on l until Shutdown, then returns nil.
func (s *Server) Serve(l net.Listener) error {
	if err := s.app.Listener(l); err != nil && !errors.Is(err, net.ErrClosed) {
		return fmt.Errorf("serve http: %w", err)
	}
	return nil
}

// BeginDrain makes the readiness probe fail, so that load balancers send new requests to other
// nodes. Requests are still answered.
func (s *Server) BeginDrain() { s.draining.Store(true) }

// Draining reports whether BeginDrain was called.
func (s *Server) Draining() bool { return s.draining.Load() }

// Shutdown stops listening and waits for running requests until ctx is done. Shutdown does not wait
// for websockets: call Relay.Drain before.
func (s *Server) Shutdown(ctx context.Context) error {
	if err := s.app.ShutdownWithContext(ctx); err != nil {
		return fmt.Errorf("shut down http: %w", err)
	}
	return nil
}
