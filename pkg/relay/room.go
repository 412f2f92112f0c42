package relay

import (
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
	ready chan struct{} // closed by open when the document is loaded, or cannot be
	ended chan struct{} // closed by close when it has ended
	inbox inbox         // has its own lock
	tasks sync.WaitGroup

	// Written by open before ready is closed, never after.
	loadErr error

	// Owned by the Relay, under its mu.
	holders int // who has acquired it

	// Written by run, read by Stats.
	bytes        atomic.Int64 // size, for those who count
	unsavedSince atomic.Int64 // when the oldest update came that is not stored, in Unix nanoseconds; 0 when all is

	// Owned by whoever works, see inbox.go: touch these from events only.
	doc          *crdt.Doc
	presence     *protocol.Awareness
	conns        []*conn
	claims       claims
	save         saver
	tail         tail
	neighbours   neighbours
	size         docSize
	pendingBytes int // bytes of updates since something began to wait for its causes
	merges       int
	full         []byte    // step 2 with the whole document, nil when that has changed since
	closing      CloseCode // not 0 when the session is over
	hurry        bool      // end as soon as all is stored
	emptySince   time.Time // since when there are no connections
	expireAt     time.Time // when presence is to be looked through for old states; zero when nobody is known
	dirty        []*conn   // for whom something was queued and nobody writes yet
	queued       int       // bytes queued since then
	abandoned    bool      // abandoned
	timer        *time.Timer
	timerAt      time.Time // what timer is set to
}

// docSize estimates the encoded size of the document from above, in bytes.
type docSize struct {
	encoded int // when it was encoded last
	grown   int // bytes of updates applied since
}

func newRoom(r *Relay, id RoomID) *Room {
	room := &Room{
		id: id, relay: r,
		ready: make(chan struct{}), ended: make(chan struct{}),
		doc: crdt.NewDoc(), presence: protocol.NewAwareness(), claims: newClaims(),
	}
	room.inbox.working = true // open is about to
	if r.opts.Bus != nil {
		room.tail.feed = newFeed(func() { room.postBriefly(room.takeMessages) })
		room.neighbours = neighbours{nodes: map[NodeID]struct{}{}, changed: map[uint64]struct{}{}}
	}
	return room
}

// logger is made when it is needed: few rooms ever are worth a line.
func (r *Room) logger() *slog.Logger { return r.relay.opts.Logger.With("room", r.id.String()) }

// open loads the document and does what has come meanwhile. Until then nobody else works.
func (r *Room) open() {
	if !r.loaded() {
		r.end()
		return
	}
	close(r.ready)
	r.work(untilDone)
}

// loaded reports whether the document is there; else loadErr says why not, and everybody is told.
func (r *Room) loaded() (ok bool) {
	defer func() {
		if v := recover(); v != nil {
			r.fail(v)
		}
	}()
	if r.loadErr = r.load(); r.loadErr != nil {
		r.relay.evict(r)
		close(r.ready)
		return false
	}
	r.emptySince = time.Now()
	r.timer = time.AfterFunc(r.relay.opts.IdleTimeout, func() { r.post(r.alarm) })
	r.arm(r.emptySince)
	return true
}

// close ends the room: nobody does anything any more. What its tasks still do is waited for elsewhere, as one of them may be
// what brought the end about.
func (r *Room) end() {
	if r.timer != nil {
		r.timer.Stop()
	}
	r.dropUnsaved()
	r.inbox.end()
	close(r.ended)
	r.relay.rooms.Go(func() {
		r.unsubscribe()
		r.tasks.Wait()
	})
	r.relay.rooms.Done()
}

// abandon ends a room whose relay has run out of time, as it is.
func (r *Room) abandon() {
	r.relay.evict(r)
	r.abandoned = true
}

// ring does what is due by the clock.
func (r *Room) alarm() {
	r.timerAt = time.Time{}
	r.tick(time.Now())
}

