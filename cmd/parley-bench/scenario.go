//go:build linux

package main

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"time"
)

// scenario is a load, and what is measured under it.
type scenario struct {
	name, title string
	headline    func(result) (value float64, unit string) // the figure of the table and the chart
	more        bool                                      // more is better
	documents   bool                                      // it needs a server that knows documents
	run         func(t *target, k knobs) (result, error)

	// latency adds the p99 to the table, and keeps server and load generator on different
	// processors.
	latency bool
}

// knobs are what the command line sets for all scenarios.
type knobs struct {
	duration time.Duration // of what is measured
	scale    float64       // of numbers of rooms and connections
}

// scaled is n times the scale, rounded, and at least 1.
func (k knobs) scaled(n int) int { return max(1, int(math.Round(float64(n)*k.scale))) }

// rooms scales a number of rooms. The scenario of a single room always has one.
func (k knobs) rooms(n int) int {
	if n == 1 {
		return 1
	}
	return k.scaled(n)
}

// pairs scales a number of connections that sit in rooms of two.
func (k knobs) pairs(n int) int { return max(2, k.scaled(n)/2*2) }

func perDelivery(r result) (float64, string) { return r.CPUMicros, "µs CPU" }
func perSecond(r result) (float64, string)   { return r.PerSecond, "/s" }
func perConn(r result) (float64, string)     { return r.BytesPerConn / 1024, "KiB" }
func perJoin(r result) (float64, string)     { return r.CPUMicros / 1000, "ms CPU" }
func inSeconds(r result) (float64, string)   { return r.Seconds, "s" }

// scenarios lists what can be run. An argument on the command line selects every scenario whose
// name begins with it.
var scenarios = []scenario{
	{name: "fan-out-100x3", title: "100 rooms × 3, 10 updates/s each", headline: perDelivery, latency: true, run: fanOut(100, 3, 1, 10)},
	{name: "fan-out-500x3", title: "500 rooms × 3, 10 updates/s each", headline: perDelivery, latency: true, run: fanOut(500, 3, 1, 10)},
	{name: "fan-out-1x50", title: "1 room × 50, 5 writers, 10 updates/s each", headline: perDelivery, latency: true, run: fanOut(1, 50, 5, 10)},
	{name: "saturate-20x3", title: "20 rooms × 3, as fast as it goes", headline: perSecond, more: true, run: saturate(20, 3)},
	{name: "saturate-1x50", title: "1 room × 50, as fast as it goes", headline: perSecond, more: true, run: saturate(1, 50)},
	{name: "idle", title: "5,000 idle connections in rooms of two", headline: perConn, run: idle(5000)},
	{name: "join-one", title: "Join a 311 KB document, one by one", headline: perJoin, documents: true, run: join(false)},
	{name: "join-all", title: "Join a 311 KB document, 200 at once", headline: perJoin, documents: true, run: join(true)},
	{name: "churn", title: "Connections come and go while others type", headline: perJoin, documents: true, run: churn},
	{name: "storm", title: "5,000 connections reconnect at once", headline: inSeconds, documents: true, run: storm(5000)},
	{name: "soak", title: "Load with churn, kills and bad frames", headline: perDelivery, documents: true, run: soak},
}

// meter measures the time and CPU time of a stretch.
type meter struct {
	t     *target
	start time.Time
	cpu   time.Duration
	redis time.Duration // the part of cpu that Redis took
}

func startMeter(t *target) (meter, error) {
	cpu, err := t.cpu()
	redis, err2 := t.redisCPU()
	return meter{t: t, start: time.Now(), cpu: cpu, redis: redis}, errors.Join(err, err2)
}

// shareOfRedis fills in the part of the CPU time that Redis took.
func (m meter) shareOfRedis(r *result) error {
	now, err := m.t.redisCPU()
	if err == nil && r.Deliveries > 0 {
		r.RedisMicros = float64((now - m.redis).Microseconds()) / float64(r.Deliveries)
	}
	return err
}

func (m meter) stop() (took, cpu time.Duration, err error) {
	took = time.Since(m.start)
	now, err := m.t.cpu()
	return took, now - m.cpu, err
}

// finish fills in what the crowd has counted. missing is what settle gave.
func (c *crowd) finish(r *result, missing uint64) {
	r.Deliveries = c.delivered
	r.Lost, r.Doubled, r.Errors = c.lost+missing, c.doubled, c.failed
	if len(c.failures) > 0 {
		r.Error = c.failures[0].Error()
	}
	r.latencies(&c.latency)
}

// atOnce is how many handshakes are under way at one time in scenarios that do not measure them.
const atOnce = 64

// settleTime is how long a server may take to deliver what was sent.
const settleTime = 20 * time.Second

