package wsconn

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"os"
	"sync"
)

const (
	chunkSize  = 16 << 10 // most bytes of one read
	maxControl = 125      // payload of a control frame, RFC 6455 5.5
	maxHeader  = 14       // of a client's frame, in bytes
)

// chunks are input buffers. A waiting reader holds none.
var chunks = sync.Pool{New: func() any { return new([chunkSize]byte) }}

// input is the unprocessed input: the bytes [from, to) of chunk, or rest if there is no chunk.
type input struct {
	chunk    *[chunkSize]byte
	from, to int
	rest     []byte // of an incomplete frame, at most one chunk
	n        int    // result of the last read
	err      error
}

// bytes returns the unprocessed input.
func (in *input) bytes() []byte {
	if in.chunk == nil {
		return in.rest
	}
	return in.chunk[in.from:in.to]
}

// use removes the first n bytes.
func (in *input) use(n int) {
	if in.chunk == nil {
		in.rest = in.rest[n:]
		return
	}
	in.from += n
}

// room returns the free space of the chunk. It takes a chunk from the pool if necessary.
func (in *input) room() []byte {
	switch {
	case in.chunk == nil:
		in.chunk = chunks.Get().(*[chunkSize]byte)
		in.from, in.to = 0, copy(in.chunk[:], in.rest)
		in.rest = nil
	case in.from == in.to:
		in.from, in.to = 0, 0
	case in.from > 0:
		in.from, in.to = 0, copy(in.chunk[:], in.chunk[in.from:in.to])
	}
	return in.chunk[in.to:]
}

// release returns the chunk to the pool and keeps its unprocessed bytes.
func (in *input) release() {
	if in.chunk == nil {
		return
	}
	left := in.chunk[in.from:in.to]
	in.rest = nil
	if len(left) > 0 {
		in.rest = bytes.Clone(left)
	}
	chunks.Put(in.chunk)
	in.chunk, in.from, in.to = nil, 0, 0
}

// keep stores bytes that were read elsewhere, at most one chunk.
func (in *input) keep(b []byte) {
	if len(b) > 0 {
		in.rest = bytes.Clone(b)
	}
}

func (in *input) drop() {
	in.use(len(in.bytes()))
	in.release()
}

// header is the header of a frame.
type header struct {
	op    byte // opcode, without the final bit
	final bool
	size  int // bytes of payload
	mask  [4]byte
	bytes int // bytes of the header itself
}

// control reports whether the frame is a control frame.
func (h header) control() bool { return h.op&0x8 != 0 }

// parseHeader parses the header of a client's frame. ok is false while the header is incomplete.
// ErrProtocol and ErrTooLarge are returned as early as possible.
func parseHeader(b []byte, limit int) (h header, ok bool, err error) {
	if len(b) < 2 {
		return h, false, nil
	}
	h.op, h.final = b[0]&0x0f, b[0]&final != 0
	control := h.control()
	size := uint64(b[1] &^ masked)
	switch {
	case b[0]&0x70 != 0, b[1]&masked == 0, h.op > opBinary&0x0f && !control, h.op > opPong&0x0f:
		return h, false, ErrProtocol
	case control && (!h.final || size > maxControl):
		return h, false, ErrProtocol
	}
	at := 2
	switch size {
	case 126:
		at = 4
	case 127:
		at = 10
	}
	if len(b) < at {
		return h, false, nil
	}
	switch size {
	case 126:
		if size = uint64(binary.BigEndian.Uint16(b[2:])); size < 126 {
			return h, false, ErrProtocol
		}
	case 127:
		if size = binary.BigEndian.Uint64(b[2:]); size < 1<<16 || size >= 1<<63 {
			return h, false, ErrProtocol
		}
	}
	if !control && size > uint64(limit) {
		return h, false, ErrTooLarge
	}
	if len(b) < at+4 {
		return h, false, nil
	}
	copy(h.mask[:], b[at:])
	h.size, h.bytes = int(size), at+4
	return h, true, nil
}

// ReadMessage waits for the next binary message. The caller owns the slice. An error is final.
func (c *Conn) ReadMessage() ([]byte, error) {
	if c.last != nil {
		return nil, c.last
	}
	for {
		h, err := c.nextHeader()
		if err != nil {
			return nil, c.fail(err)
		}
		if c.overhead++; c.overhead > maxOverhead {
			return nil, c.fail(ErrProtocol)
		}
		if h.control() {
			if err := c.control(h); err != nil {
				return nil, c.fail(err)
			}
			continue
		}
		if c.fragment == (h.op != opContinuation) {
			return nil, c.fail(ErrProtocol)
		}
		if h.op == opText&0x0f {
			return nil, c.fail(ErrText)
		}
		if !c.fragment && h.final {
			message, err := c.payload(nil, h)
			if err != nil {
				return nil, c.fail(err)
			}
			c.overhead--
			c.renew()
			return message, nil
		}
		if c.partial, err = c.payload(c.partial, h); err != nil {
			return nil, c.fail(err)
		}
		c.renew()
		if c.fragment = !h.final; h.final {
			message := c.partial
			c.partial = nil
			return message, nil
		}
	}
}

