package redisstore

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"slices"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"

	"parley/pkg/session"
)

var claimScript = mustScript("due_claim")

const (
	// shards is the number of parts of an index over all sessions, so that a cluster spreads them.
	shards = 16
	// sweepBatch bounds the sessions that one call claims of each shard.
	sweepBatch = 16
	// claimFor is how long other nodes do not see a claimed session.
	claimFor = time.Minute
)

// shard returns the key of the part of an index that a session is in.
func (s *Store) shard(index string, id session.ID) string {
	h := fnv.New32a()
	h.Write([]byte(id))
	return s.shardKey(index, int(h.Sum32()%shards))
}

func (s *Store) shardKey(index string, n int) string {
	return s.keys.global(index) + ":{" + strconv.Itoa(n) + "}"
}

// Expire implements session.Sweeper. Each call expires a limited number of sessions. Any number of
// nodes may call it at once.
func (s *Store) Expire(ctx context.Context, now time.Time, keep func(session.Session) bool) ([]session.ID, error) {
	for {
		claimed, err := s.claim(ctx, now)
		if err != nil {
			return nil, fmt.Errorf("expire sessions: %w", err)
		}
		var ids []session.ID
		for _, id := range claimed {
			removed, err := s.sweep(ctx, id, now, keep)
			if err != nil {
				return ids, fmt.Errorf("expire session %s: %w", id, err)
			}
			if removed {
				ids = append(ids, id)
			}
		}
		if len(ids) > 0 || len(claimed) == 0 {
			return ids, nil
		}
	}
}

