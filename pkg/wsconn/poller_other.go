//go:build !linux

package wsconn

// Poller waits for connections in the place of their readers; here it does not, and each keeps its goroutine.
type Poller struct{}

// NewPoller returns a Poller.
func NewPoller() *Poller { return &Poller{} }

func (*Poller) park(*Conn, Resumer) bool { return false }
func (*Poller) resume(*Conn)             {}
func (*Poller) forget(*Conn)             {}
