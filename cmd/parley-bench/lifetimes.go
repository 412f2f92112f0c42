//go:build linux

package main

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"parley/crdt"
	"parley/pkg/protocol"
)

// renewEvery is how often a client publishes its presence anew, as y-protocols does: half of the
// time after which others take it for gone.
const renewEvery = 15 * time.Second

// idle connects clients to rooms of two with a small document. Then they only renew their presence.
func idle(conns int) func(*target, knobs) (result, error) {
	return func(t *target, k knobs) (r result, err error) {
		n := k.pairs(conns)
		before, err := t.memory()
		if err != nil {
			return r, err
		}
		m, err := startMeter(t)
		if err != nil {
			return r, err
		}
		c, err := newCrowd(t, "idle", n/2, 2, 1)
		if err != nil {
			return r, err
		}
		defer c.swarm.shutdown()
		c.talk = true
		if err := c.enter(c.all(), atOnce); err != nil {
			return r, err
		}
		for _, room := range c.rooms {
			c.typeOne(room, 0)
		}
		missing, err := c.settle(settleTime)
		if err != nil {
			return r, err
		}
		took, cpu, err := m.stop()
		if err != nil {
			return r, err
		}
		// Servers tidy up only after a connection has been silent for a while.
		if m, err = startMeter(t); err != nil {
			return r, err
		}
		if err := c.rest(max(2*k.duration, 2*time.Second), renewEvery); err != nil {
			return r, err
		}
		rested, idleCPU, err := m.stop()
		if err != nil {
			return r, err
		}
		after, err := t.memory()
		r.IdleCPU = idleCPU.Seconds() / rested.Seconds()
		r.Conns = n
		r.rates(uint64(n), took, cpu)
		r.BytesPerConn = (float64(after.own) - float64(before.own)) / float64(n)
		r.PeakBytes = float64(after.own)
		if t.metrics != "" {
			r.Note = goMemory(t.metrics, n)
		}
		r.Note = strings.TrimSuffix(fmt.Sprintf("idle %.1f ms CPU/s, %s", r.IdleCPU*1e3, r.Note), ", ")
		c.finish(&r, missing)
		r.P50Millis, r.P90Millis, r.P99Millis, r.P999Millis, r.MaxMillis = 0, 0, 0, 0, 0
		return r, err
	}
}

// goMemory tells what a server in Go uses per connection, by its own metrics.
func goMemory(url string, conns int) string {
	note := "of which, with the program's own,"
	for _, part := range []struct{ name, metric string }{
		{"live", "go_memstats_heap_alloc_bytes"}, {"heap", "go_memstats_heap_inuse_bytes"}, {"stacks", "go_memstats_stack_inuse_bytes"},
	} {
		v, err := scrape(url, part.metric)
		if err != nil {
			return err.Error()
		}
		note += fmt.Sprintf(" %s %.1f KiB", part.name, v/float64(conns)/1024)
	}
	return note
}

// rest only receives, and has every client renew its presence once in every. The clients take
// turns, so that they do not all speak at once.
func (c *crowd) rest(d, every time.Duration) error {
	clients := c.all()
	begin, renewed := c.swarm.now(), 0
	for {
		now := c.swarm.now() - begin
		for ; renewed < int(int64(len(clients))*int64(min(now, d))/int64(every)); renewed++ {
			if cl := clients[renewed%len(clients)]; cl.phase == talking {
				c.publish(cl)
			}
		}
		if now >= d {
			return nil
		}
		if err := c.swarm.poll(100 * time.Millisecond); err != nil {
			return err
		}
	}
}

// joinSize is the encoded size of the document that is joined.
const joinSize = 311 << 10

// largeDocument makes the state of a text that was written and partly deleted in many places. It is
// the same in every run.
func largeDocument() ([]byte, error) {
	random := rand.New(rand.NewPCG(1, 2))
	doc := crdt.NewDoc(crdt.WithClientID(7))
	text := doc.Text(rootName)
	for {
		for range 250 {
			at := random.IntN(text.Len() + 1)
			if err := text.Insert(at, "func main() { return }"[:1+random.IntN(22)]); err != nil {
				return nil, err
			}
			if random.IntN(4) == 0 {
				at := random.IntN(text.Len())
				if err := text.Delete(at, min(text.Len()-at, 1+random.IntN(5))); err != nil {
					return nil, err
				}
			}
		}
		state, err := doc.EncodeStateAsUpdate(nil)
		if err != nil || len(state) >= joinSize {
			return state, err
		}
	}
}

// join has clients enter a room with a large document, one after the other or all together.
func join(together bool) func(*target, knobs) (result, error) {
	return func(t *target, k knobs) (r result, err error) {
		state, err := largeDocument()
		if err != nil {
			return r, err
		}
		n := k.scaled(200)
		c, err := newCrowd(t, "join", 1, n+1, 0)
		if err != nil {
			return r, err
		}
		defer c.swarm.shutdown()
		all := c.all()
		if err := c.enter(all[:1], 1); err != nil {
			return r, err
		}
		c.say(all[0], protocol.AppendUpdate(nil, state))
		var latency histogram
		c.onState = func(cl *client, update []byte) {
			latency.add(c.swarm.now() - cl.started)
			if len(update) < joinSize*9/10 {
				r.Lost++
				c.failures = append(c.failures, fmt.Errorf("a state of %d bytes", len(update)))
			}
		}
		if err := c.awaitState(all[0]); err != nil {
			return r, err
		}
		r.Lost, latency, c.failures = 0, histogram{}, nil
		m, err := startMeter(t)
		if err != nil {
			return r, err
		}
		parallel := 1
		if together {
			parallel = n
		}
		if err := c.enter(all[1:], parallel); err != nil {
			return r, err
		}
		took, cpu, err := m.stop()
		r.rates(uint64(n), took, cpu)
		r.Conns = n
		lost := r.Lost
		c.finish(&r, lost)
		r.latencies(&latency)
		r.Note = fmt.Sprintf("%d bytes", len(state))
		return r, err
	}
}

