package redisstore

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
)

// Examination is what one Redis server says about itself, as far as it matters to the operator of
// Parley.
type Examination struct {
	Addr       string // empty for a single server
	Version    string // of Redis; Valkey gives the version of Redis that it is compatible with
	Replica    bool   // the server takes no writes
	Replicas   int    // number of replicas that follow the server
	Policy     string // maxmemory-policy
	MaxMemory  int64  // bytes; 0: no limit
	UsedMemory int64  // bytes
	AppendOnly bool
	Fsync      string        // appendfsync; "" when the server does not say (managed servers forbid CONFIG)
	WriteError string        // the last error of writing to the disk, "" for none
	Loading    bool          // the server is still reading its data
	RoundTrip  time.Duration // the fastest of a few
	Ahead      time.Duration // how far its clock is ahead of ours; negative: behind. As precise as a round trip
}

// Examine asks the servers of an address about themselves; in a cluster it asks each master. It
// changes nothing. Its error shows no password.
func Examine(ctx context.Context, address string) ([]Examination, error) {
	t, err := parseURL(address)
	if err != nil {
		return nil, fmt.Errorf("redis address: %w", err)
	}
	universal, err := t.universal(dialTimeout)
	if err != nil {
		return nil, fmt.Errorf("redis address: %w", err)
	}
	silenceClient()
	client := redis.NewUniversalClient(universal)
	all, err := examineAll(ctx, client)
	err = t.explain(err)
	if err = errors.Join(err, client.Close()); err != nil {
		return nil, fmt.Errorf("%s: %w", t, err)
	}
	return all, nil
}

func examineAll(ctx context.Context, client redis.UniversalClient) ([]Examination, error) {
	cluster, ok := client.(*redis.ClusterClient)
	if !ok {
		e, err := examineOne(ctx, client)
		return []Examination{e}, err
	}
	var mu sync.Mutex
	var all []Examination
	err := cluster.ForEachMaster(ctx, func(ctx context.Context, node *redis.Client) error {
		e, err := examineOne(ctx, node)
		e.Addr = node.Options().Addr
		mu.Lock()
		defer mu.Unlock()
		all = append(all, e)
		return err
	})
	return all, err
}

func examineOne(ctx context.Context, client redis.Cmdable) (Examination, error) {
	info, err := client.Info(ctx).Result()
	if err != nil {
		return Examination{}, err
	}
	number := func(name string) int64 {
		n, err := strconv.ParseInt(infoField(info, name), 10, 64)
		if err != nil {
			return 0
		}
		return n
	}
	e := Examination{
		Version: infoField(info, "redis_version"), Replica: infoField(info, "role") == "slave", Replicas: int(number("connected_slaves")),
		Policy: infoField(info, "maxmemory_policy"), MaxMemory: number("maxmemory"), UsedMemory: number("used_memory"),
		AppendOnly: infoField(info, "aof_enabled") == "1", Loading: infoField(info, "loading") == "1",
	}
	for _, name := range []string{"aof_last_write_status", "rdb_last_bgsave_status"} {
		if status := infoField(info, name); status != "" && status != "ok" {
			e.WriteError = name + ": " + status
		}
	}
	if config, err := client.ConfigGet(ctx, "appendfsync").Result(); err == nil {
		e.Fsync = config["appendfsync"]
	}
	return e, e.compareClocks(ctx, client)
}

// compareClocks asks for the time a few times and uses the fastest answer.
func (e *Examination) compareClocks(ctx context.Context, client redis.Cmdable) error {
	for range 5 {
		before := time.Now()
		there, err := client.Time(ctx).Result()
		if err != nil {
			return err
		}
		if took := time.Since(before); e.RoundTrip == 0 || took < e.RoundTrip {
			e.RoundTrip, e.Ahead = took, there.Sub(before.Add(took/2))
		}
	}
	return nil
}
