package redistest

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// masterName is the name of the master for the Sentinels.
const masterName = "parley"

// Sentinel is a master with a replica and the three Sentinels that watch both.
type Sentinel struct {
	t         testing.TB
	Nodes     [2]*Server // the first is the master at the start
	Sentinels [3]*Server
}

// StartSentinel runs the five servers until the test ends. When it returns, the servers know each
// other.
func StartSentinel(t testing.TB, opts Options) *Sentinel {
	t.Helper()
	path := program(t, "redis-sentinel")
	g := &Sentinel{t: t}
	g.Nodes[0] = Start(t, opts)
	opts.Args = append(slices.Clone(opts.Args), "--replicaof", "127.0.0.1", strconv.Itoa(g.Nodes[0].port))
	g.Nodes[1] = Start(t, opts)
	Eventually(t, "the replica does not follow", func() error {
		if info := g.Nodes[1].Do("INFO", "replication"); !strings.Contains(info[0], "master_link_status:up") {
			return fmt.Errorf("%s", info[0])
		}
		return nil
	}) // must precede the Sentinels, which ask only every ten seconds
	conf := fmt.Sprintf("sentinel monitor %[1]s 127.0.0.1 %[2]d 2\nsentinel down-after-milliseconds %[1]s 1000\n"+
		"sentinel failover-timeout %[1]s 5000\nsentinel parallel-syncs %[1]s 1\n", masterName, g.Nodes[0].port)
	if opts.Password != "" {
		conf += fmt.Sprintf("sentinel auth-pass %s %s\n", masterName, opts.Password)
	}
	for i := range g.Sentinels {
		own := Options{Password: opts.SentinelPassword, TLS: opts.TLS}
		g.Sentinels[i] = start(t, own, path, append([]string{"--sentinel", "--loglevel", "notice"}, own.security()...), conf)
	}
	Eventually(t, "the Sentinels do not find each other", func() error {
		for _, s := range g.Sentinels {
			info, err := s.Try("SENTINEL", "MASTER", masterName)
			if err != nil {
				return err
			}
			if field(info, "num-slaves") != "1" || field(info, "num-other-sentinels") != "2" || field(info, "flags") != "master" {
				return fmt.Errorf("%s: %v", s.Addr(), info)
			}
		}
		return nil
	})
	return g
}

// URL returns a value for --redis-url.
func (g *Sentinel) URL() string {
	var addrs []string
	for _, s := range g.Sentinels {
		addrs = append(addrs, s.Addr())
	}
	opts, parameters := g.Nodes[0].opts, []string{"master_name=" + masterName}
	if opts.SentinelPassword != "" {
		parameters = append(parameters, "sentinel_password="+opts.SentinelPassword)
	}
	return opts.url(strings.Join(addrs, ","), parameters...)
}

// Master returns the node that is currently the master for the Sentinels.
func (g *Sentinel) Master() *Server {
	g.t.Helper()
	addr := g.Sentinels[0].Do("SENTINEL", "GET-MASTER-ADDR-BY-NAME", masterName)
	for _, n := range g.Nodes {
		if strconv.Itoa(n.port) == addr[1] {
			return n
		}
	}
	g.t.Fatalf("the Sentinels name an unknown master: %v", addr)
	return nil
}

// AwaitFailover waits until the Sentinels have a master other than was, and that master accepts
// writes.
func (g *Sentinel) AwaitFailover(was *Server) {
	g.t.Helper()
	Eventually(g.t, "no failover", func() error {
		now := g.Master()
		if now == was {
			return fmt.Errorf("%s is still the master", was.Addr())
		}
		_, err := now.Try("SET", "redistest:probe", "1", "PX", "1")
		return err
	})
}

// Cluster is three masters that share the slots, each with one replica or none.
type Cluster struct {
	t        testing.TB
	Masters  [3]*Server
	Replicas []*Server // none, or one for each master in the same order
}

// Values for StartCluster.
const (
	MastersOnly  = false
	WithReplicas = true
)

