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
		switch {
		case errors.Is(err, syscall.EINTR):
			continue
		case errors.Is(err, syscall.EAGAIN):
			c.in.release()
			return false
		}
		c.in.n, c.in.err = max(n, 0), err
		return true
	}
}

// writeNow writes what the connection takes without waiting.
func (c *Conn) writeNow(b []byte) (n int, err error) {
	if c.raw == nil {
		return c.writeWaiting(b)
	}
	failed := c.raw.Write(func(fd uintptr) bool {
		for n < len(b) {
			var m int
			if m, err = rawio.Write(fd, b[n:]); err != nil {
				if errors.Is(err, syscall.EINTR) {
					continue
				}
				break
			}
			n += m
		}
		return true
	})
	if errors.Is(err, syscall.EAGAIN) {
		err = nil
	}
	if err == nil {
		err = failed
	}
	return n, err
}
