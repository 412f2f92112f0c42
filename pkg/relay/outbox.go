package relay

import (
	"sync"
	"time"

	"parley/crdt"
	"parley/pkg/protocol"
)

// outbox holds what waits for one reader. The Room pushes and never waits; the writer takes
// everything that waits.
//
// The outbox is bounded in bytes. Past the bound it drops all waiting updates and presence, and
// notes what they were about (lag). When the writer has sent the rest, it asks the Room for a
// resync. The Room sends what the reader lacks, from the document, as one update. A single update
// is never dropped alone: the reader would have to park every update after the gap.
type outbox struct {
	// Fixed by newConn.
	limit int // bytes
	conn  *conn

	mu        sync.Mutex // guards the fields below
	waiting   *parcel    // nil when nothing waits
	lag       *lag       // nil unless the reader is too far behind
	writing   bool       // there is a writer
	ended     bool       // nothing is sent any more
	code      CloseCode  // of close; 0 until then
	closeSent bool
}

// next is a writer's next task.
type next uint8

const (
	doneWriting next = iota
	sendParcel
	askResync
	sendClose
)

// lag notes what a reader has missed.
type lag struct {
	doc      bool                // an update was dropped
	all      bool                // the structs of a dropped update are unknown
	from     map[uint64]uint64   // for each client, the first clock missed
	presence map[uint64]struct{} // clients whose state changed
	since    time.Time           // when the server received the first update missed
	asked    bool
}

func (l *lag) noteUpdate(update []byte) {
	l.doc = true
	ranges, err := crdt.UpdateClients(update)
	if err != nil {
		l.all = true
	}
	for _, r := range ranges {
		if at, ok := l.from[r.Client]; !ok || r.From < at {
			l.from[r.Client] = r.From
		}
	}
}

func (l *lag) notePresence(entries []protocol.AwarenessEntry) {
	for _, e := range entries {
		l.presence[e.Client] = struct{}{}
	}
}

// pushFirst queues frames that are sent before all others, in order. They open a connection.
func (o *outbox) pushFirst(frames ...[]byte) {
	o.push(func(p *parcel) { p.first = append(p.first, frames...) })
}

// pushStep2 queues the answer to a step 1. It replaces an earlier answer that still waits. It
// replaces waiting updates too, because the answer contains them and the reader had not seen them
// when it asked.
func (o *outbox) pushStep2(frame []byte) {
	o.push(func(p *parcel) {
		p.step2 = frame
		for _, u := range p.updates {
			p.bytes -= len(u.frame)
		}
		clear(p.updates)
		p.updates = p.updates[:0]
	})
}

// pushDenied queues "permission denied". Several that wait become one.
func (o *outbox) pushDenied(frame []byte) { o.push(func(p *parcel) { p.denied = frame }) }

// pushSaved queues a "saved" message. The newest replaces an earlier one.
func (o *outbox) pushSaved(frame []byte) { o.push(func(p *parcel) { p.saved = frame }) }

func (o *outbox) push(put func(*parcel)) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.closedLocked() {
		put(o.parcelLocked())
		o.wakeLocked()
	}
}

// pushResync queues the update that makes up for what the reader has missed since the given time.
// The update does not count towards the limit: it may be larger, and there is only one.
func (o *outbox) pushResync(frame []byte, since time.Time) {
	o.push(func(p *parcel) {
		p.first = append(p.first, frame)
		p.note(since)
	})
}

// pushUpdate queues the frame of an update that the server received at the given time. Other
// readers share the frame.
func (o *outbox) pushUpdate(frame, update []byte, at time.Time) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closedLocked() {
		return
	}
	if o.lag != nil {
		o.lag.noteUpdate(update)
		return
	}
	p := o.parcelLocked()
	p.updates = append(p.updates, queuedUpdate{frame, update})
	p.note(at)
	p.bytes += len(frame)
	o.dropPastLimitLocked()
	o.wakeLocked()
}

// pushAwareness queues an awareness message. Other readers share it.
func (o *outbox) pushAwareness(frame []byte, entries []protocol.AwarenessEntry) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closedLocked() {
		return
	}
	if o.lag != nil {
		o.lag.notePresence(entries)
		return
	}
	p := o.parcelLocked()
	p.presence = append(p.presence, queuedPresence{frame, entries})
	p.bytes += len(frame)
	o.dropPastLimitLocked()
	o.wakeLocked()
}

// dropPastLimitLocked drops waiting updates and presence past the limit, and notes what they were
// about.
func (o *outbox) dropPastLimitLocked() {
	p := o.waiting
	if p.bytes <= o.limit {
		return
	}
	o.lag = &lag{from: map[uint64]uint64{}, presence: map[uint64]struct{}{}, since: p.since}
	for _, u := range p.updates {
		o.lag.noteUpdate(u.update)
	}
	for _, a := range p.presence {
		o.lag.notePresence(a.entries)
	}
	p.dropBulk()
}

// depth returns the bytes that wait, and whether the reader is too far behind.
func (o *outbox) depth() (waiting int, lagging bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.waiting != nil {
		waiting = o.waiting.bytes
	}
	return waiting, o.lag != nil
}

// takeLag takes the lag for the Room to make up for, nil when there is none.
func (o *outbox) takeLag() *lag {
	o.mu.Lock()
	defer o.mu.Unlock()
	l := o.lag
	o.lag = nil
	return l
}

// take gives a writer its next task. The writer must return after doneWriting.
func (o *outbox) take() (*parcel, next) {
	o.mu.Lock()
	defer o.mu.Unlock()
	switch {
	case o.ended || o.closeSent:
	case o.waiting != nil:
		p := o.waiting
		o.waiting = nil
		return p, sendParcel
	case o.code != 0:
		o.closeSent = true
		return nil, sendClose
	case o.lag != nil && !o.lag.asked:
		o.lag.asked = true
		return nil, askResync
	}
	o.writing = false
	return nil, doneWriting
}

// close asks for the end of the connection. A final code closes the socket at once, any other after
// the waiting frames. close reports false when the connection is closing or has ended already.
func (o *outbox) close(code CloseCode) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closedLocked() {
		return false
	}
	o.code, o.lag = code, nil
	if code.Final() {
		o.closeSent, o.waiting = true, nil
		o.conn.closeSocket(code) // a writer may be blocked by a peer that does not read
		return true
	}
	if !o.writing {
		o.writing = true
		o.conn.writers.Go(o.conn.write)
	}
	return true
}

// end stops all sending.
func (o *outbox) end() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.ended = true
}

// closing reports whether the close frame was sent or will be.
func (o *outbox) closing() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.code != 0 && !o.ended
}

func (o *outbox) closeCode() CloseCode {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.code
}

func (o *outbox) closedLocked() bool { return o.ended || o.code != 0 }

func (o *outbox) parcelLocked() *parcel {
	if o.waiting == nil {
		o.waiting = parcels.Get().(*parcel)
	}
	return o.waiting
}

// wakeLocked makes sure that the queued frames are written. Only the room's events call it.
func (o *outbox) wakeLocked() {
	if !o.writing {
		o.writing = true
		o.conn.noteDirty()
	}
}
