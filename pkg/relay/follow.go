package relay

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"parley/crdt"
	"parley/pkg/protocol"
)

// How a document follows its log.
//
// A room subscribes to the bus, reads the log, and takes from then on what is appended from the
// bus. Each message says where the log stood before and after an append. A message that begins
// where the document is carries the document on. Any other message means that something is missing,
// and the room reads that from the log. So do a broken subscription, an overflow of the feed, an
// append refused with ErrStale, and a check that finds the log elsewhere (patrol.go).
//
// Without a bus this node alone writes the log, and the answers to its own appends take the place
// of messages.
//
// When the log does not continue what the document holds (the store lost it, or a fail-over lost its
// end), the room compares what is stored with what it holds, takes what it lacks, and writes back
// what the store lacks.

// tail is what a room knows of the end of its log. Events of the room own it (inbox.go).
type tail struct {
	feed        *feed     // nil without a bus
	unsubscribe func()    // ends the subscription; nil when there is none
	at          Position  // through which the document holds the log
	next        time.Time // owned by the patrol: when to check
	held        []Message // what came while catching
	sent        int       // appends of this room that no message has told of yet, or never will

	mu    sync.Mutex // guards shown
	shown *Position  // at, for the patrol; nil until the document is loaded

	catching bool // a catch-up is under way
	behind   bool // one is due, at retryAt
	compare  bool // it compares with all that is stored: what waits to be written back may be there
	failures int
	retryAt  time.Time
}

// subscribe begins to hear what other nodes do. It is the first thing that a room does: what is
// appended after it comes by the feed, what was appended before is there to be read.
func (r *Room) subscribe(ctx context.Context) error {
	if r.relay.opts.Bus == nil {
		return nil
	}
	stop, err := r.relay.opts.Bus.Subscribe(ctx, r.id, r.tail.feed.put)
	if err != nil {
		return err
	}
	r.tail.unsubscribe = stop
	return nil
}

// moveTo notes how far the document holds the log.
func (r *Room) moveTo(at Position) {
	t := &r.tail
	t.at = at
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.shown == nil {
		t.shown = new(Position)
	}
	*t.shown = at
}

// position gives what moveTo noted last, for the patrol; false until the document is loaded.
func (t *tail) position() (Position, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.shown == nil {
		return Position{}, false
	}
	return *t.shown, true
}

// listen does what came over the bus.
func (r *Room) takeMessages() {
	queue, missed, lost := r.tail.feed.take()
	if r.closing != 0 {
		return
	}
	if missed {
		r.tail.held = nil
		r.greet()
		r.catchUp()
	}
	for _, node := range lost {
		r.nodeLost(node)
	}
	changed := false
	for _, m := range queue {
		switch m.Kind {
		case Said:
			r.hear(m.From, m.Body)
		case Appended, Compacted:
			if r.tail.catching {
				r.hold(m)
				continue
			}
			changed = r.advance(m) || changed
		}
	}
	if changed {
		r.tellStored()
	}
	r.flush(time.Now())
}

// hold keeps a message until the catch-up that is under way has ended.
func (r *Room) hold(m Message) {
	t := &r.tail
	if len(t.held) >= maxFeedMessages {
		t.held, t.behind = nil, true
		return
	}
	t.held = append(t.held, m)
}

// advanceBy takes the answer to an append of this room's, which went out behind at, as the message
// that a bus would have brought.
func (r *Room) advanceBy(batch []Entry, at, end Position) {
	m := Message{Kind: Appended, Own: true, Before: at, After: end, Count: len(batch), Size: entryBytes(batch)}
	switch {
	case end.Seq != at.Seq+uint64(len(batch)):
		r.catchUp() // somebody else has written: a room of this document that failed just before
	case r.tail.catching:
		r.hold(m)
	default:
		r.advance(m)
	}
}

// replay is advance for a message that was held: the log was read after the message had come, so the
// message may tell what the document holds already.
func (r *Room) replay(m Message) {
	at := r.tail.at
	if m.Kind == Appended && m.After.Epoch == at.Epoch && m.After.Seq < at.Seq {
		r.noteSender(m)
		return
	}
	r.advance(m)
}

