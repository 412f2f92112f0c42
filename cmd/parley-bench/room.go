//go:build linux

package main

import (
	"fmt"
	"time"

	"parley/pkg/protocol"
)

// room is a document that clients meet in, and what its writers have sent.
type room struct {
	name    string
	number  int // among all
	clients []*client
	writers []writer
}

// writer is a client that types. It is the client of the same seat.
type writer struct {
	clock uint64          // next to be typed
	done  uint64          // clocks before it have reached everybody
	sent  []time.Duration // ring: when a clock was sent
	got   []int32         // ring: how many clients have received a clock
}

// ringSize bounds how many letters of a writer may be on their way.
const ringSize = 1 << 12

// crowd is rooms full of clients that check what they receive. It is an actor.
type crowd struct {
	swarm  *swarm
	target *target
	rooms  []*room
	ready  int  // clients that are in sync
	talk   bool // publish presence on entering

	latency   histogram
	delivered uint64 // letters that reached somebody else
	doubled   uint64
	lost      uint64 // letters that were jumped over
	presence  uint64 // awareness messages received
	bytes     uint64 // received
	failures  []error
	failed    int

	tolerate func(c *client) bool           // whose failures do not count, may be nil
	onReady  func(c *client)                // may be nil
	onState  func(c *client, update []byte) // a step 2 came, may be nil

	key                [64]byte
	update, frame, out []byte
	spans              []span
}

func newCrowd(t *target, prefix string, rooms, clients, writers int) (*crowd, error) {
	s, err := newSwarm()
	if err != nil {
		return nil, err
	}
	c := &crowd{swarm: s, target: t}
	for i := range rooms {
		r := &room{name: fmt.Sprintf("%s-%d", prefix, i), number: i, writers: make([]writer, writers)}
		for w := range r.writers {
			r.writers[w].sent, r.writers[w].got = make([]time.Duration, ringSize), make([]int32, ringSize)
		}
		for seat := range clients {
			r.clients = append(r.clients, &client{actor: c, room: r, seat: seat, fd: -1, phase: ended, next: make([]uint64, writers)})
		}
		c.rooms = append(c.rooms, r)
	}
	return c, nil
}

// all gives every client, room by room.
func (c *crowd) all() []*client {
	var all []*client
	for _, r := range c.rooms {
		all = append(all, r.clients...)
	}
	return all
}

// enter connects clients, at most atOnce at one time, and waits until all of them are in sync.
func (c *crowd) enter(clients []*client, atOnce int) error {
	want := c.ready + len(clients)
	begun, failed := 0, c.failed
	deadline := c.swarm.now() + 60*time.Second
	for c.ready < want {
		for begun < len(clients) && begun-(len(clients)-(want-c.ready)) < atOnce {
			if err := c.connect(clients[begun]); err != nil {
				return err
			}
			begun++
		}
		if err := c.swarm.poll(20 * time.Millisecond); err != nil {
			return err
		}
		if c.failed > failed {
			return fmt.Errorf("%d of %d connections failed: %w", c.failed-failed, len(clients), c.failures[len(c.failures)-1])
		}
		if c.swarm.now() > deadline {
			return fmt.Errorf("only %d of %d clients are in sync after a minute", len(clients)-(want-c.ready), len(clients))
		}
	}
	return nil
}

func (c *crowd) connect(cl *client) error {
	for w := range cl.next {
		cl.next[w] = 0
	}
	return c.swarm.connect(cl, c.target.addr(cl), c.target.dialect.path(cl.room.name))
}

// opened implements actor.
func (c *crowd) opened(cl *client) {
	d := c.target.dialect
	for _, m := range d.greet(cl.room.name) {
		cl.send(appendFrame(nil, opBinary, m))
	}
	if d.syncs() {
		c.say(cl, protocol.AppendStep1(nil, []byte{0}))
	}
}

// say sends a y-protocols message.
func (c *crowd) say(cl *client, message []byte) {
	wrapped := c.target.dialect.wrap(nil, cl.room.name, message)
	cl.send(appendFrame(nil, opBinary, wrapped))
}

func (c *crowd) enterDone(cl *client) {
	c.ready++
	cl.synced = true
	if c.talk {
		c.publish(cl)
	}
	if c.onReady != nil {
		c.onReady(cl)
	}
}

// publish sends a client's presence anew.
func (c *crowd) publish(cl *client) {
	cl.keys++
	c.say(cl, presenceOf(cl.seat, cl.keys))
}

