package api

import (
	"errors"

	"parley/pkg/relay"
	"parley/pkg/wsconn"
)

// socket is a relay.Socket over an upgraded connection.
type socket struct{ *wsconn.Conn }

// Wait implements relay.Socket.
func (s socket) Wait() error { return explain(s.Conn.Wait()) }

// Read implements relay.Socket.
func (s socket) Read() ([]byte, error) {
	message, err := s.ReadMessage()
	return message, explain(err)
}

// explain gives the errors of a connection the names that the relay has for them.
func explain(err error) error {
	switch {
	case err == nil:
		return nil
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
func (s socket) Close(code relay.CloseCode, reason string) error {
	return s.Conn.Close(uint16(code), reason)
}
