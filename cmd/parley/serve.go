package main

import (
	"context"
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
	"parley/pkg/audit"
	"parley/pkg/relay"
	"parley/pkg/session"
	"parley/pkg/store/localstore"
	"parley/pkg/telemetry"
	"parley/pkg/webhook"
	"parley/ui"
)

const (
	sweepEvery   = time.Second      // expired sessions close their sockets that late at most; asking costs a look at one key
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
	log := slog.New(slog.NewTextHandler(stderr, nil))
	n, err := start(cfg, log)
	if err != nil {
		fmt.Fprintf(stderr, "parley: %v\n", err)
		return exitFailure
	}
	fmt.Fprintf(stdout, "Parley %s is ready: open %s (access: %s, data: %s)\n", versionString(), n.url(), n.access(), cfg.dataDir)
	return n.wait(signals, stderr)
}

// node is the running service. Its parts are started in the order of the fields and stopped in reverse.
type node struct {
	// Fixed by start.
	cfg      config
	log      *slog.Logger
	store    *localstore.Store
	audit    *audit.Recorder
	webhooks *webhook.Sender // nil: none
	listener net.Listener
	metrics  *http.Server // nil: none
	relay    *relay.Relay
	api      *api.Server

	goroutines sync.WaitGroup
	stopSweep  context.CancelFunc
	failed     chan error // from the goroutines that serve; capacity for each
}

// start opens everything and begins to serve. Its error is one line for the person who started the program.
func start(cfg config, log *slog.Logger) (_ *node, err error) {
	n := &node{cfg: cfg, log: log, failed: make(chan error, 2)}
	defer func() {
		if err != nil {
			n.release()
		}
	}()
	if n.listener, err = net.Listen("tcp", cfg.addr); err != nil {
		return nil, fmt.Errorf("cannot listen on %s: %w", cfg.addr, plain(err))
	}
	metrics := telemetry.New(versionString())
	if n.store, err = localstore.Open(cfg.dataDir, localstore.Options{Committed: metrics.Commit}); err != nil {
		return nil, err
	}
	n.audit = audit.NewRecorder(n.store, time.Now, log)
	if cfg.webhookURL != "" {
		if n.webhooks, err = webhook.New(webhook.Options{URL: cfg.webhookURL, Secret: cfg.webhookSecret, Now: time.Now, Logger: log}); err != nil {
			return nil, err
		}
	}
	metrics.WatchEvents(n.audit.Dropped, n.webhooks.Counts)
	options := cfg.relayOptions(log)
	options.Measured = metrics.Measured
	n.relay = relay.New(n.store, options)
	metrics.WatchRelay(n.relay.Stats)
	metricsListener, err := n.listenMetrics()
	if err != nil {
		return nil, err
	}
	sessions := session.NewService(n.store, cfg.sessionTTL, time.Now)
	if n.api, err = n.newAPI(sessions, metrics); err != nil {
		return nil, err
	}
	n.serve(sessions, metrics, metricsListener)
	return n, nil
}

// relayOptions are the limits of the relay. With open access any number may meet in a room.
func (c config) relayOptions(log *slog.Logger) relay.Options {
	o := relay.Options{MaxDocBytes: c.maxDocBytes, DrainTime: c.drainTime, Logger: log, MessagesPerSecond: c.messageRate}
	if c.messageRate == 0 {
		o.MessagesPerSecond = -1 // zero means the default there
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
	runtimes, wheels := n.cfg.programFiles()
	return api.New(api.Options{
		Sessions: sessions, Lister: n.store, Relay: n.relay, Tokens: tokens, Ready: n.store.Ping, Client: ui.Dist(),
		Runtimes: runtimes, Wheels: wheels,
		Keys: access.NewKeys(n.cfg.apiKeys), Audit: n.audit, Webhooks: n.webhooks,
		Open: n.cfg.open, PublicURL: n.cfg.publicURL, Origins: n.cfg.allowedOrigins, Proxies: n.cfg.trustedProxies,
		Version: versionString(), MaxMessageBytes: n.cfg.maxMsgBytes, MaxConns: n.cfg.maxConns, CreateRate: n.cfg.createRate,
		KeyCreateRate: n.cfg.keyCreateRate, JoinRate: n.cfg.joinRate, InviteFailures: n.cfg.inviteFailures,
		Logger: n.log, Observer: metrics,
	})
}

// listenMetrics opens the listener of /metrics. One that nobody asked for, and that cannot be had, is left out with a warning: a
// second node on one machine is no reason to fail.
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
	census := &telemetry.Census{}
	metrics.WatchSessions(census)
	ctx, cancel := context.WithCancel(context.Background())
	n.stopSweep = cancel
	n.goroutines.Go(func() { n.sweep(ctx, sessions) })
	n.goroutines.Go(func() { n.count(ctx, census) })
	n.goroutines.Go(func() { n.failed <- n.api.Serve(n.listener) })
	if metricsListener == nil {
		return
	}
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", metrics.Handler())
	n.metrics = &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second, IdleTimeout: time.Minute}
	n.goroutines.Go(func() {
		if err := n.metrics.Serve(metricsListener); !errors.Is(err, http.ErrServerClosed) {
			n.failed <- fmt.Errorf("serve metrics: %w", err)
		}
	})
}

