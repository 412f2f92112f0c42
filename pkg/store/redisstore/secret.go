package redisstore

import (
	"context"
	"fmt"
)

var keepScript = mustScript("keep")

// Secret returns the key that Redis holds. When there is none yet, it stores the one that create
// returns.
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
	s.live.secret = []byte(secret) // to put it back if Redis loses it
	s.live.mu.Unlock()
	return []byte(secret), nil
}
