package main

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"parley/pkg/store/redisstore"
)

// Bounds for the warnings and failures of doctor about Redis.
const (
	clockDoubt   = time.Second
	clockTrouble = 30 * time.Second // sessions would expire at visibly different times on the nodes
	slowRedis    = 10 * time.Millisecond
)

// examineRedis checks the servers of --redis-url.
func (c config) examineRedis(f *findings) {
	ctx, cancel := context.WithTimeout(context.Background(), doctorTime)
	defer cancel()
	servers, err := redisstore.Examine(ctx, c.redisURL)
	if err != nil {
		f.fail("redis", err.Error(), "check --redis-url, that Redis runs, and the firewalls")
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
		f.fail(about, "is a replica and does not accept writes", "use the address of the master, or let Sentinel find it: redis://sentinel:26379?master_name=<name>")
	}
	if e.Loading {
		f.warn(about, "is still loading its data", "wait until the data is loaded")
	}
	if e.RoundTrip > slowRedis {
		f.warn(about, "answers in "+e.RoundTrip.Round(time.Millisecond).String(), "put nodes and Redis into one region: every join waits for several answers")
	}
	examineMemory(f, about, e)
	examineDurability(f, about, e)
	switch ahead := e.Ahead.Abs(); {
	case ahead > clockTrouble:
		f.fail(about, fmt.Sprintf("the clock differs from this machine's by %s", ahead.Round(time.Second)), "run an NTP client (chrony, systemd-timesyncd) on both machines")
	case ahead > clockDoubt:
		f.warn(about, fmt.Sprintf("the clock differs from this machine's by %s", ahead.Round(time.Millisecond)), "run an NTP client (chrony, systemd-timesyncd) on both machines")
	default:
		f.ok(about, "the clock agrees with this machine's")
	}
}

func examineMemory(f *findings, about string, e redisstore.Examination) {
	const mib = 1 << 20
	switch {
	case e.Policy != "" && e.Policy != "noeviction":
		f.fail(about, "maxmemory-policy is "+e.Policy+": Redis deletes interviews when memory is short", "run redis-cli CONFIG SET maxmemory-policy noeviction, set the same in redis.conf, and do not use this Redis as a cache")
	case e.MaxMemory == 0:
		f.warn(about, "has no maxmemory: the kernel kills Redis when memory is short", fmt.Sprintf("set maxmemory to about 3/4 of the machine's memory (in use: %d MiB)", e.UsedMemory/mib))
	case e.UsedMemory > e.MaxMemory/10*8:
		f.warn(about, fmt.Sprintf("%d of %d MiB are in use", e.UsedMemory/mib, e.MaxMemory/mib), "raise maxmemory or shorten --session-ttl: edits are not saved when Redis is full")
	default:
		f.ok(about, fmt.Sprintf("noeviction, %d of %d MiB in use", e.UsedMemory/mib, e.MaxMemory/mib))
	}
}

func examineDurability(f *findings, about string, e redisstore.Examination) {
	switch {
	case e.WriteError != "":
		f.fail(about, "cannot write its data to disk ("+e.WriteError+")", "check the disk and the log of Redis; until then Redis refuses writes")
	case !e.AppendOnly:
		f.warn(about, "has no append-only file: a restart of Redis loses the changes since the last snapshot (live nodes write back the documents that they hold)", "set appendonly yes and appendfsync everysec in redis.conf, or enable persistence of a managed Redis")
	case e.Fsync == "no":
		f.warn(about, "appendfsync is no: a crash of the machine loses up to half a minute", "set appendfsync everysec or always")
	case e.Fsync == "everysec":
		f.ok(about, "append-only file, appendfsync everysec: a crash of the machine loses at most a second, which live nodes write back")
	default:
		f.ok(about, strings.TrimSpace("append-only file "+e.Fsync))
	}
}
