package redisstore

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"

	"parley/pkg/relay"
	"parley/pkg/session"
)

// schema is the version of the layout of keys and values. A change of the layout needs a new
// version and a migration from the old one (migrate.go).
const schema = 1

// DefaultHistoryBytes bounds the history of one document, compressed. It holds more than 300,000
// keystrokes of three people.
const DefaultHistoryBytes = 4 << 20

// dialTimeout bounds one attempt to connect.
const dialTimeout = 3 * time.Second

// Options tune a Store; the zero value is good.
type Options struct {
	HistoryBytes int          // bound of the history of one document, in bytes as stored; 0 is DefaultHistoryBytes
	Logger       *slog.Logger // default slog.Default()

	// Fold folds updates into a base, see relay.Fold, the default.
	Fold func(base []byte, updates [][]byte) ([]byte, error)

	// RoundTrip, when not nil, is called after every round trip to Redis with the number of
	// commands, the time that it took, and its error.
	RoundTrip func(commands int, took time.Duration, err error)
}

// Store keeps everything in Redis. It is safe for concurrent use.
type Store struct {
	// Fixed by Open.
	opts   Options
	target target
	keys   keys
	node   relay.NodeID // another one after each start
	client redis.UniversalClient
	subs   *subscriber
	live   live
	lanes  []*lane
	ctx    context.Context // ends with Close
	stop   context.CancelFunc

	appends   atomic.Uint32 // counts this node's appends, for their ids
	followers followers
	counts    counts

	goroutines sync.WaitGroup
	closeOnce  sync.Once
	closeErr   error
}

var schemaScript = mustScript("schema")

// Open connects to Redis and checks that it can serve: version, schema, and the right to write. The
// errors can be shown to the person who started the program, and show no password. ctx bounds the
// opening only.
func Open(ctx context.Context, address string, opts Options) (*Store, error) {
	t, err := parseURL(address)
	if err != nil {
		return nil, fmt.Errorf("redis address: %w", err)
	}
	universal, err := t.universal(dialTimeout)
	if err != nil {
		return nil, fmt.Errorf("redis address: %w", err)
	}
	if opts.HistoryBytes == 0 {
		opts.HistoryBytes = DefaultHistoryBytes
	}
	if opts.Fold == nil {
		opts.Fold = relay.Fold
	}
	if opts.Logger == nil {
		opts.Logger = slog.Default()
	}
	silenceClient()
	s := &Store{opts: opts, target: t, keys: keys{prefix: t.prefix}, client: newClient(universal)}
	s.client.AddHook(unavailableHook{})
	if opts.RoundTrip != nil {
		s.client.AddHook(roundTripHook{observe: opts.RoundTrip})
	}
	rand.Read(s.node[:])
	if err := s.checkServer(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", t, err), s.client.Close())
	}
	s.ctx, s.stop = context.WithCancel(context.Background())
	s.live = live{wake: make(chan struct{}, 1), sessions: map[session.ID]*liveSession{}, pending: map[session.ID]*change{}}
	s.subs = newSubscriber(s.ctx, func() *redis.PubSub { return s.client.Subscribe(s.ctx) }, opts.Logger)
	s.goroutines.Go(s.watchLive)
	s.startLanes()
	return s, nil
}

// topologyFor is how long the client of a cluster relies on what it knows of the masters. Otherwise
// it asks again only when a node redirects it, which a dead node never does. Its own default is a
// minute.
const topologyFor = 2 * time.Second

// newClient is redis.NewUniversalClient, but a cluster's client notices when a master has died.
func newClient(o *redis.UniversalOptions) redis.UniversalClient {
	if !o.IsClusterMode && len(o.Addrs) < 2 || o.MasterName != "" {
		return redis.NewUniversalClient(o)
	}
	cluster := o.Cluster()
	cluster.ClusterStateReloadInterval = topologyFor
	return redis.NewClusterClient(cluster)
}

// silenceClient keeps go-redis from writing lines to stderr. What matters in them comes back as an
// error.
var silenceClient = sync.OnceFunc(func() { redis.SetLogger(discardLogger{}) })

type discardLogger struct{}

// Printf drops the line.
func (discardLogger) Printf(context.Context, string, ...any) {}

// checkServer checks version, kind, rights and schema.
func (s *Store) checkServer(ctx context.Context) error {
	info, err := s.client.Info(ctx, "server").Result()
	if err != nil {
		return s.target.explain(err)
	}
	if v := infoField(info, "redis_version"); v != "" {
		major, _, _ := strings.Cut(v, ".")
		if n, err := strconv.Atoi(major); err == nil && n < 7 {
			return fmt.Errorf("%w, this is %s", ErrOldServer, v)
		}
	}
	if !s.target.cluster && infoField(info, "redis_mode") == "cluster" {
		return errClusterNode
	}
	if err := s.checkRights(ctx); err != nil {
		return s.target.explain(err)
	}
	s.warnOfEviction(ctx)
	held, err := s.run(ctx, schemaScript, []string{s.keys.global("schema")}, schema)
	if err != nil {
		return s.target.explain(err)
	}
	version, err := strconv.Atoi(fmt.Sprint(held))
	switch {
	case err != nil:
		return fmt.Errorf("%w: schema %q", errDamaged, held)
	case version > schema:
		return fmt.Errorf("%w (schema %d, this one knows %d)", ErrNewer, version, schema)
	}
	return nil
}

// checkRights writes and publishes something harmless, so that missing rights show now and not in
// an interview.
func (s *Store) checkRights(ctx context.Context) error {
	probe := s.keys.global("probe")
	if err := s.client.Set(ctx, probe, s.node.String(), time.Minute).Err(); err != nil {
		return err
	}
	return s.client.Publish(ctx, probe, s.node.String()).Err()
}

// warnOfEviction warns when Redis may evict data. Nodes write back what Redis loses of a live
// document. Other data would be lost.
func (s *Store) warnOfEviction(ctx context.Context) {
	info, err := s.client.Info(ctx, "memory").Result()
	limit, policy := infoField(info, "maxmemory"), infoField(info, "maxmemory_policy")
	if err == nil && limit != "" && limit != "0" && policy != "noeviction" {
		s.opts.Logger.Warn("Redis may evict interviews when its memory is full: set maxmemory-policy to noeviction", "policy", policy)
	}
}

// infoField returns a field of an INFO answer.
func infoField(info, name string) string {
	for line := range strings.Lines(info) {
		if v, ok := strings.CutPrefix(line, name+":"); ok {
			return strings.TrimSpace(v)
		}
	}
	return ""
}

// String returns the address without users and passwords.
func (s *Store) String() string { return s.target.String() }

// Ping reports whether Redis answers and takes writes.
func (s *Store) Ping(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if s.ctx.Err() != nil {
		return ErrClosed
	}
	if err := s.client.Set(ctx, s.keys.global("probe"), s.node.String(), time.Minute).Err(); err != nil {
		return fmt.Errorf("%s: %w", s.target, err)
	}
	return nil
}

// Close ends the use of the store. Everything that was answered before is stored.
func (s *Store) Close() error {
	s.closeOnce.Do(func() {
		s.stop()
		s.goroutines.Wait()
		s.closeLanes()
		s.subs.wait()
		if err := s.client.Close(); err != nil {
			s.closeErr = fmt.Errorf("close store: %w", err)
		}
	})
	return s.closeErr
}