// More reports whether ReadMessage can return a message without waiting for the peer.
func (c *Conn) More() bool {
	b := c.in.bytes()
	h, ok, err := parseHeader(b, c.opts.MaxMessage)
	return err == nil && ok && h.final && h.op == opBinary&0x0f && len(b)-h.bytes >= h.size
}

// fail records a final error. A peer that broke the protocol gets a close frame.
func (c *Conn) fail(err error) error {
	c.in.drop()
	c.partial, c.last = nil, err
	if err == ErrProtocol {
		_ = c.Close(1002, "protocol error")
	}
	return err
}

func (c *Conn) nextHeader() (header, error) {
	for {
		h, ok, err := parseHeader(c.in.bytes(), c.opts.MaxMessage-len(c.partial))
		if ok || err != nil {
			c.in.use(h.bytes)
			return h, err
		}
		if err := c.fill(); err != nil {
			return h, err
		}
	}
}

// payload appends the unmasked payload of a frame to dst. Memory is allocated as input arrives, not
// as announced.
func (c *Conn) payload(dst []byte, h header) ([]byte, error) {
	if dst == nil {
		dst = make([]byte, 0, min(h.size, max(len(c.in.bytes()), chunkSize/4)))
	}
	c.within = true
	defer func() { c.within = false }()
	for begin := len(dst); ; {
		missing := h.size - (len(dst) - begin)
		b := c.in.bytes()
		b = b[:min(len(b), missing)]
		at := len(dst)
		dst = append(dst, b...)
		unmask(dst[at:], h.mask, at-begin)
		c.in.use(len(b))
		if len(b) == missing {
			return dst, nil
		}
		if err := c.fill(); err != nil {
			return nil, err
		}
	}
}

// unmask removes the mask from b. The first byte of b is the byte at of the payload.
func unmask(b []byte, mask [4]byte, at int) {
	var key [8]byte
	for i := range key {
		key[i] = mask[(at+i)&3]
	}
	word := binary.LittleEndian.Uint64(key[:])
	if word == 0 {
		return
	}
	for len(b) >= 8 {
		binary.LittleEndian.PutUint64(b, binary.LittleEndian.Uint64(b)^word)
		b = b[8:]
	}
	for i := range b {
		b[i] ^= key[i]
	}
}

// control handles a control frame.
func (c *Conn) control(h header) error {
	payload, err := c.payload(nil, h)
	if err != nil {
		return err
	}
	c.renew()
	switch h.op {
	case opPing & 0x0f:
		c.answer(payload)
	case opClose & 0x0f:
		code := uint16(1000)
		if len(payload) >= 2 {
			code = binary.BigEndian.Uint16(payload)
		}
		if len(payload) == 1 || !mayClose(code) {
			return ErrProtocol
		}
		_ = c.Close(1000, "")
		return ErrClosed
	}
	return nil
}

// mayClose reports whether a close frame may carry the code. RFC 6455 7.4.
func mayClose(code uint16) bool {
	switch {
	case code >= 3000 && code < 5000:
		return true
	case code == 1004, code == 1005, code == 1006:
		return false
	}
	return code >= 1000 && code <= 1014
}

// fill waits for more input.
func (c *Conn) fill() error {
	for {
		err := c.fillOnce()
		if err == nil || !errors.Is(err, os.ErrDeadlineExceeded) || !c.stillAlive() {
			return err
		}
	}
}

func (c *Conn) fillOnce() error {
	if c.raw == nil {
		return c.fillWaiting()
	}
	c.in.n, c.in.err = 0, nil
	if err := c.raw.Read(c.wait); err != nil {
		c.in.release()
		return err
	}
	switch {
	case c.in.err != nil:
		return c.in.err
	case c.in.n == 0:
		return io.EOF
	}
	c.in.to += c.in.n
	return nil
}

// smallSize is the buffer size of a waiting reader on a connection that can only be read by
// blocking (TLS).
const smallSize = 512

// fillWaiting is fillOnce for such a connection. The start of a message goes into a small buffer
// that belongs to the connection.
func (c *Conn) fillWaiting() error {
	if len(c.in.bytes()) > 0 || c.within {
		n, err := c.conn.Read(c.in.room())
		c.in.to += max(n, 0)
		if n > 0 {
			return nil
		}
		return err
	}
	c.in.release()
	if c.small == nil {
		c.small = make([]byte, smallSize)
	}
	n, err := c.conn.Read(c.small)
	if n > 0 {
		c.in.rest = c.small[:n]
		return nil
	}
	return err
}
