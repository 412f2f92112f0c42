package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
)

// wait serves until a signal or a failure, then stops all parts and returns the exit code. A second
// signal ends the program at once.
func (n *node) wait(signals <-chan os.Signal, stderr io.Writer) int {
	code := exitOK
	for running := true; running; {
		select {
		case sig := <-signals:
			if running = n.onSignal(sig); !running {
				n.log.Info("shutting down", "signal", sig.String(), "drain", n.cfg.drainTime)
			}
		case err := <-n.failed:
			n.log.Error("shutting down", "err", err)
			code, running = exitFailure, false
		}
	}
	stopped := make(chan error, 1)
	n.goroutines.Go(func() { stopped <- n.stop() })
	for {
		select {
		case err := <-stopped:
			n.goroutines.Wait()
			if err != nil {
				fmt.Fprintf(stderr, "parley: %v\n", err)
				return exitFailure
			}
			return code
		case sig := <-signals:
			if !n.onSignal(sig) {
				fmt.Fprintln(stderr, "parley: second signal, stopping at once")
				return exitFailure
			}
		}
	}
}

// onSignal handles a signal and reports whether the program goes on.
func (n *node) onSignal(sig os.Signal) bool {
	switch sig {
	case signalReload:
		if n.cert != nil {
			n.cert.reload()
		}
		return true
	case signalDebug:
		next := slog.LevelDebug
		if n.level.Level() == slog.LevelDebug {
			next = n.cfg.logLevel
		}
		changeLevel(n.level, next, n.log)
		return true
	}
	return false
}

// stop ends the node in reverse order of its start: readiness, sockets, requests, and the store
// last.
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
	n.leaveNodes(shutdown)
	n.backups.stop(shutdown)
	err = errors.Join(err, n.closeEvents(shutdown), n.store.Close(), n.bank.Close())
	if lost := n.tracing.Close(shutdown); lost != nil {
		n.log.Warn("traces given up", "err", lost)
	}
	return err
}

// closeEvents sends and stores the last events. A webhook that its receiver refuses is logged; the
// stop does not fail for it.
func (n *node) closeEvents(ctx context.Context) error {
	hooks, cancel := context.WithTimeout(ctx, webhookTime)
	defer cancel()
	if err := n.webhooks.Close(hooks); err != nil {
		n.log.Warn("webhooks given up", "err", err)
	}
	return errors.Join(n.trace.Close(ctx), n.audit.Close(ctx))
}

// release closes what start had opened before it failed.
func (n *node) release() {
	if n.listener != nil {
		n.listener.Close()
	}
	n.bank.Close()
	defer func() {
		ctx, cancel := context.WithTimeout(context.Background(), shutdownTime)
		defer cancel()
		_ = n.tracing.Close(ctx) // nothing was traced
	}()
	if n.relay != nil {
		ctx, cancel := context.WithTimeout(context.Background(), shutdownTime)
		defer cancel()
		_ = n.relay.Drain(ctx) // nobody has been in
	}
	if n.store != nil {
		ctx, cancel := context.WithTimeout(context.Background(), shutdownTime)
		defer cancel()
		n.leaveNodes(ctx)
		_ = n.closeEvents(ctx) // there were none
		n.store.Close()
	}
}