// eventExpired is what a webhook tells of a session whose time was over. Of the session itself nothing but the id is left.
const eventExpired = "session.expired"

type expiredEvent struct {
	Session expiredSession `json:"session"`
}

type expiredSession struct {
	ID string `json:"id"`
}

// sweep removes what has expired, now and then, and closes its sockets.
func (n *node) sweep(ctx context.Context, sessions *session.Service) {
	tick := time.NewTicker(sweepEvery)
	defer tick.Stop()
	for {
		err := sessions.Sweep(ctx, n.store, func(id session.ID) {
			n.relay.CloseSession(string(id), relay.CloseGone)
			n.audit.Note(audit.Event{Session: string(id), Kind: audit.Expired})
			n.webhooks.Send(eventExpired, expiredEvent{Session: expiredSession{ID: string(id)}})
		})
		if err != nil && ctx.Err() == nil {
			n.log.Error("sweep failed", "err", err)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

// wait serves until a signal or a failure, then stops everything and gives the exit code. A second signal ends it at once.
func (n *node) wait(signals <-chan os.Signal, stderr io.Writer) int {
	code := exitOK
	select {
	case sig := <-signals:
		n.log.Info("shutting down", "signal", sig.String(), "drain", n.cfg.drainTime)
	case err := <-n.failed:
		n.log.Error("shutting down", "err", err)
		code = exitFailure
	}
	stopped := make(chan error, 1)
	n.goroutines.Go(func() { stopped <- n.stop() })
	select {
	case err := <-stopped:
		n.goroutines.Wait()
		if err != nil {
			fmt.Fprintf(stderr, "parley: %v\n", err)
			return exitFailure
		}
		return code
	case <-signals:
		fmt.Fprintln(stderr, "parley: second signal, stopping at once")
		return exitFailure
	}
}

// stop ends the node in reverse order of its start: readiness first, then sockets, requests, and the store last.
func (n *node) stop() error {
	n.api.BeginDrain()
	drain, cancel := context.WithTimeout(context.Background(), n.cfg.drainTime+flushTime)
	defer cancel()
	err := n.relay.Drain(drain)
	n.stopSweep()
	shutdown, cancel := context.WithTimeout(context.Background(), shutdownTime)
	defer cancel()
	err = errors.Join(err, n.api.Shutdown(shutdown))
	if n.metrics != nil {
		err = errors.Join(err, n.metrics.Shutdown(shutdown))
	}
	return errors.Join(err, n.closeEvents(shutdown), n.store.Close())
}

// closeEvents has the last events told and stored. Webhooks that nobody takes are in the log by then, and no failure of the stop.
func (n *node) closeEvents(ctx context.Context) error {
	hooks, cancel := context.WithTimeout(ctx, webhookTime)
	defer cancel()
	if err := n.webhooks.Close(hooks); err != nil {
		n.log.Warn("webhooks given up", "err", err)
	}
	return n.audit.Close(ctx)
}

// release gives back what start had opened before it failed.
func (n *node) release() {
	if n.listener != nil {
		n.listener.Close()
	}
	if n.relay != nil {
		ctx, cancel := context.WithTimeout(context.Background(), shutdownTime)
		defer cancel()
		_ = n.relay.Drain(ctx) // nobody has been in
	}
	if n.store != nil {
		ctx, cancel := context.WithTimeout(context.Background(), shutdownTime)
		defer cancel()
		_ = n.closeEvents(ctx) // there were none
		n.store.Close()
	}
}

// url is the address to open in a browser on this machine.
func (n *node) url() string {
	if n.cfg.publicURL != "" {
		return n.cfg.publicURL
	}
	host, port, err := net.SplitHostPort(n.listener.Addr().String())
	if err != nil {
		return "http://" + n.listener.Addr().String()
	}
	if ip := net.ParseIP(host); ip == nil || ip.IsUnspecified() || ip.IsLoopback() && strings.HasPrefix(n.cfg.addr, "localhost:") {
		host = "localhost"
	}
	return "http://" + net.JoinHostPort(host, port)
}

func (n *node) access() string {
	if n.cfg.open {
		return "open, anyone who reaches it may read and write everything"
	}
	return "invite"
}

// plain takes the operation and addresses from a network error that is shown beside the address.
func plain(err error) error {
	if sys := (*os.SyscallError)(nil); errors.As(err, &sys) {
		return sys.Err
	}
	if op := (*net.OpError)(nil); errors.As(err, &op) {
		return op.Err
	}
	return err
}

// programFiles gives what programs need in the browser: the language runtimes, those of the binary first, and the Python wheels, nil for
// none.
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
