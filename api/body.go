package api

import (
	"bytes"
	"context"
	"errors"
	"io"

	"github.com/gofiber/fiber/v2"
)

// Bounds of the bodies of requests. A body is read as it arrives, so a request costs what it sent,
// not what it announced.
const (
	freeBody      = 8 << 10 // bytes of a body that no budget counts
	bodiesEach    = 8 << 20 // bytes of the bodies that one address has under way
	bodiesInAll   = 32 << 20
	largeBody     = 64 << 10 // bytes from which on a body waits for a place to be handled
	largeAtOnce   = 4        // large bodies that are handled at the same time
	bodiesRefused = "the body of the request cannot be read"
)

// takeBody reads the body of a request before its handler runs. What remains of a body that is too
// large is read up to maxRead and thrown away, so that the client sees the error. A connection
// whose request was not read to its end is closed, because the rest would be taken for another
// request.
func (s *Server) takeBody(c *fiber.Ctx) error {
	stream := c.Request().BodyStream()
	if stream == nil {
		return c.Next()
	}
	address := limitKey(s.clientIP(c))
	b := &arriving{budget: s.bodies, address: address, announced: c.Request().Header.ContentLength()}
	defer b.release()
	if err := b.readFrom(stream); err != nil {
		c.Context().SetConnectionClose()
		return err
	}
	if len(b.bytes) > maxBody {
		size := len(b.bytes)
		b.release()
		if n, err := io.Copy(io.Discard, io.LimitReader(stream, int64(maxRead-size))); err != nil || int(n) == maxRead-size {
			c.Context().SetConnectionClose()
		}
		return fiber.ErrRequestEntityTooLarge
	}
	if len(b.bytes) > largeBody {
		ctx, cancel := context.WithTimeout(c.UserContext(), handleTimeout)
		defer cancel()
		if err := s.large.wait(ctx, address, 1); err != nil {
			return err
		}
		defer s.large.give(address, 1)
	}
	c.Request().SetBodyStream(bytes.NewReader(b.bytes), len(b.bytes))
	return c.Next()
}

// arriving is the body of one request.
type arriving struct {
	budget    *budget
	address   string
	announced int // -1 for chunks
	bytes     []byte
	held      int // taken from budget
}

// readFrom reads up to maxBody and one more byte.
func (a *arriving) readFrom(stream io.Reader) error {
	if a.announced > maxRead {
		return fiber.ErrRequestEntityTooLarge
	}
	a.bytes = make([]byte, 0, freeBody)
	if a.announced >= 0 && a.announced < freeBody {
		a.bytes = make([]byte, 0, a.announced+1)
	}
	for len(a.bytes) <= maxBody {
		if err := a.grow(); err != nil {
			return err
		}
		n, err := stream.Read(a.bytes[len(a.bytes):cap(a.bytes)])
		a.bytes = a.bytes[:len(a.bytes)+n]
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case isTimeout(err):
			return fiber.ErrRequestTimeout
		case err != nil:
			return fiber.NewError(fiber.StatusBadRequest, bodiesRefused)
		}
	}
	return nil
}

// grow makes room for more. The room doubles, so memory stays below twice of what has arrived.
func (a *arriving) grow() error {
	if len(a.bytes) < cap(a.bytes) {
		return nil
	}
	more := cap(a.bytes)
	if !a.budget.take(a.address, more) {
		return errBusy
	}
	a.held += more
	larger := make([]byte, len(a.bytes), cap(a.bytes)+more)
	copy(larger, a.bytes)
	a.bytes = larger
	return nil
}

func (a *arriving) release() {
	if a.held > 0 {
		a.budget.give(a.address, a.held)
	}
	a.held, a.bytes = 0, nil
}

func isTimeout(err error) bool {
	t := interface{ Timeout() bool }(nil)
	return errors.As(err, &t) && t.Timeout()
}
