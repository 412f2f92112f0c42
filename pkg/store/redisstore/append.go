package redisstore

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"

	"parley/pkg/relay"
)

// nextMark makes the mark of an append.
func (s *Store) nextMark() (m relay.Mark) {
	copy(m[:], s.node[:])
	binary.BigEndian.PutUint32(m[len(s.node):], s.appends.Add(1))
	return m
}

// Append implements relay.Store, wherever the log stands.
func (s *Store) Append(ctx context.Context, id relay.RoomID, entries []relay.Entry) (uint64, error) {
	a, err := s.newAppend(id, "*", relay.Position{}, entries)
	if err == nil {
		err = s.upToDate(ctx, a.doc, func() error { return a.await(ctx) })
	}
	if err != nil {
		return 0, fmt.Errorf("append to %s: %w", id, err)
	}
	return a.end.Seq, nil
}

// AppendAt implements relay.Log.
func (s *Store) AppendAt(id relay.RoomID, at relay.Position, entries []relay.Entry, soon bool, done func(relay.Position, error)) {
	tell := func(a *appending, err error) {
		if err != nil {
			done(relay.Position{}, fmt.Errorf("append to %s: %w", id, err))
			return
		}
		done(a.end, nil)
	}
	a, err := s.newAppend(id, epochArg(at.Epoch), at, entries)
	if err != nil {
		tell(nil, err)
		return
	}
	j := &job{script: appendScript, keys: a.keys, args: a.args, then: func(v any, err error) {
		if err = a.read(v, err); !errors.Is(err, relay.ErrNoSession) && !errors.Is(err, errOlder) {
			tell(a, err)
			return
		}
		s.goroutines.Go(func() { // it may only be lost, or has to be migrated: look, and try once more
			ctx, cancel := context.WithTimeout(s.ctx, 2*s.target.timeout)
			defer cancel()
			tell(a, s.upToDate(ctx, a.doc, func() error { return a.await(ctx) }))
		})
	}}
	if l := s.laneOf(id.Session); soon {
		l.add(j)
	} else {
		l.later.put(j)
	}
}

// Hurry implements relay.Log.
func (s *Store) Hurry() {
	for _, l := range s.lanes {
		l.later.call()
	}
}

// appending is one append.
type appending struct {
	store *Store
	doc   document
	keys  []string
	args  []any
	mark  relay.Mark
	end   relay.Position // where the log stands after it
}

func (s *Store) newAppend(id relay.RoomID, epoch string, at relay.Position, entries []relay.Entry) (*appending, error) {
	d, err := s.document(id)
	if err != nil {
		return nil, err
	}
	back, size := "0", 0
	for _, e := range entries {
		if e.Back {
			back = "1"
		}
		size += markSize + 2*binary.MaxVarintLen64 + len(e.By) + len(e.Update)
	}
	a := &appending{store: s, doc: d, keys: []string{d.record, d.head, d.log, d.state, d.docs}, mark: s.nextMark()}
	a.args = append(make([]any, 0, 8+len(entries)),
		schema, epoch, seqArg(at.Seq), markArg(at), newEpochArg(), string(a.mark[:]), d.channel, back)
	all := make([]byte, 0, size) // one piece of memory for all entries
	for _, e := range entries {
		from := len(all)
		all = appendEntry(all, a.mark, e)
		a.args = append(a.args, all[from:len(all):len(all)])
	}
	return a, nil
}

func (a *appending) await(ctx context.Context) error {
	return a.read(a.store.laneOf(a.doc.session).await(ctx, appendScript, a.keys, a.args))
}

// read reads the answer of append.lua.
func (a *appending) read(v any, err error) error {
	_, rest, err := answer(v, err)
	if err != nil {
		return err
	}
	if len(rest) != 2 {
		return fmt.Errorf("%w: answer of append", errDamaged)
	}
	a.end, err = readPosition(rest[0], rest[1], string(a.mark[:]))
	return err
}
