package redisstore

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"parley/pkg/session"
)

// Sessions that are live on this node: their records are held in memory and kept current by what other nodes tell, by looking
// again after a gap, and now and then without a reason. So rights that change anywhere reach the connections here; and a record
// that Redis has lost, by a restart without data or a failover, is put back by whoever holds it.

// errLost says that Redis has lost its data a moment ago, so that a session that is not there may be put back at any moment.
var errLost = errors.New("the data in Redis was lost, and the nodes put back what they hold")

const (
	refreshBatch = 256              // records that one round trip asks about
	refreshLimit = 10 * time.Second // for one such round trip
	lostFor      = 20 * time.Second // after Redis was found emptied, what is not there is not yet said to be unknown
)

// live is what this node holds of the sessions that are live on it. The zero value is ready.
type live struct {
	wake chan struct{} // capacity 1: pending or all; never closed

	mu       sync.Mutex // guards what follows
	sessions map[session.ID]*liveSession
	pending  map[session.ID]*change
	secret   []byte
	epoch    string
	emptied  time.Time // when Redis was found to have lost its data
}

// liveSession is the record of one session, with those who want to hear of its changes.
type liveSession struct {
	record    stored // json is "" until it was read
	listeners []*changeListener
}

type changeListener struct{ changed func(session.Session, error) }

// change is what is known of a change: the new record, that there is none any more, or only that somebody has to look.
type change struct {
	record stored
	look   bool
	gone   bool
}

// Follow holds the record of a session that is live on this node, and calls changed after every change, with what Get
// would give; one call at a time, from a goroutine of the store, and the last change is never left out. It returns when every change
// from now on will be told. stop ends it; a call under way may still come.
func (s *Store) Follow(ctx context.Context, id session.ID, changed func(session.Session, error)) (stop func(), err error) {
	l := &changeListener{changed}
	deaf, err := s.subs.listen(ctx, s.recordChannel(id), &listener{
		message: func(payload []byte) {
			record, ok := readChange(payload)
			s.noteChange(id, change{record: record, gone: !ok})
		},
		gap: func() { s.noteChange(id, change{look: true}) },
	})
	if err != nil {
		return nil, fmt.Errorf("follow session %s: %w", id, err)
	}
	s.live.mu.Lock()
	held := s.live.sessions[id]
	if held == nil {
		held = &liveSession{}
		s.live.sessions[id] = held
	}
	held.listeners = append(slices.Clip(held.listeners), l)
	s.live.mu.Unlock()
	stop = sync.OnceFunc(func() {
		deaf()
		s.unfollow(id, l)
	})
	_, record, err := s.get(ctx, id)
	if err != nil {
		stop()
		return nil, err
	}
	s.hold(id, record)
	return stop, nil
}

func (s *Store) unfollow(id session.ID, l *changeListener) {
	s.live.mu.Lock()
	defer s.live.mu.Unlock()
	held := s.live.sessions[id]
	if held == nil {
		return
	}
	held.listeners = slices.DeleteFunc(slices.Clone(held.listeners), func(o *changeListener) bool { return o == l })
	if len(held.listeners) == 0 {
		delete(s.live.sessions, id)
		delete(s.live.pending, id)
	}
}

// hold keeps a record if it is news, and gives who wants to know. One of the same revision that says something else is: a
// failover lost the one that is held, and somebody has written another in its place.
func (s *Store) hold(id session.ID, record stored) (listeners []*changeListener) {
	s.live.mu.Lock()
	defer s.live.mu.Unlock()
	held := s.live.sessions[id]
	if held == nil || record.rev < held.record.rev || record == held.record {
		return nil
	}
	held.record = record
	return held.listeners
}

// noteChange leaves a change to the worker.
func (s *Store) noteChange(id session.ID, c change) {
	s.live.mu.Lock()
	if was := s.live.pending[id]; was != nil {
		c.look, c.gone = c.look || was.look, c.gone || was.gone
		if was.record.rev > c.record.rev {
			c.record = was.record
		}
	}
	s.live.pending[id] = &c
	s.live.mu.Unlock()
	select {
	case s.live.wake <- struct{}{}:
	default:
	}
}

// Refresh looks at the record of every session that is live here: a message may have been lost without a sign, between the nodes of a
// cluster for one.
func (s *Store) Refresh() {
	s.live.mu.Lock()
	for id := range s.live.sessions {
		if s.live.pending[id] == nil {
			s.live.pending[id] = &change{}
		}
		s.live.pending[id].look = true
	}
	s.live.mu.Unlock()
	select {
	case s.live.wake <- struct{}{}:
	default:
	}
}

// watchLive is the worker: it tells changes to those who follow.
func (s *Store) watchLive() {
	for {
		select {
		case <-s.live.wake:
		case <-s.ctx.Done():
			return
		}
		s.live.mu.Lock()
		pending := s.live.pending
		s.live.pending = map[session.ID]*change{}
		s.live.mu.Unlock()
		var look []session.ID
		for id, c := range pending {
			switch {
			case c.look || c.gone: // a restored session may be gone and there again: Redis knows
				look = append(look, id)
			default:
				s.tell(id, c.record)
			}
		}
		for batch := range slices.Chunk(look, refreshBatch) {
			s.refresh(batch)
		}
	}
}

