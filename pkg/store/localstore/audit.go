package localstore

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"

	bolt "go.etcd.io/bbolt"

	"parley/pkg/audit"
	"parley/pkg/session"
)

// Record implements audit.Store.
func (s *Store) Record(ctx context.Context, events []audit.Event) error {
	err := s.write(ctx, func(tx *bolt.Tx) error {
		for _, e := range events {
			if !session.ValidName(e.Session) || tx.Bucket(bucketSessions).Get([]byte(e.Session)) == nil {
				continue
			}
			if err := putEvent(tx, e); err != nil {
				return fatal(err)
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("record audit events: %w", err)
	}
	return nil
}

// putEvent adds an event. When the session then has too many events of that kind, the oldest one is
// dropped.
func putEvent(tx *bolt.Tx, e audit.Event) error {
	value, err := json.Marshal(e)
	if err != nil {
		return fmt.Errorf("encode audit event: %w", err)
	}
	kind := append(append(sessionPrefix(e.Session), e.Kind...), 0)
	tails, log := tx.Bucket(bucketAuditTail), tx.Bucket(bucketAudit)
	var seq uint64
	if v := tails.Get(kind); len(v) == 8 {
		seq = binary.BigEndian.Uint64(v)
	}
	seq++
	if err := tails.Put(kind, binary.BigEndian.AppendUint64(nil, seq)); err != nil {
		return fmt.Errorf("put audit tail: %w", err)
	}
	if err := log.Put(seqKey(kind, seq), value); err != nil {
		return fmt.Errorf("put audit event: %w", err)
	}
	if seq <= audit.MaxPerKind {
		return nil
	}
	if err := log.Delete(seqKey(kind, seq-audit.MaxPerKind)); err != nil {
		return fmt.Errorf("drop audit event: %w", err)
	}
	return nil
}

// Events implements audit.Store.
func (s *Store) Events(ctx context.Context, sess string) ([]audit.Event, error) {
	if !session.ValidName(sess) {
		return nil, nil
	}
	var events []audit.Event
	err := s.read(ctx, func(tx *bolt.Tx) error {
		prefix := sessionPrefix(sess)
		c := tx.Bucket(bucketAudit).Cursor()
		for k, v := c.Seek(prefix); bytes.HasPrefix(k, prefix); k, v = c.Next() {
			e := audit.Event{Session: sess}
			if err := json.Unmarshal(v, &e); err != nil {
				return fmt.Errorf("%w: audit event: %w", errDamaged, err)
			}
			events = append(events, e)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("audit events of %s: %w", sess, err)
	}
	audit.Sort(events)
	return events, nil
}
