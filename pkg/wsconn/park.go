package wsconn

import (
	"errors"
	"os"
	"time"
)

// Waiting without a goroutine.
//
// A goroutine that waits costs a stack of 4 KiB and more, which is most of what a silent connection takes. So a reader waits
// in Wait for Options.Quiet; when nothing has come by then, Wait gives ErrQuiet, the reader leaves the connection with Park and ends.
// One Poller waits for all that are parked. What comes, a goodbye of our own (Close) or too long a silence starts a reader anew.
// A connection in use is read as before, by a goroutine of its own: a Poller in between would be one more wake-up for each message.

// ErrQuiet is given by Wait when nothing has come for a while: the connection may be parked now. It is not final.
var ErrQuiet = errors.New("websocket: nothing has come for a while")

// Resumer goes on with a connection that was parked. Resume is called in a goroutine of its own.
type Resumer interface{ Resume() }

// parkable reports whether the connection can be waited for by the Poller.
func (c *Conn) parkable() bool { return c.raw != nil && c.opts.Poller != nil && c.opts.Quiet > 0 }

// period is how long a read waits before its reader looks around.
func (c *Conn) period() time.Duration {
	if c.parkable() {
		return c.opts.Quiet
	}
	return c.opts.PingEvery
}

// Wait returns when something has come that ReadMessage was not asked for yet. It is there so that a goroutine can wait with
// little on its stack. The error is that of ReadMessage, or ErrQuiet.
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
			return c.spoilt(err)
		}
		if len(c.in.bytes()) > 0 {
			return nil // ReadMessage waits for the rest, if need be
		}
		err := c.fillOnce()
		switch {
		case err == nil:
		case errors.Is(err, os.ErrDeadlineExceeded) && c.beganQuiet():
			return ErrQuiet
		case !errors.Is(err, os.ErrDeadlineExceeded) || !c.stillAlive():
			return c.spoilt(err)
		}
	}
}

// takeControls does what the control frames ask for with which begins what has come. Who only answers pings has sent nothing for
// ReadMessage to wait behind.
func (c *Conn) takeControls() error {
	for {
		h, ok, err := parseHeader(c.in.bytes(), c.opts.MaxMessage)
		if err != nil || !ok || !h.control() || len(c.in.bytes())-h.bytes < h.size {
			return nil // for ReadMessage
		}
		c.in.use(h.bytes)
		if c.odd++; c.odd > maxOdd {
			return ErrProtocol
		}
		if err := c.control(h); err != nil {
			return err
		}
	}
}

// beganQuiet reports whether the connection may be parked, after a read has waited in vain.
func (c *Conn) beganQuiet() bool {
	silent := time.Since(c.heard)
	c.quiet = c.parkable() && silent >= c.opts.Quiet && silent < c.silence() && !c.isClosing()
	return c.quiet
}

// Park has r.Resume called as soon as Wait is worth to be called again, once. It is for the reader, after ErrQuiet, who must not touch
// the connection from then on. It reports false when the connection cannot be parked: then nothing is called.
func (c *Conn) Park(r Resumer) bool {
	return c.quiet && c.opts.Poller.park(c, r)
}

// unpark has a parked connection's reader go on.
func (c *Conn) unpark() {
	if c.parkable() {
		c.opts.Poller.resume(c)
	}
}
