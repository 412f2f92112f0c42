package redisstore

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"

	"parley/pkg/store/batch"
)

// Scripts and publishes of many rooms go out together: what waits while a round trip is under way is one pipeline
// in the next, so that a system call and a wake-up of either side serve many keystrokes.

const (
	laneDepth   = 1024 // jobs that wait; past it whoever appends waits, and presence is dropped
	laneBatch   = 128  // jobs in one pipeline
	laneFlights = 2    // pipelines under way in a lane: the second goes out while the first is answered, if that takes longer than lanePace
	// lanePace is the least time between two pipelines of a lane. Being woken is what a lone keystroke costs most, on this node, in
	// Redis and on every node that hears of it: so under load some go together. After a pause one goes at once.
	lanePace   = 3 * time.Millisecond
	laneEnough = laneBatch / 2 // jobs that wait for nothing more
	// heldPace is what jobs may wait that nobody waits for: those of documents that no other node has open. What is typed there meanwhile is one
	// job more, and a "saved" that comes so much later is none that a person could tell.
	heldPace  = 300 * time.Millisecond
	heldBatch = laneBatch / 4 // such jobs in one pipeline, so that their answers are no burst, and there is room for others
	// clusterLanes keeps the shards of a cluster apart: one that does not answer holds up its own lanes alone. Slots are dealt to
	// them in ranges, as they usually are to shards.
	clusterLanes = 24
)

// job is one script to run, or one message to publish.
type job struct {
	script  *script // nil: publish
	keys    []string
	args    []any
	channel string
	body    []byte

	cmd  *redis.Cmd
	err  error            // beside that of cmd
	then func(any, error) // told the answer; nil when nobody wants it
}

// lane is a queue of jobs with the goroutines that carry them out.
type lane struct {
	store *Store
	queue *batch.Queue[*job]

	near      atomic.Bool // the last pipeline was answered before the next might go out
	gathering sync.Mutex  // guards what follows; held by who puts the next pipeline together
	left      time.Time   // when the last one went out
}

// startLanes makes the lanes of a store. They end with it.
func (s *Store) startLanes() {
	n := 1
	if s.target.cluster {
		n = clusterLanes
	}
	s.lanes = make([]*lane, n)
	for i := range s.lanes {
		l := &lane{store: s, queue: batch.New[*job](laneDepth, heldPace)}
		s.lanes[i] = l
		for range laneFlights {
			s.goroutines.Go(l.run)
		}
	}
}

// laneOf gives the lane of a session's commands.
func (s *Store) laneOf(session string) *lane {
	if len(s.lanes) == 1 {
		return s.lanes[0]
	}
	return s.lanes[slotOf(session)*len(s.lanes)/slots]
}

// slots is the number of hash slots of a Redis cluster.
const slots = 16384

// slotOf gives the hash slot of a hash tag.
func slotOf(tag string) int {
	crc := uint16(0)
	for _, b := range []byte(tag) {
		crc = crc<<8 ^ slotTable[byte(crc>>8)^b]
	}
	return int(crc) % slots
}

// slotTable is that of CRC-16/XMODEM.
var slotTable = func() (t [256]uint16) {
	for i := range t {
		crc := uint16(i) << 8
		for range 8 {
			if crc&0x8000 != 0 {
				crc = crc<<1 ^ 0x1021
			} else {
				crc <<= 1
			}
		}
		t[i] = crc
	}
	return t
}()

// add has a job done, and its then called with the answer by a goroutine that serves all rooms, so
// that it has to be quick. add does not wait.
func (l *lane) add(j *job) {
	switch ok, closed := l.queue.Add(j); {
	case closed:
		j.then(nil, ErrClosed)
	case !ok:
		l.store.goroutines.Go(func() {
			select {
			case l.queue.Prompt() <- j:
			case <-l.store.ctx.Done():
				j.then(nil, ErrClosed)
			}
		})
	}
}

// hold is add for a job that nobody waits for.
func (l *lane) hold(j *job) {
	if !l.queue.Hold(j) {
		j.then(nil, ErrClosed)
	}
}

// await has a script run for those who wait.
func (l *lane) await(ctx context.Context, sc *script, keys []string, args []any) (v any, err error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	type result struct {
		v   any
		err error
	}
	told := make(chan result, 1)
	l.add(&job{script: sc, keys: keys, args: args, then: func(v any, err error) { told <- result{v, err} }})
	select {
	case r := <-told:
		return r.v, r.err
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-l.store.ctx.Done():
		return nil, ErrClosed
	}
}

// publish sends body to a channel, unless the lane is full.
func (l *lane) publish(channel string, body []byte) {
	l.queue.Add(&job{channel: channel, body: body})
}