// sender notes which node a message came from.
func (r *Room) noteSender(m Message) {
	if m.From != (NodeID{}) && !m.Own {
		r.nodeSeen(m.From)
	}
}

// advance takes one message about the log, and reports whether the document changed.
func (r *Room) advance(m Message) bool {
	t := &r.tail
	r.noteSender(m)
	if m.Kind == Compacted {
		if m.After.Epoch == t.at.Epoch && m.After.Seq <= t.at.Seq {
			r.save.logEntries = int(t.at.Seq - m.After.Seq)
			r.save.logBytes = 0
		}
		return false
	}
	switch {
	case m.Before == t.at:
	case m.After == t.at:
		return false // known
	default:
		r.catchUp()
		return false
	}
	switch {
	case m.Own && t.sent == 0:
		r.catchUp() // of this node's room before this one, which failed with an append in flight
		return false
	case m.Own:
		t.sent--
	}
	changed := false
	for _, update := range m.Updates {
		changed = r.applyLogged(Entry{Update: update}) || changed
	}
	if !m.Own {
		r.dropWritten(m.Updates)
	}
	r.moveTo(m.After)
	r.save.logEntries += m.Count
	r.save.logBytes += m.Size
	if r.dueForCompaction(m) {
		r.compact()
	}
	return changed
}

// applyLogged applies an update that another node has checked, and passes it on to everybody here. It is in the store
// already. One that does not apply is put aside.
func (r *Room) applyLogged(e Entry) bool {
	if err := r.doc.ApplyUpdate(e.Update); err != nil {
		r.setAside(e, err)
		return false
	}
	r.full = nil
	r.size.grown += len(e.Update)
	r.save.mixed = true
	r.bytes.Store(int64(r.size.encoded + r.size.grown))
	r.relay.stats.add(UpdatesShared, 1)
	if len(r.conns) == 0 {
		return true
	}
	frame, now := protocol.AppendUpdate(make([]byte, 0, len(e.Update)+8), e.Update), time.Now()
	for _, c := range r.conns {
		c.out.pushUpdate(frame, e.Update, now)
	}
	return true
}

// dropWritten drops what waits to be written back if these updates, of another node, hold all of it: of several that find the same
// loss one is the first, and the others need not write the document once more.
func (r *Room) dropWritten(updates [][]byte) {
	if !slices.ContainsFunc(r.save.waiting, isBack) {
		return
	}
	other := crdt.NewDoc()
	for _, update := range updates {
		_ = other.ApplyUpdate(update) // one that does not apply holds nothing
	}
	r.replaceWaiting(slices.DeleteFunc(slices.Clone(r.save.waiting), func(e Entry) bool {
		news, err := isNews(other, e.Update)
		return e.Back && err == nil && !news
	}))
	r.tellStored()
}

func isBack(e Entry) bool { return e.Back }

// tellStored says that what came from other nodes is stored, when nothing else is on its way there: then the answer to
// that tells it.
func (r *Room) tellStored() {
	if len(r.save.waiting) > 0 || r.save.inFlight != nil {
		return
	}
	r.unsavedSince.Store(0)
	tell(r.save.waiters, nil)
	r.save.waiters = nil
	r.save.vector = r.doc.EncodeStateVector()
	for _, c := range r.conns {
		r.tellSaved(c, c.handled)
	}
}

// setAside has an entry that cannot be applied kept for people to look at.
func (r *Room) setAside(e Entry, cause error) {
	r.relay.stats.add(LoadBadEntries, 1)
	r.logger().Error("log entry left out", "by", e.By, "at", e.At, "bytes", len(e.Update), "err", cause)
	r.tasks.Go(func() {
		ctx, cancel := context.WithTimeout(r.relay.ctx, r.relay.opts.StoreTimeout)
		defer cancel()
		if err := r.relay.log.SetAside(ctx, r.id, e, cause.Error()); err != nil {
			r.logger().Error("put entry aside", "err", err)
		}
	})
}

