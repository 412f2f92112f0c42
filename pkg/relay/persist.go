package relay

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"parley/crdt"
	"parley/pkg/protocol"
)

// Storing is write-behind: an update is passed on at once and joins the entries that wait; one append is in
// flight per document, and takes all that wait by then. An entry is one update, with its time and participant, so
// that an interview can be replayed key by key; only when many wait are those of one participant merged, and
// when they are too large for that too, they become one update out of the document.

// saver is what a room knows of the storing of its document. Owned by Room.run.
type saver struct {
	waiting  []Entry
	bytes    int // in waiting
	foldAt   int // bytes in waiting from which on they are folded
	inFlight bool
	flying   []Entry   // what is in flight
	failures int       // appends failed in a row
	retryAt  time.Time // when to try again after a failure

	vector     []byte         // state vector of what is stored
	mixed      bool           // other nodes' updates came since what is in flight was put together
	applied    uint64         // sequence number through which the document holds all entries
	waiters    []chan<- error // told when waiting is stored
	boarded    []chan<- error // told when what is in flight is stored
	logEntries int            // in the log since the last compaction
	logBytes   int
	compacting bool
	compactAt  time.Time // not before, after a failure
}

// load fills the document from the store. What cannot be loaded is never served: a blank document in its place
// would be stored over the good one. An entry of the log that does not apply is left out and told.
func (r *Room) load() error {
	ctx, cancel := context.WithTimeout(r.relay.ctx, r.relay.opts.StoreTimeout)
	defer cancel()
	start := r.relay.clock()
	err := r.follow(ctx)
	var stored Stored
	if err == nil {
		stored, err = r.fetch(ctx)
	}
	if err == nil && stored.State != nil {
		err = r.doc.ApplyUpdate(stored.State)
	}
	if err != nil {
		if !errors.Is(err, ErrNoSession) {
			r.relay.stats.add(LoadErrors, 1)
			r.logger().Error("load document", "error", err)
		}
		return fmt.Errorf("load %s: %w", r.id, err)
	}
	for _, e := range stored.Log {
		if err := r.doc.ApplyUpdate(e.Update); err != nil {
			r.setAside(e, err)
		}
		r.save.logBytes += len(e.Update)
	}
	r.save.logEntries = len(stored.Log)
	r.save.applied = stored.Through
	r.save.vector = r.doc.EncodeStateVector()
	r.size.encoded = len(stored.State) + r.save.logBytes
	r.bytes.Store(int64(r.size.encoded))
	r.relay.stats.add(Loads, 1)
	r.relay.measured(Load, start)
	if r.shared() {
		r.moveTo(stored.At)
		r.greet()
	}
	return nil
}

// saved reports whether nothing waits to be stored and nothing is under way.
func (r *Room) saved() bool {
	return len(r.save.waiting) == 0 && !r.save.inFlight && !r.save.compacting
}

// enqueue puts an entry among those that wait.
func (r *Room) enqueue(e Entry) {
	if r.ended != 0 {
		return
	}
	s := &r.save
	s.waiting = append(s.waiting, e)
	s.bytes += len(e.Update)
	r.relay.stats.unsaved.Add(int64(len(e.Update)))
	if r.unsavedSince.Load() == 0 {
		r.unsavedSince.Store(e.At.UnixNano())
	}
	if len(s.waiting) > maxWaiting {
		r.condense()
	}
	if s.bytes > max(s.foldAt, r.relay.opts.MaxUnsavedBytes) {
		r.fold()
	}
}

// condense merges the waiting entries of each participant; the time of the first stays.
func (r *Room) condense() {
	s := &r.save
	updates, back := map[string][][]byte{}, map[string]bool{}
	var first []Entry
	for _, e := range s.waiting {
		if len(updates[e.By]) == 0 {
			first = append(first, e)
		}
		updates[e.By] = append(updates[e.By], e.Update)
		back[e.By] = back[e.By] || e.Back
	}
	for i, e := range first {
		first[i].Back = back[e.By]
		merged, err := crdt.MergeUpdates(updates[e.By]...)
		if err != nil {
			r.fold()
			return
		}
		first[i].Update = merged
	}
	r.replaceWaiting(first)
}

// fold makes one entry of all that wait: what the document has and the store has not.
func (r *Room) fold() {
	s := &r.save
	update, err := r.doc.EncodeStateAsUpdate(s.vector)
	if err != nil {
		r.logger().Error("fold unsaved updates", "error", err)
		return
	}
	e := Entry{Update: update, At: s.waiting[0].At, By: s.waiting[0].By}
	for _, other := range s.waiting {
		if other.By != e.By {
			e.By = ""
		}
		e.Back = e.Back || other.Back
	}
	r.replaceWaiting([]Entry{e})
	s.foldAt = 2 * s.bytes // so that folding costs no more than a part of what came since
}

