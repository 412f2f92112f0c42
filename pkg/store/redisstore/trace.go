package redisstore

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/redis/go-redis/v9"

	"parley/pkg/session"
	"parley/pkg/trace"
)

var traceScript = mustScript("trace_record")

// Names of the keys of a trace: a set with the keys of its lanes, and a list for each lane.
const (
	kindLanes = "lanes"
	kindTrace = "trace"
)

// RecordTrace implements trace.Store.
func (s *Store) RecordTrace(ctx context.Context, events []trace.Event) error {
	bySession := map[string][]trace.Event{}
	for _, e := range events {
		if session.ValidName(e.Session) {
			bySession[e.Session] = append(bySession[e.Session], e)
		}
	}
	for id, events := range bySession {
		if err := s.traceOf(ctx, id, events); err != nil {
			return fmt.Errorf("record trace: %w", err)
		}
	}
	return nil
}

// traceOf adds events of one session.
func (s *Store) traceOf(ctx context.Context, id string, events []trace.Event) error {
	of := func(lane string) string { return s.keys.of(id, kindTrace, lane) }
	keys := []string{s.keys.session(id), s.keys.of(id, kindLanes), s.keys.of(id, kindDocs), of(trace.SharedLane)}
	place := map[string]int{}
	args := []any{trace.MaxPerLane, trace.MaxLanes}
	for _, e := range events {
		value, err := json.Marshal(e)
		if err != nil {
			return fmt.Errorf("encode trace: %w", err)
		}
		lane, ofPerson := e.Lane(), "0"
		if place[lane] == 0 {
			keys = append(keys, of(lane))
			place[lane] = len(keys)
		}
		if e.OfPerson() {
			ofPerson = "1"
		}
		args = append(args, place[lane], ofPerson, value)
	}
	_, err := s.run(ctx, traceScript, keys, args...)
	return err
}

// Trace implements trace.Store.
func (s *Store) Trace(ctx context.Context, id string) ([]trace.Event, error) {
	if !session.ValidName(id) {
		return nil, nil
	}
	events, err := s.readTrace(ctx, id)
	if err != nil {
		return nil, fmt.Errorf("trace of %s: %w", id, err)
	}
	trace.Sort(events)
	return events, nil
}

func (s *Store) readTrace(ctx context.Context, id string) (events []trace.Event, err error) {
	lanes, err := s.client.SMembers(ctx, s.keys.of(id, kindLanes)).Result()
	if err != nil || len(lanes) == 0 {
		return nil, err
	}
	var lists []*redis.StringSliceCmd
	_, err = s.client.Pipelined(ctx, func(p redis.Pipeliner) error {
		for _, key := range lanes {
			lists = append(lists, p.LRange(ctx, key, 0, -1))
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	for _, list := range lists {
		for _, value := range list.Val() {
			e := trace.Event{Session: id}
			if err := json.Unmarshal([]byte(value), &e); err != nil {
				return nil, fmt.Errorf("%w: %w", errDamaged, err)
			}
			events = append(events, e)
		}
	}
	return events, nil
}
