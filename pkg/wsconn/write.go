package wsconn

import (
	"bytes"
	"encoding/binary"
	"net"
	"sync"
	"time"
)

const (
	writePiece = 128 << 10 // bytes that a peer must accept within Options.WriteTimeout
	direct     = 4 << 10   // bytes; larger frames are written without copying them into a buffer
	bufferSize = 8 << 10   // bytes; holds the frames of most writes with their headers
)

// The first byte of a frame, RFC 6455 5.2. The server sends no fragments.
const (
	final  = 0x80
	masked = 0x80

	opContinuation = 0
	opText         = final | 1
	opBinary       = final | 2
	opClose        = final | 8
	opPing         = final | 9
	opPong         = final | 10
)

// buffers are for assembling frames.
var buffers = sync.Pool{New: func() any { b := make([]byte, 0, bufferSize); return &b }}

// appendHeader appends the header of a server's frame, which has no mask.
func appendHeader(dst []byte, op byte, n int) []byte {
	switch {
	case n < 126:
		return append(dst, op, byte(n))
	case n < 1<<16:
		return binary.BigEndian.AppendUint16(append(dst, op, 126), uint16(n))
	}
	return binary.BigEndian.AppendUint64(append(dst, op, 127), uint64(n))
}

// TryWrite sends each payload as one binary message, in as few writes as possible, as far as the
// connection accepts them without blocking. If done is false, a part is left: call Flush before the
// next TryWrite. TryWrite keeps payloads only until then. An error is final.
func (c *Conn) TryWrite(payloads ...[]byte) (done bool, err error) {
	c.wmu.Lock()
	defer c.unlock()
	if c.isClosing() {
		return false, net.ErrClosed
	}
	p := buffers.Get().(*[]byte)
	buf := (*p)[:0]
	for i, payload := range payloads {
		buf = appendHeader(buf, opBinary, len(payload))
		if len(payload) < direct {
			if buf = append(buf, payload...); len(buf) < writePiece && i < len(payloads)-1 {
				continue
			}
			payload = nil
		}
		if err = c.begin(buf, payload); err != nil {
			break
		}
		buf = buf[:0]
	}
	if cap(buf) <= 8*bufferSize {
		*p = buf
		buffers.Put(p)
	}
	return len(c.pending) == 0, err
}

// output is the state of a write that does not block.
type output struct {
	left []byte
	err  error
}

// begin writes buf and then payload. The part that the kernel does not accept becomes pending. buf
// belongs to the caller and is copied for that.
func (c *Conn) begin(buf, payload []byte) error {
	if len(c.pending) == 0 && c.raw != nil {
		n, err := c.writeNow(buf)
		if err != nil {
			return err
		}
		if buf = buf[n:]; len(buf) == 0 && len(payload) > 0 {
			if n, err = c.writeNow(payload); err != nil {
				return err
			}
			payload = payload[n:]
		}
	}
	if len(buf) > 0 {
		c.pending = append(c.pending, bytes.Clone(buf))
	}
	if len(payload) > 0 {
		c.pending = append(c.pending, payload)
	}
	return nil
}

// Flush sends the pending output and waits for it. The peer has Options.WriteTimeout for each
// piece. An error is final.
func (c *Conn) Flush() error {
	c.wmu.Lock()
	defer c.unlock()
	for len(c.pending) > 0 {
		b := c.pending[0]
		for len(b) > 0 {
			if !c.allowWrite() {
				return net.ErrClosed
			}
			n, err := c.conn.Write(b[:min(len(b), writePiece)])
			if b = b[n:]; err != nil {
				c.pending[0] = b
				return err
			}
		}
		c.pending[0] = nil
		c.pending = c.pending[1:]
	}
	c.pending = nil
	return nil
}

// allowWrite sets the deadline of the next write. The result is false if the connection is closing.
func (c *Conn) allowWrite() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closing {
		return false
	}
	c.writeTimed = true
	// The next write reports an error.
	_ = c.conn.SetWriteDeadline(time.Now().Add(c.opts.WriteTimeout))
	return true
}

// writeWaiting writes to a connection that can only be written by blocking.
func (c *Conn) writeWaiting(b []byte) (int, error) {
	c.allowWrite() // if closing, the deadline of Close stays
	return c.conn.Write(b)
}

func (c *Conn) isClosing() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.closing
}

// ping sends a ping, unless a write is running: a running write also times out if the peer is gone.
func (c *Conn) ping() {
	if !c.wmu.TryLock() {
		return
	}
	defer c.unlock()
	if len(c.pending) == 0 && !c.isClosing() {
		c.writeControl(opPing, nil)
	}
}

// answer sends a pong, at once or after the running write. Of several pings only the last is
// answered, RFC 6455 5.5.3.
func (c *Conn) answer(payload []byte) {
	c.mu.Lock()
	c.pong = append([]byte{}, payload...)
	c.pongWaits.Store(true)
	c.mu.Unlock()
	if c.wmu.TryLock() {
		c.unlock()
	}
}

// unlock ends a write. It also sends a pong that became due meanwhile.
func (c *Conn) unlock() {
	for {
		if c.pongWaits.Load() {
			if pong := c.takePong(); pong != nil {
				c.writeControl(opPong, pong)
			}
		}
		if c.writeTimed && len(c.pending) == 0 {
			c.clearWriteDeadline()
		}
		left := len(c.pending) > 0 // the next Flush sends the pong
		c.wmu.Unlock()
		if left || !c.pongWaits.Load() || !c.pongDue() || !c.wmu.TryLock() {
			return
		}
	}
}

// clearWriteDeadline removes the write deadline, so that it does not affect a later write.
func (c *Conn) clearWriteDeadline() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.writeTimed = false; !c.closing {
		_ = c.conn.SetWriteDeadline(time.Time{}) // the next write reports an error
	}
}

// takePong returns the pong to send now and removes it, or returns nil. The caller holds wmu.
func (c *Conn) takePong() []byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.pending) > 0 || c.closing {
		return nil
	}
	pong := c.pong
	c.pong = nil
	c.pongWaits.Store(false)
	return pong
}

// pongDue reports whether a pong is waiting and can be sent.
func (c *Conn) pongDue() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.pong != nil && !c.closing
}

// writeControl writes a control frame. The caller holds wmu, and nothing is pending. An error shows
// in the next read.
func (c *Conn) writeControl(op byte, payload []byte) {
	payload = payload[:min(len(payload), maxControl)]
	frame := append([]byte{op, byte(len(payload))}, payload...)
	if n, err := c.writeNow(frame); err == nil && n < len(frame) {
		c.pending = append(c.pending, frame[n:]) // sent by the next Flush
	}
}
