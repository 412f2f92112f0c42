//go:build !unix

package rawio

import "net"

// Wrap returns conn itself.
func Wrap(conn net.Conn) net.Conn { return conn }
