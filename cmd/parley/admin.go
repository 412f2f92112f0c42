package main

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/pprof"
	"strings"
	"time"

	"parley/pkg/telemetry"
)

// newAdmin returns the server of the metrics listener. Anyone who reaches the listener gets
// metrics. Only this machine may set the log level. Profiles are served if profiles is set.
func newAdmin(metrics *telemetry.Metrics, level *slog.LevelVar, profiles bool, log *slog.Logger) *http.Server {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", metrics.Handler())
	mux.HandleFunc("GET /log-level", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintln(w, strings.ToLower(level.Level().String()))
	})
	mux.HandleFunc("PUT /log-level", func(w http.ResponseWriter, r *http.Request) { setLogLevel(w, r, level, log) })
	if profiles {
		mux.HandleFunc("/debug/pprof/", pprof.Index)
		mux.HandleFunc("/debug/pprof/cmdline", pprof.Cmdline)
		mux.HandleFunc("/debug/pprof/profile", pprof.Profile)
		mux.HandleFunc("/debug/pprof/symbol", pprof.Symbol)
		mux.HandleFunc("/debug/pprof/trace", pprof.Trace)
	}
	return &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second, IdleTimeout: time.Minute}
}

// setLogLevel sets the level from the body. Only this machine may do so, because a remote caller
// could silence the log.
func setLogLevel(w http.ResponseWriter, r *http.Request, level *slog.LevelVar, log *slog.Logger) {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if ip := net.ParseIP(host); err != nil || ip == nil || !ip.IsLoopback() {
		http.Error(w, "the level can only be set from this machine (kubectl port-forward counts)", http.StatusForbidden)
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 64))
	next, parseErr := logLevel(strings.ToLower(strings.TrimSpace(string(body))))
	if err := errors.Join(err, parseErr); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	changeLevel(level, next, log)
	fmt.Fprintln(w, strings.ToLower(next.String()))
}

// changeLevel sets the level. The change is always logged, whatever the levels are.
func changeLevel(level *slog.LevelVar, next slog.Level, log *slog.Logger) {
	was := level.Level()
	level.Set(min(was, next, slog.LevelInfo))
	log.Info("log level", "was", was.String(), "is", next.String())
	level.Set(next)
}
