package api

import (
	"bytes"
	"context"
	"io"
	"net"
	"time"

	"github.com/gofiber/fiber/v2"
)

// Bounds of the answers that wait for their readers.
const (
	freeAnswer   = 16 << 10 // bytes of an answer that no budget counts
	answersEach  = 8 << 20  // bytes of the answers that one address has under way
	answersInAll = 64 << 20

	// Answers that read a document at the same time. Each may hold the whole text of a file.
	readingAtOnce = 4

	// A reader must take paceBytes within paceTime, else its connection is closed.
	paceBytes = 64 << 10
	paceTime  = 20 * time.Second
)

// holding is what the answer of one request has taken from Server.answers.
type holding struct {
	budget  *budget
	address string
	bytes   int
}

type holdingKey struct{}

// claim takes n bytes for the answer of the request of ctx. Outside of a request everything is
// granted.
func claim(ctx context.Context, n int) bool {
	h, _ := ctx.Value(holdingKey{}).(*holding)
	return h == nil || h.take(n)
}

func (h *holding) take(n int) bool {
	if !h.budget.take(h.address, n) {
		return false
	}
	h.bytes += n
	return true
}

func (h *holding) release() {
	if h.bytes > 0 {
		h.budget.give(h.address, h.bytes)
	}
	h.bytes = 0
}

// holdAnswer makes a large answer count until its client has read the answer.
func (s *Server) holdAnswer(c *fiber.Ctx) error {
	h := &holding{budget: s.answers, address: limitKey(s.clientIP(c))}
	c.SetUserContext(context.WithValue(c.UserContext(), holdingKey{}, h))
	sent := false
	defer func() {
		if !sent {
			h.release()
		}
	}()
	if err := c.Next(); err != nil || c.Response().IsBodyStream() {
		return err
	}
	size := len(c.Response().Body())
	if size <= freeAnswer {
		return nil
	}
	if more := size - h.bytes; more > 0 && !h.take(more) {
		c.Response().ResetBody()
		return errBusy
	}
	sent = true
	return sendPaced(c, bytes.NewReader(c.Response().SwapBody(nil)), size, writeTimeout, h.release)
}

// sendPaced answers with size bytes of r, within limit. done is called at the end, read or not.
// An r that is a Closer is closed.
func sendPaced(c *fiber.Ctx, r io.Reader, size int, limit time.Duration, done func()) error {
	return c.SendStream(&paced{Reader: r, conn: c.Context().Conn(), until: time.Now().Add(limit), done: done}, size)
}

// sendShared answers with bytes that all answers share and nobody changes.
func sendShared(c *fiber.Ctx, content []byte) error {
	return sendPaced(c, bytes.NewReader(content), len(content), writeTimeout, func() {})
}

// paced is the body of an answer. It moves the write deadline of its connection while the reader
// makes progress.
type paced struct {
	io.Reader
	conn  net.Conn
	until time.Time
	left  int // bytes until the deadline moves
	done  func()
}

// Read implements io.Reader.
func (p *paced) Read(b []byte) (int, error) {
	if p.left <= 0 {
		deadline := time.Now().Add(paceTime)
		if deadline.After(p.until) {
			deadline = p.until
		}
		if err := p.conn.SetWriteDeadline(deadline); err != nil {
			return 0, err
		}
		p.left = paceBytes
	}
	n, err := p.Reader.Read(b)
	p.left -= n
	return n, err
}

// Close implements io.Closer. Only the first call counts.
func (p *paced) Close() error {
	done := p.done
	p.done = nil
	var err error
	if closer, ok := p.Reader.(io.Closer); ok && done != nil {
		err = closer.Close()
	}
	if done != nil {
		done()
	}
	return err
}
