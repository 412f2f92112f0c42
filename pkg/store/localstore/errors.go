package localstore

import (
	"errors"

	"parley/pkg/session"
)

var (
	// ErrInUse says that another process has the data directory open.
	ErrInUse = errors.New("data directory is in use by another process")
	// ErrForeign says that parley.db is damaged or not written by Parley.
	ErrForeign = errors.New("not a Parley database, or a damaged one")
	// ErrNewer says that a newer version of the program wrote the file.
	ErrNewer = errors.New("written by a newer version of Parley")
	// ErrClosed says that the store is closed. It is a session.ErrUnavailable.
	ErrClosed = session.Unavailable(errors.New("store is closed"))
)
