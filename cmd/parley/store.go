package main

import (
	"context"
	"fmt"
	"time"

	"parley/pkg/audit"
	"parley/pkg/relay"
	"parley/pkg/session"
	"parley/pkg/store/localstore"
	"parley/pkg/store/redisstore"
	"parley/pkg/telemetry"
)

// openTime is how long a start may take to reach Redis.
const openTime = 15 * time.Second

// backend is what the program needs of a store.
type backend interface {
	relay.Store
	session.Store
	session.Sweeper
	session.Lister
	audit.Store
	Secret(ctx context.Context, create func() []byte) ([]byte, error)
	Ping(ctx context.Context) error
	Close() error
}

// openStore opens the store that was chosen.
func (n *node) openStore(metrics *telemetry.Metrics) error {
	if n.cfg.store != "redis" {
		local, err := localstore.Open(n.cfg.dataDir, localstore.Options{Committed: metrics.Commit})
		if err != nil {
			return err
		}
		n.store = local
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), openTime)
	defer cancel()
	shared, err := redisstore.Open(ctx, n.cfg.redisURL, redisstore.Options{Logger: n.log, RoundTrip: metrics.RedisRoundTrip})
	if err != nil {
		return fmt.Errorf("cannot use Redis: %w", err)
	}
	n.store, n.redis = shared, shared
	metrics.WatchRedis(func() telemetry.RedisStats { return telemetry.RedisStats(shared.Stats()) })
	return nil
}

// shareDocuments has the relay share its documents with other nodes, when the store does.
func (n *node) shareDocuments(o *relay.Options) {
	if n.redis != nil {
		o.Shared = n.redis
	}
}

// keptIn says where the data is, for people.
func (n *node) keptIn() string {
	if n.redis != nil {
		return n.redis.String()
	}
	return n.cfg.dataDir
}
