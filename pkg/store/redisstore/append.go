package redisstore

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"

	"parley/pkg/relay"
)

// nextID makes an id that no other append has: the node and a counter.
func (s *Store) nextID() (id relay.AppendID) {
	copy(id[:], s.node[:])
	binary.BigEndian.PutUint32(id[len(s.node):], s.appends.Add(1))
	return id
}

// Append implements relay.Log.
func (s *Store) Append(id relay.RoomID, at relay.Position, entries []relay.Entry, urgency relay.Urgency, done func(relay.Position, error)) {
	tell := func(a *appending, err error) {
		if err != nil {
			done(relay.Position{}, fmt.Errorf("append to %s: %w", id, err))
			return
		}
		done(a.end, nil)
	}
	a, err := s.newAppend(id, at, entries)
	if err != nil {
		tell(nil, err)
		return
	}
	j := &job{script: appendScript, keys: a.keys, args: a.args, done: func(v any, err error) {
		if err = a.read(v, err); !errors.Is(err, relay.ErrNoSession) && !errors.Is(err, errOlder) || s.ctx.Err() != nil {
			tell(a, err)
			return
		}
		// Redis may have lost the session, or the document may have an older layout. Both can be
		// mended, and then the append is tried once more.
		s.goroutines.Go(func() {
			ctx, cancel := context.WithTimeout(s.ctx, 2*s.target.timeout)
			defer cancel()
			tell(a, s.withMigrated(ctx, a.doc, func() error { return a.await(ctx) }))
		})
	}}
	if l := s.laneOf(id.Session); urgency == relay.Prompt {
		l.add(j)
	} else {
		l.hold(j)
	}
}

// Flush implements relay.Log.
func (s *Store) Flush() {
	for _, l := range s.lanes {
		l.queue.Flush()
	}
}

// appending is one append.
type appending struct {
	store *Store
	doc   document
	keys  []string
	args  []any
	aid   relay.AppendID
	end   relay.Position // where the log ends after it
}

func (s *Store) newAppend(id relay.RoomID, at relay.Position, entries []relay.Entry) (*appending, error) {
	d, err := s.document(id)
	if err != nil {
		return nil, err
	}
	back, size := "0", 0
	for _, e := range entries {
		if e.Back {
			back = "1"
		}
		size += appendIDSize + 2*binary.MaxVarintLen64 + len(e.By) + len(e.Update)
	}
	a := &appending{store: s, doc: d, keys: []string{d.record, d.head, d.log, d.state, d.docs}, aid: s.nextID()}
	a.args = append(make([]any, 0, 8+len(entries)),
		schema, epochArg(at.Epoch), seqArg(at.Seq), idArg(at), newEpochArg(), string(a.aid[:]), d.channel, back)
	all := make([]byte, 0, size) // one allocation for all entries
	for _, e := range entries {
		from := len(all)
		all = appendEntry(all, a.aid, e)
		a.args = append(a.args, all[from:len(all):len(all)])
	}
	return a, nil
}

func (a *appending) await(ctx context.Context) error {
	return a.read(a.store.laneOf(a.doc.session).await(ctx, appendScript, a.keys, a.args))
}

// read reads the answer of append.lua.
func (a *appending) read(v any, err error) error {
	_, rest, err := readAnswer(v, err)
	if err != nil {
		return err
	}
	if len(rest) != 2 {
		return fmt.Errorf("%w: answer of append", errDamaged)
	}
	a.end, err = readPosition(rest[0], rest[1], string(a.aid[:]))
	return err
}
