package relay

import (
	"errors"
	"math/rand/v2"
	"slices"
	"time"

	"parley/pkg/protocol"
)

// flush starts an append of all waiting entries. It does nothing while an append is in flight,
// while the pause after a failure lasts, or while the room reads its log.
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
				r.advanceBy(batch, at, end) // with a Bus, the message about this append does it
			}
			r.flush(time.Now())
		})
	})
}

// urgency returns Prompt when somebody waits for the append, when other nodes have the document
// open, or when no client is left here that could send the edit again.
func (r *Room) urgency() Urgency {
	if len(r.save.waitersInFlight) > 0 || len(r.neighbours.nodes) > 0 || r.hurry || len(r.conns) == 0 {
		return Prompt
	}
	return Batched
}

// appended notes that a batch is durable and sends "saved" to the clients that asked for it.
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
		s.vector = r.doc.EncodeStateVector() // now with the updates that came from the log
	}
	for _, c := range r.conns {
		count := c.handledAtAppend
		if len(s.waiting) == 0 {
			count = c.handled // the later messages held nothing new
		}
		r.tellSaved(c, count)
	}
}

// appendFailed puts a batch back among the waiting entries, to be tried again. Editing goes on.
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

// appendRefused closes the room because its batch can never be stored. When the session is gone,
// the close is final. When the session has ended, clients come back to read; the room is evicted,
// so that they get a document without the refused edits.
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

// dropWaiting drops the waiting entries and sends why to their waiters.
func (r *Room) dropWaiting(why error) {
	s := &r.save
	r.relay.stats.unsaved.Add(-int64(s.bytes))
	tell(s.waiters, why)
	s.waiting, s.waiters, s.bytes = nil, nil, 0
	r.unsavedSince.Store(0)
}

// dropInFlight takes a batch out of the figures and sends why to its waiters.
func (r *Room) dropInFlight(batch []Entry, why error) {
	r.relay.stats.unsaved.Add(-int64(entryBytes(batch)))
	tell(r.save.waitersInFlight, why)
	r.save.waitersInFlight = nil
}

// dropUnsaved drops every entry that is not stored when the room ends. The answer to an append in
// flight finds no room any more.
func (r *Room) dropUnsaved() {
	r.dropWaiting(ErrRoomFailed)
	r.dropInFlight(r.save.inFlight, ErrRoomFailed)
}

func tell(waiters []chan<- error, err error) {
	for _, w := range waiters {
		w <- err // the channel has room for one error and gets only one
	}
}

// whenSaved returns a channel that gets one value when all entries that wait now are stored, or the
// reason why they never will be.
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

// hurryAppend asks the log to write the append in flight without delay.
func (r *Room) hurryAppend() {
	if r.save.inFlight != nil {
		r.relay.log.Flush()
	}
}

// handled counts a sync message that was taken in. When no entry waits, its content is stored
// already.
func (r *Room) handled(c *conn) {
	c.handled++
	if len(r.save.waiting) == 0 && r.save.inFlight == nil && r.closing == 0 {
		r.tellSaved(c, c.handled)
	}
}

// tellSaved sends a client that asked for "saved" messages what is stored, and how many of its own
// messages that covers.
func (r *Room) tellSaved(c *conn, count uint64) {
	if c.grant.Ack {
		c.out.pushSaved(protocol.AppendSaved(nil, r.save.vector, count))
	}
}
