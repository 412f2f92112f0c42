package session

import (
	"context"
	"time"

	"parley/pkg/access"
)

// Store keeps session records. All methods are safe for concurrent use; what they give is the caller's own.
//
// An id that is not held gives ErrGone while a tombstone stands for it, else ErrNotFound. ErrUnavailable says that the store cannot
// serve right now. A Store knows no time of
// its own: a record whose time is over is held until Expire.
type Store interface {
	// Create stores a new session, its invites and, when seed is not nil, seed as the first log entry of its main
	// document, all or nothing and durable. ErrExists when the id is held or a tombstone stands for it.
	Create(ctx context.Context, s Session, seed []byte) error

	// Get gives the session.
	Get(ctx context.Context, id ID) (Session, error)

	// ByInvite gives the session in which the code of that hash is valid, or ErrNotFound.
	ByInvite(ctx context.Context, hash access.Hash) (ID, error)

	// Update lets change alter the session, and stores the outcome as one step; it calls change again on a newer record
	// when somebody else was faster, so change has no effect but on its argument. An error of change
	// is given back and nothing is stored. ID, CreatedAt and ExpiresAt do not change.
	Update(ctx context.Context, id ID, change func(*Session) error) (Session, error)

	// Delete removes the session and everything that was stored for it: record, invites, documents, history. Unless the
	// session is ad hoc a tombstone stands until then.
	Delete(ctx context.Context, id ID, until time.Time) error
}

// Sweeper is the part of a store that forgets what is due.
type Sweeper interface {
	// Expire removes, as Delete does, the sessions that expired at or before now, with tombstones until GoneFor
	// after their expiry, removes the tombstones that are over, and gives the ids of those sessions. It may do
	// a part of the work only; an empty answer says that nothing is due.
	Expire(ctx context.Context, now time.Time) ([]ID, error)
}

// Lister is the part of a store that shows what sessions there are.
type Lister interface {
	// List gives the sessions with ids behind after, in the order of their ids (bytes), at most limit of them; "" is before
	// all. Those whose time is over are among them until Expire. An empty answer is the end.
	List(ctx context.Context, after ID, limit int) ([]Session, error)
}