// fail ends a room of which an event panicked: its document may be broken, so nothing of it is stored any more. The
// clients come back to what the store has, and send what they have on top.
func (r *Room) fail(v any) {
	r.relay.stats.add(RoomFailures, 1)
	r.logger().Error("room failed", "panic", v, "stack", string(debug.Stack()))
	r.relay.evict(r)
	select {
	case <-r.ready:
	default:
		r.loadErr = ErrRoomFailed
		close(r.ready)
	}
	for _, c := range r.conns {
		c.close(CloseUnavailable, ErrRoomFailed)
	}
}

// finished reports whether the room is out of the registry and may be closed.
func (r *Room) unload() bool {
	if len(r.conns) > 0 || !r.saved() {
		return false
	}
	if !r.hurry && r.closing == 0 && time.Since(r.emptySince) < r.relay.opts.IdleTimeout {
		return false
	}
	if r.closing == 0 && r.save.logEntries >= unloadEntries && r.compact() {
		return false // until it is done
	}
	return r.relay.evictUnheld(r)
}

// handle does one event.
func (r *Room) handle(e event) {
	switch {
	case e.do != nil:
		e.do()
	default:
		for _, frame := range e.frames {
			if e.from.joined && !e.from.closing.Load() {
				r.receive(e.from, frame, e.at)
			}
		}
	}
}

// tick does what is due by the clock.
func (r *Room) tick(now time.Time) {
	if !r.expireAt.IsZero() && !now.Before(r.expireAt) {
		r.publishPresence(r.presence.Expire(now))
		r.setExpireAt(now)
	}
	if r.tail.behind {
		r.catchUp()
	}
	r.flush(now)
}

// lookAgain sets when presence is looked through: when the first state is too old, unless it is renewed, which pages do in half of
// that time. So a silent room is woken twice a minute, and no state of who comes meanwhile can become too old before.
func (r *Room) setExpireAt(now time.Time) {
	r.expireAt = r.presence.Due()
	if r.expireAt.IsZero() {
		return
	}
	if first := now.Add(expireInterval); r.expireAt.Before(first) {
		r.expireAt = first
	}
	if last := now.Add(protocol.AwarenessTimeout); r.expireAt.After(last) {
		r.expireAt = last
	}
}

// arm sets the timer to the next thing that the clock has to start.
func (r *Room) arm(now time.Time) {
	next := now.Add(time.Hour)
	sooner := func(t time.Time) {
		if t.Before(next) {
			next = t
		}
	}
	if r.expireAt.IsZero() && r.presence.Known() > 0 {
		r.expireAt = now.Add(protocol.AwarenessTimeout)
	}
	if !r.expireAt.IsZero() {
		sooner(r.expireAt)
	}
	if len(r.save.waiting) > 0 && r.save.inFlight == nil {
		sooner(r.save.retryAt)
	}
	if len(r.neighbours.changed) > 0 || r.neighbours.asked {
		sooner(r.neighbours.told.Add(shareEvery))
	}
	if r.tail.behind && !r.tail.catching {
		sooner(r.tail.retryAt)
	}
	if len(r.conns) == 0 {
		sooner(r.emptySince.Add(r.relay.opts.IdleTimeout))
		if !next.After(now) || r.hurry || r.closing != 0 {
			next = now.Add(drainTick) // whoever holds it lets go soon
		}
	}
	if !next.Equal(r.timerAt) && (r.timerAt.IsZero() || next.Before(r.timerAt)) {
		r.timerAt = next
		r.timer.Reset(next.Sub(now))
	}
}

// join lets a connection in and begins as the reference server does: step 1, then the states of those present.
func (r *Room) join(c *conn) {
	switch {
	case r.closing != 0:
		c.close(r.closing, nil)
		return
	case len(r.conns) >= r.relay.opts.MaxConns:
		c.close(CloseTooMany, fmt.Errorf("room has %d connections", len(r.conns)))
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
	r.releaseIDs(c)
	if len(r.conns) == 0 {
		r.emptySince = time.Now()
		r.hurryAppend() // nobody is left who would send it again
	}
}

// end closes the room for good: nothing of it is stored any more. Callers that wait for something to
// be stored get why.
func (r *Room) close(code CloseCode, why error) {
	r.closing = code
	r.dropWaiting(why)
	for _, c := range r.conns {
		c.close(code, nil)
	}
}
