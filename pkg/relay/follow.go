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
// A room subscribes to the bus, reads the log, and from then on learns of new entries from the bus.
// Each message says where the log stood before and after an append. A message that begins at the
// document's position extends the document. Any other message means that entries are missing, and
// the room reads them from the log. The room also reads the log after a broken subscription, an
// overflow of the feed, an append refused with ErrStale, and a check that finds the log at another
// position (patrol.go).
//
// Without a bus this node alone writes the log. The results of its own appends take the place of
// messages.
//
// The log may not continue what the document holds: the store lost the log, or a fail-over lost its
// end. The room then compares the document with all that is stored. It takes the entries that it
// lacks and writes back the content that the store lacks.

// tail is what a room knows of the end of its log. The room's events own it (inbox.go).
type tail struct {
	feed        *feed     // nil without a bus
	unsubscribe func()    // ends the subscription; nil when there is none
	at          Position  // the document holds the log through here
	next        time.Time // time of the next check; owned by the patrol, under Relay.mu
	held        []Message // messages that came during a catch-up
	sent        int       // appends of this room whose message has not come yet, or never will

	mu    sync.Mutex // guards shown
	shown *Position  // copy of at for the patrol; nil until the document is loaded

	catching bool // a catch-up is under way
	behind   bool // a catch-up is due at retryAt
	compare  bool // the next catch-up reads all: entries to write back may be stored
	failures int
	retryAt  time.Time
}

// subscribe subscribes to the bus before the log is read. An entry appended later comes through the
// feed; an entry appended earlier is in the log.
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

// moveTo sets the position through which the document holds the log.
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

// position returns the position for the patrol; false until the document is loaded.
func (t *tail) position() (Position, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.shown == nil {
		return Position{}, false
	}
	return *t.shown, true
}

// takeMessages takes the messages out of the feed and acts on them.
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

// hold keeps a message until the catch-up under way has ended.
func (r *Room) hold(m Message) {
	t := &r.tail
	if len(t.held) >= maxFeedMessages {
		t.held, t.behind = nil, true
		return
	}
	t.held = append(t.held, m)
}

// advanceBy treats the result of this room's own append at position at like the message that a bus
// would bring.
func (r *Room) advanceBy(batch []Entry, at, end Position) {
	m := Message{Kind: Appended, Own: true, Before: at, After: end, Count: len(batch), Size: entryBytes(batch)}
	switch {
	case end.Seq != at.Seq+uint64(len(batch)):
		r.catchUp() // another writer: an earlier room of this document that has failed
	case r.tail.catching:
		r.hold(m)
	default:
		r.advance(m)
	}
}

// replay is advance for a message that was held during a catch-up. The log was read after the
// message had come, so the document may hold its entries already.
func (r *Room) replay(m Message) {
	at := r.tail.at
	if m.Kind == Appended && m.After.Epoch == at.Epoch && m.After.Seq < at.Seq {
		r.noteSender(m)
		return
	}
	r.advance(m)
}

// noteSender notes that the sender of a message has the document open.
func (r *Room) noteSender(m Message) {
	if m.From != (NodeID{}) && !m.Own {
		r.nodeSeen(m.From)
	}
}

