package relay

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"
)

// conn is one Socket in one Room. Its reader is the goroutine in Take, or in Resume after the
// connection was parked. The goroutine that ran the room's events writes the frames that they
// queued. When the peer does not take them at once, a writer goroutine of the connection goes on.
type conn struct {
	// Fixed by newConn.
	relay  *Relay
	id     RoomID
	grant  Grant
	socket Socket

	out     outbox
	writers sync.WaitGroup // counts the goroutines that write to the socket or close it
	closing atomic.Bool    // close was called; later frames of the peer are ignored

	mu    sync.Mutex // guards cause
	cause *ClosedError

	unwatchCtx func() bool // set by Relay.findRoom; ends the wait for ctx
	ended      func(error) // see Relay.Take

	// Set by enterRoom before the connection joins the room; nil when it never joined.
	room *Room

	// Owned by the reader.
	allowed allowance

	// Owned by the room's events.
	joined          bool
	ids             []uint64 // client ids that it holds; see identity.go
	fenced          bool     // structs were left out of its updates; see Room.releaseIDs
	handled         uint64   // sync updates and steps 2 taken in, stored or not
	handledAtAppend uint64   // value of handled when the append in flight began
}

func newConn(r *Relay, id RoomID, g Grant, s Socket) *conn {
	g.Confirm = nil // used once, by Take; the memory it refers to is not needed later
	c := &conn{relay: r, id: id, grant: g, socket: s, allowed: newAllowance(&r.opts)}
	c.out.limit, c.out.conn = r.opts.MaxOutboxBytes, c
	return c
}

// enterRoom brings the connection into its room. When the connection is not allowed there,
// enterRoom closes it and reports false.
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

// Resume implements Resumer. There is something to read, or the connection is to end.
func (c *conn) Resume() { c.serve(c.read) }

// serve runs one stretch of the connection's life. The connection ends after it, unless stretch has
// parked the connection. A parked connection goes on in Resume.
func (c *conn) serve(stretch func() (parked bool)) {
	if !c.serveUntilParked(stretch) {
		c.ended(c.closed())
	}
}

// serveUntilParked runs stretch. Unless stretch has parked the connection, serveUntilParked leaves
// the room and unregisters the connection, even after a panic.
func (c *conn) serveUntilParked(stretch func() (parked bool)) (parked bool) {
	defer func() {
		if !parked {
			c.leaveRoom()
			c.relay.unregister(c)
		}
	}()
	return stretch()
}

// leaveRoom takes the connection out of its room, if it was in one. The room is released first, so
// that the room can end when its last connection has left.
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

// read hands the peer's messages to the room until the socket returns an error or is parked. It
// waits with a small stack, because the stack is most of the memory of a silent connection that
// cannot be parked.
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

// readSome hands on all messages that have arrived as one event. It reports false when nothing more
// can be read.
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
		return false // go on reading until the close frame is sent and Read fails
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

// leads reports whether this connection may go beyond the limits of the others.
func (c *conn) leads() bool { return c.grant.Leads || c.grant.Open }

// readFailed counts an error of Read and closes the connection when the peer has broken a rule.
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

// noteDirty makes the room send the queued frames after its events. The caller holds the outbox's
// mu.
func (c *conn) noteDirty() {
	c.writers.Add(1) // Done when nothing waits any more
	c.room.dirty = append(c.room.dirty, c)
}

// closeSocket closes the socket without waiting for the writer, which may be blocked.
func (c *conn) closeSocket(code CloseCode) {
	c.writers.Go(func() { c.socket.Close(code, code.Reason()) })
}

// maxInARow bounds the writes that one goroutine makes for a connection to which frames are added
// all the time.
const maxInARow = 4

// sendNow sends waiting frames as far as the peer takes them without delay. For the rest it starts
// a writer goroutine of the connection.
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

// write sends until nothing waits. The outbox sees to it that only one goroutine writes at a time.
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

// act does a writer's tasks other than sending a parcel.
func (c *conn) act(task next) {
	switch task {
	case askResync:
		c.room.post(func() { c.room.resync(c) })
	case sendClose:
		code := c.out.closeCode()
		c.socket.Close(code, code.Reason())
	}
}

// sampling says whether the time of a send is measured.
type sampling bool

const (
	sampled   sampling = true
	unsampled sampling = false
)

// try sends a parcel without waiting. It reports false when the socket takes only a part; the
// caller then calls flush. A send that needs flush is always measured.
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

// flush waits until the rest of a parcel is sent.
func (c *conn) flush(p *parcel) { c.sent(p, c.socket.Flush()) }

// sent measures a finished send and releases the parcel. After an error nothing more is sent.
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

// close asks for the end of the connection with code. A final code closes the socket at once, any
// other after the waiting frames. Only the first call counts. Any goroutine may call close, and it
// does not wait.
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

// closed returns the error of Serve: nil unless the server closed the connection.
func (c *conn) closed() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.cause == nil {
		return nil
	}
	return c.cause
}

// end closes the socket if that has not been done, and waits for the writers. The socket is not
// used afterwards.
func (c *conn) end() {
	if !c.out.closing() {
		c.out.end()
		c.socket.Close(CloseNormal, "")
	}
	c.writers.Wait()
}
