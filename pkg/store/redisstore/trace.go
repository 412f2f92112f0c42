package redisstore

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"

	"parley/pkg/session"
	"parley/pkg/trace"
)

var traceScript = mustScript("trace_record")

// Names of the keys of a trace: a set with the keys of its lanes, a list for each lane, and who is
// here, see trace.Nodes.Settle.
const (
	kindHere  = "here"
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

// errAgain says that another node has written the trace meanwhile.
var errAgain = errors.New("another node was faster")

// traceOf adds events of one session. Who is here is read first, and the script writes only if
// that is still true. Without events it records who has left by now.
func (s *Store) traceOf(ctx context.Context, id string, events []trace.Event) error {
	if len(events) > 0 && !trace.Settled(events) {
		return s.addTrace(ctx, id, events, "", nil)
	}
	for {
		kept, err := s.client.Get(ctx, s.keys.of(id, kindHere)).Result()
		if err != nil && !errors.Is(err, redis.Nil) {
			return err
		}
		if len(events) == 0 && len(kept) <= len("{}") {
			return nil // nobody is here, or the session has no trace
		}
		nodes, err := s.nodesNow(ctx)
		if err != nil {
			return err
		}
		settled, keep, err := nodes.Settle(id, []byte(kept), events)
		if err != nil || len(settled) == 0 && kept == string(keep) {
			return err
		}
		if err = s.addTrace(ctx, id, settled, kept, keep); !errors.Is(err, errAgain) {
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
	}
}

// nodesNow reads which nodes are alive.
func (s *Store) nodesNow(ctx context.Context) (trace.Nodes, error) {
	var signs *redis.ZSliceCmd
	var now *redis.TimeCmd
	_, err := s.client.Pipelined(ctx, func(p redis.Pipeliner) error {
		signs, now = p.ZRangeWithScores(ctx, s.keys.global("nodes"), 0, -1), p.Time(ctx)
		return nil
	})
	if err != nil {
		return trace.Nodes{}, err
	}
	last := map[string]time.Time{}
	for _, z := range signs.Val() {
		last[fmt.Sprint(z.Member)] = time.UnixMilli(int64(z.Score))
	}
	return trace.Nodes{Self: s.node.String(), Now: now.Val(), Sign: func(node string) (time.Time, bool) {
		at, ok := last[node]
		return at, ok && now.Val().Sub(at) < aliveFor
	}}, nil
}

// addTrace adds events, and replaces kept, which says who is here, by keep, unless keep is nil. The
// error is errAgain when kept is not what Redis holds.
func (s *Store) addTrace(ctx context.Context, id string, events []trace.Event, kept string, keep []byte) error {
	of := func(lane string) string { return s.keys.of(id, kindTrace, lane) }
	keys := []string{s.keys.session(id), s.keys.of(id, kindLanes), s.keys.of(id, kindDocs), of(trace.SharedLane), s.keys.of(id, kindHere)}
	place := map[string]int{}
	args := []any{trace.MaxPerLane, trace.MaxLanes, kept, keep}
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
	answer, err := s.run(ctx, traceScript, keys, args...)
	if err == nil && answer == int64(-1) {
		return errAgain
	}
	return err
}

// Trace implements trace.Store.
func (s *Store) Trace(ctx context.Context, id string) ([]trace.Event, error) {
	if !session.ValidName(id) {
		return nil, nil
	}
	err := s.traceOf(ctx, id, nil)
	var events []trace.Event
	if err == nil {
		events, err = s.readTrace(ctx, id)
	}
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
