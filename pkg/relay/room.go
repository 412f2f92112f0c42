package relay

import (
	"fmt"
	"log/slog"
	"math"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"parley/crdt"
	"parley/pkg/protocol"
)

// Room is the live meeting place of one document. It holds the Doc and the Awareness and relays
// what comes in.
type Room struct {
	// Fixed by newRoom.
	id    RoomID
	relay *Relay
	ready chan struct{} // closed by open when the document is loaded or cannot be loaded
	ended chan struct{} // closed by end
	inbox inbox         // has its own lock
	tasks sync.WaitGroup

	// Written by open before ready is closed, never after.
	loadErr error

	// Owned by the Relay, under its mu.
	holders int // callers of acquire that have not called release

	// Written by the room's events, read by Stats.
	bytes        atomic.Int64 // estimated encoded size of the document
	unsavedSince atomic.Int64 // receipt of the oldest unsaved update, Unix nanoseconds; or 0

	// Owned by the room's events (inbox.go). Other goroutines must not touch these fields.
	doc          *crdt.Doc
	presence     *protocol.Awareness
	conns        []*conn
	claims       claims
	veil         veil
	workers      map[string]*worker // by participant, see charge
	save         saver
	tail         tail
	neighbours   neighbours
	size         docSize
	pendingBytes int // bytes of updates applied since structs began to wait for their causes
	pendingItems int // how many items these updates may add at most
	asking       asking
	merges       int
	full         []byte    // step 2 with the whole document; nil after a change
	closing      CloseCode // the code of close; 0 until then
	hurry        bool      // end as soon as everything is stored
	emptySince   time.Time // when the last connection left
	expireAt     time.Time // when to look for expired presence; zero when there is no presence
	dirty        []*conn   // connections with queued frames and without a writer
	queued       int       // bytes queued since the frames were last sent
	abandoned    bool      // abandon was called
	timer        *time.Timer
	timerAt      time.Time // when timer fires
}

// docSize estimates the encoded size of the document from above, in bytes.
type docSize struct {
	encoded int // at the last encoding
	grown   int // bytes of updates applied since
}

func newRoom(r *Relay, id RoomID) *Room {
	room := &Room{
		id: id, relay: r,
		ready: make(chan struct{}), ended: make(chan struct{}),
		doc: crdt.NewDoc(), presence: protocol.NewAwareness(), claims: newClaims(),
	}
	room.inbox.working = true // open comes next
	if r.opts.Bus != nil {
		room.tail.feed = newFeed(func() { room.postBriefly(room.takeMessages) })
		room.neighbours = neighbours{nodes: map[NodeID]struct{}{}, changed: map[uint64]struct{}{}}
	}
	return room
}

// logger is created when it is needed, because most rooms never log a line.
func (r *Room) logger() *slog.Logger { return r.relay.opts.Logger.With("room", r.id.String()) }

// open loads the document, then runs the events that have come meanwhile. No other goroutine works
// for the room until then.
func (r *Room) open() {
	if !r.loaded() {
		r.end()
		return
	}
	close(r.ready)
	r.work(untilDone)
}

// loaded loads the document and reports whether it is there. Otherwise loadErr says why not, and
// the room is evicted.
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
	r.readQuiet()
	r.timer = time.AfterFunc(r.relay.opts.IdleTimeout, func() { r.post(r.alarm) })
	r.arm(r.emptySince)
	return true
}

// end is the end of the room: no event runs any more. Tasks that are still running are waited for
// in another goroutine, because one of them may have called end.
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

// abandon asks for the end of the room although not everything is stored. Drain calls it when its
// time is up.
func (r *Room) abandon() {
	r.relay.evict(r)
	r.abandoned = true
}

// alarm runs when the timer fires.
func (r *Room) alarm() {
	r.timerAt = time.Time{}
	r.tick(time.Now())
}

// fail closes a room in which an event has panicked. The document may be broken, so nothing of it
// is stored any more. Clients reconnect, get what the store has, and send what they have beyond it.
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

// unload evicts a room that nothing needs any more and reports whether the room may end now. A long
// log is compacted first.
func (r *Room) unload() bool {
	if len(r.conns) > 0 || !r.saved() || r.closing == 0 && !r.ownersKept() {
		return false
	}
	if !r.hurry && r.closing == 0 && time.Since(r.emptySince) < r.relay.opts.IdleTimeout {
		return false
	}
	if r.closing == 0 && r.save.logEntries >= unloadEntries && r.compact() {
		return false // unload is called again after the compaction
	}
	return r.relay.evictUnheld(r)
}

// handle runs one event.
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

// tick does what is due at now.
func (r *Room) tick(now time.Time) {
	if !r.expireAt.IsZero() && !now.Before(r.expireAt) {
		r.publishPresence(r.presence.Expire(now))
		r.setExpireAt(now)
	}
	if r.tail.behind {
		r.catchUp()
	}
	r.keepOwners(now)
	if r.veil.shown != nil && !now.Before(r.veil.until) {
		r.endQuiet()
	}
	r.ask(now)
	r.flush(now)
}

// setExpireAt sets when to look for expired presence: when the oldest state expires, unless the
// page renews it. Pages renew a state in half of that time. So a silent room wakes twice a minute,
// and no state of a client that comes later can expire before the look.
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

// arm sets the timer to the earliest time at which something is due.
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
	if !r.asking.due.IsZero() && len(r.asking.of) > 0 {
		sooner(r.asking.due)
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
	if len(r.claims.keeper.waiting) > 0 && !r.claims.keeper.under && r.closing == 0 {
		sooner(r.ownersDue())
	}
	if r.veil.shown != nil {
		sooner(r.veil.until)
	}
	if len(r.conns) == 0 {
		sooner(r.emptySince.Add(r.relay.opts.IdleTimeout))
		if !next.After(now) || r.hurry || r.closing != 0 {
			next = now.Add(drainTick) // a caller still holds the room and will release it soon
		}
	}
	if !next.Equal(r.timerAt) && (r.timerAt.IsZero() || next.Before(r.timerAt)) {
		r.timerAt = next
		r.timer.Reset(next.Sub(now))
	}
}

// join lets a connection in. Its first frames are those of the reference server: step 1, then the
// states of the clients that are present.
func (r *Room) join(c *conn) {
	switch {
	case r.closing != 0:
		c.close(r.closing, nil)
		return
	case len(r.conns) >= r.places(c):
		c.close(CloseTooMany, fmt.Errorf("the room has %d connections", len(r.conns)))
		return
	}
	r.conns = append(r.conns, c)
	c.joined = true
	c.out.pushFirst(protocol.AppendStep1(nil, r.doc.EncodeStateVector()))
	if present := r.entriesFor(c, r.presence.Clients()); len(present) > 0 {
		c.out.pushFirst(presenceFrame(present))
	}
}

// places is how many connections the room may have when c is to be one more. There are some places
// more for those who lead.
func (r *Room) places(c *conn) int {
	most := r.relay.opts.MaxConns
	if c.leads() && most < math.MaxInt32 {
		most += most / keptBack
	}
	return most
}

// leave takes back join. It also removes the connection's presence.
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
		r.hurryAppend() // no client is left that could send the update again
	}
}

// close asks for the end of the room because nothing of it can be stored any more. Its connections
// get code, and callers that wait for an append get why.
func (r *Room) close(code CloseCode, why error) {
	r.closing = code
	r.dropWaiting(why)
	for _, c := range r.conns {
		c.close(code, nil)
	}
}
