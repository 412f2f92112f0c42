package redisstore

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"
)

// ErrBusy says that another node is finding the result.
var ErrBusy = errors.New("another node is finding the result")

// busyFor is how long a node may take to find a result before another node tries.
const busyFor = 30 * time.Second

// Once returns the result that find returned within the last lasts, on any node. So one node
// computes an expensive result for all. The error is ErrBusy while another node runs find.
func (s *Store) Once(ctx context.Context, name string, lasts time.Duration, find func(context.Context) ([]byte, error)) ([]byte, error) {
	key := s.keys.global("once") + ":" + name
	found, err := s.client.Get(ctx, key).Bytes()
	if !errors.Is(err, redis.Nil) {
		return found, err
	}
	mine, err := s.client.SetNX(ctx, key+":busy", s.node.String(), busyFor).Result()
	if err != nil {
		return nil, fmt.Errorf("find %s: %w", name, err)
	}
	if !mine {
		return nil, ErrBusy
	}
	if found, err = find(ctx); err != nil {
		return nil, errors.Join(err, s.client.Del(ctx, key+":busy").Err())
	}
	if err := s.client.Set(ctx, key, found, lasts).Err(); err != nil {
		return nil, fmt.Errorf("keep %s: %w", name, err)
	}
	return found, s.client.Del(ctx, key+":busy").Err()
}
