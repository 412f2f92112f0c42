//go:build linux

package main

import (
	"math"
	"os"
	"os/exec"
	"slices"
	"syscall"
	"testing"
	"time"

	"parley/crdt"
	"parley/pkg/protocol"
)

// quietCrowd is a room of three clients without sockets, in sync, of which the first two write.
func quietCrowd(t *testing.T) (*crowd, *room) {
	t.Helper()
	c, err := newCrowd(&target{dialect: plain{"/"}}, "room", 1, 3, 2)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.swarm.shutdown)
	for _, cl := range c.rooms[0].clients {
		cl.synced = true
	}
	return c, c.rooms[0]
}

// letters merges the updates of a writer's letters.
func letters(t *testing.T, writer int, clocks ...uint64) []byte {
	t.Helper()
	var updates [][]byte
	for _, clock := range clocks {
		updates = append(updates, appendKeystroke(nil, writer, clock))
	}
	merged, err := crdt.MergeUpdates(updates...)
	if err != nil {
		t.Fatal(err)
	}
	return merged
}

func TestWhatCountsAsDelivered(t *testing.T) {
	t.Parallel()
	update := func(writer int, clocks ...uint64) []byte {
		return protocol.AppendUpdate(nil, letters(t, writer, clocks...))
	}
	state := func(writer int, clocks ...uint64) []byte {
		return protocol.AppendStep2(nil, letters(t, writer, clocks...))
	}
	for _, c := range []struct {
		name                     string
		seat                     int // of the receiver
		entering                 bool
		messages                 [][]byte
		delivered, doubled, lost uint64
	}{
		{"letters in order", 2, false, [][]byte{update(0, 0), update(0, 1), update(0, 2)}, 3, 0, 0},
		{"merged letters count one by one", 2, false, [][]byte{update(0, 0, 1, 2, 3)}, 4, 0, 0},
		{"two writers", 2, false, [][]byte{update(0, 0), update(1, 0), update(1, 1)}, 3, 0, 0},
		{"the same twice", 2, false, [][]byte{update(0, 0), update(0, 0)}, 1, 1, 0},
		{"overlapping", 2, false, [][]byte{update(0, 0, 1), update(0, 1, 2)}, 3, 1, 0},
		{"a gap", 2, false, [][]byte{update(0, 0), update(0, 3)}, 2, 0, 2},
		{"what was lost comes late", 2, false, [][]byte{update(0, 2), update(0, 0, 1)}, 1, 2, 2},
		{"one's own letters", 0, false, [][]byte{update(0, 0), update(0, 1)}, 0, 0, 0},
		{"a state is no delivery", 2, false, [][]byte{state(0, 0, 1, 2), update(0, 3)}, 1, 0, 0},
		{"nor is what comes before it", 2, true, [][]byte{update(0, 1), state(0, 0, 1, 2), update(0, 3)}, 1, 0, 0},
		{"a state that repeats", 2, false, [][]byte{update(0, 0, 1), state(0, 0, 1)}, 2, 0, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			crowd, room := quietCrowd(t)
			for w := range room.writers {
				room.writers[w].clock = 10
			}
			cl := room.clients[c.seat]
			cl.synced = !c.entering
			for _, m := range c.messages {
				crowd.message(cl, m)
			}
			if crowd.delivered != c.delivered || crowd.doubled != c.doubled || crowd.lost != c.lost {
				t.Errorf("delivered %d, doubled %d, lost %d; want %d, %d, %d",
					crowd.delivered, crowd.doubled, crowd.lost, c.delivered, c.doubled, c.lost)
			}
			if crowd.latency.n != c.delivered {
				t.Errorf("%d latencies for %d deliveries", crowd.latency.n, c.delivered)
			}
			if !cl.synced {
				t.Error("the client is not in sync")
			}
		})
	}
}

func TestWhatIsMissing(t *testing.T) {
	t.Parallel()
	c, room := quietCrowd(t)
	room.writers[0].clock, room.writers[1].clock = 10, 5
	room.clients[0].next = []uint64{0, 5} // has everything of the other writer
	room.clients[1].next = []uint64{7, 0} // lacks 3
	room.clients[2].next = []uint64{9, 4} // lacks 1 and 1
	if got := c.missing(); got != 5 {
		t.Errorf("%d letters are missing, want 5", got)
	}
	room.clients[1].synced = false // a client that is away lacks nothing
	if got := c.missing(); got != 2 {
		t.Errorf("%d letters are missing, want 2", got)
	}
}

