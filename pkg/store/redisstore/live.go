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

// The records of the sessions that are live on this node are held in memory. Messages of other
// nodes keep them current. After a gap in the messages, and now and then without a reason, they are
// read again. So a change of rights on any node reaches the connections here. When Redis has lost a
// record, by a restart without data or a failover, a node that holds the record puts it back.

// errLost says that Redis has lost its data a moment ago, so that a missing session may be put back
// at any moment.
var errLost = errors.New("the data of Redis was lost, and the nodes are putting it back")

const (
	refreshBatch = 256              // records in one round trip
	refreshLimit = 10 * time.Second // time limit of that round trip
	lostFor      = 20 * time.Second // after Redis was found empty, a missing session is unavailable and not unknown
)

// live is what this node holds of its live sessions.
type live struct {
	wake chan struct{} // capacity 1: pending is not empty; never closed

	mu       sync.Mutex // guards what follows
	sessions map[session.ID]*liveSession
	pending  map[session.ID]*change
	secret   []byte
	epoch    string
	emptied  time.Time // when Redis was found to have lost its data
}

// liveSession is the record of one session, with the listeners to its changes.
type liveSession struct {
	record    stored // json is "" until the record was read
	listeners []*changeListener
}

type changeListener struct{ changed func(session.Session, error) }

// change is what is known of a change: the new record, that the record is gone, or only that it
// must be read again.
type change struct {
	record stored
	reread bool
	gone   bool
}

// Follow holds the record of a session that is live on this node, and calls changed after every
// change with what Get would return. There is one call at a time, from a goroutine of the store.
// Changes may be left out, but never the last one. Follow returns when every change from now on
// will be told. stop ends it; a call that is under way may still come.
func (s *Store) Follow(ctx context.Context, id session.ID, changed func(session.Session, error)) (stop func(), err error) {
	l := &changeListener{changed}
	unlisten, err := s.subs.listen(ctx, s.recordChannel(id), &listener{
		message: func(payload []byte) {
			record, ok := readChange(payload)
			s.noteChange(id, change{record: record, gone: !ok})
		},
		gap: func() { s.noteChange(id, change{reread: true}) },
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
		unlisten()
		s.unfollow(id, l)
	})
	_, record, err := s.get(ctx, id)
	if err != nil {
		stop()
		return nil, err
	}
	s.keepRecord(id, record)
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

// keepRecord keeps a record if it is new, and returns the listeners to tell. A different record of
// the same revision is new too: a failover lost the record that is held, and another node has
// written its own.
func (s *Store) keepRecord(id session.ID, record stored) (listeners []*changeListener) {
	s.live.mu.Lock()
	defer s.live.mu.Unlock()
	held := s.live.sessions[id]
	if held == nil || record.rev < held.record.rev || record == held.record {
		return nil
	}
	held.record = record
	return held.listeners
}

// noteChange leaves a change to watchLive.
func (s *Store) noteChange(id session.ID, c change) {
	s.live.mu.Lock()
	if was := s.live.pending[id]; was != nil {
		c.reread, c.gone = c.reread || was.reread, c.gone || was.gone
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

// Refresh reads the record of every live session again. A message may have been lost without a
// sign, for example between the nodes of a cluster. It does not wait.
func (s *Store) Refresh() {
	s.live.mu.Lock()
	for id := range s.live.sessions {
		if s.live.pending[id] == nil {
			s.live.pending[id] = &change{}
		}
		s.live.pending[id].reread = true
	}
	s.live.mu.Unlock()
	select {
	case s.live.wake <- struct{}{}:
	default:
	}
}

// watchLive tells changes to the listeners.
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
		var reread []session.ID
		for id, c := range pending {
			switch {
			case c.reread || c.gone: // a restored session may be gone and there again: only Redis knows
				reread = append(reread, id)
			default:
				s.tell(id, c.record)
			}
		}
		for batch := range slices.Chunk(reread, refreshBatch) {
			s.refresh(batch)
		}
	}
}

// tell passes a record to the listeners if it is new.
func (s *Store) tell(id session.ID, record stored) {
	listeners := s.keepRecord(id, record)
	if len(listeners) == 0 {
		return
	}
	sess, err := record.decode(id)
	for _, l := range listeners {
		l.changed(sess, err)
	}
}

// refresh reads records and tells what has changed.
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
		return // the next gap or the next Refresh reads them again
	}
	for i, id := range ids {
		record, ok, err := readFields(fields[i].Val())
		switch {
		case err != nil:
			s.opts.Logger.Error("cannot read the record of a session", "session", id, "err", err)
		case ok:
			s.tell(id, record)
			if s.isOlder(id, record) {
				_, _ = s.restore(ctx, id) // after a failure the next Refresh does it
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
		held.record.json = "" // must not be put back
	}
	s.live.mu.Unlock()
	for _, l := range listeners {
		l.changed(session.Session{}, session.ErrGone)
	}
}

// isOlder reports whether a record is older than the one held, because a failover has lost the last
// writes.
func (s *Store) isOlder(id session.ID, record stored) bool {
	s.live.mu.Lock()
	defer s.live.mu.Unlock()
	held := s.live.sessions[id]
	return held != nil && held.record.json != "" && record.rev < held.record.rev
}

// restore puts back the record of a session that Redis has lost, if this node holds it and no node
// has deleted it. It reports whether there is a record now. The error is errLost while that cannot
// be known.
func (s *Store) restore(ctx context.Context, id session.ID) (bool, error) {
	s.live.mu.Lock()
	var record stored
	if held := s.live.sessions[id]; held != nil {
		record = held.record
	}
	s.live.mu.Unlock()
	if record.json == "" {
		return false, s.checkLost(ctx)
	}
	sess, err := record.decode(id)
	if err != nil || sess.Expired(time.Now()) {
		return false, err
	}
	if err := s.index(ctx, sess); err != nil {
		return false, err
	}
	answer, err := s.run(ctx, restoreScript, s.sessionKeys(id), record.rev, record.json, string(sess.Status), recordExpiry(sess))
	if err != nil {
		return false, fmt.Errorf("restore session %s: %w", id, err)
	}
	if answer == int64(1) {
		s.opts.Logger.Warn("put back a session that Redis had lost", "session", id)
		s.noteShelves(ctx, session.Session{}, sess)
	}
	return answer == int64(1), nil
}

// checkLost returns errLost when Redis has lost its data a moment ago, so that it is too early to
// call a session unknown.
func (s *Store) checkLost(ctx context.Context) error {
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

// checkEpoch checks whether Redis still has the epoch, which stands for its data as a whole. If
// not, checkEpoch puts back the secret and has all live sessions read again.
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
	s.opts.Logger.Warn("Redis has lost its data: this node puts back its live sessions")
	if secret != nil {
		if _, err := s.run(ctx, keepScript, []string{s.keys.global("secret")}, secret); err != nil {
			return fmt.Errorf("put back secret: %w", err)
		}
	}
	s.Refresh()
	return nil
}
