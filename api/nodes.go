package api

import (
	"context"
	"time"

	"parley/pkg/relay"
	"parley/pkg/session"
)

// Nodes connects a Server to the other nodes of the service.
type Nodes interface {
	// Watch makes sure that Server.Changed reports every change of the session that another node
	// makes from now on. The watch lasts as long as the session has a connection on this node.
	Watch(ctx context.Context, id session.ID) error
	// Online returns the participants of a session that have a connection to any node.
	Online(ctx context.Context, id session.ID) map[string]bool
}

// Meter counts uses for all nodes of a service.
type Meter interface {
	// Meter takes n uses from a bucket in one step, if a use is available. The bucket holds
	// perMinute uses and refills at perMinute a minute. With n = 0 nothing is taken, and with n < 0
	// uses are given back. wait is 0 if a use was available, else the time until one is.
	Meter(ctx context.Context, bucket string, perMinute, n int) (wait time.Duration, err error)
}

// alone implements Nodes for a single node.
type alone struct{ relay *relay.Relay }

// Watch does nothing: there are no other nodes.
func (alone) Watch(context.Context, session.ID) error { return nil }

// Online returns the participants that are connected to this node.
func (a alone) Online(_ context.Context, id session.ID) map[string]bool {
	online := map[string]bool{}
	for participant := range a.relay.Online(string(id)) {
		online[participant] = true
	}
	return online
}
