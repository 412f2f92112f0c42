package redisstore

import (
	"context"
	"net"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"
)

// counts is what the goroutines of a store add to.
type counts struct {
	catchUps, checks, behind, quarantined atomic.Uint64
}

// Stats are the figures of a Store since its start.
type Stats struct {
	Reconnects  uint64 // of the subscription
	CatchUps    uint64 // reads of a log behind a position: a gap was filled
	Checks      uint64 // positions compared
	Behind      uint64 // of these, those that differed
	Quarantined uint64 // entries put aside
}

// Stats gives the figures of this moment.
func (s *Store) Stats() Stats {
	return Stats{
		Reconnects: s.subs.reconnects.Load(), CatchUps: s.counts.catchUps.Load(), Checks: s.counts.checks.Load(),
		Behind: s.counts.behind.Load(), Quarantined: s.counts.quarantined.Load(),
	}
}

// timing measures every round trip.
type timing struct {
	observe func(commands int, took time.Duration, err error)
}

// DialHook implements redis.Hook.
func (timing) DialHook(next redis.DialHook) redis.DialHook {
	return func(ctx context.Context, network, addr string) (net.Conn, error) { return next(ctx, network, addr) }
}

// ProcessHook implements redis.Hook.
func (t timing) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		start := time.Now()
		err := next(ctx, cmd)
		t.observe(1, time.Since(start), err)
		return err
	}
}

// ProcessPipelineHook implements redis.Hook.
func (t timing) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		start := time.Now()
		err := next(ctx, cmds)
		t.observe(len(cmds), time.Since(start), err)
		return err
	}
}
