package telemetry

import (
	"context"
	"time"

	"parley/pkg/access"
	"parley/pkg/relay"
	"parley/pkg/session"
)

// Documents gives the store with a span around every call. On nil it gives the store as it is.
func (t *Tracing) Documents(store relay.Store) relay.Store {
	if t == nil {
		return store
	}
	return tracedDocuments{store, t}
}

type tracedDocuments struct {
	store relay.Store
	trace *Tracing
}

// Load implements relay.Store.
func (s tracedDocuments) Load(ctx context.Context, id relay.RoomID) (relay.Stored, error) {
	ctx, end := s.trace.call(ctx, "load", id.String(), relay.ErrNoSession)
	stored, err := s.store.Load(ctx, id)
	end(err)
	return stored, err
}

// Append implements relay.Store.
func (s tracedDocuments) Append(ctx context.Context, id relay.RoomID, entries []relay.Entry) (uint64, error) {
	ctx, end := s.trace.call(ctx, "append", id.String(), relay.ErrNoSession)
	seq, err := s.store.Append(ctx, id, entries)
	end(err)
	return seq, err
}

// Compact implements relay.Store.
func (s tracedDocuments) Compact(ctx context.Context, id relay.RoomID, state []byte, through uint64) error {
	ctx, end := s.trace.call(ctx, "compact", id.String(), relay.ErrNoSession)
	err := s.store.Compact(ctx, id, state, through)
	end(err)
	return err
}

// Shared gives the store with a span around every call that reads or writes a log. On nil it gives the store as it is.
func (t *Tracing) Shared(store relay.Shared) relay.Shared {
	if t == nil {
		return store
	}
	return tracedShared{store, t}
}

// tracedShared passes on what it does not trace: what is said between nodes is too much and too short.
type tracedShared struct {
	relay.Shared
	trace *Tracing
}

// Since implements relay.Log.
func (s tracedShared) Since(ctx context.Context, id relay.RoomID, after relay.Position) (relay.Stored, error) {
	ctx, end := s.trace.call(ctx, "since", id.String(), relay.ErrNoSession)
	stored, err := s.Shared.Since(ctx, id, after)
	end(err)
	return stored, err
}

// AppendAt implements relay.Log.
func (s tracedShared) AppendAt(id relay.RoomID, at relay.Position, entries []relay.Entry, soon bool, done func(relay.Position, error)) {
	_, end := s.trace.call(context.Background(), "append", id.String(), relay.ErrNoSession, relay.ErrStale)
	s.Shared.AppendAt(id, at, entries, soon, func(next relay.Position, err error) {
		end(err)
		done(next, err)
	})
}

// CompactAt implements relay.Log.
func (s tracedShared) CompactAt(ctx context.Context, id relay.RoomID, state []byte, at relay.Position) error {
	ctx, end := s.trace.call(ctx, "compact", id.String(), relay.ErrNoSession, relay.ErrStale)
	err := s.Shared.CompactAt(ctx, id, state, at)
	end(err)
	return err
}

// Sessions gives the store with a span around every call. On nil it gives the store as it is.
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
	var refused error // by the caller's rules, which is no fault of the store
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