// claim returns some ids that are due. Other nodes do not get them for a while.
func (s *Store) claim(ctx context.Context, now time.Time) ([]session.ID, error) {
	peeks := make([]*redis.ZSliceCmd, shards)
	_, err := s.client.Pipelined(ctx, func(p redis.Pipeliner) error {
		for n := range peeks {
			peeks[n] = p.ZRangeWithScores(ctx, s.shardKey("due", n), 0, 0)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	var ids []session.ID
	for n, peek := range peeks {
		if first := peek.Val(); len(first) == 0 || int64(first[0].Score) > now.UnixMilli() {
			continue
		}
		answer, err := s.run(ctx, claimScript, []string{s.shardKey("due", n)}, now.UnixMilli(), now.Add(claimFor).UnixMilli(), sweepBatch)
		if err != nil {
			return nil, err
		}
		list, _ := answer.([]any)
		for _, id := range list {
			ids = append(ids, session.ID(fmt.Sprint(id)))
		}
	}
	return ids, nil
}

// sweep does what is due for one session. It reports whether this call removed the session.
func (s *Store) sweep(ctx context.Context, id session.ID, now time.Time, keep func(session.Session) bool) (removed bool, err error) {
	record, err := s.read(ctx, id)
	switch {
	case errors.Is(err, session.ErrNotFound):
		return false, s.clearAll(ctx, id)
	case errors.Is(err, session.ErrGone):
		return false, s.sweepGrave(ctx, id, now)
	case err != nil && !errors.Is(err, errDamaged):
		return false, err
	}
	// A damaged record must not stop the sweep of the others, so it is removed as if it were due.
	sess, decodeErr := record.decode(id)
	if err != nil || decodeErr != nil {
		s.opts.Logger.Error("removed a damaged session", "session", id, "err", errors.Join(err, decodeErr))
		sess = session.Session{ID: id, ExpiresAt: now}
	}
	if !sess.Expired(now) {
		return false, s.setDue(ctx, id, sess.ExpiresAt.UnixMilli())
	}
	if keep != nil && err == nil && decodeErr == nil && keep(sess) {
		return false, s.setDue(ctx, id, now.Add(session.KeptFor).UnixMilli())
	}
	answer, err := s.remove(ctx, sess, sess.ExpiresAt.Add(session.GoneFor))
	return answer == int64(1), err
}

// sweepGrave removes a tombstone that has ended, and what an interrupted deletion has left.
func (s *Store) sweepGrave(ctx context.Context, id session.ID, now time.Time) error {
	keys := s.sessionKeys(id)
	until, err := s.client.Get(ctx, keys[1]).Int64()
	if err != nil && !errors.Is(err, redis.Nil) {
		return fmt.Errorf("read tombstone: %w", err)
	}
	if until > now.UnixMilli() {
		return s.clearUntil(ctx, id, time.UnixMilli(until))
	}
	if err := s.client.Del(ctx, keys[1], keys[2]).Err(); err != nil {
		return fmt.Errorf("remove tombstone: %w", err)
	}
	return s.clearAll(ctx, id)
}

// List implements session.Lister.
func (s *Store) List(ctx context.Context, after session.ID, limit int) ([]session.Session, error) {
	var out []session.Session
	for len(out) < limit {
		ids, err := s.listIDs(ctx, after, limit-len(out))
		if err != nil {
			return nil, fmt.Errorf("list sessions: %w", err)
		}
		if len(ids) == 0 {
			break
		}
		after = ids[len(ids)-1]
		found, err := s.readMany(ctx, ids)
		if err != nil {
			return nil, fmt.Errorf("list sessions: %w", err)
		}
		out = append(out, found...)
	}
	return out, nil
}

// listIDs returns the next ids of the index, in order. Some may lead nowhere.
func (s *Store) listIDs(ctx context.Context, after session.ID, limit int) ([]session.ID, error) {
	from := "-"
	if after != "" {
		from = "(" + string(after)
	}
	parts := make([]*redis.StringSliceCmd, shards)
	_, err := s.client.Pipelined(ctx, func(p redis.Pipeliner) error {
		for n := range parts {
			parts[n] = p.ZRangeByLex(ctx, s.shardKey("ids", n), &redis.ZRangeBy{Min: from, Max: "+", Count: int64(limit)})
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	var ids []session.ID
	for _, part := range parts {
		for _, id := range part.Val() {
			ids = append(ids, session.ID(id))
		}
	}
	slices.Sort(ids)
	return ids[:min(limit, len(ids))], nil
}

// readMany returns the sessions with these ids, and drops ids without a session from the index.
func (s *Store) readMany(ctx context.Context, ids []session.ID) ([]session.Session, error) {
	answers := make([]*redis.SliceCmd, len(ids))
	_, err := s.client.Pipelined(ctx, func(p redis.Pipeliner) error {
		for i, id := range ids {
			answers[i] = p.HMGet(ctx, s.keys.session(string(id)), "json", "rev")
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	var found []session.Session
	var stale []session.ID
	for i, a := range answers {
		record, ok, err := readFields(a.Val())
		var sess session.Session
		if err == nil && ok {
			sess, err = record.decode(ids[i])
		}
		switch {
		case err != nil:
			s.opts.Logger.Error("left a damaged session out of the list", "session", ids[i], "err", err)
		case ok:
			found = append(found, sess)
		default:
			stale = append(stale, ids[i])
		}
	}
	return found, s.unlist(ctx, stale)
}

// unlist drops ids that had no record a moment ago. A session that is being created is in the index
// before it has a record. So unlist looks again and puts such an id back.
func (s *Store) unlist(ctx context.Context, ids []session.ID) error {
	if len(ids) == 0 {
		return nil
	}
	_, err := s.client.Pipelined(ctx, func(p redis.Pipeliner) error {
		for _, id := range ids {
			p.ZRem(ctx, s.shard("ids", id), string(id))
		}
		return nil
	})
	if err != nil {
		return err
	}
	_, err = s.client.Pipelined(ctx, func(p redis.Pipeliner) error {
		for _, id := range ids {
			if n, err := s.client.Exists(ctx, s.keys.session(string(id))).Result(); err == nil && n > 0 {
				p.ZAdd(ctx, s.shard("ids", id), redis.Z{Member: string(id)})
			}
		}
		return nil
	})
	return err
}
