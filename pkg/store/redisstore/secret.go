package redisstore

import (
	"context"
	"fmt"
)

var keepScript = mustScript("keep")

// Secret gives the key that is kept in the store, and keeps what create gives when there is none yet.
func (s *Store) Secret(ctx context.Context, create func() []byte) ([]byte, error) {
	held, err := s.run(ctx, keepScript, []string{s.keys.global("secret")}, create())
	if err != nil {
		return nil, fmt.Errorf("keep secret: %w", err)
	}
	secret, ok := held.(string)
	if !ok || secret == "" {
		return nil, fmt.Errorf("keep secret: %w", errDamaged)
	}
	s.live.mu.Lock()
	s.live.secret = []byte(secret) // to be put back, should Redis lose it
	s.live.mu.Unlock()
	return []byte(secret), nil
}
