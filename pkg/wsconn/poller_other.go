//go:build !linux

package wsconn

// Poller would wait for connections in place of their readers. On this system no connection can be
// parked, so each keeps its goroutine.
type Poller struct{}

// NewPoller returns a Poller.
func NewPoller() *Poller { return &Poller{} }

func (*Poller) park(*Conn, Resumer) bool { return false }
func (*Poller) resume(*Conn)             {}
func (*Poller) forget(*Conn)             {}
