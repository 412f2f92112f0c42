package main

import (
	"context"
	"crypto/tls"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"math"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"

	"parley/api"
	"parley/pkg/access"
	"parley/pkg/archive"
	"parley/pkg/audit"
	"parley/pkg/nodes"
	"parley/pkg/question"
	"parley/pkg/relay"
	"parley/pkg/session"
	"parley/pkg/signin"
	"parley/pkg/store/localstore"
	"parley/pkg/store/redisstore"
	"parley/pkg/telemetry"
	"parley/pkg/trace"
	"parley/pkg/webhook"
	"parley/ui"
)

const (
	sweepEvery   = time.Second      // how late sockets of an expired session may close
	flushTime    = 10 * time.Second // beyond the drain time, for what is not stored yet
	shutdownTime = 5 * time.Second  // for requests under way, and the last events
	webhookTime  = 3 * time.Second  // of that, for webhooks
)

// runServe is the subcommand serve.
func runServe(args []string, env lookup, stdout, stderr io.Writer, signals <-chan os.Signal) int {
	cfg, err := parseConfig(args, env)
	switch {
	case errors.Is(err, flag.ErrHelp):
		fmt.Fprint(stdout, usage)
		printFlags(stdout)
		return exitOK
	case err != nil:
		return complain(stderr, "%v", err)
	}
	log, level := cfg.logger(stderr)
	n, err := start(cfg, log, level)
	if err != nil {
		fmt.Fprintf(stderr, "parley: %v\n", err)
		return exitFailure
	}
	fmt.Fprintf(stdout, "Parley %s is ready: open %s (access: %s, data: %s)\n", versionString(), n.url(), n.access(), n.keptIn())
	return n.wait(signals, stderr)
}

// node is the running service. Its parts start in the order of the fields and stop in reverse.
type node struct {
	// Fixed by start.
	cfg      config
	log      *slog.Logger
	level    *slog.LevelVar
	tracing  *telemetry.Tracing // nil: none
	cert     *certificate       // nil: plain HTTP
	store    backend
	local    *localstore.Store // store, when it is the embedded one; else nil
	redis    *redisstore.Store // store, when it is Redis; else nil
	nodes    *nodes.Nodes      // nil: this node is alone
	audit    *audit.Recorder
	trace    *trace.Recorder
	webhooks *webhook.Sender // nil: none
	bank     *question.Bank
	listener net.Listener
	metrics  *http.Server // nil: none
	relay    *relay.Relay
	archive  *archive.Archive // nil: nothing is archived
	archiver *archive.Writer  // nil: nothing is archived
	api      *api.Server
	backups  *backupServer    // nil: none
	provider *signin.Provider // of --sign-in oidc; else nil

	goroutines sync.WaitGroup
	stopSweep  context.CancelFunc
	failed     chan error // from the goroutines that serve; capacity for each
}

// start opens all parts and begins to serve. Its error is one line for the person who started the
// program. The parts know each other in one direction: store, nodes, relay, api; then the nodes
// start, which call the relay and the api.
func start(cfg config, log *slog.Logger, level *slog.LevelVar) (_ *node, err error) {
	n := &node{cfg: cfg, log: log, level: level, failed: make(chan error, 2)}
	defer func() {
		if err != nil {
			n.release()
		}
	}()
	if err := n.listen(); err != nil {
		return nil, err
	}
	if err := n.startTracing(); err != nil {
		return nil, err
	}
	if n.bank, err = question.Open(cfg.questionsDir, log); err != nil {
		return nil, err
	}
	metrics := telemetry.New(versionString())
	if err := n.openStore(metrics); err != nil {
		return nil, err
	}
	n.audit, n.trace = audit.NewRecorder(n.store, time.Now, log), trace.NewRecorder(n.store, time.Now, log)
	if cfg.webhookURL != "" {
		if n.webhooks, err = webhook.New(webhook.Options{URL: cfg.webhookURL, Secret: cfg.webhookSecret, Format: cfg.webhookFormat, Now: time.Now, Logger: log}); err != nil {
			return nil, err
		}
	}
	metrics.WatchEvents(n.audit.Dropped, n.trace.Dropped, n.webhooks.Counts)
	options := cfg.relayOptions(log)
	options.Measured, options.Presence = metrics.Measured, n.trace.Presence
	if n.nodes != nil {
		options.Bus, options.OnlineChanged = n.redis, n.nodes.OnlineChanged
	}
	n.relay = relay.New(n.tracing.Log(n.store), options)
	metrics.WatchRelay(n.relay.Stats)
	metricsListener, err := n.listenMetrics()
	if err != nil {
		return nil, err
	}
	sessions := session.NewService(n.tracing.Sessions(n.store), cfg.sessionTTL, time.Now)
	if err := n.openArchive(sessions, metrics); err != nil {
		return nil, err
	}
	if n.api, err = n.newAPI(sessions, metrics); err != nil {
		return nil, err
	}
	if n.nodes != nil {
		n.nodes.Start(n.relay, n.api.Changed)
	}
	n.serve(sessions, metrics, metricsListener)
	return n, nil
}

