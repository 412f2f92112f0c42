package faults_test

import (
	"fmt"
	"strconv"
	"testing"
	"time"

	"parley/pkg/store/redistest"
)

func TestNoFaultAtAll(t *testing.T) {
	t.Parallel()
	redis := redistest.Start(t, redistest.Options{})
	iv := begin(t, 6, startNodes(t, 3, redis.URL())...)
	iv.typeOn()
	iv.check()
}

func TestNodeKilledWhileTyping(t *testing.T) {
	t.Parallel()
	redis := redistest.Start(t, redistest.Options{})
	nodes := startNodes(t, 3, redis.URL())
	iv := begin(t, 6, nodes...)
	for range times() {
		iv.typeOn()
		nodes[0].kill()
		iv.lose(iv.typists[0]) // with its unsaved tokens
		iv.typeOn()
		nodes[0].start()
		iv.typeOn()
		iv.join(nodes[0])
	}
	iv.check()
}

// A node that was stopped for a while catches up with the others.
func TestNodeStoppedAndContinued(t *testing.T) {
	t.Parallel()
	redis := redistest.Start(t, redistest.Options{})
	nodes := startNodes(t, 3, redis.URL())
	iv := begin(t, 6, nodes...)
	for n := range times() {
		iv.typeOn()
		nodes[1].pause()
		iv.typeOn() // the people of the stopped node have found another one
		if n > 0 {
			<-time.After(20 * time.Second) // long enough for the others to consider the node dead
		}
		nodes[1].goOn()
		iv.typeOn()
	}
	iv.check()
}

func TestRedisStoppedAndStarted(t *testing.T) {
	t.Parallel()
	redis := redistest.Start(t, redistest.Options{Durable: true})
	nodes := startNodes(t, 3, redis.URL())
	iv := begin(t, 6, nodes...)
	for range times() {
		iv.typeOn()
		redis.Stop()
		iv.typeAway(iv.on(nodes[0])...)
		redis.Restart()
		iv.typeOn()
	}
	iv.check()
}

// With appendfsync always, acknowledged tokens survive a crash of Redis, even if every node and
// client crashes too.
func TestRedisKilledWithEverybodyWhoKnew(t *testing.T) {
	t.Parallel()
	redis := redistest.Start(t, redistest.Options{Durable: true})
	nodes := startNodes(t, 2, redis.URL())
	iv := begin(t, 4, nodes...)
	for range times() {
		iv.typeOn()
		redis.Kill()
		for _, n := range nodes {
			n.kill()
		}
		iv.lose(iv.typists[0])
		iv.lose(iv.typists[0])
		redis.Restart()
		for _, n := range nodes {
			n.start()
		}
		iv.join(nodes[0])
		iv.join(nodes[1])
		iv.typeOn()
	}
	iv.check()
}

// Redis loses all data. The nodes write back documents, records and the key of the tokens.
func TestRedisRestartedEmpty(t *testing.T) {
	t.Parallel()
	redis := redistest.Start(t, redistest.Options{})
	nodes := startNodes(t, 3, redis.URL())
	iv := begin(t, 6, nodes...)
	for range times() {
		iv.typeOn()
		iv.lose(iv.typists[0])
		redis.Kill()
		redis.RestartEmpty()
		iv.typeOn()
		iv.join(nodes[2])
	}
	iv.check()
}

func TestSentinelFailsOver(t *testing.T) {
	t.Parallel()
	group := redistest.StartSentinel(t, redistest.Options{})
	nodes := startNodes(t, 3, group.URL())
	iv := begin(t, 6, nodes...)
	for range times() {
		iv.typeOn()
		iv.lose(iv.typists[0])
		was := group.Master()
		was.Kill()
		group.AwaitFailover(was)
		iv.typeOn()
		was.Restart()
		iv.join(nodes[1])
	}
	iv.check()
}

func TestClusterLosesAMaster(t *testing.T) {
	t.Parallel()
	cluster := redistest.StartCluster(t, redistest.Options{}, true)
	nodes := startNodes(t, 3, cluster.URL())
	iv := begin(t, 6, nodes...)
	iv.typeOn()
	slot, err := strconv.Atoi(cluster.Masters[0].Do("CLUSTER", "KEYSLOT", "{"+iv.id+"}")[0])
	if err != nil {
		t.Fatal(err)
	}
	master := min(slot*3/16384, 2) // the master of the session
	iv.lose(iv.typists[0])
	cluster.Masters[master].Kill()
	cluster.AwaitPromotion(master)
	iv.typeOn()
	iv.join(nodes[1])
	cluster.Masters[master].Restart()
	iv.typeOn()
	iv.check()
}

// One node cannot reach Redis: first its connections break, then no data arrives.
func TestNetworkBetweenNodeAndRedisIsCut(t *testing.T) {
	t.Parallel()
	redis := redistest.Start(t, redistest.Options{})
	proxy := redistest.NewProxy(t, redis.Addr())
	nodes := append(startNodes(t, 2, redis.URL()), startNode(t, "cut", proxy.URL()))
	iv := begin(t, 6, nodes...)
	for _, p := range iv.on(nodes[2]) {
		p.moveTo(nodes[2]) // stays on that node
	}
	for range times() {
		for _, fault := range []func(){proxy.Cut, proxy.Swallow} {
			iv.typeOn()
			fault()
			iv.typeAway(iv.on(nodes[2])...)
			proxy.Heal()
			iv.typeOn()
		}
	}
	iv.check()
}

func TestSlowRedis(t *testing.T) {
	t.Parallel()
	redis := redistest.Start(t, redistest.Options{})
	proxy := redistest.NewProxy(t, redis.Addr())
	iv := begin(t, 6, startNodes(t, 3, proxy.URL())...)
	iv.typeOn()
	proxy.Delay(50 * time.Millisecond) // in each direction
	for range 3 * times() {
		iv.typeOn()
	}
	iv.check()
}

func TestRollingRestartUnderLoad(t *testing.T) {
	t.Parallel()
	redis := redistest.Start(t, redistest.Options{})
	nodes := startNodes(t, 3, redis.URL())
	iv := begin(t, 9, nodes...)
	for range times() {
		for _, n := range nodes {
			iv.typeOn()
			n.stop()
			n.start()
		}
	}
	iv.typeOn()
	iv.check()
	for _, p := range iv.typists {
		p.with(func() {
			for _, code := range p.closes {
				if code != 1012 {
					t.Errorf("%s was closed with %d", p.name, code)
				}
			}
		})
	}
}

// All nodes hold the document and try to compact it.
func TestNodesCompactTheSameDocument(t *testing.T) {
	t.Parallel()
	redis := redistest.Start(t, redistest.Options{})
	nodes := startNodes(t, 3, redis.URL())
	iv := begin(t, 9, nodes...)
	head := "parley:{" + iv.id + "}:head:"
	redistest.Eventually(t, "the log is not compacted again and again", func() error {
		reached, err := strconv.Atoi(append(redis.Do("HMGET", head, "s"), "0")[0])
		if err != nil {
			return err
		}
		if reached < 1500*times() {
			return fmt.Errorf("the state reaches entry %d", reached)
		}
		return nil
	})
	iv.lose(iv.typists[0])
	nodes[1].kill()
	nodes[1].start()
	iv.typeOn()
	iv.check()
}
