package redisstore

import (
	"errors"

	"parley/pkg/session"
)

var (
	// ErrNewer says that a newer version of the program wrote what was read.
	ErrNewer = errors.New("written by a newer version of Parley: update this node")
	// ErrClosed says that the store was closed. It is a session.ErrUnavailable.
	ErrClosed = session.Unavailable(errors.New("store is closed"))
	// ErrOldServer says that the server lacks what is needed.
	ErrOldServer = errors.New("needs Redis 7.0 or newer, or Valkey")
	// errNotAlone says that the address is of one node of a cluster, which would take only what falls into its slots.
	errNotAlone = errors.New("is a node of a cluster: add cluster=true to the address")
	// errNotReplicated says that an append was written, but that too few replicas have it yet. It is tried again.
	errNotReplicated = session.Unavailable(errors.New("too few replicas have the edit"))
	// errDamaged says that a stored value is not in the form in which we write it.
	errDamaged = errors.New("damaged value")
)