// listen opens the public listener, with TLS when there is a certificate.
func (n *node) listen() (err error) {
	if n.cfg.tlsCert != "" {
		if n.cert, err = loadCertificate(n.cfg.tlsCert, n.cfg.tlsKey, n.log); err != nil {
			return err
		}
	}
	if n.listener, err = net.Listen("tcp", n.cfg.addr); err != nil {
		return fmt.Errorf("cannot listen on %s: %w", n.cfg.addr, plain(err))
	}
	if n.cert != nil {
		n.listener = tls.NewListener(n.listener, n.cert.config())
	}
	return nil
}

// startTracing begins to send traces, if there is somebody to take them.
func (n *node) startTracing() (err error) {
	if n.cfg.otlpEndpoint == "" {
		return nil
	}
	name, err := os.Hostname()
	if err != nil {
		name = "unknown"
	}
	ctx, cancel := context.WithTimeout(context.Background(), shutdownTime)
	defer cancel()
	n.tracing, err = telemetry.NewTracing(ctx, telemetry.TracingOptions{
		Endpoint: n.cfg.otlpEndpoint, Ratio: n.cfg.traceRatio, Version: versionString(), Node: name, Logger: n.log,
	})
	return err
}

// relayOptions are the limits of the relay. With open access any number may meet in a room.
func (c config) relayOptions(log *slog.Logger) relay.Options {
	o := relay.Options{MaxDocBytes: c.maxDocBytes, DrainTime: c.drainTime, Logger: log, MessagesPerSecond: c.messageRate}
	if c.messageRate == 0 {
		o.MessagesPerSecond, o.BytesPerSecond, o.WorkPerSecond = -1, -1, -1 // zero means the default there
	}
	if c.open {
		o.MaxConns = math.MaxInt32
	}
	return o
}

// newAPI makes the HTTP surface over what was opened.
func (n *node) newAPI(sessions *session.Service, metrics *telemetry.Metrics) (*api.Server, error) {
	ctx, cancel := context.WithTimeout(context.Background(), shutdownTime)
	defer cancel()
	secret := []byte(n.cfg.secret)
	if n.cfg.secret == "" {
		var err error
		if secret, err = n.store.Secret(ctx, access.NewSecret); err != nil {
			return nil, err
		}
	}
	tokens, err := access.NewTokens(secret, time.Now)
	if err != nil {
		return nil, err
	}
	signIn := n.newSignIn(tokens)
	runtimes, wheels := n.cfg.programFiles()
	var tracer api.Tracer
	if n.tracing != nil {
		tracer = n.tracing
	}
	options := api.Options{
		Sessions: sessions, Lister: n.store, Browser: n.store, Relay: n.relay, Tokens: tokens, Ready: n.store.Ping, Client: ui.Dist(),
		Runtimes: runtimes, Wheels: wheels, Archive: n.archive, Archiver: n.archiver,
		Keys: access.NewKeys(n.cfg.apiKeys), SignIn: signIn, Audit: n.audit, Trace: n.trace, History: n.store, Webhooks: n.webhooks,
		Questions: n.bank, Copies: n.store, Papers: n.store,
		Open: n.cfg.open, PublicURL: n.cfg.publicURL, Origins: n.cfg.allowedOrigins, Proxies: n.cfg.trustedProxies,
		Version: versionString(), MaxMessageBytes: n.cfg.maxMsgBytes, MaxConns: n.cfg.maxConns, CreateRate: n.cfg.createRate,
		KeyCreateRate: n.cfg.keyCreateRate, JoinRate: n.cfg.joinRate, InviteFailures: n.cfg.inviteFailures,
		Logger: n.log, Observer: metrics, Tracer: tracer,
	}
	if n.nodes != nil {
		options.Nodes, options.Meter = n.nodes, n.redis
	}
	return api.New(options)
}

