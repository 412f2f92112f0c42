//go:build unix

package wsconn

import (
	"errors"
	"net"
	"syscall"

	"parley/pkg/internal/rawio"
)

// rawOf gives the way to the connection's descriptor, nil when there is none.
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

// readNow reads what is there, and leaves no buffer behind when nothing is: then it will be called again.
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

// writeNow writes what the connection takes without waiting. It is given what it works on in c.now, so that nothing is allocated.
func (c *Conn) writeNow(b []byte) (n int, err error) {
	if c.raw == nil {
		return c.writeWaiting(b)
	}
	c.now = output{left: b}
	err = c.raw.Control(c.put) // as it does not wait, it needs nothing of the runtime's poller but that the descriptor stays open
	if err == nil && !errors.Is(c.now.err, syscall.EAGAIN) {
		err = c.now.err
	}
	n = len(b) - len(c.now.left)
	c.now = output{}
	return n, err
}

func (c *Conn) putNow(fd uintptr) {
	for len(c.now.left) > 0 {
		n, err := rawio.Write(fd, c.now.left)
		switch {
		case err == syscall.EINTR:
		case err != nil:
			c.now.err = err
			return
		default:
			c.now.left = c.now.left[n:]
		}
	}
}
