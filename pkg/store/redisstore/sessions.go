package redisstore

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"parley/pkg/access"
	"parley/pkg/relay"
	"parley/pkg/session"
)

// A session is a hash with its record (json), the revision of the record, and the status, which
// scripts read. Two more keys may stand beside it under the session's hash tag: the tombstone of a
// deleted session (the time at which it ends) and, for some minutes after a deletion, the key
// "recent". It keeps nodes from putting the session back as lost.
//
// What spans sessions (when sessions are due, which ids there are, where an invite leads) is in
// indexes on other shards. No script can keep them in step with the record. So they are hints. An
// index is written before the record that it leads to. A reader of an index looks at the record,
// and drops the entry when it leads nowhere.

var (
	createScript  = mustScript("session_create")
	updateScript  = mustScript("session_update")
	deleteScript  = mustScript("session_delete")
	restoreScript = mustScript("session_restore")
)

const (
	// recordLinger is how long a record stays after its expiry when no node sweeps it, or while it
	// waits for its archive. It answers ErrGone until then.
	recordLinger = session.ArchiveGrace + 24*time.Hour
	// hintLinger is how long an index entry stays after the expiry of its session when no node
	// sweeps it.
	hintLinger = time.Hour
	// recentFor is how long a deletion is remembered without a tombstone; see restore.
	recentFor = 10 * time.Minute
)

// Names of a session's keys; see keys.of.
const (
	kindGrave  = "grave"
	kindRecent = "recent"
	kindRecord = "record" // a channel
	kindOnline = "online"
	kindAudit  = "audit"
	kindDocs   = "docs" // a set: every key that a document of the session has written
)

// stored is a record as Redis holds it.
type stored struct {
	json string
	rev  int64
}

func (r stored) decode(id session.ID) (session.Session, error) {
	var sess session.Session
	if err := json.Unmarshal([]byte(r.json), &sess); err != nil {
		return session.Session{}, fmt.Errorf("%w: session %s: %w", errDamaged, id, err)
	}
	sess.Revision = r.rev
	return sess, nil
}

// sessionKeys returns the KEYS of the scripts above.
func (s *Store) sessionKeys(id session.ID) []string {
	return []string{s.keys.session(string(id)), s.keys.of(string(id), kindGrave), s.keys.of(string(id), kindRecent)}
}

// Create implements session.Store.
func (s *Store) Create(ctx context.Context, sess session.Session, seed []byte) error {
	if !session.ValidName(string(sess.ID)) {
		return fmt.Errorf("create session: bad id %q", sess.ID)
	}
	record, err := json.Marshal(sess)
	if err != nil {
		return fmt.Errorf("encode session: %w", err)
	}
	if err := s.index(ctx, sess); err != nil {
		return fmt.Errorf("create session: %w", err)
	}
	made, err := s.createRecord(ctx, sess, record, seed)
	switch {
	case err != nil:
		return fmt.Errorf("create session: %w", err)
	case !made:
		s.dropInvites(ctx, sess.Invites)
		return session.ErrExists
	}
	s.noteShelves(ctx, session.Session{}, sess)
	return nil
}

// index writes the index entries of a session.
func (s *Store) index(ctx context.Context, sess session.Session) error {
	id, ends := string(sess.ID), sess.ExpiresAt.Add(hintLinger)
	_, err := s.client.Pipelined(ctx, func(p redis.Pipeliner) error {
		due, ids := s.shard("due", sess.ID), s.shard("ids", sess.ID)
		p.ZAddNX(ctx, due, redis.Z{Score: float64(sess.ExpiresAt.UnixMilli()), Member: id})
		p.ZAdd(ctx, ids, redis.Z{Member: id})
		for _, key := range []string{due, ids} { // each index is kept as long as its last session
			last := sess.ExpiresAt.Add(recordLinger + hintLinger).UnixMilli()
			p.Do(ctx, "PEXPIREAT", key, last, "NX")
			p.Do(ctx, "PEXPIREAT", key, last, "GT")
		}
		s.indexInvites(ctx, p, sess, ends)
		return nil
	})
	if err != nil {
		return fmt.Errorf("index: %w", err)
	}
	return s.putOnShelves(ctx, session.Session{}, sess)
}

