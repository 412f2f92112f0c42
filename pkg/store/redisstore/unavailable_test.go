package redisstore

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"parley/pkg/relay"
	"parley/pkg/session"
	"parley/pkg/store/redistest"
)

// asked holds requests of every kind: single commands, pipelines, transactions, scripts, and jobs
// of lanes.
func asked(s *Store) map[string]func(context.Context) error {
	var made atomic.Int64
	return map[string]func(context.Context) error{
		"Get":      func(ctx context.Context) error { _, err := s.Get(ctx, "aaaa0001"); return err },
		"ByInvite": func(ctx context.Context) error { _, err := s.ByInvite(ctx, "x"); return err },
		"List":     func(ctx context.Context) error { _, err := s.List(ctx, "", 10); return err },
		"Update": func(ctx context.Context) error {
			_, err := s.Update(ctx, "aaaa0001", func(sess *session.Session) error { sess.Title += "."; return nil })
			return err
		},
		"Create": func(ctx context.Context) error {
			return s.Create(ctx, session.Session{ID: "aaaa0002", Status: "active", ExpiresAt: time.Now().Add(time.Hour)}, nil)
		},
		"Delete": func(ctx context.Context) error { return s.Delete(ctx, "aaaa0009", time.Now().Add(time.Hour)) },
		"Since":  func(ctx context.Context) error { _, err := s.Since(ctx, main, relay.Position{}); return err },
		"Append": func(ctx context.Context) error {
			told := make(chan error, 1)
			fresh := relay.RoomID{Session: main.Session, Doc: fmt.Sprint("d", made.Add(1))}
			s.Append(fresh, relay.Position{}, []relay.Entry{entry(1)}, relay.Prompt, func(_ relay.Position, err error) { told <- err })
			select {
			case err := <-told:
				return err
			case <-ctx.Done():
				return ctx.Err()
			}
		},
		"Secret": func(ctx context.Context) error {
			_, err := s.Secret(ctx, func() []byte { return []byte("x") })
			return err
		},
		"Once": func(ctx context.Context) error {
			_, err := s.Once(ctx, "x", time.Minute, func(context.Context) ([]byte, error) { return []byte("x"), nil })
			return err
		},
		"Meter": func(ctx context.Context) error { _, err := s.Meter(ctx, "x", 10, 1); return err },
		"Ping":  s.Ping,
	}
}

func openWithSession(t *testing.T) (*Store, *redistest.Server) {
	t.Helper()
	server := redistest.Start(t, redistest.Options{})
	s := openAt(t, server.URL())
	now := time.Now()
	if err := s.Create(t.Context(), session.Session{ID: "aaaa0001", Status: "active", CreatedAt: now, ExpiresAt: now.Add(time.Hour)}, nil); err != nil {
		t.Fatal(err)
	}
	return s, server
}

// Callers must be able to tell whether to try again or whether something is broken.
func TestErrorsSayThatRedisIsAway(t *testing.T) {
	t.Parallel()
	writes := []string{"Update", "Create", "Append"}
	for name, c := range map[string]struct {
		take func(*Store, *redistest.Server)
		hits []string // nil: all
	}{
		"killed":           {take: func(_ *Store, r *redistest.Server) { r.Kill() }},
		"hung":             {take: func(_ *Store, r *redistest.Server) { r.Pause() }},
		"a replica now":    {func(_ *Store, r *redistest.Server) { r.Do("REPLICAOF", "127.0.0.1", "1") }, writes},
		"lost its replica": {func(_ *Store, r *redistest.Server) { r.Do("CONFIG", "SET", "min-replicas-to-write", "1") }, writes},
		"full":             {func(_ *Store, r *redistest.Server) { r.Do("CONFIG", "SET", "maxmemory", "1") }, writes},
		"another password": {take: func(s *Store, r *redistest.Server) {
			r.Do("CONFIG", "SET", "requirepass", "x")
			// the command ends this connection too, so it fails
			s.client.Do(context.Background(), "CLIENT", "KILL", "TYPE", "normal", "SKIPME", "no")
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, server := openWithSession(t)
			c.take(s, server)
			what := asked(s)
			names := c.hits
			if names == nil {
				for n := range what {
					names = append(names, n)
				}
			}
			for _, n := range names {
				ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
				err := what[n](ctx)
				if !errors.Is(err, session.ErrUnavailable) && (name != "hung" || !errors.Is(err, context.DeadlineExceeded)) {
					t.Errorf("%s gave %v", n, err)
				}
				cancel()
			}
			if name == "hung" {
				server.Continue()
			}
		})
	}
}

// A damaged value is not reported as unavailable: trying again does not help.
func TestErrorsOfWhatIsBrokenAreNotOfRedisAway(t *testing.T) {
	t.Parallel()
	s, server := openWithSession(t)
	server.Do("DEL", "parley:{aaaa0001}:session")
	server.Do("SET", "parley:{aaaa0001}:session", "no hash")
	for name, ask := range asked(s) {
		err := ask(t.Context())
		if errors.Is(err, session.ErrUnavailable) {
			t.Errorf("%s gave %v", name, err)
		}
		if err == nil && (name == "Get" || name == "Update" || name == "Append") {
			t.Errorf("%s was done", name)
		}
	}
}
