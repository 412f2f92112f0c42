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

// Appends and messages of many rooms go out together. Jobs that come during a round trip form the
// next pipeline. So one system call and one wake-up on either side serve many keystrokes.

const (
	// laneDepth is how many prompt jobs may wait. When the lane is full, appends wait for room and
	// messages are dropped.
	laneDepth = 1024
	laneBatch = 128 // jobs in one pipeline
	// laneWorkers is the number of goroutines of a lane, and so of pipelines under way at once. The
	// second goes out while Redis answers the first, if that takes longer than lanePace.
	laneWorkers = 2
	// lanePace is the least time between two pipelines of a lane. Most of the cost of a lone
	// keystroke is wake-ups: of this node, of Redis, and of every node that hears of the keystroke.
	// So under load several keystrokes go together. After a pause the first goes at once.
	// docs/decisions/032.
	lanePace = 3 * time.Millisecond
	// laneEnough is how many waiting jobs send a pipeline before lanePace has passed.
	laneEnough = laneBatch / 2
	// heldPace is the pace of the queue, which is how long appends to documents that no other node
	// has open are held back. What people type meanwhile is one more job. They cannot tell a
	// "saved" that comes so much later. docs/decisions/033.
	heldPace = 300 * time.Millisecond
	// heldBatch bounds the held jobs in one pipeline, so that their answers do not come all at once
	// and prompt jobs find room.
	heldBatch = laneBatch / 4
	// clusterLanes keeps the shards of a cluster apart: a shard that does not answer holds up only
	// its own lanes. A lane serves a range of slots, and so does a shard, usually.
	clusterLanes = 24
)

// job is one script to run or one message to publish.
type job struct {
	script  *script // nil: publish
	keys    []string
	args    []any
	channel string
	body    []byte

	cmd  *redis.Cmd
	err  error            // set when too few replicas have the append
	done func(any, error) // called with the answer, must not block; nil: no caller wants it
}

// lane is a queue of jobs, with the goroutines that send them.
type lane struct {
	store *Store
	queue *batch.Queue[*job]

	quick     atomic.Bool // the last pipeline was answered within lanePace
	gathering sync.Mutex  // guards sentAt; held by the goroutine that gathers the next pipeline
	sentAt    time.Time   // when the last pipeline went out
}

// startLanes makes the lanes of a store. Their goroutines end with the store.
func (s *Store) startLanes() {
	n := 1
	if s.target.cluster {
		n = clusterLanes
	}
	s.lanes = make([]*lane, n)
	for i := range s.lanes {
		l := &lane{store: s, queue: batch.New[*job](laneDepth, heldPace)}
		s.lanes[i] = l
		for range laneWorkers {
			s.goroutines.Go(l.run)
		}
	}
}

// laneOf returns the lane of a session.
func (s *Store) laneOf(session string) *lane {
	if len(s.lanes) == 1 {
		return s.lanes[0]
	}
	return s.lanes[slotOf(session)*len(s.lanes)/slots]
}

// slots is the number of hash slots of a Redis cluster.
const slots = 16384

// slotOf returns the hash slot of a hash tag.
func slotOf(tag string) int {
	crc := uint16(0)
	for _, b := range []byte(tag) {
		crc = crc<<8 ^ slotTable[byte(crc>>8)^b]
	}
	return int(crc) % slots
}

// slotTable is the table of CRC-16/XMODEM.
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

// add queues a prompt job. It does not wait. The job's done is called by a goroutine that serves
// all rooms, so it must be quick.
func (l *lane) add(j *job) {
	switch ok, closed := l.queue.Add(j); {
	case closed:
		j.done(nil, ErrClosed)
	case !ok:
		l.store.goroutines.Go(func() {
			select {
			case l.queue.Prompt() <- j:
			case <-l.store.ctx.Done():
				j.done(nil, ErrClosed)
			}
		})
	}
}

// hold queues a job that no caller waits for.
func (l *lane) hold(j *job) {
	if !l.queue.Hold(j) {
		j.done(nil, ErrClosed)
	}
}

// await runs a script as a prompt job and waits for the answer.
func (l *lane) await(ctx context.Context, sc *script, keys []string, args []any) (v any, err error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	type result struct {
		v   any
		err error
	}
	told := make(chan result, 1)
	l.add(&job{script: sc, keys: keys, args: args, done: func(v any, err error) { told <- result{v, err} }})
	select {
	case r := <-told:
		return r.v, r.err
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-l.store.ctx.Done():
		return nil, ErrClosed
	}
}

// publish sends body to a channel. When the lane is full, the message is dropped.
func (l *lane) publish(channel string, body []byte) {
	l.queue.Add(&job{channel: channel, body: body})
}

