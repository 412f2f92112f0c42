package redisstore

import (
	"context"
	"errors"
	"net"

	"github.com/redis/go-redis/v9"

	"parley/pkg/session"
)

// awayReplies begin the replies of a Redis that is there, but cannot serve anybody: it starts, fails over, is full, busy, or does not
// let us in any more. Every other reply is about what we sent.
var awayReplies = []string{
	"LOADING", "MASTERDOWN", "CLUSTERDOWN", "READONLY", "MISCONF", "OOM", "BUSY ", "TRYAGAIN", "NOREPLICAS", "MOVED", "ASK ",
	"max number of clients", "UNBLOCKED", "WRONGPASS", "NOAUTH", "NOPERM",
}

// away marks as session.ErrUnavailable the errors of commands that did not reach a Redis that can serve.
func away(err error) error {
	reply := redis.Error(nil)
	switch {
	case err == nil, errors.Is(err, redis.Nil), errors.Is(err, context.Canceled):
		return err
	case !errors.As(err, &reply):
		return session.Unavailable(err) // of the network, of the pool, of time
	}
	for _, begin := range awayReplies {
		if redis.HasErrorPrefix(err, begin) {
			return session.Unavailable(err)
		}
	}
	return err
}

// marking is the hook that puts the errors of all commands through away.
type marking struct{}

// DialHook implements redis.Hook.
func (marking) DialHook(next redis.DialHook) redis.DialHook {
	return func(ctx context.Context, network, addr string) (net.Conn, error) { return next(ctx, network, addr) }
}

// ProcessHook implements redis.Hook.
func (marking) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error { return away(next(ctx, cmd)) } // the client puts it into cmd
}

// ProcessPipelineHook implements redis.Hook.
func (marking) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		err := away(next(ctx, cmds))
		if err == nil {
			return nil
		}
		answered := false
		for _, cmd := range cmds {
			cmd.SetErr(away(cmd.Err()))
			answered = answered || cmd.Err() != nil
		}
		if !answered {
			// The handshake of a new connection was refused by a reply, as NOAUTH. go-redis 9.23 then leaves the commands as if all was well.
			for _, cmd := range cmds {
				cmd.SetErr(err)
			}
		}
		return err
	}
}
