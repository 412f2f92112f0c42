package main

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"parley/pkg/store/redisstore"
)

// Bounds beyond which doctor is in doubt about a Redis.
const (
	clockDoubt   = time.Second
	clockTrouble = 30 * time.Second // sessions would expire at clearly different times on the nodes
	slowRedis    = 10 * time.Millisecond
)

// examineRedis looks at the servers of --redis-url.
func (c config) examineRedis(f *findings) {
	ctx, cancel := context.WithTimeout(context.Background(), doctorTime)
	defer cancel()
	servers, err := redisstore.Examine(ctx, c.redisURL)
	if err != nil {
		f.fail("redis", err.Error(), "look at --redis-url, whether Redis runs, and at firewalls between here and there")
		return
	}
	for _, e := range servers {
		about := "redis"
		if e.Addr != "" {
			about += " " + e.Addr
		}
		examineServer(f, about, e)
	}
}

func examineServer(f *findings, about string, e redisstore.Examination) {
	major, _, _ := strings.Cut(e.Version, ".")
	n, err := strconv.Atoi(major)
	switch {
	case err == nil && n < 7:
		f.fail(about, "version "+e.Version, "upgrade to Redis 7.0 or newer, or Valkey")
	default:
		f.ok(about, fmt.Sprintf("version %s, answers in %s", e.Version, e.RoundTrip.Round(10*time.Microsecond)))
	}
	if e.Replica {
		f.fail(about, "is a replica: it takes no writes", "give the address of the master, or let Sentinel name it: redis://sentinel:26379?master_name=<name>")
	}
	if e.Loading {
		f.warn(about, "is still loading its data", "wait until it has")
	}
	if e.RoundTrip > slowRedis {
		f.warn(about, "answers in "+e.RoundTrip.Round(time.Millisecond).String(), "put nodes and Redis into one region: every join waits for a few answers")
	}
	examineMemory(f, about, e)
	examineDurability(f, about, e)
	switch ahead := e.Ahead.Abs(); {
	case ahead > clockTrouble:
		f.fail(about, fmt.Sprintf("its clock differs from this machine's by %s", ahead.Round(time.Second)), "run an NTP client (chrony, systemd-timesyncd) on both")
	case ahead > clockDoubt:
		f.warn(about, fmt.Sprintf("its clock differs from this machine's by %s", ahead.Round(time.Millisecond)), "run an NTP client (chrony, systemd-timesyncd) on both")
	default:
		f.ok(about, "its clock agrees with this machine's")
	}
}

func examineMemory(f *findings, about string, e redisstore.Examination) {
	const mib = 1 << 20
	switch {
	case e.Policy != "" && e.Policy != "noeviction":
		f.fail(about, "maxmemory-policy is "+e.Policy+": when memory is short it throws interviews away", "redis-cli CONFIG SET maxmemory-policy noeviction, and the same in redis.conf; share no Redis with a cache")
	case e.MaxMemory == 0:
		f.warn(about, "has no maxmemory: when memory is short the kernel kills it", fmt.Sprintf("set maxmemory to about 3/4 of the machine's memory (in use: %d MiB)", e.UsedMemory/mib))
	case e.UsedMemory > e.MaxMemory/10*8:
		f.warn(about, fmt.Sprintf("%d of %d MiB are in use", e.UsedMemory/mib, e.MaxMemory/mib), "raise maxmemory or shorten --session-ttl: when it is full, edits are not saved any more")
	default:
		f.ok(about, fmt.Sprintf("noeviction, %d of %d MiB in use", e.UsedMemory/mib, e.MaxMemory/mib))
	}
}

func examineDurability(f *findings, about string, e redisstore.Examination) {
	switch {
	case e.WriteError != "":
		f.fail(about, "cannot write its data to disk ("+e.WriteError+")", "look at its disk and log; it refuses writes meanwhile")
	case !e.AppendOnly:
		f.warn(about, "has no append-only file: a restart of Redis loses what came since the last snapshot (live nodes write back what they hold)", "appendonly yes and appendfsync everysec in redis.conf; of a managed Redis switch persistence on")
	case e.Fsync == "no":
		f.warn(about, "appendfsync is no: a crash of the machine loses half a minute", "appendfsync everysec, or always")
	case e.Fsync == "everysec":
		f.ok(about, "append-only file, appendfsync everysec: a crash of its machine loses a second at most, which live nodes write back")
	default:
		f.ok(about, strings.TrimSpace("append-only file "+e.Fsync))
	}
}