func (s *Store) indexInvites(ctx context.Context, p redis.Pipeliner, sess session.Session, ends time.Time) {
	for _, hash := range sess.Invites {
		p.Do(ctx, "SET", s.inviteKey(hash), string(sess.ID), "PXAT", ends.UnixMilli())
	}
}

func (s *Store) inviteKey(hash access.Hash) string {
	return s.keys.global("invite") + ":" + string(hash)
}

// createRecord makes the record, and the seed as the first entry of the main document. It reports
// false when the id is taken.
func (s *Store) createRecord(ctx context.Context, sess session.Session, record, seed []byte) (bool, error) {
	keys, args := s.sessionKeys(sess.ID), []any{record, string(sess.Status), recordExpiry(sess)}
	if seed != nil {
		d, err := s.document(relay.RoomID{Session: string(sess.ID)})
		if err != nil {
			return false, err
		}
		aid := s.nextID()
		entry := appendEntry(nil, aid, relay.Entry{Update: seed, At: sess.CreatedAt, By: string(sess.Creator)})
		keys = append(keys, d.head, d.log, d.docs)
		args = append(args, schema, newEpochArg(), aid[:], entry)
	}
	made, err := s.run(ctx, createScript, keys, args...)
	return made == int64(1), err
}

// recordExpiry returns when Redis removes the record by itself, in milliseconds since 1970.
func recordExpiry(sess session.Session) int64 {
	if sess.AdHoc {
		return sess.ExpiresAt.Add(hintLinger).UnixMilli()
	}
	return sess.ExpiresAt.Add(recordLinger).UnixMilli()
}

// Get implements session.Store.
func (s *Store) Get(ctx context.Context, id session.ID) (session.Session, error) {
	sess, _, err := s.get(ctx, id)
	return sess, err
}

// get returns the session and its record as stored. When Redis has lost the record, or its newest
// state, and this node holds it, get puts it back first.
func (s *Store) get(ctx context.Context, id session.ID) (session.Session, stored, error) {
	record, err := s.read(ctx, id)
	if errors.Is(err, session.ErrNotFound) && session.ValidName(string(id)) || err == nil && s.isOlder(id, record) {
		back, lost := s.restore(ctx, id)
		switch {
		case lost != nil:
			err = lost
		case back:
			record, err = s.read(ctx, id)
		}
	}
	if err != nil {
		return session.Session{}, stored{}, err
	}
	sess, err := record.decode(id)
	return sess, record, err
}

// read returns the record, or the reason why there is none.
func (s *Store) read(ctx context.Context, id session.ID) (stored, error) {
	if !session.ValidName(string(id)) {
		return stored{}, session.ErrNotFound
	}
	var fields *redis.SliceCmd
	var grave *redis.IntCmd
	keys := s.sessionKeys(id)
	_, err := s.client.Pipelined(ctx, func(p redis.Pipeliner) error {
		// in this order: a deletion removes the record and sets the tombstone in one step
		fields, grave = p.HMGet(ctx, keys[0], "json", "rev"), p.Exists(ctx, keys[1])
		return nil
	})
	if err != nil {
		return stored{}, fmt.Errorf("get session %s: %w", id, err)
	}
	record, ok, err := readFields(fields.Val())
	switch {
	case err != nil:
		return stored{}, fmt.Errorf("session %s: %w", id, err)
	case ok:
		return record, nil
	case grave.Val() > 0:
		return stored{}, session.ErrGone
	}
	return stored{}, session.ErrNotFound
}

// readFields reads the answer to HMGET json rev. It reports false when there is no record.
func readFields(values []any) (stored, bool, error) {
	if len(values) != 2 || values[0] == nil {
		return stored{}, false, nil
	}
	record, ok := values[0].(string)
	rev, err := strconv.ParseInt(fmt.Sprint(values[1]), 10, 64)
	if !ok || err != nil {
		return stored{}, false, fmt.Errorf("%w: record or revision", errDamaged)
	}
	return stored{json: record, rev: rev}, true, nil
}

