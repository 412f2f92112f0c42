package localstore

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"time"

	bolt "go.etcd.io/bbolt"

	"parley/pkg/session"
	"parley/pkg/trace"
)

// RecordTrace implements trace.Store.
func (s *Store) RecordTrace(ctx context.Context, events []trace.Event) error {
	bySession := map[string][]trace.Event{}
	for _, e := range events {
		if session.ValidName(e.Session) {
			bySession[e.Session] = append(bySession[e.Session], e)
		}
	}
	if err := s.recordTrace(ctx, bySession); err != nil {
		return fmt.Errorf("record trace: %w", err)
	}
	return nil
}

// recordTrace adds the events of sessions, see settle.
func (s *Store) recordTrace(ctx context.Context, bySession map[string][]trace.Event) error {
	return s.write(ctx, func(tx *bolt.Tx) error {
		for id, events := range bySession {
			if tx.Bucket(bucketSessions).Get([]byte(id)) == nil {
				continue
			}
			events, keep, err := s.settle(tx, id, events)
			if err == nil && keep != nil {
				err = tx.Bucket(bucketTraceTail).Put(hereKey(id), keep)
			}
			for _, e := range events {
				if err == nil {
					err = putTrace(tx, e)
				}
			}
			if err != nil {
				return fatal(err)
			}
		}
		return nil
	})
}

// settle makes the events of this process into those of the session, see trace.Nodes.Settle, and
// returns who is here from then on, nil for no change. This process is the only node that is alive.
// Those before it gave their last sign of life with the last write to the file.
func (s *Store) settle(tx *bolt.Tx, id string, events []trace.Event) (settled []trace.Event, keep []byte, err error) {
	kept := tx.Bucket(bucketTraceTail).Get(hereKey(id))
	if len(events) == 0 && len(kept) == 0 || len(events) > 0 && !trace.Settled(events) {
		return events, nil, nil
	}
	nodes := trace.Nodes{Self: s.run, Now: s.opts.now(), Sign: func(string) (time.Time, bool) { return s.lastWrite, false }}
	settled, keep, err = nodes.Settle(id, kept, events)
	if bytes.Equal(keep, kept) {
		keep = nil
	}
	return settled, keep, err
}

// hereKey is the key, in the bucket of the tails, of who is in a session. No lane has this name.
func hereKey(id string) []byte { return append(sessionPrefix(id), "here\x00"...) }

// putTrace adds an event. When its lane is then too long, the oldest event of the lane is dropped.
func putTrace(tx *bolt.Tx, e trace.Event) error {
	value, err := json.Marshal(e)
	if err != nil {
		return fmt.Errorf("encode trace: %w", err)
	}
	tails, log := tx.Bucket(bucketTraceTail), tx.Bucket(bucketTrace)
	prefix := sessionPrefix(e.Session)
	lane := append(append(bytes.Clone(prefix), e.Lane()...), 0)
	if e.OfPerson() && tails.Get(lane) == nil && countKeys(tails, prefix) >= trace.MaxLanes {
		lane = append(append(prefix, trace.SharedLane...), 0)
	}
	var seq uint64
	if v := tails.Get(lane); len(v) == 8 {
		seq = binary.BigEndian.Uint64(v)
	}
	seq++
	if err := tails.Put(lane, binary.BigEndian.AppendUint64(nil, seq)); err != nil {
		return fmt.Errorf("put trace tail: %w", err)
	}
	if err := log.Put(seqKey(lane, seq), value); err != nil {
		return fmt.Errorf("put trace: %w", err)
	}
	if seq <= trace.MaxPerLane {
		return nil
	}
	if err := log.Delete(seqKey(lane, seq-trace.MaxPerLane)); err != nil {
		return fmt.Errorf("drop trace: %w", err)
	}
	return nil
}

// Trace implements trace.Store.
func (s *Store) Trace(ctx context.Context, sess string) ([]trace.Event, error) {
	if !session.ValidName(sess) {
		return nil, nil
	}
	events, ended, err := s.readTrace(ctx, sess)
	if err == nil && ended {
		if err = s.recordTrace(ctx, map[string][]trace.Event{sess: nil}); err == nil {
			events, _, err = s.readTrace(ctx, sess)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("trace of %s: %w", sess, err)
	}
	trace.Sort(events)
	return events, nil
}

// readTrace reads the events of a session. ended reports that people have left by now whose leaving
// was not recorded.
func (s *Store) readTrace(ctx context.Context, sess string) (events []trace.Event, ended bool, err error) {
	err = s.read(ctx, func(tx *bolt.Tx) error {
		left, _, err := s.settle(tx, sess, nil)
		if err != nil {
			return err
		}
		ended = len(left) > 0
		prefix := sessionPrefix(sess)
		c := tx.Bucket(bucketTrace).Cursor()
		for k, v := c.Seek(prefix); bytes.HasPrefix(k, prefix); k, v = c.Next() {
			e := trace.Event{Session: sess}
			if err := json.Unmarshal(v, &e); err != nil {
				return fmt.Errorf("%w: trace: %w", errDamaged, err)
			}
			events = append(events, e)
		}
		return nil
	})
	return events, ended, err
}
