//go:build linux

package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"
)

// Here are servers of several nodes over one Redis. The clients of a room sit on different nodes,
// so every letter has to cross from one node to the others. The CPU time of Redis counts with that
// of the nodes, and is also shown alone.

// nodeKinds are the servers of several nodes. The name of each ends with the number of its nodes.
var nodeKinds = []kind{
	nodesOf("parley", "Parley", 1, startParleyNode), nodesOf("parley", "Parley", 2, startParleyNode), nodesOf("parley", "Parley", 3, startParleyNode),
	nodesOf("hocuspocus", "Hocuspocus", 1, startHocuspocusNode), nodesOf("hocuspocus", "Hocuspocus", 2, startHocuspocusNode),
	nodesOf("hocuspocus", "Hocuspocus", 3, startHocuspocusNode),
}

func nodesOf(name, title string, n int, start func(env setup, redis string) (*target, error)) kind {
	return kind{
		name: fmt.Sprintf("%s-redis-%d", name, n), title: fmt.Sprintf("%s on Redis, nodes: %d", title, n), several: true,
		start: func(env setup) (*target, error) {
			redis, err := startRedis(env)
			if err != nil {
				return nil, err
			}
			t := &target{procs: redis.procs, redis: redis.procs[0]}
			for i := range n {
				dir := filepath.Join(env.dir, fmt.Sprint("node", i))
				err := os.MkdirAll(dir, 0o700)
				var node *target
				if err == nil {
					node, err = start(setup{dir: dir, parley: env.parley, peers: env.peers, vars: shareOf(n)}, redis.addrs[0])
				}
				if err != nil {
					t.stop()
					return nil, err
				}
				t.addrs, t.procs = append(t.addrs, node.addrs...), append(t.procs, node.procs...)
				t.dialect, t.log = node.dialect, node.log
			}
			return t, nil
		},
	}
}

// shareOf limits a node to its share of the processors, as a container does. Without a limit each
// node runs as many threads as there are processors, and they wake each other for nothing. Node.js
// ignores the variable and runs one thread.
func shareOf(nodes int) []string {
	if nodes == 1 || os.Getenv("GOMAXPROCS") != "" {
		return nil
	}
	return []string{fmt.Sprint("GOMAXPROCS=", max(1, runtime.NumCPU()/nodes))}
}

// startRedis runs a Redis that keeps everything in memory.
func startRedis(env setup) (*target, error) {
	addr, err := freeAddr()
	if err != nil {
		return nil, err
	}
	host, port, _ := strings.Cut(addr, ":")
	return launch(env, nil, addr, exec.Command("redis-server", "--bind", host, "--port", port, "--save", "", "--dir", env.dir))
}

func startParleyNode(env setup, redis string) (*target, error) {
	addr, err := freeAddr()
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(env.parley, "serve", "--addr", addr, "--access", "open", "--metrics-addr", "off", "--store", "redis", "--redis-url", "redis://"+redis)
	cmd.Env = append(os.Environ(), env.vars...)
	return launch(env, plain{"/ws/sessions/"}, addr, cmd)
}

func startHocuspocusNode(env setup, redis string) (*target, error) {
	host, port, _ := strings.Cut(redis, ":")
	env.vars = append(env.vars, "REDIS_HOST="+host, "REDIS_PORT="+port)
	return startNode(env, hocuspocus{}, "hocuspocus-redis.mjs")
}

// redisCPU is the part of cpu that Redis took. It is 0 without a Redis.
func (t *target) redisCPU() (time.Duration, error) {
	if t.redis == nil {
		return 0, nil
	}
	return cpuOf(slices.Values([]*exec.Cmd{t.redis}), t)
}
