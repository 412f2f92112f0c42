package relay

import (
	"context"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"parley/crdt"
	"parley/pkg/protocol"
)

// Room is the live meeting place of one document: it holds the Doc and the Awareness and relays what comes in.
type Room struct {
	// Fixed by newRoom.
	id    RoomID
	relay *Relay
	log   *slog.Logger
	inbox chan event    // depth inboxDepth; never closed
	ready chan struct{} // closed by run when the document is loaded, or cannot be
	done  chan struct{} // closed by run when it has ended
	tasks sync.WaitGroup

	// Written by run before ready is closed, never after.
	loadErr error

	// Owned by the Relay, under its mu.
	held int // who has acquired it

	// Written by run, read by Stats.
	bytes        atomic.Int64 // size, for those who count
	unsavedSince atomic.Int64 // when the oldest update came that is not stored, in Unix nanoseconds; 0 when all is

	// Owned by run. Never touch these from another goroutine.
	doc      *crdt.Doc
	presence *protocol.Awareness
	conns    []*conn
	claims   claims
	save     saver
	peers    follower
	near     neighbours
	size     docSize
	merges   int
	full     []byte    // step 2 with the whole document, nil when that has changed since
	ended    CloseCode // not 0 when the session is over
	hurry    bool      // end as soon as all is stored
	empty    time.Time // since when there are no connections
	looked   time.Time // when presence was looked through last
	timer    *time.Timer
	due      time.Time // what timer is set to
}

// event is one thing that happens to a room: a function to run, or a frame that came from a connection.
type event struct {
	do    func()
	from  *conn
	frame []byte
	at    time.Time // when the frame came
}

// docSize estimates the encoded size of the document from above, in bytes.
type docSize struct {
	encoded int // when it was encoded last
	grown   int // bytes of updates applied since
}

func newRoom(r *Relay, id RoomID) *Room {
	return &Room{
		id: id, relay: r, log: r.opts.Logger.With("room", id.String()),
		inbox: make(chan event, inboxDepth), ready: make(chan struct{}), done: make(chan struct{}),
		doc: crdt.NewDoc(), presence: protocol.NewAwareness(), claims: newClaims(),
		peers: follower{feed: newFeed()},
		near:  neighbours{known: map[NodeID]struct{}{}, dirty: map[uint64]struct{}{}},
	}
}

// run is the room's goroutine: load, then one event after the other until nobody needs the room.
func (r *Room) run() {
	defer func() {
		v := recover()
		if v != nil {
			r.fail(v)
		}
		r.forget()
		r.part()
		close(r.done)
		r.tasks.Wait()
	}()
	if err := r.load(); err != nil {
		r.loadErr = err
		r.relay.retire(r, true)
		close(r.ready)
		return
	}
	r.empty = time.Now()
	r.timer = time.NewTimer(r.relay.opts.IdleTimeout)
	defer r.timer.Stop()
	close(r.ready)
	for !r.finished() {
		r.arm()
		select {
		case e := <-r.inbox:
			r.handle(e)
		case <-r.peers.feed.wake:
			r.listen()
		case <-r.timer.C:
			r.due = time.Time{}
			r.tick(time.Now())
		case <-r.relay.ctx.Done():
			r.relay.retire(r, true)
			return
		}
		r.share(time.Now())
	}
}

// fail ends a room whose goroutine panicked: its document may be broken, so nothing of it is stored any more. The
// clients come back to what the store has, and send what they have on top.
func (r *Room) fail(v any) {
	r.relay.stats.add(RoomFailures, 1)
	r.log.Error("room failed", "panic", v, "stack", string(debug.Stack()))
	r.relay.retire(r, true)
	select {
	case <-r.ready:
	default:
		r.loadErr = ErrRoomFailed
		close(r.ready)
	}
	for _, c := range r.conns {
		c.shut(CloseUnavailable, ErrRoomFailed)
	}
}

// finished reports whether the room is out of the registry and its goroutine may end.
func (r *Room) finished() bool {
	if len(r.conns) > 0 || !r.saved() {
		return false
	}
	if !r.hurry && r.ended == 0 && time.Since(r.empty) < r.relay.opts.IdleTimeout {
		return false
	}
	if r.ended == 0 && r.save.logEntries >= unloadEntries && r.compact() {
		return false // until it is done
	}
	return r.relay.retire(r, false)
}

