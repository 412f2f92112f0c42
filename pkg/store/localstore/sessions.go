package localstore

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	bolt "go.etcd.io/bbolt"

	"parley/pkg/access"
	"parley/pkg/relay"
	"parley/pkg/session"
)

// Kinds of entries in the bucket due.
const (
	dueSession = 's'
	dueGrave   = 'g'
)

// sweepBatch bounds the sessions that one commit removes, so that writers do not wait long for a
// sweep.
const sweepBatch = 64

// Create implements session.Store.
func (s *Store) Create(ctx context.Context, sess session.Session, seed []byte) error {
	doc, err := docKey(relay.RoomID{Session: string(sess.ID)})
	if err != nil {
		return fmt.Errorf("create session: bad id %q", sess.ID)
	}
	record, err := json.Marshal(sess)
	if err != nil {
		return fmt.Errorf("encode session: %w", err)
	}
	key := []byte(sess.ID)
	return s.write(ctx, func(tx *bolt.Tx) error {
		if tx.Bucket(bucketSessions).Get(key) != nil || tx.Bucket(bucketGraves).Get(key) != nil {
			return session.ErrExists
		}
		if err := tx.Bucket(bucketSessions).Put(key, record); err != nil {
			return fatal(err)
		}
		if err := tx.Bucket(bucketDue).Put(dueKey(sess.ExpiresAt, dueSession, sess.ID), nil); err != nil {
			return fatal(err)
		}
		if err := reindex(tx, sess.ID, nil, sess.Invites); err != nil {
			return fatal(err)
		}
		if err := shelve(tx, session.Session{}, sess); err != nil {
			return fatal(err)
		}
		if seed == nil {
			return nil
		}
		_, err := s.journal.append(tx, doc, []relay.Entry{{Update: seed, At: sess.CreatedAt, By: string(sess.Creator)}})
		return fatal(err)
	})
}

// Get implements session.Store.
func (s *Store) Get(ctx context.Context, id session.ID) (session.Session, error) {
	sess, _, err := s.get(ctx, id)
	return sess, err
}

// get returns the session and its record as stored.
func (s *Store) get(ctx context.Context, id session.ID) (sess session.Session, record []byte, err error) {
	err = s.read(ctx, func(tx *bolt.Tx) error {
		found, err := find(tx, id)
		record = bytes.Clone(found)
		return err
	})
	if err != nil {
		return session.Session{}, nil, err
	}
	if err := json.Unmarshal(record, &sess); err != nil {
		return session.Session{}, nil, fmt.Errorf("decode session %s: %w", id, err)
	}
	return sess, record, nil
}

// find returns the record of a session, which is valid within tx, or the reason why there is none.
func find(tx *bolt.Tx, id session.ID) ([]byte, error) {
	if !session.ValidName(string(id)) {
		return nil, session.ErrNotFound
	}
	if record := tx.Bucket(bucketSessions).Get([]byte(id)); record != nil {
		return record, nil
	}
	if tx.Bucket(bucketGraves).Get([]byte(id)) != nil {
		return nil, session.ErrGone
	}
	return nil, session.ErrNotFound
}