func (r *Room) replaceWaiting(entries []Entry) {
	n := entryBytes(entries)
	r.relay.stats.unsaved.Add(int64(n - r.save.bytes))
	r.save.waiting, r.save.bytes = entries, n
}

func entryBytes(entries []Entry) int {
	n := 0
	for _, e := range entries {
		n += len(e.Update)
	}
	return n
}

// flush starts an append of all that waits, unless one is in flight or failed a moment ago.
func (r *Room) flush(now time.Time) {
	s := &r.save
	if s.inFlight || len(s.waiting) == 0 || now.Before(s.retryAt) || r.peers.catching || r.peers.behind {
		return
	}
	batch, vector := s.waiting, r.doc.EncodeStateVector()
	s.waiting, s.bytes, s.foldAt, s.inFlight, s.flying = nil, 0, 0, true, batch
	at := r.peers.at
	r.peers.sent++
	s.mixed = false
	s.boarded, s.waiters = s.waiters, nil
	for _, c := range r.conns {
		c.cut = c.handled
	}
	start := r.relay.clock()
	answer := func(seq uint64, err error) {
		if err == nil {
			r.relay.measured(Append, start)
		}
		r.postBriefly(func() {
			s.inFlight, s.flying = false, nil
			if err != nil {
				r.appendFailed(batch, err)
				return
			}
			r.appended(batch, seq, vector)
			r.flush(time.Now())
		})
	}
	if r.shared() {
		soon := len(r.near.known) > 0 || len(s.boarded) > 0 || r.hurry || len(r.conns) == 0
		r.relay.opts.Shared.AppendAt(r.id, at, batch, soon, func(end Position, err error) { answer(end.Seq, err) })
		return
	}
	if later, ok := r.relay.store.(LaterStore); ok {
		later.AppendLater(r.id, batch, answer)
		if len(s.boarded) > 0 || r.hurry {
			later.Hurry()
		}
		return
	}
	r.tasks.Go(func() {
		ctx, cancel := context.WithTimeout(r.relay.ctx, r.relay.opts.StoreTimeout)
		defer cancel()
		answer(r.relay.store.Append(ctx, r.id, batch))
	})
}

// appended notes that a batch is durable and tells those who asked.
func (r *Room) appended(batch []Entry, seq uint64, vector []byte) {
	s := &r.save
	n := entryBytes(batch)
	r.relay.stats.add(Appends, 1)
	r.relay.stats.add(AppendEntries, len(batch))
	r.relay.stats.unsaved.Add(-int64(n))
	s.failures, s.retryAt, s.vector = 0, time.Time{}, vector
	r.unsavedSince.Store(0)
	if len(s.waiting) > 0 {
		r.unsavedSince.Store(s.waiting[0].At.UnixNano())
	}
	tell(s.boarded, nil)
	s.boarded = nil
	if !r.shared() { // else the channel tells, of these entries as of those of others
		s.logEntries += len(batch)
		s.logBytes += n
		s.applied = seq
	} else if len(s.waiting) == 0 && s.mixed {
		s.vector = r.doc.EncodeStateVector() // with what came from other nodes meanwhile
	}
	for _, c := range r.conns {
		count := c.cut
		if len(s.waiting) == 0 {
			count = c.handled // what came since held nothing new
		}
		r.tellSaved(c, count)
	}
	if !r.shared() && r.dueForCompaction(true) {
		r.compact()
	}
}

// appendFailed puts a batch back to be tried again. Editing goes on meanwhile.
func (r *Room) appendFailed(batch []Entry, err error) {
	s := &r.save
	if !errors.Is(err, ErrStale) {
		r.relay.stats.add(AppendErrors, 1)
	}
	if r.ended != 0 || errors.Is(err, ErrNoSession) || errors.Is(err, ErrReadOnly) {
		r.giveUp(batch, err)
		return
	}
	s.waiting = append(batch, s.waiting...)
	s.bytes = entryBytes(s.waiting)
	s.waiters, s.boarded = append(s.boarded, s.waiters...), nil
	if errors.Is(err, ErrStale) {
		r.peers.compare = r.peers.compare || slices.ContainsFunc(batch, isBack)
		r.catchUp()
		return
	}
	wait := min(retryFirst<<min(s.failures, 10), retryLast)
	if s.failures++; s.failures == 1 {
		r.logger().Warn("append failed, editing goes on", "error", err)
	}
	s.retryAt = time.Now().Add(wait/2 + rand.N(wait/2))
}