// StartCluster runs a cluster until the test ends, with WithReplicas or MastersOnly. When it
// returns, every server knows all others.
func StartCluster(t testing.TB, opts Options, replicas bool) *Cluster {
	t.Helper()
	opts.Args = append(slices.Clone(opts.Args), "--cluster-enabled", "yes", "--cluster-node-timeout", "4000",
		"--cluster-config-file", "nodes.conf", "--cluster-replica-validity-factor", "0")
	c := &Cluster{t: t}
	all := make([]*Server, 3)
	if replicas {
		all = make([]*Server, 6)
	}
	for i := range all {
		all[i] = Start(t, opts)
	}
	copy(c.Masters[:], all)
	c.Replicas = all[3:]
	for i, m := range c.Masters {
		m.Do("CLUSTER", "ADDSLOTSRANGE", strconv.Itoa(i*16384/3), strconv.Itoa((i+1)*16384/3-1))
		m.Do("CLUSTER", "SET-CONFIG-EPOCH", strconv.Itoa(i+1))
	}
	for _, n := range all[1:] {
		all[0].Do("CLUSTER", "MEET", "127.0.0.1", strconv.Itoa(n.port))
	}
	Eventually(t, "the nodes of the cluster do not find each other", func() error { return c.whole(all) })
	for i, r := range c.Replicas {
		id := c.Masters[i].Do("CLUSTER", "MYID")[0]
		Eventually(t, "the replica is not accepted", func() error { _, err := r.Try("CLUSTER", "REPLICATE", id); return err })
	}
	Eventually(t, "the cluster does not become whole", func() error { return c.replicated() })
	return c
}

func (c *Cluster) whole(all []*Server) error {
	for _, n := range all {
		info, err := n.Try("CLUSTER", "INFO")
		if err != nil {
			return err
		}
		if !strings.Contains(info[0], "cluster_state:ok") || !strings.Contains(info[0], fmt.Sprintf("cluster_known_nodes:%d\r", len(all))) {
			return fmt.Errorf("%s: %s", n.Addr(), info[0])
		}
	}
	return nil
}

func (c *Cluster) replicated() error {
	for _, r := range c.Replicas {
		info, err := r.Try("INFO", "replication")
		if err != nil {
			return err
		}
		if !strings.Contains(info[0], "master_link_status:up") {
			return fmt.Errorf("%s: %s", r.Addr(), info[0])
		}
	}
	for _, m := range c.Masters {
		nodes, err := m.Try("CLUSTER", "NODES")
		if err != nil {
			return err
		}
		if n := strings.Count(nodes[0], "slave"); n != len(c.Replicas) {
			return fmt.Errorf("%s knows %d replicas", m.Addr(), n)
		}
	}
	return nil
}

// URL returns a value for --redis-url.
func (c *Cluster) URL() string {
	var addrs []string
	for _, s := range c.Masters {
		addrs = append(addrs, s.Addr())
	}
	return c.Masters[0].opts.url(strings.Join(addrs, ","), "cluster=true")
}

// AwaitPromotion waits until the replica of master i has become the master.
func (c *Cluster) AwaitPromotion(i int) {
	c.t.Helper()
	r := c.Replicas[i]
	Eventually(c.t, "the replica is not promoted", func() error {
		info, err := r.Try("INFO", "replication")
		if err != nil {
			return err
		}
		if !strings.Contains(info[0], "role:master") {
			return fmt.Errorf("%s", info[0])
		}
		state, err := r.Try("CLUSTER", "INFO")
		if err != nil {
			return err
		}
		if !strings.Contains(state[0], "cluster_state:ok") {
			return fmt.Errorf("%s", state[0])
		}
		return nil
	})
}

// Keys returns every key of all masters.
func (c *Cluster) Keys() []string {
	c.t.Helper()
	var all []string
	for _, m := range c.Masters {
		all = append(all, m.Keys()...)
	}
	return all
}

// field returns the value of a name in a flat list of names and values.
func field(list []string, name string) string {
	if i := slices.Index(list, name); i >= 0 && i+1 < len(list) {
		return list[i+1]
	}
	return ""
}
