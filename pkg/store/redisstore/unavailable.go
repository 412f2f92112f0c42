package redisstore

import (
	"context"
	"errors"

	"github.com/redis/go-redis/v9"

	"parley/pkg/session"
)

// unavailableReplies are the beginnings of error replies that say that Redis runs but cannot serve:
// it is starting, failing over, full or busy, or refuses this user. Every other error reply is
// about the command.
var unavailableReplies = []string{
	"LOADING", "MASTERDOWN", "CLUSTERDOWN", "READONLY", "MISCONF", "OOM", "BUSY ", "TRYAGAIN", "NOREPLICAS", "MOVED", "ASK ",
	"max number of clients", "UNBLOCKED", "WRONGPASS", "NOAUTH", "NOPERM",
}

// asUnavailable makes a session.ErrUnavailable of the error of a command that did not reach a Redis
// that can serve.
func asUnavailable(err error) error {
	reply := redis.Error(nil)
	switch {
	case err == nil, errors.Is(err, redis.Nil), errors.Is(err, context.Canceled):
		return err
	case !errors.As(err, &reply):
		return session.Unavailable(err) // an error of the network, the pool or a deadline
	}
	for _, begin := range unavailableReplies {
		if redis.HasErrorPrefix(err, begin) {
			return session.Unavailable(err)
		}
	}
	return err
}

// unavailableHook passes the errors of all commands through asUnavailable.
type unavailableHook struct{ plainDial }

// plainDial is the part of a hook that leaves dialling as it is.
type plainDial struct{}

// DialHook implements redis.Hook.
func (plainDial) DialHook(next redis.DialHook) redis.DialHook { return next }

// ProcessHook implements redis.Hook.
func (unavailableHook) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	// the client stores the returned error in cmd
	return func(ctx context.Context, cmd redis.Cmder) error { return asUnavailable(next(ctx, cmd)) }
}

// ProcessPipelineHook implements redis.Hook.
func (unavailableHook) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		err := asUnavailable(next(ctx, cmds))
		if err == nil {
			return nil
		}
		answered := false
		for _, cmd := range cmds {
			cmd.SetErr(asUnavailable(cmd.Err()))
			answered = answered || cmd.Err() != nil
		}
		if !answered {
			// Redis refused the handshake of a new connection with an error reply, such as NOAUTH.
			// go-redis 9.23 then leaves the commands without an error.
			for _, cmd := range cmds {
				cmd.SetErr(err)
			}
		}
		return err
	}
}