// run sends jobs until the store is closed. While Redis answers within lanePace, the goroutine
// keeps the lock gathering. Handing it over would wake the other goroutine, and the answer comes
// before the next pipeline may go out anyway.
func (l *lane) run() {
	jobs := make([]*job, 0, laneBatch)
	var deadline deadline
	defer deadline.end()
	for mine := false; ; {
		if !mine {
			l.gathering.Lock()
		}
		jobs = l.gather(jobs[:0])
		if mine = l.quick.Load() && len(jobs) > 0; !mine {
			l.gathering.Unlock()
		}
		if len(jobs) == 0 {
			return
		}
		began := time.Now()
		l.roundTrip(deadline.context(l.store), jobs)
		l.quick.Store(time.Since(began) < lanePace)
		clear(jobs)
	}
}

// gather waits for a job, and takes the jobs that are due when the next pipeline may go out. It
// returns no job once the store is closed. The caller holds gathering.
func (l *lane) gather(jobs []*job) []*job {
	for open := true; len(jobs) == 0; {
		if jobs, open = l.queue.Wait(l.store.ctx.Done(), jobs); !open {
			return nil
		}
		if wait := lanePace - time.Since(l.sentAt); wait > 0 {
			if prompt, due := l.queue.Depth(); prompt < laneEnough && due < laneEnough {
				time.Sleep(wait)
			}
		}
		jobs = l.queue.TakePrompt(l.queue.TakeDue(jobs, heldBatch), laneBatch)
	}
	l.sentAt = time.Now()
	return jobs
}

// closeLanes answers the jobs that were not sent. No goroutine of the store runs any more.
func (s *Store) closeLanes() {
	for _, l := range s.lanes {
		for _, j := range l.queue.Close() {
			if j.done != nil {
				j.done(nil, ErrClosed)
			}
		}
	}
}

// deadline is a context for one pipeline after the other. It is renewed when too little of its time
// is left, because each new context costs a timer.
type deadline struct {
	ctx    context.Context
	cancel context.CancelFunc
	until  time.Time
}

func (d *deadline) end() {
	if d.cancel != nil {
		d.cancel()
	}
}

// context returns a context that has between one and two times the time that a pipeline may take.
func (d *deadline) context(s *Store) context.Context {
	may := 2*s.target.timeout + s.target.waitTimeout
	if now := time.Now(); d.until.Sub(now) < may {
		d.end()
		d.until = now.Add(2 * may)
		d.ctx, d.cancel = context.WithDeadline(s.ctx, d.until)
	}
	return d.ctx
}

// roundTrip sends jobs in one pipeline and answers them. Scripts that the server did not know are
// sent again with their text.
func (l *lane) roundTrip(ctx context.Context, jobs []*job) {
	l.send(ctx, jobs, byHash)
	var unknown []*job
	for _, j := range jobs {
		if j.script != nil && unknownScript(j.cmd.Err()) {
			unknown = append(unknown, j)
			continue
		}
		j.answer()
	}
	if len(unknown) == 0 {
		return
	}
	l.send(ctx, unknown, byText)
	for _, j := range unknown {
		j.answer()
	}
}

// send sends jobs in one pipeline.
func (l *lane) send(ctx context.Context, jobs []*job, form scriptForm) {
	s := l.store
	pipe := s.client.Pipeline()
	for _, j := range jobs {
		if j.script == nil {
			j.cmd = pipe.Do(ctx, "PUBLISH", j.channel, j.body)
			continue
		}
		j.cmd = j.script.eval(ctx, pipe, form, j.keys, j.args...)
	}
	wait := s.addWait(ctx, pipe, jobs)
	_, _ = pipe.Exec(ctx) // each command has its own error
	if wait == nil {
		return
	}
	if n, err := wait.Int(); err != nil || n < s.target.waitReplicas {
		for _, j := range jobs {
			j.err = fmt.Errorf("%w: %d of %d have it", errNotReplicated, n, s.target.waitReplicas)
		}
	}
}

// addWait adds a WAIT for replicas after the appends, if the address asks for it. WAIT is about the
// writes of its own connection, so it is part of the pipeline.
func (s *Store) addWait(ctx context.Context, pipe redis.Pipeliner, jobs []*job) *redis.Cmd {
	if s.target.waitReplicas == 0 || !slices.ContainsFunc(jobs, func(j *job) bool { return j.script != nil }) {
		return nil
	}
	return pipe.Do(ctx, "WAIT", s.target.waitReplicas, s.target.waitTimeout.Milliseconds())
}

// answer calls done with the answer.
func (j *job) answer() {
	switch {
	case j.done == nil:
	case j.err != nil:
		j.done(nil, j.err)
	default:
		j.done(j.cmd.Result())
	}
}
