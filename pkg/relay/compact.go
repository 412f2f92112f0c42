package relay

import (
	"context"
	"errors"
	"time"
)

// dueForCompaction reports whether the log has grown enough to be compacted. The node that wrote
// the last entries compacts first. The other nodes wait until the log is half as long again.
func (r *Room) dueForCompaction(m Message) bool {
	entries, bytes := r.relay.opts.CompactEntries, r.relay.opts.CompactBytes
	if !m.Own {
		entries, bytes = entries+entries/2, bytes+bytes/2
	}
	return r.save.logEntries >= entries || r.save.logBytes >= bytes
}

// compact starts to replace the log by the whole document. The document is encoded in this event,
// and stored by a goroutine of its own. compact reports whether a compaction is under way.
func (r *Room) compact() bool {
	s := &r.save
	if s.compacting || time.Now().Before(s.compactAt) {
		return s.compacting
	}
	state, at, entries, bytes := r.state(), r.tail.at, s.logEntries, s.logBytes
	s.compacting = true
	r.tasks.Go(func() {
		ctx, cancel := context.WithTimeout(r.relay.ctx, r.relay.opts.StoreTimeout)
		defer cancel()
		start := r.relay.clock()
		err := r.relay.log.Compact(ctx, r.id, state, at)
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
			r.logger().Warn("compact", "err", err)
		})
	})
	return true
}
