package api

import (
	"errors"
	"net"
	"sync"
	"time"

	"parley/pkg/relay"
	"parley/pkg/wsconn"
)

// socket is a relay.Socket over an upgraded connection.
type socket struct {
	*wsconn.Conn
	every time.Duration // between two pings

	mu   sync.Mutex  // guards ping
	ping *time.Timer // nil when the connection has ended
}

func newSocket(conn net.Conn, head []byte, e *socketEdge) *socket {
	s := &socket{Conn: wsconn.New(conn, head, &e.limits), every: e.opts.PingInterval}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ping = time.AfterFunc(s.every, s.sendPing)
	return s
}

// Read implements relay.Socket.
func (s *socket) Read() ([]byte, error) {
	message, err := s.ReadMessage()
	switch {
	case err == nil:
		return message, nil
	case errors.Is(err, wsconn.ErrText):
		return nil, relay.ErrTextMessage
	case errors.Is(err, wsconn.ErrTooLarge):
		return nil, relay.ErrMessageTooLarge
	case errors.Is(err, wsconn.ErrProtocol):
		return nil, relay.ErrBadFrame
	}
	return nil, err
}

// Close implements relay.Socket.
func (s *socket) Close(code relay.CloseCode, reason string) error {
	return s.Conn.Close(uint16(code), reason)
}

func (s *socket) sendPing() {
	s.Ping()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ping != nil {
		s.ping.Reset(s.every)
	}
}

// finish closes the connection for good.
func (s *socket) finish() {
	s.Finish(uint16(relay.CloseNormal))
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ping.Stop()
	s.ping = nil
}
