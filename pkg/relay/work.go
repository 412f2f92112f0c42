package relay

import (
	"errors"
	"time"

	"parley/crdt"
)

// Work that one participant may cause.
//
// A few bytes can cost others a lot of time: seven bytes ask for the whole document, and an update
// can make its items fight for one place. The limits on messages and bytes do not see that. So work
// is bounded twice. One update may take a number of comparisons, beyond which it is refused whole.
// And each participant has an allowance of work in each room, over all connections. Past the
// allowance the connection is closed with CloseTooMany. Its sender alone notices.
//
// The unit of work is a comparison of two items, some 10 ns.

const (
	maxConflicts = 1_000_000 // comparisons of one update: some 10 ms; people cause 14,159 at most
	// conflictsTotal is how many comparisons a document may take while it is open. So it opens
	// again in some 0.3 s. Past it an update may take fewConflicts.
	conflictsTotal = 20_000_000
	fewConflicts   = 20_000
	// An update that was accepted once may cost more in the order of another node or of a load.
	loggedConflicts = 4 * maxConflicts
	loadConflicts   = 4 * conflictsTotal

	encodedPerUnit = 8   // bytes that are encoded in the time of a unit
	maxWorkers     = 256 // participants of whom a room keeps the allowance; a session has 220
)

// errWork closes a connection whose participant causes too much work.
var errWork = errors.New("the participant causes too much work")

// worker is what a participant may still cause.
type worker struct {
	units float64
	last  time.Time
}

// charge uses up units of work of a connection's participant. It reports false when the allowance
// is used up: then the connection is closed. The work that was done stays done.
func (r *Room) charge(c *conn, units int) bool {
	rate := float64(r.relay.opts.WorkPerSecond)
	if rate < 0 || units <= 0 {
		return true
	}
	now := time.Now()
	w := r.workerOf(c.grant.Participant, rate*burstSeconds, now)
	w.units = min(w.units+now.Sub(w.last).Seconds()*rate, rate*burstSeconds) - float64(units)
	w.last = now
	if w.units >= 0 {
		return true
	}
	// Not below zero: the participant comes back after a second, and not after minutes.
	w.units = 0
	r.relay.stats.add(MessagesTooMany, 1)
	c.close(CloseTooMany, errWork)
	return false
}

// workerOf returns the allowance of a participant. When there are too many, the one that was
// charged least recently goes, because it has been refilled most. So nobody can make the room
// forget an allowance that is used up.
func (r *Room) workerOf(participant string, full float64, now time.Time) *worker {
	if w := r.workers[participant]; w != nil {
		return w
	}
	if r.workers == nil {
		r.workers = map[string]*worker{}
	}
	if len(r.workers) >= maxWorkers {
		var rested string
		var last time.Time
		for p, w := range r.workers {
			if last.IsZero() || w.last.Before(last) {
				rested, last = p, w.last
			}
		}
		delete(r.workers, rested)
	}
	w := &worker{units: full, last: now}
	r.workers[participant] = w
	return w
}

// applyWithin applies an update of a connection and charges for its comparisons.
func (r *Room) applyWithin(c *conn, update []byte) error {
	limit := uint64(maxConflicts)
	before := r.doc.Conflicts()
	if before > conflictsTotal {
		limit = fewConflicts
	}
	r.doc.LimitConflicts(limit)
	err := r.apply(update)
	r.charge(c, int(r.doc.Conflicts()-before))
	return err
}

// applyLogged applies an update that the log holds.
func applyLogged(doc *crdt.Doc, update []byte) error {
	doc.LimitConflicts(loggedConflicts)
	return doc.ApplyUpdate(update)
}

// applyState applies a stored state.
func applyState(doc *crdt.Doc, state []byte) error {
	doc.LimitConflicts(loadConflicts)
	return doc.ApplyUpdate(state)
}