// ByInvite implements session.Store.
func (s *Store) ByInvite(ctx context.Context, hash access.Hash) (session.ID, error) {
	if hash == "" {
		return "", session.ErrNotFound
	}
	held, err := s.client.Get(ctx, s.inviteKey(hash)).Result()
	if errors.Is(err, redis.Nil) {
		return "", session.ErrNotFound
	}
	if err != nil {
		return "", fmt.Errorf("look up invite: %w", err)
	}
	if held == "" {
		return "", session.ErrGone
	}
	sess, err := s.Get(ctx, session.ID(held))
	if err != nil {
		return "", err
	}
	for _, h := range sess.Invites {
		if h.Equal(hash) {
			return sess.ID, nil
		}
	}
	return "", session.ErrNotFound
}

// Update implements session.Store. change runs here on a copy. The result is stored if the record
// still has the revision that was read; otherwise Update tries again.
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
		if bytes.Equal(record, []byte(was.json)) {
			return sess, nil
		}
		done, err := s.replace(ctx, old, was, sess, record)
		if err != nil {
			return session.Session{}, err
		}
		if done {
			sess.Revision = was.rev + 1
			return sess, nil
		}
	}
}

// replace stores record if the current record is still was. It reports whether it did.
func (s *Store) replace(ctx context.Context, old session.Session, was stored, sess session.Session, record []byte) (bool, error) {
	if fresh := newInvites(old, sess); len(fresh) > 0 {
		_, err := s.client.Pipelined(ctx, func(p redis.Pipeliner) error {
			s.indexInvites(ctx, p, session.Session{ID: sess.ID, Invites: fresh}, sess.ExpiresAt.Add(hintLinger))
			return nil
		})
		if err != nil {
			return false, fmt.Errorf("index invites of session %s: %w", sess.ID, err)
		}
	}
	if err := s.putOnShelves(ctx, old, sess); err != nil {
		return false, err
	}
	answer, err := s.run(ctx, updateScript, s.sessionKeys(sess.ID), was.rev, record, string(sess.Status), s.recordChannel(sess.ID))
	if err != nil {
		return false, fmt.Errorf("update session %s: %w", sess.ID, err)
	}
	if err := missing(answer); err != nil || answer != int64(1) {
		return false, err
	}
	s.dropInvites(ctx, newInvites(sess, old))
	sess.Revision = was.rev + 1
	s.noteShelves(ctx, old, sess)
	return true, nil
}

// newInvites returns the invites of is that was does not have.
func newInvites(was, is session.Session) map[access.Role]access.Hash {
	fresh := map[access.Role]access.Hash{}
	for role, hash := range is.Invites {
		if was.Invites[role] != hash {
			fresh[role] = hash
		}
	}
	return fresh
}

// dropInvites removes codes that open nothing any more. When Redis does not answer, a code stays
// and leads to a record that does not know it.
func (s *Store) dropInvites(ctx context.Context, invites map[access.Role]access.Hash) {
	if len(invites) == 0 {
		return
	}
	_, err := s.client.Pipelined(ctx, func(p redis.Pipeliner) error {
		for _, hash := range invites {
			p.Del(ctx, s.inviteKey(hash))
		}
		return nil
	})
	if err != nil {
		s.opts.Logger.Debug("cannot drop old invite codes from their index", "err", err)
	}
}

// buryInvites marks codes as those of a session that is gone, until its tombstone ends. A code that
// could not be marked leads to no record.
func (s *Store) buryInvites(ctx context.Context, invites map[access.Role]access.Hash, until time.Time) {
	if len(invites) == 0 {
		return
	}
	_, err := s.client.Pipelined(ctx, func(p redis.Pipeliner) error {
		for _, hash := range invites {
			p.Do(ctx, "SET", s.inviteKey(hash), "", "PXAT", until.UnixMilli())
		}
		return nil
	})
	if err != nil {
		s.opts.Logger.Debug("invite codes of a session that is gone are not marked", "err", err)
	}
}

// missing returns the error that a script's answer about a missing session stands for.
func missing(answer any) error {
	switch answer {
	case int64(-1):
		return session.ErrNotFound
	case int64(-2):
		return session.ErrGone
	}
	return nil
}

