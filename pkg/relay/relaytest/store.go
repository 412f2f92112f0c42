// Package relaytest has what tests of a relay need: a Store in memory, a Socket in memory, and a Client that
// speaks the wire protocol over it with a document of its own. All of it works inside testing/synctest.
package relaytest

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"sync"

	"parley/pkg/relay"
)

// Op names a method of relay.Store.
type Op string

// The methods of relay.Store.
const (
	Load    Op = "load"
	Append  Op = "append"
	Compact Op = "compact"
)

// Store is a relay.Store in memory that keeps the whole contract, with a hook to fail or delay.
type Store struct {
	mu       sync.Mutex // guards what follows
	sessions map[string]map[string]*document
	hook     func(Op, relay.RoomID) error
	calls    map[Op]int
}

type document struct {
	state   []byte
	log     []relay.Entry
	history []relay.Entry
	through uint64 // last entry in state and log
	covers  uint64 // last entry in state
}

// NewStore returns a Store that holds the given sessions, empty.
func NewStore(sessions ...string) *Store {
	s := &Store{sessions: map[string]map[string]*document{}, calls: map[Op]int{}}
	for _, id := range sessions {
		s.sessions[id] = map[string]*document{}
	}
	return s
}

// Delete takes a session away with all it holds.
func (s *Store) Delete(session string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.sessions, session)
}

// Hook has fn called before each operation, outside of any lock: it may block, and its error is the operation's.
// nil takes it away.
func (s *Store) Hook(fn func(Op, relay.RoomID) error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.hook = fn
}

// Calls is how often an operation was asked for.
func (s *Store) Calls(op Op) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.calls[op]
}

// Entries gives the log of a document, History what compaction took out of it.
func (s *Store) Entries(id relay.RoomID) []relay.Entry {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.documentLocked(id).log)
}

// History gives the entries that compaction took out of the log.
func (s *Store) History(id relay.RoomID) []relay.Entry {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.documentLocked(id).history)
}

// Load implements relay.Store.
func (s *Store) Load(ctx context.Context, id relay.RoomID) (relay.Stored, error) {
	if err := s.before(ctx, Load, id); err != nil {
		return relay.Stored{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.sessions[id.Session] == nil {
		return relay.Stored{}, relay.ErrNoSession
	}
	d := s.documentLocked(id)
	return relay.Stored{State: bytes.Clone(d.state), Log: slices.Clone(d.log), Through: d.through}, nil
}

// Append implements relay.Store.
func (s *Store) Append(ctx context.Context, id relay.RoomID, entries []relay.Entry) (uint64, error) {
	if err := s.before(ctx, Append, id); err != nil {
		return 0, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.sessions[id.Session] == nil {
		return 0, relay.ErrNoSession
	}
	d := s.documentLocked(id)
	for _, e := range entries {
		e.Update = bytes.Clone(e.Update)
		d.log = append(d.log, e)
	}
	d.through += uint64(len(entries))
	return d.through, nil
}

// Compact implements relay.Store.
func (s *Store) Compact(ctx context.Context, id relay.RoomID, state []byte, through uint64) error {
	if err := s.before(ctx, Compact, id); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.sessions[id.Session] == nil {
		return relay.ErrNoSession
	}
	d := s.documentLocked(id)
	if through > d.through {
		return fmt.Errorf("compact through %d, where %d is the last", through, d.through)
	}
	if through <= d.covers {
		return nil
	}
	n := int(through - d.covers)
	d.history = append(d.history, d.log[:n]...)
	d.state, d.log, d.covers = bytes.Clone(state), slices.Clone(d.log[n:]), through
	return nil
}

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

// documentLocked gives a document, an empty one when there is none. The caller holds mu.
func (s *Store) documentLocked(id relay.RoomID) *document {
	docs := s.sessions[id.Session]
	d := docs[id.Doc]
	if d == nil {
		d = &document{}
		if docs != nil {
			docs[id.Doc] = d
		}
	}
	return d
}
