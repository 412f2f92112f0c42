package redisstore

import (
	"errors"

	"parley/pkg/session"
)

var (
	// ErrNewer says that a newer version of the program wrote the data.
	ErrNewer = errors.New("written by a newer version of Parley: update this node")
	// ErrClosed says that the store is closed. It is a session.ErrUnavailable.
	ErrClosed = session.Unavailable(errors.New("store is closed"))
	// ErrOldServer says that the server is too old.
	ErrOldServer = errors.New("needs Redis 7.0 or newer, or Valkey")
	// errClusterNode says that the address is that of one node of a cluster. Such a node takes only
	// the keys of its own slots.
	errClusterNode = errors.New("is a node of a cluster: add cluster=true to the address")
	// errNotReplicated says that an append was written but that too few replicas have it yet. The
	// append is tried again.
	errNotReplicated = session.Unavailable(errors.New("too few replicas have the edit"))
	// errDamaged says that a stored value does not have the form that this package writes.
	errDamaged = errors.New("damaged value")
)
