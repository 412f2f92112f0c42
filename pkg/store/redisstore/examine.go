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

// Examination is what one Redis server tells of itself, as far as it concerns somebody who keeps interviews in it.
type Examination struct {
	Addr       string // as it was reached; "" for a single server
	Version    string // of Redis; Valkey tells the Redis version it is compatible with
	Replica    bool   // it takes no writes
	Replicas   int    // that follow it
	Policy     string // maxmemory-policy
	MaxMemory  int64  // bytes; 0: none
	UsedMemory int64  // bytes
	AppendOnly bool
	Fsync      string        // appendfsync, "" when the server does not say (managed ones forbid CONFIG)
	WriteError string        // the last one of persistence, "" for none
	Loading    bool          // it is still reading its data
	RoundTrip  time.Duration // the quickest of a few
	Ahead      time.Duration // its clock before that of this machine; negative: behind. Good to about a round trip
}

// Examine asks the servers of an address about themselves; of a cluster each master. It changes nothing. The error shows no password.
func Examine(ctx context.Context, address string) ([]Examination, error) {
	t, err := parseURL(address)
	if err != nil {
		return nil, fmt.Errorf("redis address: %w", err)
	}
	universal, err := t.universal(dialTimeout)
	if err != nil {
		return nil, fmt.Errorf("redis address: %w", err)
	}
	silence()
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
		n, err := strconv.ParseInt(field(info, name), 10, 64)
		if err != nil {
			return 0
		}
		return n
	}
	e := Examination{
		Version: field(info, "redis_version"), Replica: field(info, "role") == "slave", Replicas: int(number("connected_slaves")),
		Policy: field(info, "maxmemory_policy"), MaxMemory: number("maxmemory"), UsedMemory: number("used_memory"),
		AppendOnly: field(info, "aof_enabled") == "1", Loading: field(info, "loading") == "1",
	}
	for _, name := range []string{"aof_last_write_status", "rdb_last_bgsave_status"} {
		if status := field(info, name); status != "" && status != "ok" {
			e.WriteError = name + ": " + status
		}
	}
	if config, err := client.ConfigGet(ctx, "appendfsync").Result(); err == nil {
		e.Fsync = config["appendfsync"]
	}
	return e, e.compareClocks(ctx, client)
}

// compareClocks asks for the time a few times, and takes the answer that came quickest.
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
