package localstore

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"

	bolt "go.etcd.io/bbolt"

	"parley/pkg/session"
	"parley/pkg/trace"
)

// RecordTrace implements trace.Store.
func (s *Store) RecordTrace(ctx context.Context, events []trace.Event) error {
	err := s.write(ctx, func(tx *bolt.Tx) error {
		for _, e := range events {
			if !session.ValidName(e.Session) || tx.Bucket(bucketSessions).Get([]byte(e.Session)) == nil {
				continue
			}
			if err := putTrace(tx, e); err != nil {
				return fatal(err)
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("record trace: %w", err)
	}
	return nil
}

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
	var events []trace.Event
	err := s.read(ctx, func(tx *bolt.Tx) error {
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
	if err != nil {
		return nil, fmt.Errorf("trace of %s: %w", sess, err)
	}
	trace.Sort(events)
	return events, nil
}
