package api

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"net"
	"time"

	"parley/pkg/relay"
)

// Limiter exposes limiter, so that tests can check the waits with a clock of their own.
type Limiter struct{ l *limiter }

func NewLimiter(perMinute int, now func() time.Time) Limiter {
	return Limiter{newLimiter("test", perMinute, nil, now)}
}
func (l Limiter) Take(addr string) (time.Duration, bool) {
	return l.l.take(context.Background(), addr)
}
func (l Limiter) Give(addr string) { l.l.give(context.Background(), addr) }
func (l Limiter) Len() int         { return len(l.l.buckets) }

// Member has passed the handshake and is not in the room yet.
type Member struct{ grant relay.Grant }

// NewMember runs a handshake for the main document.
func NewMember(s *Server, session, token string) Member {
	_, grant, err := s.admit(context.Background(), handshake{session: session, token: token})
	if err != nil {
		panic(err)
	}
	return Member{grant}
}

// Confirm returns the code that Confirm of the grant closes with, or 0.
func (m Member) Confirm(ctx context.Context) int {
	err := m.grant.Confirm(ctx)
	if closed := (*relay.ClosedError)(nil); errors.As(err, &closed) {
		return int(closed.Code)
	}
	return 0
}

// RuntimeIndex returns the index of the runtimes in a directory.
func RuntimeIndex(dir fs.FS) ([]byte, error) {
	rt, err := newRuntimes([]fs.FS{dir}, nil)
	if err != nil {
		return nil, err
	}
	return rt.index, nil
}

// Held returns the bytes of the answers under way.
func (s *Server) Held() int { return s.answers.held() }

// BodiesHeld returns the bytes of the bodies under way.
func (s *Server) BodiesHeld() int { return s.bodies.held() }

// Connections returns the connections that are open.
func (s *Server) Connections() int { return int(s.app.Server().GetOpenConnectionsCount()) }

// ExportsHeld returns the bytes of the archives under way.
func (s *Server) ExportsHeld() int { return s.exports.held() }

// Decompressing returns the files that are decompressed while they are sent.
func (s *Server) Decompressing() int { return s.plain.held() }

// NewPaced returns the body of an answer that must be read within limit.
func NewPaced(r io.Reader, conn net.Conn, limit time.Duration) io.Reader {
	return &paced{Reader: r, conn: conn, until: time.Now().Add(limit)}
}

// Turns returns turns.write of most turns.
func Turns(most int) func(io.Writer, func(io.Writer) error) error { return newTurns(most).write }

// Bounds of what one participant may do in a minute.
const (
	MarksPerMinute  = marksPerMinute
	QuietsPerMinute = quietsPerMinute
)