// closed implements actor.
func (c *crowd) closed(cl *client, err error) {
	if cl.synced {
		c.ready--
		cl.synced = false
	}
	if err != nil && (c.tolerate == nil || !c.tolerate(cl)) {
		c.failed++
		if len(c.failures) < 8 {
			c.failures = append(c.failures, err)
		}
	}
}

// message implements actor.
func (c *crowd) message(cl *client, frame []byte) {
	c.bytes += uint64(len(frame))
	body := c.target.dialect.unwrap(frame)
	if body == nil {
		return
	}
	m, err := protocol.Decode(body)
	switch {
	case err != nil:
		cl.end(err)
	case m.Type == protocol.TypeAwareness:
		c.presence++
	case m.Type != protocol.TypeSync:
	case m.Step == protocol.Step1:
		c.say(cl, protocol.AppendStep2(nil, []byte{0, 0}))
	default:
		c.receive(cl, m)
	}
}

// receive handles an update or a step 2.
func (c *crowd) receive(cl *client, m protocol.Message) {
	if m.Step == protocol.Step2 && c.onState != nil {
		c.onState(cl, m.Body)
	}
	if len(cl.next) > 0 {
		var err error
		if c.spans, err = spans(c.spans[:0], m.Body); err != nil {
			cl.end(err)
			return
		}
		now := c.swarm.now()
		for _, s := range c.spans {
			if s.writer < 0 || s.writer >= len(cl.next) {
				cl.end(errNotTyped)
				return
			}
			if s.writer != cl.seat {
				c.account(cl, s, m.Step == protocol.Step2 || !cl.synced, now)
			}
		}
	}
	if m.Step == protocol.Step2 && !cl.synced {
		c.enterDone(cl)
	}
}

// account notes that a client has received the letters of a span. An update counts as delivered
// letter by letter, and has to bring the letter that the client expects next: a later one means
// that letters were lost, an earlier one that they came twice. A state (the step 2 on entering) may
// begin with letters that the client has, and is no delivery.
func (c *crowd) account(cl *client, s span, state bool, now time.Duration) {
	next := cl.next[s.writer]
	switch {
	case state:
		cl.next[s.writer] = max(next, s.to)
		return
	case s.from > next:
		c.lost += s.from - next
		next = s.from
	case s.from < next:
		c.doubled += min(s.to, next) - s.from
	}
	w := &cl.room.writers[s.writer]
	for clock := max(next, s.from); clock < s.to; clock++ {
		c.delivered++
		c.latency.add(now - w.sent[clock%ringSize])
		w.receivedBy(clock, len(cl.room.clients)-1)
	}
	cl.next[s.writer] = max(next, s.to)
}

// receivedBy counts one more client that has a letter. of is how many are to have it.
func (w *writer) receivedBy(clock uint64, of int) {
	w.got[clock%ringSize]++
	for w.done < w.clock && int(w.got[w.done%ringSize]) >= of {
		w.done++
	}
}

// appendTyped appends the frame of a writer's next letter and notes when it was sent.
func (c *crowd) appendTyped(dst []byte, r *room, seat int) []byte {
	w := &r.writers[seat]
	c.update = protocol.AppendUpdate(c.update[:0], appendKeystroke(c.key[:0], seat, w.clock))
	c.frame = c.target.dialect.wrap(c.frame[:0], r.name, c.update)
	w.sent[w.clock%ringSize], w.got[w.clock%ringSize] = c.swarm.now(), 0
	w.clock++
	return appendFrame(dst, opBinary, c.frame)
}

// typeOne has a writer type a letter.
func (c *crowd) typeOne(r *room, seat int) {
	c.out = c.appendTyped(c.out[:0], r, seat)
	r.clients[seat].send(c.out)
}

// settle waits, at most for limit, until every client has every letter. It gives the number of
// letters that are still missing.
func (c *crowd) settle(limit time.Duration) (missing uint64, err error) {
	deadline := c.swarm.now() + limit
	for {
		if missing = c.missing(); missing == 0 || c.swarm.now() > deadline {
			return missing, nil
		}
		if err := c.swarm.poll(10 * time.Millisecond); err != nil {
			return missing, err
		}
	}
}

// missing counts the letters that connected clients do not have.
func (c *crowd) missing() uint64 {
	var n uint64
	for _, r := range c.rooms {
		for _, cl := range r.clients {
			if !cl.synced {
				continue
			}
			for w := range r.writers {
				if w != cl.seat {
					n += r.writers[w].clock - cl.next[w]
				}
			}
		}
	}
	return n
}

// restart ends the warm-up: deliveries and latency count from here. What was lost or came twice
// during the warm-up still counts.
func (c *crowd) restart() {
	c.latency = histogram{}
	c.delivered, c.presence, c.bytes = 0, 0, 0
}