// List implements session.Lister.
func (s *Store) List(ctx context.Context, after session.ID, limit int) ([]session.Session, error) {
	var out []session.Session
	err := s.read(ctx, func(tx *bolt.Tx) error {
		c := tx.Bucket(bucketSessions).Cursor()
		k, v := c.Seek([]byte(after))
		if after != "" && string(k) == string(after) {
			k, v = c.Next()
		}
		for ; k != nil && len(out) < limit; k, v = c.Next() {
			var sess session.Session
			if err := json.Unmarshal(v, &sess); err != nil {
				return fmt.Errorf("decode session %s: %w", k, err)
			}
			out = append(out, sess)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("list sessions: %w", err)
	}
	return out, nil
}

// ByInvite implements session.Store.
func (s *Store) ByInvite(ctx context.Context, hash access.Hash) (id session.ID, err error) {
	if hash == "" {
		return "", session.ErrNotFound
	}
	err = s.read(ctx, func(tx *bolt.Tx) error {
		v := tx.Bucket(bucketInvites).Get([]byte(hash))
		switch {
		case v == nil:
			return session.ErrNotFound
		case len(v) == 0:
			return session.ErrGone
		}
		id = session.ID(v)
		return nil
	})
	return id, err
}

// Update implements session.Store. change runs in the caller's goroutine on a copy. The result is
// stored if the record is still the one that was read; otherwise Update tries again.
func (s *Store) Update(ctx context.Context, id session.ID, change func(*session.Session) error) (session.Session, error) {
	for {
		old, was, err := s.get(ctx, id)
		if err != nil {
			return session.Session{}, err
		}
		sess := old.Clone()
		if err := change(&sess); err != nil {
			return session.Session{}, err
		}
		sess.ID, sess.CreatedAt, sess.ExpiresAt = old.ID, old.CreatedAt, old.ExpiresAt
		record, err := json.Marshal(sess)
		if err != nil {
			return session.Session{}, fmt.Errorf("encode session %s: %w", id, err)
		}
		if bytes.Equal(record, was) {
			return sess, nil
		}
		stored, err := s.replace(ctx, old, was, record, sess)
		if err != nil {
			return session.Session{}, err
		}
		if stored {
			return sess, nil
		}
	}
}

// replace stores record if the current record is still was. It reports whether it did.
func (s *Store) replace(ctx context.Context, old session.Session, was, record []byte, sess session.Session) (bool, error) {
	stored := false
	err := s.write(ctx, func(tx *bolt.Tx) error {
		now, err := find(tx, old.ID)
		if err != nil {
			return err
		}
		if !bytes.Equal(now, was) {
			return nil
		}
		stored = true
		if err := tx.Bucket(bucketSessions).Put([]byte(old.ID), record); err != nil {
			return fatal(err)
		}
		if err := shelve(tx, old, sess); err != nil {
			return fatal(err)
		}
		return fatal(reindex(tx, old.ID, old.Invites, sess.Invites))
	})
	return stored, err
}

// reindex updates the index of invites from what a session had to what it has.
func reindex(tx *bolt.Tx, id session.ID, had, has map[access.Role]access.Hash) error {
	b := tx.Bucket(bucketInvites)
	for _, h := range had {
		if err := b.Delete([]byte(h)); err != nil {
			return fmt.Errorf("drop invite: %w", err)
		}
	}
	for _, h := range has {
		if err := b.Put([]byte(h), []byte(id)); err != nil {
			return fmt.Errorf("put invite: %w", err)
		}
	}
	return nil
}

// Delete implements session.Store.
func (s *Store) Delete(ctx context.Context, id session.ID, until time.Time) error {
	return s.write(ctx, func(tx *bolt.Tx) error {
		record, err := find(tx, id)
		if err != nil {
			return err
		}
		var sess session.Session
		if err := json.Unmarshal(record, &sess); err != nil {
			return fmt.Errorf("decode session %s: %w", id, err)
		}
		if err := s.journal.clear(tx, map[session.ID]bool{id: true}); err != nil {
			return err
		}
		if err := tx.Bucket(bucketDue).Delete(dueKey(sess.ExpiresAt, dueSession, id)); err != nil {
			return fatal(err)
		}
		return fatal(remove(tx, id, sess, until))
	})
}

// remove takes everything of a session out of tx and sets its tombstone. It leaves the session's
// key in the bucket due. The journal must have been cleared of the session before.
func remove(tx *bolt.Tx, id session.ID, sess session.Session, until time.Time) error {
	grave, err := bury(tx, id, sess, until)
	if err != nil {
		return err
	}
	if err := tx.Bucket(bucketSessions).Delete([]byte(id)); err != nil {
		return fmt.Errorf("remove record: %w", err)
	}
	if err := unshelve(tx, id, sess); err != nil {
		return err
	}
	for _, name := range [][]byte{bucketLog, bucketTail, bucketState, bucketHistory, bucketBase, bucketAside, bucketOwners, bucketAudit, bucketAuditTail, bucketTrace, bucketTraceTail, bucketQuestions, bucketPapers} {
		if err := removePrefix(tx.Bucket(name), sessionPrefix(string(id))); err != nil {
			return err
		}
	}
	if sess.AdHoc {
		return nil
	}
	if err := tx.Bucket(bucketGraves).Put([]byte(id), grave); err != nil {
		return fmt.Errorf("put tombstone: %w", err)
	}
	if err := tx.Bucket(bucketDue).Put(dueKey(until, dueGrave, id), nil); err != nil {
		return fmt.Errorf("put tombstone: %w", err)
	}
	return nil
}

// bury marks the invites of a session as those of a session that is gone. It gives the value of the
// tombstone: its time, then the hashes.
func bury(tx *bolt.Tx, id session.ID, sess session.Session, until time.Time) (grave []byte, err error) {
	if sess.AdHoc {
		return nil, reindex(tx, id, sess.Invites, nil)
	}
	grave = putTime(until)
	for _, hash := range sess.Invites {
		if err := tx.Bucket(bucketInvites).Put([]byte(hash), nil); err != nil {
			return nil, fmt.Errorf("mark invite: %w", err)
		}
		grave = append(append(grave, hash...), '\n')
	}
	return grave, nil
}

// unbury removes a tombstone and the invites that it names.
func unbury(tx *bolt.Tx, id session.ID) error {
	graves := tx.Bucket(bucketGraves)
	if grave := graves.Get([]byte(id)); len(grave) > 8 {
		for hash := range bytes.Lines(bytes.Clone(grave[8:])) {
			if err := tx.Bucket(bucketInvites).Delete(bytes.TrimSuffix(hash, []byte("\n"))); err != nil {
				return fmt.Errorf("remove invite: %w", err)
			}
		}
	}
	return graves.Delete([]byte(id))
}

func removePrefix(b *bolt.Bucket, prefix []byte) error {
	var keys [][]byte
	c := b.Cursor()
	for k, _ := c.Seek(prefix); bytes.HasPrefix(k, prefix); k, _ = c.Next() {
		keys = append(keys, bytes.Clone(k))
	}
	for _, k := range keys {
		if err := b.Delete(k); err != nil {
			return fmt.Errorf("remove %x: %w", k, err)
		}
	}
	return nil
}

// Expire implements session.Sweeper. Each call expires a limited number of sessions.
func (s *Store) Expire(ctx context.Context, now time.Time, keep func(session.Session) bool) ([]session.ID, error) {
	var ids []session.ID
	due := false
	err := s.read(ctx, func(tx *bolt.Tx) error {
		k, _ := tx.Bucket(bucketDue).Cursor().First()
		due = k != nil && !getTime(k).After(now)
		return nil
	})
	if err != nil || !due {
		return nil, err
	}
	err = s.write(ctx, func(tx *bolt.Tx) error {
		keys, err := keepKeys(tx, dueKeys(tx, now), now, keep)
		if err != nil {
			return fatal(err)
		}
		sessions := map[session.ID]bool{}
		for _, k := range keys {
			if k[8] == dueSession {
				sessions[session.ID(k[9:])] = true
			}
		}
		if err := s.journal.clear(tx, sessions); err != nil {
			return err
		}
		ids, err = expire(tx, keys)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("expire sessions: %w", err)
	}
	return ids, nil
}

// keepKeys returns the keys without those of sessions that keep keeps, which are due later. The key
// of a session that was deleted since it was kept goes too.
func keepKeys(tx *bolt.Tx, keys [][]byte, now time.Time, keep func(session.Session) bool) (rest [][]byte, err error) {
	due := tx.Bucket(bucketDue)
	for _, k := range keys {
		if k[8] != dueSession {
			rest = append(rest, k)
			continue
		}
		record := tx.Bucket(bucketSessions).Get(k[9:])
		var sess session.Session
		switch {
		case record == nil:
			err = due.Delete(k)
		case keep == nil || json.Unmarshal(record, &sess) != nil || !keep(sess):
			rest = append(rest, k)
		default:
			err = errors.Join(due.Delete(k), due.Put(dueKey(now.Add(session.KeptFor), dueSession, sess.ID), nil))
		}
		if err != nil {
			return nil, fmt.Errorf("keep %s: %w", k[9:], err)
		}
	}
	return rest, nil
}

// expire removes the sessions and tombstones that the keys name.
func expire(tx *bolt.Tx, keys [][]byte) (ids []session.ID, err error) {
	for _, k := range keys {
		at, kind, id := getTime(k), k[8], session.ID(k[9:])
		if err := tx.Bucket(bucketDue).Delete(k); err != nil {
			return nil, fatal(err)
		}
		if kind == dueGrave {
			if err := unbury(tx, id); err != nil {
				return nil, fatal(err)
			}
			continue
		}
		// A damaged record must not stop the sweep of the others. Without the record, only its
		// invites stay in their index. They lead nowhere.
		var sess session.Session
		_ = json.Unmarshal(tx.Bucket(bucketSessions).Get([]byte(id)), &sess)
		if !sess.ExpiresAt.IsZero() && sess.ExpiresAt.Before(at) {
			at = sess.ExpiresAt // it was kept for a while
		}
		if err := remove(tx, id, sess, at.Add(session.GoneFor)); err != nil {
			return nil, fatal(err)
		}
		ids = append(ids, id)
	}
	return ids, nil
}

// dueKeys returns copies of the first keys that are due: at most sweepBatch sessions, and at most
// ten times as many keys in all.
func dueKeys(tx *bolt.Tx, now time.Time) (keys [][]byte) {
	sessions := 0
	c := tx.Bucket(bucketDue).Cursor()
	for k, _ := c.First(); k != nil && !getTime(k).After(now) && len(keys) < 10*sweepBatch; k, _ = c.Next() {
		if k[8] == dueSession {
			if sessions++; sessions > sweepBatch {
				break
			}
		}
		keys = append(keys, bytes.Clone(k))
	}
	return keys
}

func dueKey(at time.Time, kind byte, id session.ID) []byte {
	key := binary.BigEndian.AppendUint64(nil, uint64(max(0, at.UnixMilli())))
	return append(append(key, kind), id...)
}