// run carries out jobs until the store is closed. While Redis is near it keeps its turn: to hand that to the other goroutine wakes it, which
// is not worth it when the answer is there before the next pipeline might go out.
func (l *lane) run() {
	batch := make([]*job, 0, laneBatch)
	var limit limit
	defer limit.end()
	for mine := false; ; {
		if !mine {
			l.gathering.Lock()
		}
		batch = l.gather(batch[:0])
		if mine = l.near.Load() && len(batch) > 0; !mine {
			l.gathering.Unlock()
		}
		if len(batch) == 0 {
			return
		}
		began := time.Now()
		l.carryOut(limit.context(l.store), batch)
		l.near.Store(time.Since(began) < lanePace)
		clear(batch)
	}
}

// gather waits until something is to be done, and takes what has come when the next pipeline may go
// out. It gives nothing once the store is closed. The caller holds gathering.
func (l *lane) gather(jobs []*job) []*job {
	for open := true; len(jobs) == 0; {
		if jobs, open = l.queue.Wait(l.store.ctx.Done(), jobs); !open {
			return nil
		}
		if wait := lanePace - time.Since(l.left); wait > 0 {
			if prompt, due := l.queue.Depth(); prompt < laneEnough && due < laneEnough {
				time.Sleep(wait)
			}
		}
		jobs = l.queue.TakePrompt(l.queue.TakeDue(jobs, heldBatch), laneBatch)
	}
	l.left = time.Now()
	return jobs
}

// closeLanes answers what was not carried out. No goroutine of the store runs any more.
func (s *Store) closeLanes() {
	for _, l := range s.lanes {
		for _, j := range l.queue.Close() {
			if j.then != nil {
				j.then(nil, ErrClosed)
			}
		}
	}
}

// limit is the context of one pipeline after the other, made anew when too little of its time is left: each costs a timer.
type limit struct {
	ctx    context.Context
	cancel context.CancelFunc
	until  time.Time
}

func (l *limit) end() {
	if l.cancel != nil {
		l.cancel()
	}
}

// context gives one that has between one and two times what a pipeline may take.
func (l *limit) context(s *Store) context.Context {
	may := 2*s.target.timeout + s.target.waitTimeout
	if now := time.Now(); l.until.Sub(now) < may {
		l.end()
		l.until = now.Add(2 * may)
		l.ctx, l.cancel = context.WithDeadline(s.ctx, l.until)
	}
	return l.ctx
}

// carryOut runs a batch in one round trip, and in a second one those whose script the server did not know.
func (l *lane) carryOut(ctx context.Context, batch []*job) {
	l.send(ctx, batch, false)
	var unknown []*job
	for _, j := range batch {
		if j.script != nil && redis.HasErrorPrefix(j.cmd.Err(), "NOSCRIPT") {
			unknown = append(unknown, j)
			continue
		}
		j.finish()
	}
	if len(unknown) == 0 {
		return
	}
	l.send(ctx, unknown, true)
	for _, j := range unknown {
		j.finish()
	}
}

func (l *lane) send(ctx context.Context, batch []*job, byText bool) {
	s := l.store
	pipe := s.client.Pipeline()
	for _, j := range batch {
		switch {
		case j.script == nil:
			j.cmd = pipe.Do(ctx, "PUBLISH", j.channel, j.body)
		case byText:
			j.cmd = pipe.Eval(ctx, j.script.text, j.keys, j.args...)
		default:
			j.cmd = pipe.EvalSha(ctx, j.script.hash, j.keys, j.args...)
		}
	}
	wait := s.addWait(ctx, pipe, batch)
	_, _ = pipe.Exec(ctx) // each command has its own error
	if wait == nil {
		return
	}
	if n, err := wait.Int(); err != nil || n < s.target.waitReplicas {
		for _, j := range batch {
			j.err = fmt.Errorf("%w: %d of %d have it", errNotReplicated, n, s.target.waitReplicas)
		}
	}
}

// addWait has Redis wait for replicas behind the appends of a batch, when that was asked for. It is the same connection: WAIT means what
// this one has written.
func (s *Store) addWait(ctx context.Context, pipe redis.Pipeliner, batch []*job) *redis.Cmd {
	if s.target.waitReplicas == 0 || !slices.ContainsFunc(batch, func(j *job) bool { return j.script != nil }) {
		return nil
	}
	return pipe.Do(ctx, "WAIT", s.target.waitReplicas, s.target.waitTimeout.Milliseconds())
}

// finish tells the answer.
func (j *job) finish() {
	switch {
	case j.then == nil:
	case j.err != nil:
		j.then(nil, j.err)
	default:
		j.then(j.cmd.Result())
	}
}
