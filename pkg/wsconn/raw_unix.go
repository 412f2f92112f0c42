//go:build unix

package wsconn

import (
	"errors"
	"net"
	"syscall"

	"parley/pkg/internal/rawio"
)

// rawOf returns access to the connection's descriptor, or nil if there is none.
func rawOf(conn net.Conn) syscall.RawConn {
	sys, ok := conn.(syscall.Conn)
	if !ok {
		return nil
	}
	raw, err := sys.SyscallConn()
	if err != nil {
		return nil
	}
	return raw
}

// readNow reads the available input. Without input, readNow returns its buffer to the pool and is
// called again later.
func (c *Conn) readNow(fd uintptr) bool {
	for {
		n, err := rawio.Read(fd, c.in.room())
		switch err {
		case syscall.EINTR:
			continue
		case syscall.EAGAIN:
			c.in.release()
			return false
		}
		c.in.n, c.in.err = max(n, 0), err
		return true
	}
}

// writeNow writes as much as the connection accepts without blocking. The arguments of putNow are
// in c.out, so that no closure is allocated.
func (c *Conn) writeNow(b []byte) (n int, err error) {
	if c.raw == nil {
		return c.writeWaiting(b)
	}
	c.out = output{left: b}
	// Control instead of Write: putNow does not block, so it only needs the descriptor to stay
	// open.
	err = c.raw.Control(c.put)
	if err == nil && !errors.Is(c.out.err, syscall.EAGAIN) {
		err = c.out.err
	}
	n = len(b) - len(c.out.left)
	c.out = output{}
	return n, err
}

func (c *Conn) putNow(fd uintptr) {
	for len(c.out.left) > 0 {
		n, err := rawio.Write(fd, c.out.left)
		switch {
		case err == syscall.EINTR:
		case err != nil:
			c.out.err = err
			return
		default:
			c.out.left = c.out.left[n:]
		}
	}
}
