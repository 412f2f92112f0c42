package redisstore

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"parley/pkg/session"
)

var (
	beatScript   = mustScript("beat")
	onlineScript = mustScript("online")
	meterScript  = mustScript("meter")
)

// aliveFor is how long a node's sign of life counts. With a sign every few seconds (pkg/nodes) the people of a node that died
// count as away well within 30 s.
const aliveFor = 15 * time.Second

// newEpoch makes a value that stands for the data of Redis as a whole.
func newEpoch() string {
	var b [16]byte
	rand.Read(b[:]) // never fails: crypto/rand ends the program instead
	return hex.EncodeToString(b[:])
}

// Beat gives a sign of life of this node. alive names the nodes that have given one lately; known is false when this one had
// not, so that others may have forgotten who is connected to it.
func (s *Store) Beat(ctx context.Context) (alive map[string]bool, known bool, err error) {
	if err := s.checkEpoch(ctx); err != nil {
		return nil, false, err
	}
	answer, err := s.run(ctx, beatScript, []string{s.keys.global("nodes")}, s.node.String(), aliveFor.Milliseconds())
	if err != nil {
		return nil, false, err
	}
	list, ok := answer.([]any)
	if !ok || len(list) == 0 {
		return nil, false, fmt.Errorf("%w: nodes", errDamaged)
	}
	alive = map[string]bool{}
	for _, node := range list[1:] {
		alive[fmt.Sprint(node)] = true
	}
	s.noteAlive(alive, time.Now())
	return alive, list[0] == "1", nil
}

// Bye takes this node from those that are alive, before it ends.
func (s *Store) Bye(ctx context.Context) error {
	if err := s.client.ZRem(ctx, s.keys.global("nodes"), s.node.String()).Err(); err != nil {
		return fmt.Errorf("leave: %w", err)
	}
	return nil
}

// SetOnline notes who of each session is connected to this node; nobody takes the note away.
func (s *Store) SetOnline(ctx context.Context, people map[session.ID][]string) error {
	node := s.node.String()
	run := func(eval func(redis.Pipeliner, context.Context, []string, ...any)) error {
		_, err := s.client.Pipelined(ctx, func(p redis.Pipeliner) error {
			for id, who := range people {
				eval(p, ctx, []string{s.keys.session(string(id)), s.keys.of(string(id), kindOnline)}, node, strings.Join(who, " "))
			}
			return nil
		})
		return err
	}
	err := run(func(p redis.Pipeliner, ctx context.Context, keys []string, args ...any) {
		p.EvalSha(ctx, onlineScript.hash, keys, args...)
	})
	if redis.HasErrorPrefix(err, "NOSCRIPT") {
		err = run(func(p redis.Pipeliner, ctx context.Context, keys []string, args ...any) {
			p.Eval(ctx, onlineScript.text, keys, args...)
		})
	}
	if err != nil {
		return fmt.Errorf("note who is online: %w", err)
	}
	return nil
}

// Online gives who of a session is connected to other nodes, by node. Those of dead nodes are among them.
func (s *Store) Online(ctx context.Context, id session.ID) (map[string][]string, error) {
	fields, err := s.client.HGetAll(ctx, s.keys.of(string(id), kindOnline)).Result()
	if err != nil {
		return nil, fmt.Errorf("who is online: %w", err)
	}
	people := map[string][]string{}
	for node, who := range fields {
		if node != s.node.String() {
			people[node] = strings.Fields(who)
		}
	}
	return people, nil
}

// ForgetOnline takes away what nodes noted that have died.
func (s *Store) ForgetOnline(ctx context.Context, id session.ID, nodes []string) error {
	if err := s.client.HDel(ctx, s.keys.of(string(id), kindOnline), nodes...).Err(); err != nil {
		return fmt.Errorf("forget dead nodes: %w", err)
	}
	return nil
}

// Meter takes n uses from a bucket that all nodes share, if there is one to be had; it asks only when n is 0, and gives back when n is
// below 0. It gives how long until there is one to be had, 0 when there was.
func (s *Store) Meter(ctx context.Context, bucket string, perMinute, n int) (wait time.Duration, err error) {
	answer, err := s.run(ctx, meterScript, []string{s.keys.global("meter") + ":" + bucket}, perMinute, n)
	if err != nil {
		return 0, err
	}
	ms, ok := answer.(int64)
	if !ok {
		return 0, fmt.Errorf("%w: meter", errDamaged)
	}
	return time.Duration(ms) * time.Millisecond, nil
}
