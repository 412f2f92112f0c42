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

// aliveFor is how long a node's sign of life counts. Nodes give one every few seconds (pkg/nodes),
// so the people of a dead node count as away within 30 s.
const aliveFor = 15 * time.Second

// newEpoch makes a value that stands for the data of Redis as a whole.
func newEpoch() string {
	var b [16]byte
	rand.Read(b[:]) // never fails: crypto/rand ends the program instead
	return hex.EncodeToString(b[:])
}

// Beat gives a sign of life of this node. alive holds the nodes that gave one lately. known is
// false when the last sign of this node was too long ago; other nodes may have dropped its notes
// then.
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

// Leave takes this node from the nodes that are alive, before it ends.
func (s *Store) Leave(ctx context.Context) error {
	if err := s.client.ZRem(ctx, s.keys.global("nodes"), s.node.String()).Err(); err != nil {
		return fmt.Errorf("leave: %w", err)
	}
	return nil
}

// SetOnline notes for each session who is connected to this node. The note of a session replaces
// the one before.
func (s *Store) SetOnline(ctx context.Context, people map[session.ID][]string) error {
	node := s.node.String()
	send := func(form scriptForm) error {
		_, err := s.client.Pipelined(ctx, func(p redis.Pipeliner) error {
			for id, who := range people {
				keys := []string{s.keys.session(string(id)), s.keys.of(string(id), kindOnline)}
				onlineScript.eval(ctx, p, form, keys, node, strings.Join(who, " "))
			}
			return nil
		})
		return err
	}
	err := send(byHash)
	if unknownScript(err) {
		err = send(byText)
	}
	if err != nil {
		return fmt.Errorf("note people online: %w", err)
	}
	return nil
}

// Online returns who is connected to other nodes in a session, by node. Dead nodes are included.
func (s *Store) Online(ctx context.Context, id session.ID) (map[string][]string, error) {
	fields, err := s.client.HGetAll(ctx, s.keys.of(string(id), kindOnline)).Result()
	if err != nil {
		return nil, fmt.Errorf("read people online: %w", err)
	}
	people := map[string][]string{}
	for node, who := range fields {
		if node != s.node.String() {
			people[node] = strings.Fields(who)
		}
	}
	return people, nil
}

// ForgetOnline removes the notes of dead nodes.
func (s *Store) ForgetOnline(ctx context.Context, id session.ID, nodes []string) error {
	if err := s.client.HDel(ctx, s.keys.of(string(id), kindOnline), nodes...).Err(); err != nil {
		return fmt.Errorf("forget dead nodes: %w", err)
	}
	return nil
}

// Meter takes n uses from a bucket that all nodes share, if the bucket holds a use. With n = 0 it
// only asks, with n < 0 it gives back. wait is the time until the bucket holds a use, 0 when it
// held one.
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
