package api

import (
	"context"
	"time"

	"parley/pkg/relay"
	"parley/pkg/session"
)

// Nodes knows what other nodes of the service do.
type Nodes interface {
	// Watch sees to it that every change of a session that another node makes from now on is told by Server.Changed, as
	// long as the session has a connection here.
	Watch(ctx context.Context, id session.ID) error
	// Online gives the participants of a session that have a connection to any node.
	Online(ctx context.Context, id session.ID) map[string]bool
}

// Meter counts uses for all nodes of a service.
type Meter interface {
	// Meter takes n uses from a bucket, which holds and gets perMinute of them, or only asks when n is 0. It gives how long until
	// there is one to be had, 0 when there is.
	Meter(ctx context.Context, bucket string, perMinute, n int) (wait time.Duration, err error)
}

// alone is the Nodes of a node that is the only one.
type alone struct{ relay *relay.Relay }

// Watch has nothing to do: what changes here is told here.
func (alone) Watch(context.Context, session.ID) error { return nil }

// Online gives those who are connected here.
func (a alone) Online(_ context.Context, id session.ID) map[string]bool {
	online := map[string]bool{}
	for participant := range a.relay.Online(string(id)) {
		online[participant] = true
	}
	return online
}
