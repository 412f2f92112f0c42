package redisstore

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"
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
	// laterPace is what jobs may wait that nobody waits for: those of documents that no other node has open. What is typed there meanwhile is one
	// job more, and a "saved" that comes so much later is none that a person could tell.
	laterPace  = 300 * time.Millisecond
	laterBatch = laneBatch / 4 // such jobs in one pipeline, so that their answers are no burst, and there is room for others
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
	jobs  chan *job // never closed
	later later

	near      atomic.Bool // the last pipeline was answered before the next might go out
	gathering sync.Mutex  // guards what follows; held by who puts the next pipeline together
	left      time.Time   // when the last one went out
}

// later is the jobs that nobody waits for.
type later struct {
	pace time.Duration // what they may wait
	wake chan struct{} // capacity 1, never closed: they are due

	mu   sync.Mutex // guards what follows
	jobs []*job
	due  bool      // they are to go out now, all of them
	last time.Time // when they went out last
}

// put adds a job. It is due pace after the last one before it has gone, so at once after a pause.
func (w *later) put(j *job) {
	w.mu.Lock()
	w.jobs = append(w.jobs, j)
	n, wait := len(w.jobs), w.pace-time.Since(w.last)
	w.mu.Unlock()
	switch {
	case n == laneDepth || n == 1 && wait <= 0:
		w.call()
	case n == 1:
		time.AfterFunc(wait, w.call) // they may have gone by then, and those that came after them go sooner
	}
}

// call has all that wait go out.
func (w *later) call() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.jobs) > 0 {
		w.due = true
		w.wakeLocked()
	}
}

func (w *later) wakeLocked() {
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

// overdue gives how many are to go out now.
func (w *later) overdue() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.due {
		return 0
	}
	return len(w.jobs)
}

// take adds some of those that are due to batch, and has the rest taken next.
func (w *later) take(batch []*job) []*job {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.due {
		return batch
	}
	n := min(len(w.jobs), laterBatch)
	batch = append(batch, w.jobs[:n]...)
	clear(w.jobs[:n])
	if w.jobs = w.jobs[n:]; len(w.jobs) > 0 {
		w.wakeLocked()
	} else {
		w.jobs, w.due, w.last = nil, false, time.Now()
	}
	return batch
}

// startLanes makes the lanes of a store. They end with it.
func (s *Store) startLanes() {
	n := 1
	if s.target.cluster {
		n = clusterLanes
	}
	s.lanes = make([]*lane, n)
	for i := range s.lanes {
		l := &lane{store: s, jobs: make(chan *job, laneDepth), later: later{pace: laterPace, wake: make(chan struct{}, 1)}}
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

// add has a job done, and its then called with the answer by a goroutine that serves all rooms, so that it has to be quick. It does
// not wait.
func (l *lane) add(j *job) {
	select {
	case l.jobs <- j:
	default:
		l.store.goroutines.Go(func() {
			select {
			case l.jobs <- j:
			case <-l.store.ctx.Done():
				j.then(nil, ErrClosed)
			}
		})
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
	select {
	case l.jobs <- &job{channel: channel, body: body}:
	default:
	}
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

// gather waits until something is to be done, and takes what has come when the next pipeline may go out. None once the store is closed. The
// caller holds gathering.
func (l *lane) gather(batch []*job) []*job {
	for len(batch) == 0 {
		select {
		case j := <-l.jobs:
			batch = append(batch, j)
		case <-l.later.wake:
		case <-l.store.ctx.Done():
			return batch
		}
		if wait := lanePace - time.Since(l.left); wait > 0 && len(l.jobs) < laneEnough && l.later.overdue() < laneEnough {
			time.Sleep(wait)
		}
		batch = l.drain(l.later.take(batch))
	}
	l.left = time.Now()
	return batch
}

// drain adds to batch what waits already.
func (l *lane) drain(batch []*job) []*job {
	for len(batch) < laneBatch {
		select {
		case j := <-l.jobs:
			batch = append(batch, j)
		default:
			return batch
		}
	}
	return batch
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
