//go:build !unix

package rawio

import "net"

// Wrap gives conn itself.
func Wrap(conn net.Conn) net.Conn { return conn }
