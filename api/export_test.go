package api

import (
	"context"
	"errors"
	"io/fs"
	"time"

	"parley/pkg/relay"
)

// Limiter opens limiter, whose waits cannot be seen from outside without waiting them.
type Limiter struct{ l *limiter }

func NewLimiter(perMinute int, now func() time.Time) Limiter {
	return Limiter{newLimiter("test", perMinute, nil, now)}
}
func (l Limiter) Allow(addr string) (time.Duration, bool) {
	return l.l.allow(context.Background(), addr)
}
func (l Limiter) Take(addr string) { l.l.take(context.Background(), addr) }
func (l Limiter) Len() int         { return len(l.l.buckets) }

// Member is somebody whose handshake went well and who is not in the room yet.
type Member struct{ grant relay.Grant }

// NewMember shakes hands for the main document.
func NewMember(s *Server, session, token string) Member {
	_, grant, err := s.admit(context.Background(), knock{session: session, token: token})
	if err != nil {
		panic(err)
	}
	return Member{grant}
}

// Confirm gives the code that the member is closed with now, 0 for none.
func (m Member) Confirm(ctx context.Context) int {
	err := m.grant.Confirm(ctx)
	if closed := (*relay.ClosedError)(nil); errors.As(err, &closed) {
		return int(closed.Code)
	}
	return 0
}

// RuntimeIndex gives what a page is told of the runtimes in a directory.
func RuntimeIndex(dir fs.FS) ([]byte, error) {
	rt, err := newRuntimes([]fs.FS{dir}, nil)
	if err != nil {
		return nil, err
	}
	return rt.index, nil
}
