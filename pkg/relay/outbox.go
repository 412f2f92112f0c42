package relay

import (
	"sync"
	"time"

	"parley/crdt"
	"parley/pkg/protocol"
)

// outbox is what waits for one reader. The Room pushes and never waits; the writer takes all that is there.
//
// It is bounded in bytes. Past the bound all updates and presence that wait are dropped, and what they were about is noted
// (lag). When the writer has caught up it asks the Room, which sends from the document what the reader lacks by now, in
// one update. Never would a single update be dropped: the gap would park all that follows at the reader.
type outbox struct {
	// Fixed by newConn.
	limit int // bytes
	conn  *conn

	mu        sync.Mutex // guards what follows
	waiting   *parcel    // nil when nothing waits
	lag       *lag       // not nil while the reader is too far behind
	writing   bool       // there is a writer
	ended     bool       // nothing is sent any more
	code      CloseCode  // to be said when all is sent; 0 while the connection goes on
	closeSent bool
}

// next is what a writer is to do.
type next uint8

const (
	doneWriting next = iota
	sendParcel
	askResync
	sendClose
)

// lag notes what a reader missed.
type lag struct {
	doc      bool                // an update was dropped
	all      bool                // one whose structs cannot be told
	from     map[uint64]uint64   // by client, the first clock missed
	presence map[uint64]struct{} // clients whose state changed
	since    time.Time           // when the first update missed had been received
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

// pushFirst queues frames that go out before all else, in their order: how a connection begins.
func (o *outbox) pushFirst(frames ...[]byte) {
	o.push(func(p *parcel) { p.first = append(p.first, frames...) })
}

// pushStep2 queues the answer to a step 1. One that still waits is replaced: who asks again without having got
// it is served by the newer. So are updates that wait: they are in the document, and the reader had not seen them when it asked.
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

// pushDenied queues "permission denied"; those that wait are one.
func (o *outbox) pushDenied(frame []byte) { o.push(func(p *parcel) { p.denied = frame }) }

// pushSaved queues what is saved; the newest is the one that counts.
func (o *outbox) pushSaved(frame []byte) { o.push(func(p *parcel) { p.saved = frame }) }

func (o *outbox) push(put func(*parcel)) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.closedLocked() {
		put(o.parcelLocked())
		o.wakeLocked()
	}
}

// pushResync queues the update that makes up for what the reader missed since then. It is none of the bounded ones: it may be
// larger than the bound, and is the only one of its kind.
func (o *outbox) pushResync(frame []byte, since time.Time) {
	o.push(func(p *parcel) {
		p.first = append(p.first, frame)
		p.note(since)
	})
}

// pushUpdate queues the frame of an update that was received at a time; the frame is shared with other readers.
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

// pushAwareness queues an awareness message, shared with other readers.
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

// boundLocked drops what waits when it is too much, and notes what it was about.
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

// depth gives the bytes that wait, and whether the reader is too far behind.
func (o *outbox) depth() (waiting int, lagging bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.waiting != nil {
		waiting = o.waiting.bytes
	}
	return waiting, o.lag != nil
}

// endLag takes the lag away for the Room to make up for, nil when there is none.
func (o *outbox) takeLag() *lag {
	o.mu.Lock()
	defer o.mu.Unlock()
	l := o.lag
	o.lag = nil
	return l
}

// take gives a writer its next task. After doneWriting the writer must return.
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

// close has the connection end with code, a final one without waiting for what is queued. It reports false when
// the connection has ended already.
func (o *outbox) close(code CloseCode) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closedLocked() {
		return false
	}
	o.code, o.lag = code, nil
	if code.Final() {
		o.closeSent, o.waiting = true, nil
		o.conn.closeSocket(code) // a writer may be stuck with a peer that does not read
		return true
	}
	if !o.writing {
		o.writing = true
		o.conn.writers.Go(o.conn.write)
	}
	return true
}

// stop makes the outbox send nothing any more.
func (o *outbox) end() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.ended = true
}

// closing reports whether a goodbye was said or will be.
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

// wakeLocked sees to it that what was queued is written. It is called from the room's events only.
func (o *outbox) wakeLocked() {
	if !o.writing {
		o.writing = true
		o.conn.noteDirty()
	}
}