// giveUp ends the room over a batch that will never be stored. When the session is gone nobody may stay. When it has ended, a
// document without what was refused is loaded anew for those who come back to read.
func (r *Room) giveUp(batch []Entry, err error) {
	s := &r.save
	r.relay.stats.unsaved.Add(-int64(entryBytes(batch)))
	code, why := CloseGone, ErrNoSession
	if errors.Is(err, ErrReadOnly) {
		code, why = CloseRestart, ErrReadOnly
		r.relay.retire(r, true)
	}
	tell(s.boarded, why)
	s.boarded = nil
	if r.ended == 0 {
		r.endFor(code, why)
	}
}

// dropUnsaved forgets what waits, for the reason why.
func (r *Room) dropUnsaved(why error) {
	s := &r.save
	r.relay.stats.unsaved.Add(-int64(s.bytes))
	tell(s.waiters, why)
	s.waiting, s.waiters, s.bytes = nil, nil, 0
	r.unsavedSince.Store(0)
}

// forget takes what is still not stored out of the figures, when the room's goroutine ends.
func (r *Room) forget() {
	tell(r.save.waiters, ErrRoomFailed)
	tell(r.save.boarded, ErrRoomFailed)
	r.relay.stats.unsaved.Add(-int64(r.save.bytes))
}

func tell(waiters []chan<- error, err error) {
	for _, w := range waiters {
		w <- err // has room for one, and gets only one
	}
}

// whenSaved gives a channel that is told when all that waits by now is stored.
func (r *Room) whenSaved() <-chan error {
	told := make(chan error, 1)
	r.press()
	switch {
	case r.ended == CloseRestart:
		told <- ErrReadOnly
	case r.ended != 0:
		told <- ErrNoSession
	case len(r.save.waiting) == 0 && !r.save.inFlight:
		told <- nil
	case len(r.save.waiting) == 0:
		r.save.boarded = append(r.save.boarded, told)
	default:
		r.save.waiters = append(r.save.waiters, told)
	}
	return told
}

// press has what is in flight stored without delay.
func (r *Room) press() {
	switch later, ok := r.relay.store.(LaterStore); {
	case !r.save.inFlight:
	case r.shared():
		r.relay.opts.Shared.Hurry()
	case ok:
		later.Hurry()
	}
}

// handled counts a sync message that was taken in. When nothing is left to be stored it is saved already.
func (r *Room) handled(c *conn) {
	c.handled++
	if len(r.save.waiting) == 0 && !r.save.inFlight && r.ended == 0 {
		r.tellSaved(c, c.handled)
	}
}

// tellSaved sends a connection that asked for it what is stored, and how many of its messages are in that.
func (r *Room) tellSaved(c *conn, count uint64) {
	if c.grant.Ack {
		c.out.pushSaved(protocol.AppendSaved(nil, r.save.vector, count))
	}
}

// compact starts to put the whole document in the place of the log. It encodes here and stores elsewhere. It
// reports whether a compaction is under way.
func (r *Room) compact() bool {
	s := &r.save
	if s.compacting || time.Now().Before(s.compactAt) {
		return s.compacting
	}
	state, at, entries, bytes := r.state(), Position{Seq: s.applied}, s.logEntries, s.logBytes
	if r.shared() {
		at = r.peers.at
	}
	s.compacting = true
	r.tasks.Go(func() {
		ctx, cancel := context.WithTimeout(r.relay.ctx, r.relay.opts.StoreTimeout)
		defer cancel()
		start := r.relay.clock()
		err := r.storeCompact(ctx, state, at)
		if err == nil {
			r.relay.measured(Compact, start)
		}
		r.post(func() {
			s.compacting = false
			switch {
			case err == nil:
				s.logEntries = max(0, s.logEntries-entries)
				s.logBytes = max(0, s.logBytes-bytes)
				r.relay.stats.add(Compactions, 1)
				return
			case errors.Is(err, ErrStale):
				r.catchUp()
			}
			s.compactAt = time.Now().Add(time.Minute)
			r.relay.stats.add(CompactErrors, 1)
			r.logger().Warn("compact", "error", err)
		})
	})
	return true
}

// storeCompact has state put in the place of the log through at.
func (r *Room) storeCompact(ctx context.Context, state []byte, at Position) error {
	if !r.shared() {
		return r.relay.store.Compact(ctx, r.id, state, at.Seq)
	}
	return r.relay.opts.Shared.CompactAt(ctx, r.id, state, at)
}
