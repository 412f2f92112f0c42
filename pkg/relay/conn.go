package relay

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"
)

// conn is one Socket in one Room. Its reader is the goroutine in Take, or in Resume when it was parked in between. What is queued for it is
// written by whoever did the event that it came of, and by a writer of its own only while the peer does not take it.
type conn struct {
	// Fixed by newConn.
	relay  *Relay
	id     RoomID
	grant  Grant
	socket Socket

	out     outbox
	writers sync.WaitGroup // who writes, and who hangs up
	closing atomic.Bool    // shut was called: what still comes from the peer is not looked at

	mu    sync.Mutex // guards cause
	cause *ClosedError

	unwatchCtx func() bool // set by Relay.find
	ended      func(error) // see Relay.Take

	// Set by enterRoom before the connection joins the room, nil if it never did.
	room *Room

	// Owned by the reader.
	allowed allowance

	// Owned by the Room's events.
	joined          bool
	ids             []uint64 // client ids it holds; see identity.go
	fenced          bool     // structs were left out of its updates: see Room.freeIDs
	handled         uint64   // sync updates and steps 2 that were taken in, stored or not
	handledAtAppend uint64   // handled when the append now in flight was put together
}

func newConn(r *Relay, id RoomID, g Grant, s Socket) *conn {
	g.Confirm = nil // Serve asks it, once; nobody needs what it holds on to after that
	c := &conn{relay: r, id: id, grant: g, socket: s, allowed: newAllowance(&r.opts)}
	c.out.limit, c.out.conn = r.opts.MaxOutboxBytes, c
	return c
}

// begin brings the connection into its room. It reports false when it may not be there, and has told it so.
func (c *conn) enterRoom(ctx context.Context, confirm func(context.Context) error) bool {
	room, err := c.relay.findRoom(ctx, c, confirm)
	if err != nil {
		c.close(codeOf(err), err)
		return false
	}
	c.room = room
	if !room.post(func() { room.join(c) }) {
		c.close(codeOf(ErrRoomFailed), ErrRoomFailed)
		return false
	}
	return true
}

// Resume implements Resumer: something has come, or the connection is to end.
func (c *conn) Resume() { c.serve(c.read) }

// live is a stretch of the connection's life, and its end unless stretch has parked it: then whoever resumes it goes on.
func (c *conn) serve(stretch func() (parked bool)) {
	if !c.serveUntilParked(stretch) {
		c.ended(c.closed())
	}
}

// unlessParked gives all back when the connection has ended, also by a panic.
func (c *conn) serveUntilParked(stretch func() (parked bool)) (parked bool) {
	defer func() {
		if !parked {
			c.leaveRoom()
			c.relay.unregister(c)
		}
	}()
	return stretch()
}

// leaveRoom takes the connection out of its room, if it was in one. Nobody holds that by then, so that the last one to leave can end it.
func (c *conn) leaveRoom() {
	room := c.room
	if room == nil {
		return
	}
	c.relay.release(room)
	room.post(func() { room.leave(c) })
}

// maxTogether bounds the frames that go to the room as one event.
const maxTogether = 256

// read hands what the peer sends to the room, until the socket gives an error or is parked. It waits with little on the stack: that
// is most of what a connection costs that cannot be parked.
func (c *conn) read() (parked bool) {
	for {
		err := c.socket.Wait()
		switch {
		case err == nil:
			if !c.readSome(c.room) {
				return false
			}
		case errors.Is(err, ErrQuiet):
			if p, ok := c.socket.(Parker); ok && p.Park(c) {
				return true
			}
		default:
			c.readFailed(err)
			return false
		}
	}
}

// readSome hands on what has come together, as one event. It reports false when nothing more can be read.
func (c *conn) readSome(room *Room) bool {
	var frames [][]byte
	for {
		frame, err := c.socket.Read()
		now := time.Now()
		if err == nil && c.admits(frame, now) {
			frames = append(frames, frame)
		}
		if err == nil && len(frames) < maxTogether && c.socket.More() {
			continue
		}
		ok := err == nil
		if len(frames) > 0 {
			ok = room.postFrames(c, frames, now) && ok
		}
		if err != nil {
			c.readFailed(err)
		}
		return ok
	}
}

