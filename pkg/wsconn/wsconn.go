// Package wsconn is the server's side of a websocket after the handshake (RFC 6455). It takes over
// a connection and reads and writes whole messages.
//
// The package is made for a very large number of connections that are mostly silent, with bursts of
// traffic. A waiting reader holds no buffer. Input is cut into messages without further system
// calls. Output is collected into one write, and a write that would block can be finished later
// (TryWrite, Flush). Memory is allocated as input arrives, up to a limit, and never because the
// peer announces a size. There is no compression.
//
// Client frames are checked as strictly as the RFC allows: masked, no reserved bits or opcodes,
// control frames small and unfragmented, fragments in order. A violation gives an error and closes
// with 1002.
package wsconn

import (
	"errors"
	"net"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// Errors of ReadMessage. Errors of the connection itself are returned unchanged.
var (
	ErrProtocol = errors.New("websocket: the peer broke the protocol")
	ErrText     = errors.New("websocket: the peer sent a text message")
	ErrTooLarge = errors.New("websocket: the message is larger than the limit")
	ErrClosed   = errors.New("websocket: the peer closed the connection")
)

// Options are the limits and times of a Conn. All fields except Quiet and Poller are required.
type Options struct {
	MaxMessage   int           // bytes of one message
	WriteTimeout time.Duration // for the peer to accept writePiece bytes
	Linger       time.Duration // how long Finish waits for the peer's close frame
	PingEvery    time.Duration // silence after which the peer is pinged
	Alive        time.Duration // silence after which the peer is given up

	Quiet  time.Duration // silence after which Wait returns ErrQuiet, if there is a Poller
	Poller *Poller       // waits for parked connections; nil: no connection is parked
}

// Conn is one connection. One goroutine reads, and one goroutine at a time writes. Any goroutine
// may call Close. Peers are pinged while the reader waits.
type Conn struct {
	// Fixed by New.
	conn net.Conn
	raw  syscall.RawConn // nil if the connection can only be read by blocking
	opts *Options
	wait func(fd uintptr) bool // readNow, allocated once
	put  func(fd uintptr)      // putNow, allocated once

	// Owned by the reader.
	in       input
	heard    time.Time // when the last frame or fragment arrived
	counted  time.Time // since when overhead is counted
	partial  []byte    // payload of a message whose last fragment is missing
	fragment bool      // there is such a message
	overhead int       // frames since counted that are not whole messages
	pings    int       // pings since the peer was heard
	quiet    bool      // Wait has returned ErrQuiet
	last     error     // final error of ReadMessage
	within   bool      // the payload of a frame is being read
	small    []byte    // see fillWaiting

	wmu        sync.Mutex // held by the writer
	pending    [][]byte   // guarded by wmu: output that the kernel has not accepted yet
	writeTimed bool       // guarded by wmu: a write deadline is set
	out        output     // guarded by wmu: see writeNow

	mu      sync.Mutex // guards the fields below and the deadlines: after Close, none is extended
	closing bool
	pong    []byte // to be sent to the peer, or nil

	pongWaits atomic.Bool // pong is not nil; for goroutines without mu
	place     int32       // owned by the Poller, under its mu; 0 before the first parking
}

// New returns a Conn over a connection after its handshake. head holds the bytes that arrived after
// the handshake.
func New(conn net.Conn, head []byte, opts *Options) *Conn {
	c := &Conn{conn: conn, raw: rawOf(conn), opts: opts}
	c.wait, c.put = c.readNow, c.putNow
	c.in.keep(head)
	c.renew()
	c.extend(c.heard)
	return c
}

// renew records a sign of life. Setting a read deadline costs a timer, so renew does that only
// every PingEvery/8. The reader of a parkable connection wakes every Options.Quiet and sets it
// then.
func (c *Conn) renew() {
	c.heard = time.Now()
	c.pings = 0
	if c.heard.Sub(c.counted) >= c.opts.PingEvery/8 {
		c.overhead, c.counted = 0, c.heard
		if !c.parkable() {
			c.extend(c.heard)
		}
	}
}

// extend sets the read deadline to the next check. The result is false if the connection is
// closing.
func (c *Conn) extend(now time.Time) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closing {
		return false
	}
	_ = c.conn.SetReadDeadline(now.Add(c.period())) // the next read reports an error
	return true
}

// silence is how long a peer may be silent.
func (c *Conn) silence() time.Duration { return c.opts.Alive - c.opts.PingEvery/2 }

// stillAlive decides what happens after a read has reached its deadline. The read may continue,
// after a ping if one is due. The result is false if the peer was silent for too long or the
// connection is closing. No peer is given up without a ping, because this process itself may have
// been suspended.
func (c *Conn) stillAlive() bool {
	now := time.Now()
	silent := now.Sub(c.heard)
	if silent >= c.silence() && c.pings > 0 || !c.extend(now) {
		return false
	}
	// 7/8 tolerates the coarse deadline of renew.
	if silent >= time.Duration(c.pings+1)*c.opts.PingEvery*7/8 {
		c.pings++
		c.ping()
	}
	return true
}

// Close sends a close frame with code and reason. From then on, a read or write waits at most
// Options.Linger. Only the first call has an effect.
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
	if len(c.pending) == 0 { // else the close frame would be inside of another frame
		payload := append([]byte{byte(code >> 8), byte(code)}, reason...)
		c.writeControl(opClose, payload)
	}
	return err
}

// maxOverhead limits control frames and fragments per renewal. Only a malicious peer sends more.
const maxOverhead = 4096

// maxDrain limits how long a peer may take to send the rest of a message that is too large, in
// multiples of Options.Linger.
const maxDrain = 10

// Finish closes the connection after the peer's close frame, or after the time that Close allows.
// An immediate close, while the peer still sends, would make the kernel discard sent data that the
// peer has not read, including the close frame. The reader calls Finish once, after the last write.
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

// drain reads and discards the rest of a peer's message while it keeps arriving. The peer cannot
// read the close frame before it has sent its message.
func (c *Conn) drain() {
	buf := chunks.Get().(*[chunkSize]byte)
	defer chunks.Put(buf)
	end := time.Now().Add(maxDrain * c.opts.Linger)
	for now := time.Now(); now.Before(end); now = time.Now() {
		_ = c.conn.SetReadDeadline(now.Add(c.opts.Linger / 4)) // the next read reports an error
		if _, err := c.conn.Read(buf[:]); err != nil {
			return
		}
	}
}
