package wsconn

import (
	"errors"
	"os"
	"time"
)

// Waiting without a goroutine.
//
// A waiting goroutine needs a stack of 4 KiB or more. That is most of the memory of a silent
// connection. Therefore a reader waits in Wait for Options.Quiet only. If no input arrives, Wait
// returns ErrQuiet, the reader hands the connection over with Park, and its goroutine ends. One
// Poller waits for all parked connections. Input, a Close by the server or too long a silence
// starts a reader again. An active connection keeps its own goroutine, because a Poller would add
// one more wake-up for each message.

// ErrQuiet is returned by Wait when no input has arrived for Options.Quiet. The connection may then
// be parked. The error is not final.
var ErrQuiet = errors.New("websocket: no input for a while")

// Resumer continues a connection that was parked. Resume is called in its own goroutine.
type Resumer interface{ Resume() }

// parkable reports whether the Poller can wait for the connection.
func (c *Conn) parkable() bool { return c.raw != nil && c.opts.Poller != nil && c.opts.Quiet > 0 }

// period is how long a read waits before the reader checks the connection.
func (c *Conn) period() time.Duration {
	if c.parkable() {
		return c.opts.Quiet
	}
	return c.opts.PingEvery
}

// Wait blocks until input is available. A goroutine can wait here with a small stack. The error is
// an error of ReadMessage, or ErrQuiet.
func (c *Conn) Wait() error {
	if c.last != nil {
		return c.last
	}
	if c.quiet {
		c.quiet = false
		c.extend(time.Now())
	}
	for {
		if err := c.takeControls(); err != nil {
			return c.fail(err)
		}
		if len(c.in.bytes()) > 0 {
			return nil // ReadMessage waits for the rest of the frame if necessary
		}
		err := c.fillOnce()
		switch {
		case err == nil:
		case errors.Is(err, os.ErrDeadlineExceeded) && c.beganQuiet():
			return ErrQuiet
		case !errors.Is(err, os.ErrDeadlineExceeded) || !c.stillAlive():
			return c.fail(err)
		}
	}
}

// takeControls handles the control frames at the start of the input. A peer that only answers pings
// has sent nothing for ReadMessage.
func (c *Conn) takeControls() error {
	for {
		h, ok, err := parseHeader(c.in.bytes(), c.opts.MaxMessage)
		if err != nil || !ok || !h.control() || len(c.in.bytes())-h.bytes < h.size {
			return nil // the input starts with a message, or ReadMessage reports the error
		}
		c.in.use(h.bytes)
		if c.overhead++; c.overhead > maxOverhead {
			return ErrProtocol
		}
		if err := c.control(h); err != nil {
			return err
		}
	}
}

// beganQuiet reports whether the connection may be parked, after a read without input.
func (c *Conn) beganQuiet() bool {
	silent := time.Since(c.heard)
	c.quiet = c.parkable() && silent >= c.opts.Quiet && silent < c.silence() && !c.isClosing()
	return c.quiet
}

// Park waits for the connection without the reader. r.Resume is called once, as soon as Wait has a
// result. Only the reader may call Park, after ErrQuiet, and must not use the connection
// afterwards. If Park returns false, the connection cannot be parked and Resume is not called.
func (c *Conn) Park(r Resumer) bool {
	return c.quiet && c.opts.Poller.park(c, r)
}

// unpark resumes the reader of a parked connection.
func (c *Conn) unpark() {
	if c.parkable() {
		c.opts.Poller.resume(c)
	}
}