// listenMetrics opens the listener of /metrics. When the default address is taken, the node runs
// without metrics and logs a warning, so that a second node on one machine starts.
func (n *node) listenMetrics() (net.Listener, error) {
	if n.cfg.metricsAddr == "" {
		return nil, nil
	}
	l, err := net.Listen("tcp", n.cfg.metricsAddr)
	switch {
	case err == nil:
		return l, nil
	case n.cfg.chosen("metrics-addr"):
		return nil, fmt.Errorf("cannot listen on %s for metrics: %w", n.cfg.metricsAddr, plain(err))
	}
	n.log.Warn("no metrics: their default address cannot be had; choose another with --metrics-addr", "addr", n.cfg.metricsAddr, "err", plain(err))
	return nil, nil
}

// serve starts the goroutines of the node. All of them have ended when wait returns.
func (n *node) serve(sessions *session.Service, metrics *telemetry.Metrics, metricsListener net.Listener) {
	metrics.WatchNode(n.api.Draining, n.cert.ends)
	census := &telemetry.Census{}
	metrics.WatchSessions(census)
	ctx, cancel := context.WithCancel(context.Background())
	n.stopSweep = cancel
	shortenSlices()
	n.goroutines.Go(func() { n.sweep(ctx, sessions) })
	if n.provider != nil {
		n.goroutines.Go(func() { n.provider.Run(ctx) })
	}
	n.goroutines.Go(func() { janitor(ctx) })
	if n.archiver != nil {
		n.goroutines.Go(func() { n.archiver.Run(ctx) })
	}
	n.goroutines.Go(func() { n.count(ctx, census) })
	n.goroutines.Go(func() { n.bank.Watch(ctx) })
	if n.local != nil {
		n.serveBackups(n.local)
	}
	n.goroutines.Go(func() { n.failed <- n.api.Serve(n.listener) })
	if metricsListener == nil {
		return
	}
	n.metrics = newAdmin(metrics, n.level, n.cfg.pprof, n.log)
	n.goroutines.Go(func() {
		if err := n.metrics.Serve(metricsListener); !errors.Is(err, http.ErrServerClosed) {
			n.failed <- fmt.Errorf("serve metrics: %w", err)
		}
	})
}

// sweep removes expired sessions every sweepEvery, and closes their sockets.
func (n *node) sweep(ctx context.Context, sessions *session.Service) {
	tick := time.NewTicker(sweepEvery)
	defer tick.Stop()
	failing := false
	for {
		var kept []session.ID // expired, and not archived yet: nobody is in any more
		keep := func(sess session.Session) bool {
			if !n.archiver.Keeps(sess) {
				return false
			}
			kept = append(kept, sess.ID)
			return true
		}
		err := sessions.Sweep(ctx, n.store, keep, func(sess session.Session) {
			n.relay.CloseSession(string(sess.ID), relay.CloseGone)
			n.audit.Note(audit.Event{Session: string(sess.ID), Kind: audit.Expired})
			n.api.TellExpired(sess)
		})
		for _, id := range kept {
			n.relay.CloseSession(string(id), relay.CloseGone)
		}
		if err != nil && !failing && ctx.Err() == nil {
			n.log.Error("sweep failed, and is tried again every second", "err", err)
		}
		failing = err != nil
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

// url is the address to open in a browser on this machine.
func (n *node) url() string {
	if n.cfg.publicURL != "" {
		return n.cfg.publicURL
	}
	scheme := "http://"
	if n.cert != nil {
		scheme = "https://"
	}
	host, port, err := net.SplitHostPort(n.listener.Addr().String())
	if err != nil {
		return scheme + n.listener.Addr().String()
	}
	if ip := net.ParseIP(host); ip == nil || ip.IsUnspecified() || ip.IsLoopback() && strings.HasPrefix(n.cfg.addr, "localhost:") {
		host = "localhost"
	}
	return scheme + net.JoinHostPort(host, port)
}

func (n *node) access() string {
	if n.cfg.open {
		return "open, anyone who reaches it may read and write everything"
	}
	return "invite"
}

// plain strips operation and address from a network error. The message names the address already.
func plain(err error) error {
	if sys := (*os.SyscallError)(nil); errors.As(err, &sys) {
		return sys.Err
	}
	if op := (*net.OpError)(nil); errors.As(err, &op) {
		return op.Err
	}
	return err
}

// programFiles gives the files that programs need in the browser: the language runtimes, those of
// the binary first, and the Python wheels, nil for none.
func (c config) programFiles() (runtimes []fs.FS, wheels fs.FS) {
	runtimes = []fs.FS{ui.Runtimes()}
	if c.runtimesDir != "" {
		runtimes = append(runtimes, os.DirFS(c.runtimesDir))
	}
	if c.wheelsDir != "" {
		wheels = os.DirFS(c.wheelsDir)
	}
	return runtimes, wheels
}
