//go:build unix

package rawio

import (
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// freshFor is how long after a read or write the connection is assumed to be alive.
const freshFor = time.Second

// Conn is a TCP connection that uses Read and Write of this package.
type Conn struct {
	*net.TCPConn
	raw  syscall.RawConn
	used atomic.Int64    // when data was last read or written, in Unix nanoseconds
	seen syscall.RawConn // an examined, allocated once

	reading sync.Mutex // guards the fields below
	into    []byte
	n       int
	err     error
	read    func(fd uintptr) bool // readNow, allocated once instead of for each read
}

// Wrap returns conn with Read and Write of this package, or conn itself if it is not a TCP
// connection.
func Wrap(conn net.Conn) net.Conn {
	tcp, ok := conn.(*net.TCPConn)
	if !ok {
		return conn
	}
	raw, err := tcp.SyscallConn()
	if err != nil {
		return conn
	}
	c := &Conn{TCPConn: tcp, raw: raw}
	c.read, c.seen = c.readNow, examined{raw, c}
	return c
}

// Read implements net.Conn.
func (c *Conn) Read(b []byte) (int, error) {
	if len(b) == 0 {
		return 0, nil
	}
	c.reading.Lock()
	defer c.reading.Unlock()
	c.into, c.n, c.err = b, 0, nil
	failed := c.raw.Read(c.read)
	c.into = nil
	c.used.Store(time.Now().UnixNano())
	switch {
	case failed != nil:
		return 0, failed
	case c.err != nil:
		return 0, &net.OpError{Op: "read", Net: "tcp", Source: c.LocalAddr(), Addr: c.RemoteAddr(), Err: os.NewSyscallError("read", c.err)}
	case c.n == 0:
		return 0, io.EOF
	}
	return c.n, nil
}

func (c *Conn) readNow(fd uintptr) bool {
	for {
		n, err := Read(fd, c.into)
		switch {
		case errors.Is(err, syscall.EINTR):
			continue
		case errors.Is(err, syscall.EAGAIN):
			return false
		}
		c.n, c.err = max(n, 0), err
		return true
	}
}

// Write implements net.Conn.
func (c *Conn) Write(b []byte) (n int, err error) {
	failed := c.raw.Write(func(fd uintptr) bool {
		for n < len(b) {
			m, e := Write(fd, b[n:])
			switch {
			case errors.Is(e, syscall.EINTR):
				continue
			case errors.Is(e, syscall.EAGAIN):
				return false
			case e != nil:
				err = &net.OpError{Op: "write", Net: "tcp", Source: c.LocalAddr(), Addr: c.RemoteAddr(), Err: os.NewSyscallError("write", e)}
				return true
			}
			n += m
		}
		return true
	})
	c.used.Store(time.Now().UnixNano())
	if err == nil {
		err = failed
	}
	return n, err
}

// SyscallConn implements syscall.Conn. Before each use, go-redis checks through it whether the peer
// has closed the connection. That check costs a system call. It is skipped if the connection was
// used less than freshFor ago; if the peer has closed it since, the use itself fails.
func (c *Conn) SyscallConn() (syscall.RawConn, error) { return c.seen, nil }

type examined struct {
	syscall.RawConn
	conn *Conn
}

func (e examined) Read(f func(fd uintptr) bool) error {
	if time.Since(time.Unix(0, e.conn.used.Load())) < freshFor {
		return nil
	}
	return e.RawConn.Read(f)
}
