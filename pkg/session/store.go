package session

import (
	"context"
	"time"

	"parley/pkg/access"
)

// Store keeps session records. All methods are safe for concurrent use. The caller owns the
// results.
//
// For an unknown id, the error is ErrGone while a tombstone exists, else ErrNotFound.
// ErrUnavailable means that the store cannot serve right now. A Store does not read the clock: an
// expired record stays until Expire.
type Store interface {
	// Create stores a new session and its invites. If seed is not nil, seed becomes the first log
	// entry of the main document. The write is atomic and durable. The error is ErrExists if the id
	// or its tombstone exists.
	Create(ctx context.Context, s Session, seed []byte) error

	// Get returns the session.
	Get(ctx context.Context, id ID) (Session, error)

	// ByInvite returns the session in which the code with that hash is valid, or ErrNotFound. For a
	// code that was valid when its session was removed, it returns ErrGone while the tombstone
	// exists.
	ByInvite(ctx context.Context, hash access.Hash) (ID, error)

	// Update lets change modify the session and stores the result as one step. If another writer
	// was faster, change is called again with the newer record, so change must have no effect
	// except on its argument. If change returns an error, Update returns that error and stores
	// nothing. change must keep ID, CreatedAt and ExpiresAt.
	Update(ctx context.Context, id ID, change func(*Session) error) (Session, error)

	// Delete removes the session with all its data: record, invites, documents and history. A
	// tombstone stays until the given time, unless the session is ad hoc.
	Delete(ctx context.Context, id ID, until time.Time) error
}

// Copies is the part of a store that keeps the questions of sessions as they were when they were
// asked.
type Copies interface {
	// KeepQuestion stores the copy of a question under its hash. The copy goes with the session.
	KeepQuestion(ctx context.Context, id ID, hash string, content []byte) error

	// Question returns the copy with that hash, or nil when the session has none.
	Question(ctx context.Context, id ID, hash string) ([]byte, error)
}

// Papers is the part of a store that keeps what people write about a session beside its documents.
type Papers interface {
	// SwapPaper stores next under a name of a session in place of old. nil is no paper. When the
	// paper is not old, nothing is stored and the error is ErrSwapped. What is stored is durable,
	// and goes with the session.
	SwapPaper(ctx context.Context, id ID, name string, old, next []byte) error

	// Papers returns all papers of a session, by name.
	Papers(ctx context.Context, id ID) (map[string][]byte, error)
}

// Sweeper is the part of a store that removes expired data.
type Sweeper interface {
	// Expire removes the sessions that expired at or before now, as Delete does, with tombstones
	// until GoneFor after their expiry. It also removes expired tombstones. The result is the ids
	// of the removed sessions. Expire may do only a part of the work; an empty result means that
	// nothing is left to do.
	//
	// If keep is not nil, it is asked about each session. A session that it keeps stays, and is due
	// again KeptFor later. keep calls no store and may be called more than once for a session.
	Expire(ctx context.Context, now time.Time, keep func(Session) bool) ([]ID, error)
}

// KeptFor is when a Sweeper asks again about a session that was kept.
const KeptFor = 10 * time.Second

// Lister is the part of a store that lists sessions.
type Lister interface {
	// List returns up to limit sessions with ids after the id after, in the byte order of their
	// ids. "" starts at the beginning. Expired sessions are included until Expire removes them. An
	// empty result means the end.
	List(ctx context.Context, after ID, limit int) ([]Session, error)
}
