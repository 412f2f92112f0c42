// Package wsconn is the server's side of a websocket after the handshake (RFC 6455): whole messages in and out of a
// connection that was taken over.
//
// It is made for very many connections that are mostly silent, and for bursts: a reader that waits holds no buffer, what has
// come is cut into messages without another system call, all that is to be sent goes out in one write, and a write
// that would have to wait can be left for later (TryWrite, Flush). Nothing is allocated on the word of the peer: what is
// made follows what has come, up to a limit. There is no compression.
//
// Frames of clients are taken as strictly as the RFC lets a server be: masked, no reserved bits or opcodes, control frames whole and
// small, fragments in order. Whatever breaks a rule gives an error and a goodbye with 1002.
package wsconn

import (
	"errors"
	"net"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// Errors of ReadMessage. Those of the connection itself come as they are.
var (
	ErrProtocol = errors.New("websocket: a frame that breaks the protocol")
	ErrText     = errors.New("websocket: a text message")
	ErrTooLarge = errors.New("websocket: a message past the limit")
	ErrClosed   = errors.New("websocket: the peer said goodbye")
)

// Options are the limits and times of a Conn. All are needed.
type Options struct {
	MaxMessage   int           // bytes of one message
	WriteTimeout time.Duration // what the peer may take to read writePiece bytes
	Linger       time.Duration // how long Finish waits for the peer's goodbye
	PingEvery    time.Duration // of silence, after which the peer is pinged
	Alive        time.Duration // a peer that is silent for so long is given up

	Quiet  time.Duration // of silence, after which Wait gives ErrQuiet, if there is a Poller
	Poller *Poller       // waits for connections that are parked; nil: none is
}

// Conn is one connection. One goroutine reads, another one at a time writes; Close may be called from any. Peers are pinged while
// the reader waits.
type Conn struct {
	// Fixed by New.
	conn net.Conn
	raw  syscall.RawConn // nil when the connection cannot be read without waiting
	opts *Options
	wait func(fd uintptr) bool // readNow, made once
	put  func(fd uintptr)      // putNow, made once

	// Owned by the reader.
	in       input
	heard    time.Time // when something came last
	counted  time.Time // since when odd is counted
	partial  []byte    // of a message whose last fragment has not come
	fragment bool      // there is such a message
	odd      int       // frames that were no messages, since counted
	pings    int       // since something was heard
	quiet    bool      // Wait has given ErrQuiet
	last     error     // of ReadMessage
	within   bool      // a frame's payload is being read
	small    []byte    // see fillWaiting

	wmu     sync.Mutex // one writes at a time
	pending [][]byte   // guarded by wmu: begun and not taken by the kernel yet
	timed   bool       // guarded by wmu: a write deadline is set
	now     output     // guarded by wmu: see writeNow

	mu      sync.Mutex // guards what follows, and the deadlines: none is extended after Close
	closing bool
	pong    []byte // is owed to the peer, nil when none is

	owing atomic.Bool // pong is not nil; for who does not hold mu
	place int32       // owned by the Poller, under its mu; 0 before the first parking
}

// New returns a Conn over what a handshake has left: conn, and head, the bytes that had come behind the handshake.
func New(conn net.Conn, head []byte, opts *Options) *Conn {
	c := &Conn{conn: conn, raw: rawOf(conn), opts: opts}
	c.wait, c.put = c.readNow, c.putNow
	c.in.keep(head)
	c.renew()
	c.extend(c.heard)
	return c
}

// renew notes a sign of life. It extends the read deadline now and then only, as each time costs a timer; a reader that looks around
// every Options.Quiet does that then.
func (c *Conn) renew() {
	c.heard = time.Now()
	c.pings = 0
	if c.heard.Sub(c.counted) >= c.opts.PingEvery/8 {
		c.odd, c.counted = 0, c.heard
		if !c.parkable() {
			c.extend(c.heard)
		}
	}
}

// extend gives the peer time until the reader looks around again. It reports false when the connection is closing.
func (c *Conn) extend(now time.Time) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closing {
		return false
	}
	_ = c.conn.SetReadDeadline(now.Add(c.period())) // an error shows in the read
	return true
}

// silence is how long a peer may say nothing.
func (c *Conn) silence() time.Duration { return c.opts.Alive - c.opts.PingEvery/2 }

// stillAlive is what becomes of a read that has waited until its deadline: it may go on, after a ping when that is due, unless the peer
// has been silent for too long, or is only waited for to say goodbye. Nobody is given up without a ping: it may be this process that
// stood still.
func (c *Conn) stillAlive() bool {
	now := time.Now()
	silent := now.Sub(c.heard)
	if silent >= c.silence() && c.pings > 0 || !c.extend(now) {
		return false
	}
	if silent >= time.Duration(c.pings+1)*c.opts.PingEvery*7/8 { // 7/8: see renew
		c.pings++
		c.ping()
	}
	return true
}

// Close says goodbye with code and reason. From now on a read or write that waits does so no longer than Options.Linger. Only
// the first call has an effect.
func (c *Conn) Close(code uint16, reason string) error {
	c.mu.Lock()
	if c.closing {
		c.mu.Unlock()
		return nil
	}
	c.closing = true
	err := c.conn.SetDeadline(time.Now().Add(c.opts.Linger))
	c.mu.Unlock()
	defer c.unpark()

	c.wmu.Lock()
	defer c.wmu.Unlock()
	if len(c.pending) == 0 { // else it would come in the middle of a frame
		payload := append([]byte{byte(code >> 8), byte(code)}, reason...)
		c.writeControl(opClose, payload)
	}
	return err
}

// maxOdd bounds control frames and fragments in the time of a renewal: more come from nobody who means well.
const maxOdd = 4096

// maxDrain is how many times Options.Linger a peer may take over sending the rest of a message that is too
// large, before it is hung up on all the same.
const maxDrain = 10

// Finish closes the connection after the peer's goodbye, as long as Close allows: to hang up on what the peer still sends would
// make the kernel take back what it has not read yet, the close frame among it. It is called once, by the reader, when
// nobody writes any more.
func (c *Conn) Finish(code uint16) {
	_ = c.Close(code, "")
	for c.last == nil {
		_, _ = c.ReadMessage()
	}
	var timeout net.Error
	switch {
	case errors.As(c.last, &timeout) && timeout.Timeout():
		c.drain()
	case c.last == ErrProtocol || c.last == ErrTooLarge || c.last == ErrText:
		c.drain()
	}
	if c.parkable() {
		c.opts.Poller.forget(c)
	}
	_ = c.conn.Close()
}

// drain reads away what a peer is still sending, for as long as it keeps coming: it cannot see the close frame before it has
// sent its message.
func (c *Conn) drain() {
	buf := chunks.Get().(*[chunkSize]byte)
	defer chunks.Put(buf)
	end := time.Now().Add(maxDrain * c.opts.Linger)
	for now := time.Now(); now.Before(end); now = time.Now() {
		_ = c.conn.SetReadDeadline(now.Add(c.opts.Linger / 4)) // an error shows in the read
		if _, err := c.conn.Read(buf[:]); err != nil {
			return
		}
	}
}
