package redisstore

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"
)

// counts are the counters of a store. Its goroutines add to them.
type counts struct {
	catchUps, checks, behind, setAside atomic.Uint64
}

// Stats are the counters of a Store since its start.
type Stats struct {
	Reconnects uint64 // of the subscription connection
	CatchUps   uint64 // reads of a log after a position, which fill a gap
	Checks     uint64 // positions compared with the heads of logs
	Behind     uint64 // compared positions that differed
	SetAside   uint64 // entries set aside
}

// Stats returns the current counters.
func (s *Store) Stats() Stats {
	return Stats{
		Reconnects: s.subs.reconnects.Load(), CatchUps: s.counts.catchUps.Load(), Checks: s.counts.checks.Load(),
		Behind: s.counts.behind.Load(), SetAside: s.counts.setAside.Load(),
	}
}

// roundTripHook measures every round trip.
type roundTripHook struct {
	plainDial
	observe func(commands int, took time.Duration, err error)
}

// ProcessHook implements redis.Hook.
func (t roundTripHook) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		start := time.Now()
		err := next(ctx, cmd)
		t.observe(1, time.Since(start), err)
		return err
	}
}

// ProcessPipelineHook implements redis.Hook.
func (t roundTripHook) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		start := time.Now()
		err := next(ctx, cmds)
		t.observe(len(cmds), time.Since(start), err)
		return err
	}
}
