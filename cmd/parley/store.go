package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"time"

	"parley/pkg/audit"
	"parley/pkg/nodes"
	"parley/pkg/relay"
	"parley/pkg/session"
	"parley/pkg/signin"
	"parley/pkg/store/localstore"
	"parley/pkg/store/redisstore"
	"parley/pkg/telemetry"
	"parley/pkg/trace"
)

// openTime is how long a start may take to reach Redis.
const openTime = 15 * time.Second

// backend is what the program needs of a store.
type backend interface {
	relay.Log
	session.Store
	session.Sweeper
	session.Lister
	session.Browser
	relay.Historian
	audit.Store
	trace.Store
	signin.Store
	session.Copies
	session.Papers
	Secret(ctx context.Context, create func() []byte) ([]byte, error)
	Ping(ctx context.Context) error
	Close() error
}

// openStore opens the store that was chosen.
func (n *node) openStore(metrics *telemetry.Metrics) error {
	if n.cfg.store != "redis" {
		local, err := localstore.Open(n.cfg.dataDir, localstore.Options{Committed: metrics.Commit, Committing: widen})
		if err != nil {
			return notOurs(err, n.cfg.dataDir)
		}
		n.store, n.local = local, local
		metrics.WatchDisk(n.cfg.storeSize, n.cfg.storeFree)
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), openTime)
	defer cancel()
	shared, err := redisstore.Open(ctx, n.cfg.redisURL, redisstore.Options{Logger: n.log, RoundTrip: metrics.RedisRoundTrip})
	if err != nil {
		return fmt.Errorf("cannot use Redis: %w", err)
	}
	n.store, n.redis, n.nodes = shared, shared, nodes.New(shared, n.log)
	metrics.WatchRedis(func() telemetry.RedisStats { return telemetry.RedisStats(shared.Stats()) })
	return nil
}

// notOurs says what to do about a data directory that belongs to another user. Volumes often belong
// to root, and the images run as another user.
func notOurs(err error, dir string) error {
	if uid := os.Getuid(); uid >= 0 && errors.Is(err, fs.ErrPermission) {
		return fmt.Errorf("%w; this process runs as user %d: give the directory to that user (chown -R %d:%d %s), or name another one with --data-dir",
			err, uid, uid, os.Getgid(), dir)
	}
	return err
}

// storeSize is the size of the embedded store's file in bytes.
func (c config) storeSize() float64 {
	info, err := os.Stat(filepath.Join(c.dataDir, localstore.FileName))
	if err != nil {
		return math.NaN()
	}
	return float64(info.Size())
}

// storeFree is the free space of the disk of that file in bytes; NaN where the system does not say.
func (c config) storeFree() float64 {
	free, _, err := space(c.dataDir)
	if err != nil {
		return math.NaN()
	}
	return float64(free)
}

// leaveNodes tells the other nodes that this node ends. They would notice it 20 s later.
func (n *node) leaveNodes(ctx context.Context) {
	if n.nodes == nil {
		return
	}
	if err := n.nodes.Close(ctx); err != nil {
		n.log.Warn("left the other nodes without a word", "err", err)
	}
}

// keptIn says where the data is, for people.
func (n *node) keptIn() string {
	if n.redis != nil {
		return n.redis.String()
	}
	return n.cfg.dataDir
}