// tell passes a record on to those who follow, if it is news.
func (s *Store) tell(id session.ID, record stored) {
	listeners := s.hold(id, record)
	if len(listeners) == 0 {
		return
	}
	sess, err := record.decode(id)
	for _, l := range listeners {
		l.changed(sess, err)
	}
}

// refresh reads records and tells what has changed of them.
func (s *Store) refresh(ids []session.ID) {
	ctx, cancel := context.WithTimeout(s.ctx, refreshLimit)
	defer cancel()
	fields, graves := make([]*redis.SliceCmd, len(ids)), make([]*redis.IntCmd, len(ids))
	_, err := s.client.Pipelined(ctx, func(p redis.Pipeliner) error {
		for i, id := range ids {
			keys := s.sessionKeys(id)
			fields[i], graves[i] = p.HMGet(ctx, keys[0], "json", "rev"), p.Exists(ctx, keys[1], keys[2])
		}
		return nil
	})
	if err != nil {
		return // the next gap, or the next Refresh, looks again
	}
	for i, id := range ids {
		record, ok, err := readFields(fields[i].Val())
		switch {
		case err != nil:
			s.opts.Logger.Error("record cannot be read", "session", id, "error", err)
		case ok:
			s.tell(id, record)
			if s.isOlder(id, record) {
				_, _ = s.restore(ctx, id) // else the next Refresh does it
			}
		case graves[i].Val() > 0:
			s.tellGone(id)
		default:
			if back, err := s.restore(ctx, id); err == nil && !back {
				s.tellGone(id)
			}
		}
	}
}

func (s *Store) tellGone(id session.ID) {
	s.live.mu.Lock()
	var listeners []*changeListener
	if held := s.live.sessions[id]; held != nil {
		listeners = held.listeners
		held.record.json = "" // not to be put back
	}
	s.live.mu.Unlock()
	for _, l := range listeners {
		l.changed(session.Session{}, session.ErrGone)
	}
}

// isOlder reports whether a record is older than the one held: a failover has lost what was written last.
func (s *Store) isOlder(id session.ID, record stored) bool {
	s.live.mu.Lock()
	defer s.live.mu.Unlock()
	held := s.live.sessions[id]
	return held != nil && held.record.json != "" && record.rev < held.record.rev
}

// restore puts back the record of a session that Redis does not have, if this node holds it and nobody has deleted it. It reports
// whether there is a record now. errLost when nobody can tell yet.
func (s *Store) restore(ctx context.Context, id session.ID) (bool, error) {
	s.live.mu.Lock()
	var record stored
	if held := s.live.sessions[id]; held != nil {
		record = held.record
	}
	s.live.mu.Unlock()
	if record.json == "" {
		return false, s.lost(ctx)
	}
	sess, err := record.decode(id)
	if err != nil || sess.Expired(time.Now()) {
		return false, err
	}
	if err := s.index(ctx, sess); err != nil {
		return false, err
	}
	answer, err := s.run(ctx, restoreScript, s.sessionKeys(id), record.rev, record.json, string(sess.Status), forget(sess))
	if err != nil {
		return false, fmt.Errorf("restore session %s: %w", id, err)
	}
	if answer == int64(1) {
		s.opts.Logger.Warn("session put back: Redis had lost it", "session", id)
	}
	return answer == int64(1), nil
}

// lost gives errLost when Redis has lost its data a moment ago, so that "unknown" would be said too early.
func (s *Store) lost(ctx context.Context) error {
	if err := s.checkEpoch(ctx); err != nil {
		return err
	}
	s.live.mu.Lock()
	defer s.live.mu.Unlock()
	if !s.live.emptied.IsZero() && time.Since(s.live.emptied) < lostFor {
		return errLost
	}
	return nil
}

// checkEpoch looks whether Redis still has what stands for its data as a whole. If not, it gets back the secret, and all that is
// live here is looked at.
func (s *Store) checkEpoch(ctx context.Context) error {
	answer, err := s.run(ctx, keepScript, []string{s.keys.global("epoch")}, newEpoch())
	if err != nil {
		return fmt.Errorf("check epoch: %w", err)
	}
	epoch := fmt.Sprint(answer)
	s.live.mu.Lock()
	was, secret := s.live.epoch, s.live.secret
	s.live.epoch = epoch
	if was != "" && was != epoch {
		s.live.emptied = time.Now()
	}
	s.live.mu.Unlock()
	if was == "" || was == epoch {
		return nil
	}
	s.opts.Logger.Warn("Redis has lost its data: what is live on this node is put back")
	if secret != nil {
		if _, err := s.run(ctx, keepScript, []string{s.keys.global("secret")}, secret); err != nil {
			return fmt.Errorf("put back secret: %w", err)
		}
	}
	s.Refresh()
	return nil
}
