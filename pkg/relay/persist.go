package relay

import (
	"context"
	"errors"
	"fmt"
	"time"

	"parley/crdt"
)

// Storing is write-behind. An update is passed on at once and joins the waiting entries. One append
// is in flight per document; it takes all entries that wait at its start (flush.go). An entry is
// one update with its time and participant, so that an interview can be replayed key by key. When
// many entries wait, those of each participant are merged. When they are still too large, they are
// replaced by one update out of the document.

// saver is what a room knows of the storing of its document. The room's events own it (inbox.go).
type saver struct {
	waiting  []Entry
	bytes    int       // in waiting
	foldAt   int       // bytes in waiting above which they are folded
	inFlight []Entry   // the batch of the append in flight, nil when there is none
	failures int       // failed appends in a row
	retryAt  time.Time // time of the next try after a failure

	vector          []byte         // state vector of what is stored
	mixed           bool           // updates came from the log after the append in flight began
	waiters         []chan<- error // told when waiting is stored
	waitersInFlight []chan<- error // told when inFlight is stored
	logEntries      int            // in the log since the last compaction
	logBytes        int
	compacting      bool
	compactAt       time.Time // earliest time of the next try after a failure
}

// load fills the document from the log. A document that cannot be loaded is never served, because a
// blank document in its place would be stored over the good one. An entry that does not apply is
// left out, counted and set aside.
func (r *Room) load() error {
	ctx, cancel := context.WithTimeout(r.relay.ctx, r.relay.opts.StoreTimeout)
	defer cancel()
	start := r.relay.clock()
	err := r.subscribe(ctx)
	var stored Stored
	if err == nil {
		stored, err = r.relay.log.Since(ctx, r.id, Position{})
	}
	var owners []Owner
	if err == nil {
		owners, err = r.relay.log.Owners(ctx, r.id)
	}
	if err == nil && stored.State != nil {
		err = applyState(r.doc, stored.State)
	}
	if err != nil {
		if !errors.Is(err, ErrNoSession) {
			r.relay.stats.add(LoadErrors, 1)
			r.logger().Error("load document", "err", err)
		}
		return fmt.Errorf("load %s: %w", r.id, err)
	}
	for _, e := range stored.Entries {
		if err := applyLogged(r.doc, e.Update); err != nil {
			r.setAside(e, err)
		}
		r.save.logBytes += len(e.Update)
	}
	r.claims.rememberStored(owners, stored.Entries)
	r.save.logEntries = len(stored.Entries)
	r.save.vector = r.doc.EncodeStateVector()
	r.size.encoded = len(stored.State) + r.save.logBytes
	r.bytes.Store(int64(r.size.encoded))
	r.relay.stats.add(Loads, 1)
	r.relay.measured(Load, start)
	r.moveTo(stored.At)
	r.greet()
	return nil
}

// saved reports whether no entry waits and no append or compaction is under way.
func (r *Room) saved() bool {
	return len(r.save.waiting) == 0 && r.save.inFlight == nil && !r.save.compacting
}

// enqueue adds an entry to those that wait.
func (r *Room) enqueue(e Entry) {
	if r.closing != 0 {
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

// condense merges the waiting entries of each participant. The time of the first one stays.
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

// fold replaces the waiting entries by one: the part of the document that the store lacks.
func (r *Room) fold() {
	s := &r.save
	update, err := r.doc.EncodeStateAsUpdate(s.vector)
	if err != nil {
		r.logger().Error("fold unsaved updates", "err", err)
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
	s.foldAt = 2 * s.bytes // folding must not cost more than a part of the growth since
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