// advance acts on one message about the log, and reports whether the document changed.
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
		return false // the document holds these entries already
	default:
		r.catchUp()
		return false
	}
	switch {
	case m.Own && t.sent == 0:
		r.catchUp() // from this node's earlier room, which failed with an append in flight
		return false
	case m.Own:
		t.sent--
	}
	changed := false
	for i, update := range m.Updates {
		changed = r.applyLogged(Entry{Update: update, By: m.By[i]}) || changed
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

// applyLogged applies an update that is in the log, and passes it on to every connection here. An
// update that does not apply is set aside.
func (r *Room) applyLogged(e Entry) bool {
	if err := applyLogged(r.doc, e.Update); err != nil {
		r.setAside(e, err)
		return false
	}
	r.full = nil
	r.size.grown += len(e.Update)
	r.save.mixed = true
	r.bytes.Store(int64(r.size.encoded + r.size.grown))
	r.relay.stats.add(UpdatesShared, 1)
	if len(r.conns) == 0 && r.veil.shown == nil {
		return true
	}
	frame, now := protocol.AppendUpdate(make([]byte, 0, len(e.Update)+8), e.Update), time.Now()
	r.passOn(nil, e.By, frame, e.Update, now)
	return true
}

// dropWritten drops entries that wait to be written back, when updates of another node hold their
// content. Several nodes may notice the same loss; one writes first, and the others need not write
// the document again.
func (r *Room) dropWritten(updates [][]byte) {
	if !slices.ContainsFunc(r.save.waiting, isBack) {
		return
	}
	other := crdt.NewDoc()
	for _, update := range updates {
		_ = other.ApplyUpdate(update) // an update that does not apply holds nothing
	}
	r.replaceWaiting(slices.DeleteFunc(slices.Clone(r.save.waiting), func(e Entry) bool {
		news, _, err := isNews(other, e.Update)
		return e.Back && err == nil && !news
	}))
	r.tellStored()
}

func isBack(e Entry) bool { return e.Back }

// tellStored sends "saved" after updates have come from the log. While entries wait or are in
// flight it does nothing, because the result of that append sends "saved".
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

// setAside keeps a copy of an entry that cannot be applied, so that a person can examine it.
func (r *Room) setAside(e Entry, cause error) {
	r.relay.stats.add(LoadBadEntries, 1)
	r.logger().Error("log entry left out", "by", e.By, "at", e.At, "bytes", len(e.Update), "err", cause)
	r.tasks.Go(func() {
		ctx, cancel := context.WithTimeout(r.relay.ctx, r.relay.opts.StoreTimeout)
		defer cancel()
		if err := r.relay.log.SetAside(ctx, r.id, e, cause.Error()); err != nil {
			r.logger().Error("set entry aside", "err", err)
		}
	})
}

// catchUp starts to read the entries that the document lacks. While a catch-up is under way,
// another one becomes due after it.
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

// caughtUp takes the result of catchUp, then the messages that came during the read.
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
			r.logger().Warn("reading the log failed, editing goes on", "err", err)
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

// reconcile compares the document with all that is stored. It takes what the document lacks and
// enqueues what the store lacks. Content that waits or is in flight is not written twice.
func (r *Room) reconcile(stored Stored) error {
	other := crdt.NewDoc()
	if stored.State != nil {
		if err := applyState(other, stored.State); err != nil {
			return fmt.Errorf("stored state: %w", err)
		}
	}
	bytes := 0
	for _, e := range stored.Entries {
		if err := applyLogged(other, e.Update); err != nil {
			r.setAside(e, err)
		}
		bytes += len(e.Update)
	}
	r.relay.stats.add(Reconciled, 1)
	r.claims.keepAll()
	theirs, err := newsFor(r.doc, other)
	if err != nil {
		return err
	}
	if theirs != nil {
		r.applyLogged(Entry{Update: theirs})
	}
	waiting := slices.DeleteFunc(slices.Clone(r.save.waiting), isBack) // reconcile makes it anew
	for _, entries := range [][]Entry{r.save.inFlight, waiting} {
		for _, e := range entries {
			if err := other.ApplyUpdate(e.Update); err != nil {
				return fmt.Errorf("unsaved entry: %w", err) // cannot happen
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
		r.logger().Warn("the store has lost a part of the document, writing it back", "bytes", len(ours))
		r.enqueue(Entry{Update: ours, At: time.Now(), Back: true})
	}
	return nil
}

// newsFor returns the part of source that doc lacks as one update, nil when there is none.
func newsFor(doc, source *crdt.Doc) ([]byte, error) {
	update, err := source.EncodeStateAsUpdate(doc.EncodeStateVector())
	if err != nil {
		return nil, err
	}
	news, _, err := isNews(doc, update)
	if err != nil || !news {
		return nil, err
	}
	return update, nil
}