// Delete implements session.Store.
func (s *Store) Delete(ctx context.Context, id session.ID, until time.Time) error {
	sess, _, err := s.get(ctx, id)
	if err != nil {
		return err
	}
	// A node that dies after this step leaves the rest to the sweep.
	if err := s.setDue(ctx, id, 0); err != nil {
		return fmt.Errorf("delete session %s: %w", id, err)
	}
	removed, err := s.remove(ctx, sess, until)
	if err != nil {
		return fmt.Errorf("delete session %s: %w", id, err)
	}
	if err := missing(removed); err != nil {
		return err
	}
	return nil
}

// remove removes a session with everything that was stored for it. It returns the answer of the
// script that removes the record: when several callers try, one of them gets 1.
func (s *Store) remove(ctx context.Context, sess session.Session, until time.Time) (any, error) {
	grave, last := strconv.FormatInt(until.UnixMilli(), 10), until.Add(hintLinger).UnixMilli()
	if sess.AdHoc {
		grave = ""
	}
	keys := append(s.sessionKeys(sess.ID), s.keys.of(string(sess.ID), kindOnline))
	keys = append(keys, s.auditKeys(sess.ID)...)
	answer, err := s.run(ctx, deleteScript, keys, grave, last, s.recordChannel(sess.ID), recentFor.Milliseconds())
	if err != nil || answer != int64(1) {
		return answer, err
	}
	if err := s.dropFromShelves(ctx, sess.Shelves(), sess.ID); err != nil {
		return answer, err
	}
	if sess.AdHoc {
		s.dropInvites(ctx, sess.Invites)
		return answer, s.clearAll(ctx, sess.ID)
	}
	s.buryInvites(ctx, sess.Invites, until)
	return answer, s.clearUntil(ctx, sess.ID, until)
}

// clearAll removes everything that a session without record and tombstone has left.
func (s *Store) clearAll(ctx context.Context, id session.ID) error {
	if err := s.clear(ctx, id); err != nil {
		return err
	}
	if err := s.client.ZRem(ctx, s.shard("due", id), string(id)).Err(); err != nil {
		return fmt.Errorf("drop from the index of due sessions: %w", err)
	}
	return nil
}

// clearUntil removes everything but the tombstone of a session, and lets the sweep look at the
// tombstone when it ends.
func (s *Store) clearUntil(ctx context.Context, id session.ID, end time.Time) error {
	if err := s.clear(ctx, id); err != nil {
		return err
	}
	return s.setDue(ctx, id, end.UnixMilli())
}

// clear removes the documents and the card of a session and takes it from the list.
func (s *Store) clear(ctx context.Context, id session.ID) error {
	if err := s.removeDocuments(ctx, string(id)); err != nil {
		return fmt.Errorf("remove documents: %w", err)
	}
	if err := s.client.ZRem(ctx, s.shard("ids", id), string(id)).Err(); err != nil {
		return fmt.Errorf("drop from list: %w", err)
	}
	if err := s.client.HDel(ctx, s.cardsKey(id), string(id)).Err(); err != nil {
		return fmt.Errorf("drop card: %w", err)
	}
	return nil
}

func (s *Store) setDue(ctx context.Context, id session.ID, at int64) error {
	if err := s.client.ZAdd(ctx, s.shard("due", id), redis.Z{Score: float64(at), Member: string(id)}).Err(); err != nil {
		return fmt.Errorf("note when due: %w", err)
	}
	return nil
}

// recordChannel is the channel for changes of a session's record: "<revision> <record>" or "gone".
func (s *Store) recordChannel(id session.ID) string { return s.keys.of(string(id), kindRecord) }

// readChange reads a message of recordChannel. It reports false when the session is gone.
func readChange(payload []byte) (stored, bool) {
	rev, record, ok := strings.Cut(string(payload), " ")
	n, err := strconv.ParseInt(rev, 10, 64)
	if !ok || err != nil {
		return stored{}, false
	}
	return stored{json: record, rev: n}, true
}

// removeDocuments removes every key that the documents of a session have written. The set of the
// session names them.
func (s *Store) removeDocuments(ctx context.Context, id string) error {
	set := s.keys.of(id, kindDocs)
	written, err := s.client.SMembers(ctx, set).Result()
	if err != nil {
		return err
	}
	if err := s.client.Unlink(ctx, append(written, set)...).Err(); err != nil {
		return err
	}
	return nil
}
