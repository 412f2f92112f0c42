package api

import (
	"errors"

	"parley/pkg/relay"
	"parley/pkg/wsconn"
)

// socket is a relay.Parker over an upgraded connection.
type socket struct {
	*wsconn.Conn
	edge      *socketEdge
	admission *admission

	next relay.Resumer // set while the connection is parked
}

// Wait implements relay.Socket.
func (s *socket) Wait() error { return explain(s.Conn.Wait()) }

// Read implements relay.Socket.
func (s *socket) Read() ([]byte, error) {
	message, err := s.ReadMessage()
	return message, explain(err)
}

// Park implements relay.Parker.
func (s *socket) Park(r relay.Resumer) bool {
	s.next = r
	return s.Conn.Park(s)
}

// Resume implements wsconn.Resumer: the relay continues in this goroutine.
func (s *socket) Resume() {
	defer s.recovered()
	s.next.Resume()
}

// explain maps errors of wsconn to errors of the relay.
func explain(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, wsconn.ErrQuiet):
		return relay.ErrQuiet
	case errors.Is(err, wsconn.ErrText):
		return relay.ErrTextMessage
	case errors.Is(err, wsconn.ErrTooLarge):
		return relay.ErrMessageTooLarge
	case errors.Is(err, wsconn.ErrProtocol):
		return relay.ErrBadFrame
	}
	return err
}

// Close implements relay.Socket.
func (s *socket) Close(code relay.CloseCode, reason string) error {
	return s.Conn.Close(uint16(code), reason)
}