// admits reports whether a frame may go to the room.
func (c *conn) admits(frame []byte, now time.Time) bool {
	if c.closing.Load() {
		return false // read on until the writer has said goodbye, and Read fails
	}
	c.relay.stats.add(MessagesReceived, 1)
	c.relay.stats.add(BytesReceived, len(frame))
	if !c.allowed.take(&c.relay.opts, len(frame), now) {
		c.relay.stats.add(MessagesTooMany, 1)
		c.close(CloseTooMany, nil)
		return false
	}
	return true
}

// failed says why nothing more can be read.
func (c *conn) readFailed(err error) {
	switch {
	case errors.Is(err, ErrTextMessage):
		c.relay.stats.add(MessagesMalformed, 1)
		c.close(CloseMalformed, err)
	case errors.Is(err, ErrMessageTooLarge):
		c.relay.stats.add(MessagesTooLarge, 1)
		c.close(CloseTooLarge, err)
	case errors.Is(err, ErrBadFrame):
		c.relay.stats.add(MessagesMalformed, 1)
	}
}

// noteDirty has the room send what was queued when it has done its events. The caller holds the outbox's mu.
func (c *conn) noteDirty() {
	c.writers.Add(1) // Done when nothing waits any more
	c.room.dirty = append(c.room.dirty, c)
}

// hangUp closes the socket without waiting for the writer.
func (c *conn) closeSocket(code CloseCode) {
	c.writers.Go(func() { c.socket.Close(code, code.Reason()) })
}

// maxInARow bounds the writes that one goroutine makes for a connection while more is queued all the time.
const maxInARow = 4

// sendNow sends what waits, as far as that goes without waiting, and takes the time of it if that is wanted. Else a writer of the
// connection's own goes on.
func (c *conn) sendNow(sample sampling) {
	for range maxInARow {
		p, next := c.out.take()
		if next == sendParcel && c.try(p, sample) {
			continue
		}
		if next == doneWriting {
			c.writers.Done()
			return
		}
		c.writers.Go(func() {
			if next == sendParcel {
				c.flush(p)
			} else {
				c.act(next)
			}
			c.write()
		})
		c.writers.Done()
		return
	}
	c.writers.Go(c.write)
	c.writers.Done()
}

// write sends what waits, until nothing does. Only one writes at a time; outbox sees to that.
func (c *conn) write() {
	for {
		p, next := c.out.take()
		switch next {
		case doneWriting:
			return
		case sendParcel:
			if !c.try(p, sampled) {
				c.flush(p)
			}
		default:
			c.act(next)
		}
	}
}

// act does what is not sending.
func (c *conn) act(task next) {
	switch task {
	case askResync:
		c.room.post(func() { c.room.resync(c) })
	case sendClose:
		code := c.out.closeCode()
		c.socket.Close(code, code.Reason())
	}
}

// timing says whether the time of a send is taken.
type sampling bool

const (
	sampled   sampling = true
	unsampled sampling = false
)

// try sends a parcel. It reports false when the socket does not take all of it without waiting: then
// the caller calls flush, which always takes the time.
func (c *conn) try(p *parcel, sample sampling) bool {
	frames := p.pack(&c.relay.stats)
	c.relay.stats.add(MessagesSent, len(frames))
	c.relay.stats.add(BytesSent, totalBytes(frames))
	done, err := c.socket.TryWrite(frames...)
	if err == nil && !done {
		return false
	}
	if sample == unsampled {
		p.since = time.Time{}
	}
	c.sent(p, err)
	return true
}

// flush waits until a parcel is sent.
func (c *conn) flush(p *parcel) { c.sent(p, c.socket.Flush()) }

// sent ends the sending of a parcel.
func (c *conn) sent(p *parcel, err error) {
	if err == nil && !p.since.IsZero() {
		c.relay.measured(FanOut, p.since)
	}
	p.release()
	if err != nil {
		c.out.end()
		c.socket.Close(CloseNormal, "")
	}
}

// shut ends the connection with code: at once for a final code, else after what waits. The first call counts. It
// may be called from any goroutine and does not wait.
func (c *conn) close(code CloseCode, cause error) {
	c.mu.Lock()
	first := c.cause == nil
	if first {
		c.cause = &ClosedError{Code: code, Reason: code.Reason(), Cause: cause}
	}
	c.mu.Unlock()
	if !first || !c.out.close(code) {
		return
	}
	c.closing.Store(true)
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
func (c *conn) end() {
	if !c.out.closing() {
		c.out.end()
		c.socket.Close(CloseNormal, "")
	}
	c.writers.Wait()
}
