package relaytest

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"time"

	"parley/pkg/relay"
)

func (l *document) end() relay.Position {
	at := relay.Position{Epoch: l.epoch, Seq: l.reached + uint64(len(l.entries)), ID: l.reachedID}
	if n := len(l.ids); n > 0 {
		at.ID = l.ids[n-1]
	}
	return at
}

// idAt returns the id of the append that wrote an entry. ok is false when the log does not hold the
// entry.
func (l *document) idAt(seq uint64) (relay.AppendID, bool) {
	switch {
	case seq == l.reached:
		return l.reachedID, true
	case seq > l.reached && seq <= l.reached+uint64(len(l.ids)):
		return l.ids[seq-l.reached-1], true
	}
	return relay.AppendID{}, false
}

// wholeLocked returns everything that is stored of a document.
func (d *data) wholeLocked(id relay.RoomID) relay.Stored {
	l := d.logs[id]
	if l == nil {
		return relay.Stored{Whole: true}
	}
	return relay.Stored{State: bytes.Clone(l.state), Entries: slices.Clone(l.entries), At: l.end(), Whole: true}
}

// before counts an operation and runs the hook.
func (s *Store) before(ctx context.Context, op Op, id relay.RoomID) error {
	s.mu.Lock()
	s.calls[op]++
	hook := s.hook
	s.mu.Unlock()
	if hook != nil {
		if err := hook(op, id); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// usableLocked returns why a node cannot use a document, nil when it can.
func (s *Store) usableLocked(id relay.RoomID) error {
	switch {
	case s.cut:
		return ErrCut
	case !s.sessions[id.Session]:
		return relay.ErrNoSession
	}
	return nil
}

// Since implements relay.Log.
func (s *Store) Since(ctx context.Context, id relay.RoomID, after relay.Position) (relay.Stored, error) {
	if err := s.before(ctx, Read, id); err != nil {
		return relay.Stored{}, err
	}
	stored, err := s.since(id, after)
	s.mu.Lock()
	far := s.far
	s.mu.Unlock()
	if far > 0 {
		<-time.After(far)
	}
	return stored, err
}

func (s *Store) since(id relay.RoomID, after relay.Position) (relay.Stored, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.usableLocked(id); err != nil {
		return relay.Stored{}, err
	}
	l := s.logs[id]
	if l == nil || after.Epoch != l.epoch {
		return s.wholeLocked(id), nil
	}
	if aid, ok := l.idAt(after.Seq); !ok || aid != after.ID {
		return s.wholeLocked(id), nil
	}
	return relay.Stored{Entries: slices.Clone(l.entries[after.Seq-l.reached:]), At: l.end()}, nil
}

// Append implements relay.Log. Without a hook it calls done before it returns, unless Gather holds
// the append back.
func (s *Store) Append(id relay.RoomID, at relay.Position, entries []relay.Entry, urgency relay.Urgency, done func(relay.Position, error)) {
	carryOut := func() {
		if err := s.before(context.Background(), Append, id); err != nil {
			done(relay.Position{}, err)
			return
		}
		done(s.append(id, at, entries))
	}
	s.mu.Lock()
	gather, hooked := s.gather && urgency == relay.Batched, s.hook != nil
	if gather {
		s.gathered = append(s.gathered, carryOut)
	}
	s.mu.Unlock()
	switch {
	case gather:
	case hooked:
		go carryOut() // ends with the call
	default:
		carryOut()
	}
}

// Flush implements relay.Log. Each append that was held back runs in a goroutine of its own.
func (s *Store) Flush() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, carryOut := range s.gathered {
		go carryOut() // ends with the call
	}
	s.gathered = nil
}

func (s *Store) append(id relay.RoomID, at relay.Position, entries []relay.Entry) (relay.Position, error) {
	s.mu.Lock()
	if err := s.usableLocked(id); err != nil {
		s.mu.Unlock()
		return relay.Position{}, err
	}
	if l := s.logs[id]; l == nil && at.Epoch != 0 || l != nil && s.staleLocked(l, at) {
		s.mu.Unlock()
		return relay.Position{}, relay.ErrStale
	}
	s.appends++
	l := s.logLocked(id)
	m := relay.Message{Kind: relay.Appended, From: s.ID, Before: l.end(), Count: len(entries)}
	if m.Before.Seq == 0 {
		m.Before = relay.Position{}
	}
	aid := s.nextIDLocked(s.ID)
	for _, e := range entries {
		e.Update = bytes.Clone(e.Update)
		l.entries, l.ids = append(l.entries, e), append(l.ids, aid)
		m.Updates, m.Size = append(m.Updates, e.Update), m.Size+len(e.Update)
		m.By = append(m.By, e.By)
	}
	m.After = l.end()
	s.mu.Unlock()
	s.publish(id, m)
	return m.After, nil
}

// staleLocked reports whether the log is not at the position at. When the end of the log was lost,
// the log gets another epoch.
func (s *Store) staleLocked(l *document, at relay.Position) bool {
	end := l.end()
	if at.Epoch != l.epoch {
		return true
	}
	if end.Seq < at.Seq || end.Seq == at.Seq && end.ID != at.ID {
		s.epoch++
		l.epoch = s.epoch
		return true
	}
	return false
}

// Compact implements relay.Log.
func (s *Store) Compact(ctx context.Context, id relay.RoomID, state []byte, at relay.Position) error {
	if err := s.before(ctx, Compact, id); err != nil {
		return err
	}
	s.mu.Lock()
	if err := s.usableLocked(id); err != nil {
		s.mu.Unlock()
		return err
	}
	l := s.logs[id]
	if l == nil || l.epoch != at.Epoch {
		s.mu.Unlock()
		return relay.ErrStale
	}
	if at.Seq <= l.reached {
		s.mu.Unlock()
		return nil
	}
	if aid, ok := l.idAt(at.Seq); !ok || aid != at.ID {
		s.mu.Unlock()
		return relay.ErrStale
	}
	taken := at.Seq - l.reached
	l.state, l.history = bytes.Clone(state), append(l.history, l.entries[:taken]...)
	l.entries, l.ids = slices.Clone(l.entries[taken:]), slices.Clone(l.ids[taken:])
	l.reached, l.reachedID = at.Seq, at.ID
	s.mu.Unlock()
	s.publish(id, relay.Message{Kind: relay.Compacted, From: s.ID, After: at})
	return nil
}

// Check implements relay.Log.
func (s *Store) Check(_ context.Context, held []relay.Located) (differ []relay.RoomID, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, h := range held {
		if err := s.usableLocked(h.ID); err != nil && !errors.Is(err, relay.ErrNoSession) {
			return nil, err
		}
		if s.wholeLocked(h.ID).At != h.At {
			differ = append(differ, h.ID)
		}
	}
	return differ, nil
}

// SetAside implements relay.Log.
func (s *Store) SetAside(_ context.Context, _ relay.RoomID, e relay.Entry, _ string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.aside = append(s.aside, e)
	return nil
}

// KeepOwners implements relay.Log.
func (s *Store) KeepOwners(ctx context.Context, id relay.RoomID, owners []relay.Owner) error {
	if err := s.before(ctx, Owners, id); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.usableLocked(id); err != nil {
		return err
	}
	for _, o := range owners {
		if !slices.ContainsFunc(s.owners[id], func(kept relay.Owner) bool { return kept.Client == o.Client }) {
			s.owners[id] = append(s.owners[id], o)
		}
	}
	return nil
}

// Owners implements relay.Log.
func (s *Store) Owners(_ context.Context, id relay.RoomID) ([]relay.Owner, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.usableLocked(id); err != nil {
		return nil, err
	}
	return slices.Clone(s.owners[id]), nil
}
