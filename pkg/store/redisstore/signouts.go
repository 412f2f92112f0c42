package redisstore

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"
)

var signOutScript = mustScript("sign_out")

// signOutKey is the key of a user's last sign-out everywhere. Redis removes the key when nobody
// needs it any more.
func (k keys) signOutKey(user string) string { return k.global("signout") + ":" + user }

// SignOut implements signin.Store.
func (s *Store) SignOut(ctx context.Context, user string, before, until time.Time) error {
	if _, err := s.run(ctx, signOutScript, []string{s.keys.signOutKey(user)}, before.UnixMilli(), until.UnixMilli()); err != nil {
		return fmt.Errorf("keep sign-out: %w", err)
	}
	return nil
}

// SignedOut implements signin.Store.
func (s *Store) SignedOut(ctx context.Context, user string) (time.Time, error) {
	at, err := s.client.Get(ctx, s.keys.signOutKey(user)).Int64()
	if errors.Is(err, redis.Nil) {
		return time.Time{}, nil
	}
	if err != nil {
		return time.Time{}, fmt.Errorf("read sign-out: %w", err)
	}
	return time.UnixMilli(at).UTC(), nil
}
