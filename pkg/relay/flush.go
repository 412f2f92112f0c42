package relay

import (
	"errors"
	"math/rand/v2"
	"slices"
	"time"

	"parley/pkg/protocol"
)

// flush starts an append of all that waits, unless one is in flight or failed a moment ago.
func (r *Room) flush(now time.Time) {
	s := &r.save
	if s.inFlight != nil || len(s.waiting) == 0 || now.Before(s.retryAt) || r.tail.catching || r.tail.behind {
		return
	}
	batch, vector := s.waiting, r.doc.EncodeStateVector()
	s.waiting, s.bytes, s.foldAt, s.inFlight = nil, 0, 0, batch
	at := r.tail.at
	r.tail.sent++
	s.mixed = false
	s.waitersInFlight, s.waiters = s.waiters, nil
	for _, c := range r.conns {
		c.handledAtAppend = c.handled
	}
	start := r.relay.clock()
	r.relay.log.Append(r.id, at, batch, r.urgency(), func(end Position, err error) {
		if err == nil {
			r.relay.measured(Append, start)
		}
		r.postBriefly(func() {
			s.inFlight = nil
			if err != nil {
				r.appendFailed(batch, err)
				return
			}
			r.appended(batch, vector)
			if r.relay.opts.Bus == nil {
				r.advanceBy(batch, at, end) // else the bus tells, of these entries as of those of others
			}
			r.flush(time.Now())
		})
	})
}

// urgency says whether an append has to go at once: somebody waits for it, other nodes follow the
// document, or nobody is left here who would send it again.
func (r *Room) urgency() Urgency {
	if len(r.save.waitersInFlight) > 0 || len(r.neighbours.nodes) > 0 || r.hurry || len(r.conns) == 0 {
		return Prompt
	}
	return Batched
}

// appended notes that a batch is durable and tells those who asked.
func (r *Room) appended(batch []Entry, vector []byte) {
	s := &r.save
	r.relay.stats.add(Appends, 1)
	r.relay.stats.add(AppendEntries, len(batch))
	r.relay.stats.unsaved.Add(-int64(entryBytes(batch)))
	s.failures, s.retryAt, s.vector = 0, time.Time{}, vector
	r.unsavedSince.Store(0)
	if len(s.waiting) > 0 {
		r.unsavedSince.Store(s.waiting[0].At.UnixNano())
	}
	tell(s.waitersInFlight, nil)
	s.waitersInFlight = nil
	if len(s.waiting) == 0 && s.mixed {
		s.vector = r.doc.EncodeStateVector() // with what came from the log meanwhile
	}
	for _, c := range r.conns {
		count := c.handledAtAppend
		if len(s.waiting) == 0 {
			count = c.handled // what came since held nothing new
		}
		r.tellSaved(c, count)
	}
}

// appendFailed puts a batch back to be tried again. Editing goes on meanwhile.
func (r *Room) appendFailed(batch []Entry, err error) {
	s := &r.save
	if !errors.Is(err, ErrStale) {
		r.relay.stats.add(AppendErrors, 1)
	}
	if r.closing != 0 || errors.Is(err, ErrNoSession) || errors.Is(err, ErrReadOnly) {
		r.appendRefused(batch, err)
		return
	}
	s.waiting = append(batch, s.waiting...)
	s.bytes = entryBytes(s.waiting)
	s.waiters, s.waitersInFlight = append(s.waitersInFlight, s.waiters...), nil
	if errors.Is(err, ErrStale) {
		r.tail.compare = r.tail.compare || slices.ContainsFunc(batch, isBack)
		r.catchUp()
		return
	}
	wait := min(retryFirst<<min(s.failures, 10), retryLast)
	if s.failures++; s.failures == 1 {
		r.logger().Warn("append failed, editing goes on", "err", err)
	}
	s.retryAt = time.Now().Add(wait/2 + rand.N(wait/2))
}

// giveUp ends the room over a batch that will never be stored. When the session is gone nobody may stay. When it has ended, a
// document without what was refused is loaded anew for those who come back to read.
func (r *Room) appendRefused(batch []Entry, err error) {
	code, why := CloseGone, ErrNoSession
	if errors.Is(err, ErrReadOnly) {
		code, why = CloseRestart, ErrReadOnly
		r.relay.evict(r)
	}
	r.dropInFlight(batch, why)
	if r.closing == 0 {
		r.close(code, why)
	}
}

// dropUnsaved forgets what waits, for the reason why.
func (r *Room) dropWaiting(why error) {
	s := &r.save
	r.relay.stats.unsaved.Add(-int64(s.bytes))
	tell(s.waiters, why)
	s.waiting, s.waiters, s.bytes = nil, nil, 0
	r.unsavedSince.Store(0)
}

// dropInFlight drops a batch that was in flight, and tells its waiters why.
func (r *Room) dropInFlight(batch []Entry, why error) {
	r.relay.stats.unsaved.Add(-int64(entryBytes(batch)))
	tell(r.save.waitersInFlight, why)
	r.save.waitersInFlight = nil
}

// forget takes what is still not stored out of the figures when the room closes: what waits, and
// what is in flight, whose answer nobody reads any more.
func (r *Room) dropUnsaved() {
	r.dropWaiting(ErrRoomFailed)
	r.dropInFlight(r.save.inFlight, ErrRoomFailed)
}

func tell(waiters []chan<- error, err error) {
	for _, w := range waiters {
		w <- err // has room for one, and gets only one
	}
}

// whenSaved gives a channel that is told when all that waits by now is stored.
func (r *Room) whenSaved() <-chan error {
	told := make(chan error, 1)
	r.hurryAppend()
	switch {
	case r.closing == CloseRestart:
		told <- ErrReadOnly
	case r.closing != 0:
		told <- ErrNoSession
	case len(r.save.waiting) == 0 && r.save.inFlight == nil:
		told <- nil
	case len(r.save.waiting) == 0:
		r.save.waitersInFlight = append(r.save.waitersInFlight, told)
	default:
		r.save.waiters = append(r.save.waiters, told)
	}
	return told
}

// press has what is in flight stored without delay.
func (r *Room) hurryAppend() {
	if r.save.inFlight != nil {
		r.relay.log.Flush()
	}
}

// handled counts a sync message that was taken in. When nothing is left to be stored it is saved already.
func (r *Room) handled(c *conn) {
	c.handled++
	if len(r.save.waiting) == 0 && r.save.inFlight == nil && r.closing == 0 {
		r.tellSaved(c, c.handled)
	}
}

// tellSaved sends a connection that asked for it what is stored, and how many of its messages are in that.
func (r *Room) tellSaved(c *conn, count uint64) {
	if c.grant.Ack {
		c.out.pushSaved(protocol.AppendSaved(nil, r.save.vector, count))
	}
}
