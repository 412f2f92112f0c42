package main

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"parley/pkg/session"
	"parley/pkg/store/redisstore"
	"parley/pkg/telemetry"
)

const (
	countEvery = time.Minute // reading 10,000 sessions takes some 50 ms
	countPage  = 500
)

// count updates the census of sessions every countEvery, until ctx is done.
func (n *node) count(ctx context.Context, census *telemetry.Census) {
	tick := time.NewTicker(countEvery)
	defer tick.Stop()
	for {
		counts, err := n.census(ctx)
		switch {
		case errors.Is(err, redisstore.ErrBusy): // another node counts; use its result next time
		case err == nil:
			census.Set(counts)
		case ctx.Err() == nil:
			n.log.Warn("cannot count the sessions", "err", err)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

// census counts the sessions by status. With several nodes, one node counts for all.
func (n *node) census(ctx context.Context) (counts map[string]int, err error) {
	if n.redis == nil {
		return countSessions(ctx, n.store)
	}
	found, err := n.redis.Once(ctx, "census", countEvery*9/10, func(ctx context.Context) ([]byte, error) {
		counts, err := countSessions(ctx, n.store)
		if err != nil {
			return nil, err
		}
		return json.Marshal(counts)
	})
	if err != nil {
		return nil, err
	}
	return counts, json.Unmarshal(found, &counts)
}

// countSessions counts the sessions of a store by status.
func countSessions(ctx context.Context, store session.Lister) (map[string]int, error) {
	counts := map[string]int{string(session.Waiting): 0, string(session.Active): 0, string(session.Ended): 0}
	var after session.ID
	for {
		page, err := store.List(ctx, after, countPage)
		if err != nil || len(page) == 0 {
			return counts, err
		}
		for _, s := range page {
			counts[string(s.Status)]++
		}
		after = page[len(page)-1].ID
	}
}
