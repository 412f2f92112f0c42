//go:build !unix

package wsconn

import (
	"net"
	"syscall"
)

// rawOf gives nil: reading and writing wait here.
func rawOf(net.Conn) syscall.RawConn { return nil }

func (c *Conn) readNow(uintptr) bool { return true }

func (c *Conn) putNow(uintptr) {}

func (c *Conn) writeNow(b []byte) (n int, err error) { return c.writeWaiting(b) }
