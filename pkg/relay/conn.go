package relay

import (
	"errors"
	"sync"
	"sync/atomic"
	"time"
)

// conn is one Socket in one Room. Its reader is the goroutine in Serve; its writer lives while something waits.
type conn struct {
	// Fixed by newConn.
	relay  *Relay
	doc    string // of its session
	grant  Grant
	socket Socket

	out     outbox
	writers sync.WaitGroup // the writer, if there is one
	over    atomic.Bool    // shut was called: what still comes from the peer is not looked at

	mu    sync.Mutex // guards what follows
	room  *Room      // nil until the room is loaded
	cause *ClosedError

	// Owned by the reader.
	bucket bucket

	// Owned by Room.run.
	joined  bool
	ids     []uint64 // client ids it holds; see identity.go
	asks    bool     // structs were left out of its updates: see Room.letGo
	handled uint64   // sync updates and steps 2 that were taken in, stored or not
	cut     uint64   // handled when the append now in flight was put together
}

func newConn(r *Relay, id RoomID, g Grant, s Socket) *conn {
	g.Confirm = nil // Serve asks it, once; nobody needs what it holds on to after that
	c := &conn{relay: r, doc: id.Doc, grant: g, socket: s, bucket: newBucket(r.opts.MessagesPerSecond)}
	c.out.limit = r.opts.MaxOutboxBytes
	c.out.start = func() { c.writers.Go(c.write) }
	c.out.hangUp = func(code CloseCode) {
		c.writers.Go(func() { c.socket.Close(code, code.Reason()) })
	}
	return c
}

// refuse ends a connection that never got into a room.
func (c *conn) refuse(cause error) error {
	c.shut(codeOf(cause), cause)
	return c.closed()
}

// serve joins the room and reads until the connection ends.
func (c *conn) serve(room *Room) error {
	c.mu.Lock()
	c.room = room
	c.mu.Unlock()
	if !room.post(func() { room.join(c) }) {
		return c.refuse(ErrRoomFailed)
	}
	c.read(room)
	room.post(func() { room.leave(c) })
	return c.closed()
}

// read hands what the peer sends to the room, until the socket gives an error.
func (c *conn) read(room *Room) {
	for {
		frame, err := c.socket.Read()
		now := time.Now()
		switch {
		case errors.Is(err, ErrTextMessage):
			c.relay.stats.add(MessagesMalformed, 1)
			c.shut(CloseMalformed, err)
			return
		case errors.Is(err, ErrMessageTooLarge):
			c.relay.stats.add(MessagesTooLarge, 1)
			c.shut(CloseTooLarge, err)
			return
		case err != nil:
			return
		case c.over.Load():
			continue // until the writer has said goodbye, and Read fails
		}
		c.relay.stats.add(MessagesReceived, 1)
		c.relay.stats.add(BytesReceived, len(frame))
		if !c.bucket.take(now) {
			c.relay.stats.add(MessagesTooMany, 1)
			c.shut(CloseTooMany, nil)
			continue
		}
		if !room.postFrame(c, frame, now) {
			return
		}
	}
}

// write sends what waits, until nothing does. Only one runs at a time; outbox sees to that.
func (c *conn) write() {
	for {
		p, next := c.out.take()
		switch next {
		case doneWriting:
			return
		case askResync:
			c.mu.Lock()
			room := c.room
			c.mu.Unlock()
			room.post(func() { room.resync(c) })
		case sayGoodbye:
			code, reason := c.out.goodbye()
			c.socket.Close(code, reason)
		case sendParcel:
			frames := p.pack(&c.relay.stats)
			err := c.socket.Write(frames...)
			c.relay.stats.add(MessagesSent, len(frames))
			c.relay.stats.add(BytesSent, size(frames))
			if err == nil && !p.since.IsZero() {
				c.relay.measured(FanOut, p.since)
			}
			p.free()
			if err != nil {
				c.out.stop()
				c.socket.Close(CloseNormal, "")
			}
		}
	}
}

// shut ends the connection with code: at once for a final code, else after what waits. The first call counts. It
// may be called from any goroutine and does not wait.
func (c *conn) shut(code CloseCode, cause error) {
	c.mu.Lock()
	first := c.cause == nil
	if first {
		c.cause = &ClosedError{Code: code, Reason: code.Reason(), Cause: cause}
	}
	c.mu.Unlock()
	if !first || !c.out.close(code) {
		return
	}
	c.over.Store(true)
	c.relay.stats.closedWith(code)
}

// closed is what Serve returns: nil unless the server ended the connection.
func (c *conn) closed() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.cause == nil {
		return nil
	}
	return c.cause
}

// finish waits for the writer, so that the socket is not touched any more.
func (c *conn) finish() {
	if !c.out.closing() {
		c.out.stop()
		c.socket.Close(CloseNormal, "")
	}
	c.writers.Wait()
}

// bucket is a token bucket: it fills with rate tokens a second and holds burstSeconds' worth.
type bucket struct {
	rate, tokens float64
	last         time.Time
}

func newBucket(rate int) bucket {
	return bucket{rate: float64(rate), tokens: float64(rate * burstSeconds), last: time.Now()}
}

// take takes one token at a time and reports whether there was one. A rate below zero never runs out.
func (b *bucket) take(now time.Time) bool {
	if b.rate < 0 {
		return true
	}
	b.tokens = min(b.tokens+now.Sub(b.last).Seconds()*b.rate, b.rate*burstSeconds)
	b.last = now
	if b.tokens < 1 {
		return false
	}
	b.tokens--
	return true
}
