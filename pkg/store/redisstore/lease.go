package redisstore

import (
	"context"
	"fmt"
	"time"
)

var (
	leaseScript   = mustScript("lease")
	unleaseScript = mustScript("unlease")
)

// Lease takes or renews a lease for a holder. It ends by itself, by the clock of Redis. The result
// is false when another holder has it.
func (s *Store) Lease(ctx context.Context, name, holder string, lasts time.Duration) (bool, error) {
	answer, err := s.run(ctx, leaseScript, []string{s.leaseKey(name)}, holder, lasts.Milliseconds())
	if err != nil {
		return false, fmt.Errorf("lease %s: %w", name, err)
	}
	return answer == int64(1), nil
}

// Unlease gives a lease back, if the holder still has it.
func (s *Store) Unlease(ctx context.Context, name, holder string) error {
	if _, err := s.run(ctx, unleaseScript, []string{s.leaseKey(name)}, holder); err != nil {
		return fmt.Errorf("give back the lease %s: %w", name, err)
	}
	return nil
}

func (s *Store) leaseKey(name string) string { return s.keys.global("lease") + ":" + name }
