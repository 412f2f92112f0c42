package redisstore

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"
)

// ErrBusy says that another node is just finding out what was asked for.
var ErrBusy = errors.New("another node is at it")

// busyFor is how long a node may take to find something out before another one tries.
const busyFor = 30 * time.Second

// Once gives what find has found within the last while, on whichever node, so that what is dear to find out is found out by one
// node for all. ErrBusy while another is at it.
func (s *Store) Once(ctx context.Context, name string, lasts time.Duration, find func(context.Context) ([]byte, error)) ([]byte, error) {
	key := s.keys.global("once") + ":" + name
	found, err := s.client.Get(ctx, key).Bytes()
	if !errors.Is(err, redis.Nil) {
		return found, err
	}
	mine, err := s.client.SetNX(ctx, key+":busy", s.node.String(), busyFor).Result()
	if err != nil {
		return nil, fmt.Errorf("find out %s: %w", name, err)
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