// catchUp reads what the document lacks. While one is under way, another is due after it.
func (r *Room) catchUp() {
	t := &r.tail
	t.behind = true
	if t.catching || r.closing != 0 || time.Now().Before(t.retryAt) {
		return
	}
	t.catching, t.behind = true, false
	after := t.at
	if t.compare {
		after = Position{}
	}
	r.tasks.Go(func() {
		ctx, cancel := context.WithTimeout(r.relay.ctx, r.relay.opts.StoreTimeout)
		defer cancel()
		stored, err := r.relay.log.Since(ctx, r.id, after)
		r.post(func() { r.caughtUp(stored, err) })
	})
}

// caughtUp takes what catchUp has read, and what came meanwhile.
func (r *Room) caughtUp(stored Stored, err error) {
	t := &r.tail
	t.catching = false
	switch {
	case r.closing != 0:
		return
	case errors.Is(err, ErrNoSession):
		r.close(CloseGone, ErrNoSession)
		return
	case err == nil && stored.Whole:
		err = r.reconcile(stored)
	case err == nil:
		r.relay.stats.add(CatchUps, 1)
		for _, e := range stored.Entries {
			r.applyLogged(e)
			r.save.logBytes += len(e.Update)
		}
		r.save.logEntries += len(stored.Entries)
		r.moveTo(stored.At)
	}
	if err != nil {
		t.behind = true
		wait := min(retryFirst<<min(t.failures, 10), retryLast)
		t.retryAt = time.Now().Add(wait/2 + rand.N(wait/2))
		if t.failures++; t.failures == 1 {
			r.logger().Warn("cannot catch up with other nodes, editing goes on", "err", err)
		}
		return
	}
	t.failures, t.retryAt = 0, time.Time{}
	held := t.held
	t.held = nil
	for _, m := range held {
		r.replay(m)
	}
	if t.behind {
		r.catchUp()
	}
	r.tellStored()
	r.flush(time.Now())
}

// reconcile compares the document with all that is stored: it takes what it lacks, and has written what the store
// lacks. What waits or is on its way there anyway is not written twice.
func (r *Room) reconcile(stored Stored) error {
	other := crdt.NewDoc()
	if stored.State != nil {
		if err := other.ApplyUpdate(stored.State); err != nil {
			return fmt.Errorf("stored state: %w", err)
		}
	}
	bytes := 0
	for _, e := range stored.Entries {
		if err := other.ApplyUpdate(e.Update); err != nil {
			r.setAside(e, err)
		}
		bytes += len(e.Update)
	}
	r.relay.stats.add(Reconciled, 1)
	theirs, err := newsFor(r.doc, other)
	if err != nil {
		return err
	}
	if theirs != nil {
		r.applyLogged(Entry{Update: theirs})
	}
	waiting := slices.DeleteFunc(slices.Clone(r.save.waiting), isBack) // what is to be written back is worked out anew
	for _, entries := range [][]Entry{r.save.inFlight, waiting} {
		for _, e := range entries {
			if err := other.ApplyUpdate(e.Update); err != nil {
				return fmt.Errorf("what waits to be stored: %w", err) // never: it was applied here
			}
		}
	}
	ours, err := newsFor(other, r.doc)
	if err != nil {
		return err
	}
	r.save.logEntries, r.save.logBytes = len(stored.Entries), bytes
	r.moveTo(stored.At)
	r.replaceWaiting(waiting)
	r.tail.compare = false
	if ours != nil {
		r.relay.stats.add(WrittenBack, 1)
		r.logger().Warn("the store had lost a part of the document, writing it back", "bytes", len(ours))
		r.enqueue(Entry{Update: ours, At: time.Now(), Back: true})
	}
	return nil
}

// newsFor gives what source holds and doc lacks as one update, nil when there is nothing.
func newsFor(doc, source *crdt.Doc) ([]byte, error) {
	update, err := source.EncodeStateAsUpdate(doc.EncodeStateVector())
	if err != nil {
		return nil, err
	}
	news, err := isNews(doc, update)
	if err != nil || !news {
		return nil, err
	}
	return update, nil
}