// awaitState asks for the document until the large one is there.
func (c *crowd) awaitState(cl *client) error {
	state := c.onState
	defer func() { c.onState = state }()
	there := false
	c.onState = func(_ *client, update []byte) { there = len(update) > joinSize*9/10 }
	for end := c.swarm.now() + settleTime; c.swarm.now() < end && !there; {
		c.say(cl, protocol.AppendStep1(nil, []byte{0}))
		if err := c.rest(100*time.Millisecond, renewEvery); err != nil {
			return err
		}
	}
	if !there {
		return errors.New("the server does not have the document that it was sent")
	}
	return nil
}

// storm has all clients reconnect at one moment.
func storm(conns int) func(*target, knobs) (result, error) {
	return func(t *target, k knobs) (r result, err error) {
		n := k.pairs(conns)
		c, err := newCrowd(t, "storm", n/2, 2, 1)
		if err != nil {
			return r, err
		}
		defer c.swarm.shutdown()
		c.talk = true
		all := c.all()
		if err := c.enter(all, atOnce); err != nil {
			return r, err
		}
		for _, room := range c.rooms {
			c.typeOne(room, 0)
		}
		if _, err := c.settle(settleTime); err != nil {
			return r, err
		}
		var latency histogram
		c.onReady = func(cl *client) { latency.add(c.swarm.now() - cl.started) }
		m, err := startMeter(t)
		if err != nil {
			return r, err
		}
		for _, cl := range all {
			cl.reset()
		}
		if err := c.enter(all, n); err != nil {
			return r, err
		}
		missing, err := c.settle(settleTime)
		if err != nil {
			return r, err
		}
		took, cpu, err := m.stop()
		r.Conns = n
		r.rates(uint64(n), took, cpu)
		c.finish(&r, missing)
		r.latencies(&latency)
		return r, err
	}
}

// churnRate is how many connections a second end and are replaced.
const churnRate = 100

// churn has two clients type in each room, while others come, publish their presence and go.
func churn(t *target, k knobs) (r result, err error) {
	const clients, stay = 6, 2
	c, err := newCrowd(t, "churn", k.scaled(50), clients, stay)
	if err != nil {
		return r, err
	}
	defer c.swarm.shutdown()
	c.talk = true
	if err := c.enter(c.all(), atOnce); err != nil {
		return r, err
	}
	var joins histogram
	c.onReady = func(cl *client) { joins.add(c.swarm.now() - cl.started) }
	m, err := startMeter(t)
	if err != nil {
		return r, err
	}
	random, begun, came := rand.New(rand.NewPCG(3, 4)), c.swarm.now(), 0
	err = c.typeFor(k.duration, 5, func(now time.Duration) {
		for ; came < int((now-begun).Seconds()*churnRate); came++ {
			room := c.rooms[random.IntN(len(c.rooms))]
			cl := room.clients[stay+random.IntN(clients-stay)]
			cl.hangUp()
			if err := c.connect(cl); err != nil {
				c.failed++
				c.failures = append(c.failures, err)
			}
		}
	})
	if err != nil {
		return r, err
	}
	if err := c.await(len(c.all())); err != nil {
		return r, err
	}
	missing, err := c.settle(settleTime)
	if err != nil {
		return r, err
	}
	took, cpu, err := m.stop()
	r.Conns = came
	r.rates(uint64(came), took, cpu)
	c.finish(&r, missing)
	r.Note = fmt.Sprintf("join p99 %.1f ms", millis(joins.quantile(.99)))
	return r, err
}

// await waits until so many clients are in sync.
func (c *crowd) await(n int) error {
	for end := c.swarm.now() + settleTime; c.ready < n; {
		if c.swarm.now() > end {
			return fmt.Errorf("only %d of %d clients are in sync", c.ready, n)
		}
		if err := c.swarm.poll(20 * time.Millisecond); err != nil {
			return err
		}
	}
	return nil
}

// rubbish are frames that no client should send.
func rubbish(random *rand.Rand) []byte {
	junk := make([]byte, 1+random.IntN(200))
	for i := range junk {
		junk[i] = byte(random.Uint32())
	}
	switch random.IntN(4) {
	case 0: // bytes that are no frames at all
		return junk
	case 1: // a text message
		return appendFrame(nil, 0x81, bytes.Repeat([]byte("x"), len(junk)))
	case 2: // an update that is none
		return appendFrame(nil, opBinary, protocol.AppendUpdate(nil, append([]byte{200}, junk...)))
	default:
		return appendFrame(nil, opBinary, append([]byte{0, 2}, junk...))
	}
}