// handle does one event.
func (r *Room) handle(e event) {
	switch {
	case e.do != nil:
		e.do()
	case e.from.joined && !e.from.over.Load():
		r.receive(e.from, e.frame, e.at)
	}
}

// tick does what is due by the clock.
func (r *Room) tick(now time.Time) {
	if now.Sub(r.looked) >= expireInterval && r.presence.Known() > 0 {
		r.looked = now
		r.publishPresence(r.presence.Expire(now))
	}
	if r.peers.behind {
		r.catchUp()
	}
	r.flush(now)
}

// arm sets the timer to the next thing that the clock has to start.
func (r *Room) arm() {
	now := time.Now()
	next := now.Add(time.Hour)
	sooner := func(t time.Time) {
		if t.Before(next) {
			next = t
		}
	}
	if r.presence.Known() > 0 {
		sooner(r.looked.Add(expireInterval))
	}
	if len(r.save.waiting) > 0 && !r.save.inFlight {
		sooner(r.save.retryAt)
	}
	if len(r.near.dirty) > 0 || r.near.answer {
		sooner(r.near.told.Add(shareEvery))
	}
	if r.peers.behind && !r.peers.catching {
		sooner(r.peers.retryAt)
	}
	if len(r.conns) == 0 {
		sooner(r.empty.Add(r.relay.opts.IdleTimeout))
		if !next.After(now) || r.hurry || r.ended != 0 {
			next = now.Add(drainTick) // whoever holds it lets go soon
		}
	}
	if !next.Equal(r.due) && (r.due.IsZero() || next.Before(r.due)) {
		r.due = next
		r.timer.Reset(next.Sub(now))
	}
}

// post has fn run on the room's goroutine, in the order of posting. It reports false when the room has ended.
func (r *Room) post(fn func()) bool { return r.send(event{do: fn}) }

// postFrame hands a frame that came from a connection at a time to the room.
func (r *Room) postFrame(c *conn, frame []byte, at time.Time) bool {
	return r.send(event{from: c, frame: frame, at: at})
}

func (r *Room) send(e event) bool {
	select {
	case <-r.done:
		return false
	default:
	}
	select {
	case r.inbox <- e:
		return true
	case <-r.done:
		return false
	}
}

// do has fn run on the room's goroutine and waits for it. A panic of fn comes out here, where it belongs.
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
	case <-r.done:
		return ErrRoomFailed
	}
	if panicked != nil {
		panic(fmt.Sprintf("on the document of a room: %v", panicked))
	}
	return ctx.Err()
}

// join lets a connection in and begins as the reference server does: step 1, then the states of those present.
func (r *Room) join(c *conn) {
	switch {
	case r.ended != 0:
		c.shut(r.ended, nil)
		return
	case len(r.conns) >= r.relay.opts.MaxConns:
		c.shut(CloseTooMany, fmt.Errorf("room has %d connections", len(r.conns)))
		return
	}
	r.conns = append(r.conns, c)
	c.joined = true
	c.out.pushFirst(protocol.AppendStep1(nil, r.doc.EncodeStateVector()))
	if present := r.entries(r.presence.Clients()); len(present) > 0 {
		c.out.pushFirst(presenceFrame(present))
	}
}

// leave takes a connection out, and the presence that came over it.
func (r *Room) leave(c *conn) {
	if !c.joined {
		return
	}
	c.joined = false
	for i, other := range r.conns {
		if other == c {
			last := len(r.conns) - 1
			r.conns[i] = r.conns[last]
			r.conns[last] = nil
			r.conns = r.conns[:last]
			break
		}
	}
	r.letGo(c)
	if len(r.conns) == 0 {
		r.empty = time.Now()
	}
}

// end closes the room for good: the session is over, nothing of it is to be stored any more.
func (r *Room) end(code CloseCode) {
	r.ended = code
	r.dropUnsaved()
	for _, c := range r.conns {
		c.shut(code, nil)
	}
}
