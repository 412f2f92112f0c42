package relay

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// A Room is an actor without a goroutine of its own. Events are done one at a time and in the order in which they came; whoever
// brings one and finds nobody at work does it, and what comes meanwhile from others. So a keystroke is read, applied and
// written to everybody in the goroutine that its socket's arrival woke, and a room in which nothing happens
// costs memory alone.
//
// What its events have to be sent is written when there are no more events, or much waits: by the one who did them, without waiting
// (conn.sendNow). Meanwhile somebody else may do what happens next.

// event is one thing that happens to a room: a function to run, or frames that came from a connection.
type event struct {
	do     func()
	from   *conn
	frames [][]byte
	at     time.Time // when the frames came
}

// inbox is what waits to be done.
type inbox struct {
	mu          sync.Mutex // guards what follows
	events      []event
	spareEvents []event    // an empty list for reuse
	spareConns  []*conn    // another, for Room.dirty
	frames      int        // events with frames among events
	working     bool       // somebody does them, or is about to
	ended       bool       // the room has ended, nothing is done any more
	notFull     *sync.Cond // nil until somebody waits for room
}

// Bounds of one turn of work.
const (
	inboxDepth = 32      // events with frames; a full inbox stalls the sockets that fill it, nothing is dropped
	sendFrom   = 4 << 20 // bytes queued, over all connections, from which on they are sent before more is done
	spareMost  = 64      // events, or connections, whose list is kept for reuse
)

// put adds an event, in its turn if frames are in it. mine says that the caller has to work; ok is false when the room has ended.
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

// take gives all that waits, none when there is nothing: then somebody else is to work the next time. With it comes an empty list for
// Room.dirty, if there is one.
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

// reuse takes a list back that take gave.
func (in *inbox) reuseEvents(events []event) {
	if cap(events) > spareMost {
		return
	}
	clear(events)
	in.mu.Lock()
	defer in.mu.Unlock()
	in.spareEvents = events[:0]
}

// reuseDirty takes back a list that takeDirty gave, when all is sent.
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

// rest reports that nothing waits; then nobody works from now on.
func (in *inbox) goIdle() bool {
	in.mu.Lock()
	defer in.mu.Unlock()
	if len(in.events) > 0 {
		return false
	}
	in.working = false
	return true
}

// close ends it.
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

// post has fn run on the room, in the order of posting. It may be called from within the room, and never waits for others. It
// reports false when the room has ended. Nobody calls it with a lock held.
func (r *Room) post(fn func()) bool { return r.putAndWork(event{do: fn}) }

// postFrames hands frames that came from a connection at a time to the room. It waits while too many do.
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

// postBriefly is post for a goroutine that serves all rooms: it does what is there, and leaves what comes meanwhile to another, so
// that one busy room does not hold up the rest.
func (r *Room) postBriefly(fn func()) {
	if mine, _ := r.inbox.put(event{do: fn}); mine {
		r.work(oneTurn)
	}
}

// do has fn run on the room and waits for it. A panic of fn comes out here, where it belongs.
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
		panic(fmt.Sprintf("on the document of a room: %v", panicked))
	}
	return ctx.Err()
}

// stint says how long a goroutine works for a room.
type stint bool

const (
	untilDone stint = true  // until there are no more events
	oneTurn   stint = false // the events that are there
)

// work does events until there are none, and sends what came of them. When much is to be sent, another goroutine goes on with
// the events that are left, and so it does after the first events when the caller's time is short. Only one works at a time.
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

// doAll does events, and what is due after them. It reports true when the room has to be closed.
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

// takeDirty gives the connections for which something was queued; the caller is their writer now.
func (r *Room) takeDirty() []*conn {
	dirty := r.dirty
	r.dirty, r.queued = nil, 0
	return dirty
}

// timedSend says of which readers that are sent to one after the other the time is taken: of the first, of each so many after it, and of the last. To
// take it of all costs a fiftieth of the sending.
const sampleEvery = 8

func sendAll(dirty []*conn) {
	for i, c := range dirty {
		c.sendNow(sampling(i%sampleEvery == 0 || i == len(dirty)-1))
	}
}
