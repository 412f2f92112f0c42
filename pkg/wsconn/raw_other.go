//go:build !unix

package wsconn

import (
	"net"
	"syscall"
)

// rawOf returns nil: on this system, reads and writes block.
func rawOf(net.Conn) syscall.RawConn { return nil }

func (c *Conn) readNow(uintptr) bool { return true }

func (c *Conn) putNow(uintptr) {}

func (c *Conn) writeNow(b []byte) (n int, err error) { return c.writeWaiting(b) }
