package wsconn

import (
	"bytes"
	"encoding/binary"
	"net"
	"sync"
	"time"
)

const (
	writePiece = 128 << 10 // bytes for which a peer has Options.WriteTimeout
	direct     = 4 << 10   // a frame of so many bytes is written from where it lies
	bufferSize = 8 << 10   // what the frames of most writes fit into, with their headers
)

// The first byte of a frame, RFC 6455 5.2. We send no fragments.
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

// buffers are for frames that are put together to be written.
var buffers = sync.Pool{New: func() any { b := make([]byte, 0, bufferSize); return &b }}

// appendHeader appends the header of a frame, which as a server's is not masked.
func appendHeader(dst []byte, op byte, n int) []byte {
	switch {
	case n < 126:
		return append(dst, op, byte(n))
	case n < 1<<16:
		return binary.BigEndian.AppendUint16(append(dst, op, 126), uint16(n))
	}
	return binary.BigEndian.AppendUint64(append(dst, op, 127), uint64(n))
}

// TryWrite sends each payload as one binary message, all of them together in as few writes as can be, as far as the connection
// takes them without waiting. done is false when something is left: then Flush is to be called before the next TryWrite. It keeps
// no payload longer than until then. An error is final.
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

// output is what is being written without waiting.
type output struct {
	left []byte
	err  error
}

// begin writes a buffer that is only lent, and a payload behind it. What the kernel does not take is pending.
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

// Flush sends what TryWrite has left, and waits for it: for each piece of it the peer has Options.WriteTimeout. An error is final.
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

// allowWrite gives the next write its time, unless the connection is closing.
func (c *Conn) allowWrite() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closing {
		return false
	}
	c.timed = true
	_ = c.conn.SetWriteDeadline(time.Now().Add(c.opts.WriteTimeout)) // an error shows in the write
	return true
}

// writeWaiting writes to a connection that knows no other way.
func (c *Conn) writeWaiting(b []byte) (int, error) {
	c.allowWrite() // else the deadline is that of Close
	return c.conn.Write(b)
}

func (c *Conn) isClosing() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.closing
}

// ping asks the peer for a sign of life, unless a write is under way, which asks for one too.
func (c *Conn) ping() {
	if !c.wmu.TryLock() {
		return
	}
	defer c.unlock()
	if len(c.pending) == 0 && !c.isClosing() {
		c.writeControl(opPing, nil)
	}
}

// answer sends a pong, now or behind the write that is under way. Of several pings the last is answered, RFC 6455 5.5.3.
func (c *Conn) answer(payload []byte) {
	c.mu.Lock()
	c.pong = append([]byte{}, payload...)
	c.owing.Store(true)
	c.mu.Unlock()
	if c.wmu.TryLock() {
		c.unlock()
	}
}

// unlock ends a write, and sends the pong that is owed by now.
func (c *Conn) unlock() {
	for {
		if c.owing.Load() {
			if pong := c.owed(); pong != nil {
				c.writeControl(opPong, pong)
			}
		}
		if c.timed && len(c.pending) == 0 {
			c.untime()
		}
		left := len(c.pending) > 0 // then the Flush that is to come sends it
		c.wmu.Unlock()
		if left || !c.owing.Load() || !c.owes() || !c.wmu.TryLock() {
			return
		}
	}
}

// untime takes the write deadline away, so that it does not strike a later write.
func (c *Conn) untime() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.timed = false; !c.closing {
		_ = c.conn.SetWriteDeadline(time.Time{}) // an error shows in the write
	}
}

// owed takes the pong that can be sent now, nil when there is none. The caller holds wmu.
func (c *Conn) owed() []byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.pending) > 0 || c.closing {
		return nil
	}
	pong := c.pong
	c.pong = nil
	c.owing.Store(false)
	return pong
}

// owes reports whether a pong is owed and could be sent.
func (c *Conn) owes() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.pong != nil && !c.closing
}

// writeControl writes a control frame. The caller holds wmu, and nothing is pending. An error shows in the next read.
func (c *Conn) writeControl(op byte, payload []byte) {
	payload = payload[:min(len(payload), maxControl)]
	frame := append([]byte{op, byte(len(payload))}, payload...)
	if n, err := c.writeNow(frame); err == nil && n < len(frame) {
		c.pending = append(c.pending, frame[n:]) // goes out with the next Flush
	}
}
