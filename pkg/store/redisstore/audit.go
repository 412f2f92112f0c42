package redisstore

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/redis/go-redis/v9"

	"parley/pkg/audit"
	"parley/pkg/session"
)

var auditScript = mustScript("audit_record")

// auditKeys returns the keys of the lists of a session's events, one for each kind.
func (s *Store) auditKeys(id session.ID) []string {
	var keys []string
	for _, kind := range audit.Kinds() {
		keys = append(keys, s.auditKey(string(id), kind))
	}
	return keys
}

func (s *Store) auditKey(id string, kind audit.Kind) string {
	return s.keys.of(id, kindAudit, string(kind))
}

// Record implements audit.Store.
func (s *Store) Record(ctx context.Context, events []audit.Event) error {
	bySession := map[string][]audit.Event{}
	for _, e := range events {
		if session.ValidName(e.Session) {
			bySession[e.Session] = append(bySession[e.Session], e)
		}
	}
	for id, events := range bySession {
		if err := s.recordOf(ctx, id, events); err != nil {
			return fmt.Errorf("record audit events: %w", err)
		}
	}
	return nil
}

// recordOf adds events of one session.
func (s *Store) recordOf(ctx context.Context, id string, events []audit.Event) error {
	keys, place := []string{s.keys.session(id)}, map[audit.Kind]int{}
	args := []any{audit.MaxPerKind}
	for _, e := range events {
		value, err := json.Marshal(e)
		if err != nil {
			return fmt.Errorf("encode audit event: %w", err)
		}
		if place[e.Kind] == 0 {
			keys = append(keys, s.auditKey(id, e.Kind))
			place[e.Kind] = len(keys)
		}
		args = append(args, place[e.Kind], value)
	}
	_, err := s.run(ctx, auditScript, keys, args...)
	return err
}

// Events implements audit.Store.
func (s *Store) Events(ctx context.Context, id string) ([]audit.Event, error) {
	if !session.ValidName(id) {
		return nil, nil
	}
	var lists []*redis.StringSliceCmd
	_, err := s.client.Pipelined(ctx, func(p redis.Pipeliner) error {
		for _, key := range s.auditKeys(session.ID(id)) {
			lists = append(lists, p.LRange(ctx, key, 0, -1))
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("audit events of %s: %w", id, err)
	}
	var events []audit.Event
	for _, list := range lists {
		for _, value := range list.Val() {
			e := audit.Event{Session: id}
			if err := json.Unmarshal([]byte(value), &e); err != nil {
				return nil, fmt.Errorf("audit events of %s: %w: %w", id, errDamaged, err)
			}
			events = append(events, e)
		}
	}
	audit.Sort(events)
	return events, nil
}