// A writer of the closed loop types the next letter when everybody has one.
func TestALetterIsDoneWhenEverybodyHasIt(t *testing.T) {
	t.Parallel()
	w := writer{clock: 3, got: make([]int32, ringSize)}
	for _, step := range []struct{ clock, done uint64 }{{1, 0}, {1, 0}, {0, 0}, {0, 2}, {2, 2}, {2, 3}} {
		if w.receivedBy(step.clock, 2); w.done != step.done {
			t.Fatalf("after letter %d everybody has %d letters, want %d", step.clock, w.done, step.done)
		}
	}
}

// Warm-up ends with the counts at zero, but a fault stays a fault.
func TestRestart(t *testing.T) {
	t.Parallel()
	c, _ := quietCrowd(t)
	c.delivered, c.presence, c.bytes, c.lost, c.doubled, c.failed = 1, 2, 3, 4, 5, 6
	c.latency.add(time.Second)
	c.restart()
	var r result
	c.finish(&r, 7)
	if want := (result{Lost: 11, Doubled: 5, Errors: 6}); r != want || c.presence+c.bytes != 0 {
		t.Errorf("got %+v, want %+v", r, want)
	}
}

// Every writer types once in a period, at moments that are the same in every run.
func TestTurns(t *testing.T) {
	t.Parallel()
	c, err := newCrowd(&target{}, "room", 7, 3, 2)
	if err != nil {
		t.Fatal(err)
	}
	defer c.swarm.shutdown()
	const period = 100 * time.Millisecond
	turns := c.turns(period)
	if !slices.EqualFunc(turns, c.turns(period), func(a, b turn) bool { return a == b }) {
		t.Error("another run has other turns")
	}
	seen := map[turn]bool{}
	for i, at := range turns {
		if at.at < 0 || at.at >= period || i > 0 && at.at < turns[i-1].at {
			t.Errorf("turn %d is at %v", i, at.at)
		}
		at.at = 0
		seen[at] = true
	}
	if len(turns) != 14 || len(seen) != 14 {
		t.Errorf("%d turns of %d writers, want 14 of 14", len(turns), len(seen))
	}
}

// The clients of a room sit on different nodes, and so do the first writers of the rooms.
func TestClientsAreSpreadOverNodes(t *testing.T) {
	t.Parallel()
	nodes := &target{addrs: []string{"a", "b", "c"}}
	c, err := newCrowd(nodes, "room", 3, 3, 1)
	if err != nil {
		t.Fatal(err)
	}
	defer c.swarm.shutdown()
	for i := range 3 {
		inRoom, first := map[string]bool{}, map[string]bool{}
		for j := range 3 {
			inRoom[nodes.addr(c.rooms[i].clients[j])] = true
			first[nodes.addr(c.rooms[j].clients[i])] = true
		}
		if len(inRoom) != 3 || len(first) != 3 {
			t.Errorf("room %d sits on %d nodes, seat %d of all rooms on %d", i, len(inRoom), i, len(first))
		}
	}
}

// The CPU time of a process is that which the kernel tells it of itself.
func TestCPUTimeIsThatOfTheProcess(t *testing.T) {
	t.Parallel()
	self := &exec.Cmd{Process: &os.Process{Pid: os.Getpid()}}
	tgt := &target{procs: []*exec.Cmd{self, self}}
	usage := func() time.Duration {
		var u syscall.Rusage
		if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
			t.Fatal(err)
		}
		return time.Duration(u.Utime.Nano() + u.Stime.Nano())
	}
	before := usage()
	got, err := tgt.cpu()
	after := usage()
	const slack = 2 * float64(50*time.Millisecond) // the kernel splits user and system time by ticks
	if err != nil || float64(got) < 2*float64(before)-slack || float64(got) > 2*float64(after)+slack {
		t.Errorf("two processes took %v, %v; one took %v to %v", got, err, before, after)
	}
	m, err := tgt.memory()
	if err != nil || m.own == 0 || m.mapped == 0 || m.own%2048 != 0 {
		t.Errorf("memory %+v, %v", m, err)
	}
	if redis, err := tgt.redisCPU(); err != nil || redis != 0 {
		t.Errorf("without a Redis it took %v, %v", redis, err)
	}
}

// Redis' part is of the same deliveries as the whole.
func TestShareOfRedis(t *testing.T) {
	t.Parallel()
	self := &exec.Cmd{Process: &os.Process{Pid: os.Getpid()}}
	m := meter{t: &target{procs: []*exec.Cmd{self}, redis: self}, redis: -time.Hour}
	r := result{Deliveries: 1000}
	if err := m.shareOfRedis(&r); err != nil {
		t.Fatal(err)
	}
	if want := 3600e6 / 1000.0; math.Abs(r.RedisMicros-want) > want/100 {
		t.Errorf("Redis took %v µs of each delivery, want %v and what this test took", r.RedisMicros, want)
	}
}
