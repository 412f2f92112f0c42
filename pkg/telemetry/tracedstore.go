package telemetry

import (
	"context"
	"time"

	"parley/pkg/access"
	"parley/pkg/relay"
	"parley/pkg/session"
)

// Log returns log with a span around every call that reads or writes. A nil Tracing returns log
// itself.
func (t *Tracing) Log(log relay.Log) relay.Log {
	if t == nil {
		return log
	}
	return tracedLog{log, t}
}

// tracedLog does not trace Flush, which is about no document, nor Check, which is about many.
type tracedLog struct {
	relay.Log
	trace *Tracing
}

// Since implements relay.Log.
func (s tracedLog) Since(ctx context.Context, id relay.RoomID, after relay.Position) (relay.Stored, error) {
	ctx, end := s.trace.call(ctx, "since", id.String(), relay.ErrNoSession)
	stored, err := s.Log.Since(ctx, id, after)
	end(err)
	return stored, err
}

// Append implements relay.Log. Its span ends with the answer. It belongs to no request, because one
// append carries the edits of several people.
func (s tracedLog) Append(id relay.RoomID, at relay.Position, entries []relay.Entry, urgency relay.Urgency, done func(relay.Position, error)) {
	_, end := s.trace.call(context.Background(), "append", id.String(), relay.ErrNoSession, relay.ErrReadOnly, relay.ErrStale)
	s.Log.Append(id, at, entries, urgency, func(next relay.Position, err error) {
		end(err)
		done(next, err)
	})
}

// Compact implements relay.Log.
func (s tracedLog) Compact(ctx context.Context, id relay.RoomID, state []byte, at relay.Position) error {
	ctx, end := s.trace.call(ctx, "compact", id.String(), relay.ErrNoSession, relay.ErrStale)
	err := s.Log.Compact(ctx, id, state, at)
	end(err)
	return err
}

// KeepOwners implements relay.Log.
func (s tracedLog) KeepOwners(ctx context.Context, id relay.RoomID, owners []relay.Owner) error {
	ctx, end := s.trace.call(ctx, "keep_owners", id.String(), relay.ErrNoSession)
	err := s.Log.KeepOwners(ctx, id, owners)
	end(err)
	return err
}

// Owners implements relay.Log.
func (s tracedLog) Owners(ctx context.Context, id relay.RoomID) ([]relay.Owner, error) {
	ctx, end := s.trace.call(ctx, "owners", id.String(), relay.ErrNoSession)
	owners, err := s.Log.Owners(ctx, id)
	end(err)
	return owners, err
}

// SetAside implements relay.Log.
func (s tracedLog) SetAside(ctx context.Context, id relay.RoomID, e relay.Entry, cause string) error {
	ctx, end := s.trace.call(ctx, "set_aside", id.String(), relay.ErrNoSession)
	err := s.Log.SetAside(ctx, id, e, cause)
	end(err)
	return err
}

// Sessions returns store with a span around every call. A nil Tracing returns store itself.
func (t *Tracing) Sessions(store session.Store) session.Store {
	if t == nil {
		return store
	}
	return tracedSessions{store, t}
}

type tracedSessions struct {
	store session.Store
	trace *Tracing
}

// Create implements session.Store.
func (s tracedSessions) Create(ctx context.Context, sess session.Session, seed []byte) error {
	ctx, end := s.trace.call(ctx, "session.create", string(sess.ID), session.ErrExists)
	err := s.store.Create(ctx, sess, seed)
	end(err)
	return err
}

// Get implements session.Store.
func (s tracedSessions) Get(ctx context.Context, id session.ID) (session.Session, error) {
	ctx, end := s.trace.call(ctx, "session.get", string(id), session.ErrNotFound, session.ErrGone)
	sess, err := s.store.Get(ctx, id)
	end(err)
	return sess, err
}

// ByInvite implements session.Store.
func (s tracedSessions) ByInvite(ctx context.Context, hash access.Hash) (session.ID, error) {
	ctx, end := s.trace.call(ctx, "session.by_invite", "", session.ErrNotFound)
	id, err := s.store.ByInvite(ctx, hash)
	end(err)
	return id, err
}

// Update implements session.Store.
func (s tracedSessions) Update(ctx context.Context, id session.ID, change func(*session.Session) error) (session.Session, error) {
	var refused error // an error of the caller's change, which is no failure of the store
	ctx, end := s.trace.call(ctx, "session.update", string(id), session.ErrNotFound, session.ErrGone)
	sess, err := s.store.Update(ctx, id, func(held *session.Session) error {
		refused = change(held)
		return refused
	})
	if refused != nil {
		end(nil)
		return sess, err
	}
	end(err)
	return sess, err
}

// Delete implements session.Store.
func (s tracedSessions) Delete(ctx context.Context, id session.ID, until time.Time) error {
	ctx, end := s.trace.call(ctx, "session.delete", string(id), session.ErrNotFound, session.ErrGone)
	err := s.store.Delete(ctx, id, until)
	end(err)
	return err
}