// fanOut has writers type at a steady rate, each in its own rhythm.
func fanOut(rooms, clients, writers int, perSecond float64) func(*target, knobs) (result, error) {
	return func(t *target, k knobs) (r result, err error) {
		n := k.rooms(rooms)
		c, err := newCrowd(t, "fan", n, clients, writers)
		if err != nil {
			return r, err
		}
		defer c.swarm.shutdown()
		if err := c.enter(c.all(), atOnce); err != nil {
			return r, err
		}
		if err := c.typeFor(k.duration/4, perSecond, nil); err != nil {
			return r, err
		}
		if _, err := c.settle(settleTime); err != nil {
			return r, err
		}
		c.restart()
		m, err := startMeter(t)
		if err != nil {
			return r, err
		}
		if err := c.typeFor(k.duration, perSecond, nil); err != nil {
			return r, err
		}
		missing, err := c.settle(settleTime)
		if err != nil {
			return r, err
		}
		took, cpu, err := m.stop()
		r.Conns = n * clients
		r.rates(c.delivered, took, cpu)
		c.finish(&r, missing)
		return r, m.shareOfRedis(&r)
	}
}

// turn is a writer's place in the period in which each of them types once.
type turn struct {
	room *room
	seat int
	at   time.Duration // since the period's beginning
}

// turns gives every writer a random place in the period, the same in every run. Writers that are
// spread evenly would never type at the same moment, as people do.
func (c *crowd) turns(period time.Duration) []turn {
	random := rand.New(rand.NewPCG(1, uint64(len(c.rooms))))
	var all []turn
	for w := range c.rooms[0].writers {
		for _, r := range c.rooms {
			all = append(all, turn{r, w, time.Duration(random.Int64N(int64(period)))})
		}
	}
	slices.SortFunc(all, func(a, b turn) int { return cmp.Compare(a.at, b.at) })
	return all
}

// longestWait is how long typeFor waits at most before it calls tick.
const longestWait = time.Millisecond

// typeFor has all writers type at a rate for some time. It calls tick, if there is one, about every
// millisecond.
func (c *crowd) typeFor(d time.Duration, perSecond float64, tick func(now time.Duration)) error {
	period := time.Duration(float64(time.Second) / perSecond)
	turns := c.turns(period)
	start := c.swarm.now()
	for i := 0; ; {
		now := c.swarm.now() - start
		due := func() time.Duration { return time.Duration(i/len(turns))*period + turns[i%len(turns)].at }
		for ; due() <= now && due() < d; i++ {
			if t := turns[i%len(turns)]; t.room.clients[t.seat].synced {
				c.typeOne(t.room, t.seat)
			}
		}
		if now >= d {
			return nil
		}
		if tick != nil {
			tick(start + now)
		}
		if err := c.swarm.poll(min(max(due()-(c.swarm.now()-start), 0), longestWait)); err != nil {
			return err
		}
	}
}

// window is how many letters of a writer may be on their way in a saturated room.
const window = 256

// saturate is a closed loop. One writer in each room has window letters on their way, and types the
// next one when everybody has received one.
func saturate(rooms, clients int) func(*target, knobs) (result, error) {
	return func(t *target, k knobs) (r result, err error) {
		n := k.rooms(rooms)
		c, err := newCrowd(t, "sat", n, clients, 1)
		if err != nil {
			return r, err
		}
		defer c.swarm.shutdown()
		if err := c.enter(c.all(), atOnce); err != nil {
			return r, err
		}
		if err := c.typeFast(k.duration / 4); err != nil {
			return r, err
		}
		c.restart()
		m, err := startMeter(t)
		if err != nil {
			return r, err
		}
		if err := c.typeFast(k.duration); err != nil {
			return r, err
		}
		took, cpu, err := m.stop()
		if err != nil {
			return r, err
		}
		r.Conns = n * clients
		measured := c.delivered
		r.rates(measured, took, cpu)
		missing, err := c.settle(settleTime)
		c.finish(&r, missing)
		r.Deliveries = measured // and not those that came while the crowd settled
		return r, err
	}
}

func (c *crowd) typeFast(d time.Duration) error {
	var batch []byte
	for end := c.swarm.now() + d; c.swarm.now() < end; {
		for _, r := range c.rooms {
			w := &r.writers[0]
			batch = batch[:0]
			for w.clock-w.done < window && len(r.clients[0].out) == 0 {
				batch = c.appendTyped(batch, r, 0)
			}
			if len(batch) > 0 {
				r.clients[0].send(batch)
			}
			if r.clients[0].phase != talking {
				return fmt.Errorf("a writer lost its connection: %w", errors.Join(c.failures...))
			}
		}
		if err := c.swarm.poll(20 * time.Millisecond); err != nil {
			return err
		}
	}
	return nil
}
