package relay

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// A Room is an actor without a goroutine of its own. Its events run one at a time, in the order in
// which they came. The goroutine that brings an event to an idle room runs it, and runs the events
// that others bring meanwhile. So one goroutine, which a socket's input woke, reads a keystroke,
// applies it and writes it to every reader. A silent room costs memory only.
//
// Frames that events have queued are written when no event waits or when many bytes are queued. The
// goroutine that ran the events writes them, without waiting for slow peers (conn.sendNow). Another
// goroutine may run the next events meanwhile.

// event is a function to run in a room, or frames that came from a connection.
type event struct {
	do     func()
	from   *conn
	frames [][]byte
	at     time.Time // when the frames came
}

// inbox holds the events that wait.
type inbox struct {
	mu          sync.Mutex // guards the fields below
	events      []event
	spareEvents []event    // an empty list for reuse as events
	spareConns  []*conn    // an empty list for reuse as Room.dirty
	frames      int        // events that hold frames
	working     bool       // a goroutine runs the events, or is about to
	ended       bool       // the room has ended, no event runs any more
	notFull     *sync.Cond // nil until a sender waits for space
}

// Bounds of one turn of work.
const (
	inboxDepth = 32      // events with frames; a full inbox stalls its senders, nothing is dropped
	sendFrom   = 4 << 20 // queued bytes at which they are sent before more events run
	spareMost  = 64      // largest list of events or connections that is kept for reuse
)

// put adds an event. An event with frames waits for space first. mine says that the caller has to
// call work. ok is false when the room has ended.
func (in *inbox) put(e event) (mine, ok bool) {
	in.mu.Lock()
	defer in.mu.Unlock()
	for e.from != nil && in.frames >= inboxDepth && !in.ended {
		if in.notFull == nil {
			in.notFull = sync.NewCond(&in.mu)
		}
		in.notFull.Wait()
	}
	if in.ended {
		return false, false
	}
	if in.events == nil {
		in.events, in.spareEvents = in.spareEvents, nil
	}
	in.events = append(in.events, e)
	if e.from != nil {
		in.frames++
	}
	mine = !in.working
	in.working = true
	return mine, true
}

// take takes all waiting events, and an empty list for Room.dirty if there is one. When no event
// waits, the caller no longer works for the room.
func (in *inbox) take() (events []event, dirty []*conn) {
	in.mu.Lock()
	defer in.mu.Unlock()
	events, dirty, in.spareConns = in.events, in.spareConns, nil
	in.events, in.frames = nil, 0
	if len(events) == 0 {
		in.working = false
	}
	if in.notFull != nil {
		in.notFull.Broadcast()
	}
	return events, dirty
}

// reuseEvents gives back a list that take returned.
func (in *inbox) reuseEvents(events []event) {
	if cap(events) > spareMost {
		return
	}
	clear(events)
	in.mu.Lock()
	defer in.mu.Unlock()
	in.spareEvents = events[:0]
}

// reuseConns gives back a list that takeDirty returned, after everything has been sent.
func (in *inbox) reuseConns(conns []*conn) {
	if cap(conns) == 0 || cap(conns) > spareMost {
		return
	}
	clear(conns)
	in.mu.Lock()
	defer in.mu.Unlock()
	if !in.ended {
		in.spareConns = conns[:0]
	}
}

// goIdle reports whether no event waits; the caller then no longer works for the room.
func (in *inbox) goIdle() bool {
	in.mu.Lock()
	defer in.mu.Unlock()
	if len(in.events) > 0 {
		return false
	}
	in.working = false
	return true
}

// end drops the waiting events; no event runs any more.
func (in *inbox) end() {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.ended, in.events, in.spareEvents, in.spareConns, in.frames = true, nil, nil, nil, 0
	if in.notFull != nil {
		in.notFull.Broadcast()
	}
}

// depth is the number of events that wait.
func (in *inbox) depth() int {
	in.mu.Lock()
	defer in.mu.Unlock()
	return len(in.events)
}

// post queues fn as an event and reports false when the room has ended. An event may call post
// itself, and post never waits for another goroutine. The caller must not hold a lock.
func (r *Room) post(fn func()) bool { return r.putAndWork(event{do: fn}) }

// postFrames queues frames that came from a connection at the given time. It waits while the inbox
// is full.
func (r *Room) postFrames(c *conn, frames [][]byte, at time.Time) bool {
	return r.putAndWork(event{from: c, frames: frames, at: at})
}

func (r *Room) putAndWork(e event) bool {
	mine, ok := r.inbox.put(e)
	if mine {
		r.work(untilDone)
	}
	return ok
}

// postBriefly is post for a goroutine that serves all rooms. It runs only the events that wait now
// and leaves later ones to another goroutine, so that a busy room does not delay the others.
func (r *Room) postBriefly(fn func()) {
	if mine, _ := r.inbox.put(event{do: fn}); mine {
		r.work(oneTurn)
	}
}

// do runs fn as an event and waits for it. A panic of fn becomes a panic of the caller.
func (r *Room) do(ctx context.Context, fn func()) error {
	var panicked any
	ran := make(chan struct{})
	ok := r.post(func() {
		defer close(ran)
		defer func() { panicked = recover() }()
		if ctx.Err() == nil {
			fn()
		}
	})
	if !ok {
		return ErrRoomFailed
	}
	select {
	case <-ran:
	case <-r.ended:
		return ErrRoomFailed
	}
	if panicked != nil {
		panic(fmt.Sprintf("panic in a room: %v", panicked))
	}
	return ctx.Err()
}

// stint says how long a goroutine works for a room.
type stint bool

const (
	untilDone stint = true  // until no event waits
	oneTurn   stint = false // the events that wait now
)

// work runs events until none waits, then sends the queued frames. When many bytes are queued, or
// after one turn if the caller asks for that, another goroutine runs the remaining events. Only one
// goroutine works at a time.
func (r *Room) work(until stint) {
	for {
		events, spare := r.inbox.take()
		if len(events) == 0 {
			return
		}
		if r.dirty == nil {
			r.dirty = spare
		}
		over := r.doAll(events)
		r.inbox.reuseEvents(events)
		if over {
			dirty := r.takeDirty()
			r.end()
			sendAll(dirty)
			return
		}
		if until == untilDone && (len(r.dirty) == 0 || r.queued < sendFrom && r.inbox.depth() > 0) {
			continue
		}
		dirty := r.takeDirty()
		if !r.inbox.goIdle() {
			r.tasks.Go(func() { r.work(untilDone) })
		}
		sendAll(dirty)
		r.inbox.reuseConns(dirty)
		return
	}
}

// doAll runs events and what is due after them. It reports true when the room has to end.
func (r *Room) doAll(events []event) (over bool) {
	defer func() {
		if v := recover(); v != nil {
			r.fail(v)
			over = true
		}
	}()
	for _, e := range events {
		r.handle(e)
	}
	if r.abandoned {
		return true
	}
	now := time.Now()
	r.tellNodes(now)
	if r.unload() {
		return true
	}
	r.arm(now)
	return false
}

// takeDirty takes the connections with queued frames. The caller has to send these frames.
func (r *Room) takeDirty() []*conn {
	dirty := r.dirty
	r.dirty, r.queued = nil, 0
	return dirty
}

// sampleEvery says of how many readers in a row one send is measured: the first, every eighth after
// it, and the last. Measuring all of them would add two percent to the time of sending.
const sampleEvery = 8

func sendAll(dirty []*conn) {
	for i, c := range dirty {
		c.sendNow(sampling(i%sampleEvery == 0 || i == len(dirty)-1))
	}
}
