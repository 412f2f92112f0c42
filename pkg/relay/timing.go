package relay

import "time"

// Timing names something whose time is taken. Like a Counter it knows no metrics library: whoever gave Options.Measured keeps the times.
type Timing int

// The timings.
const (
	Merge   Timing = iota // applying one update to the document
	FanOut                // from the receipt of an update until it is written to a reader; of several in one write, the oldest; of many readers, some
	Append                // an append that became durable
	Load                  // reading a document from the store, and building it
	Compact               // a compaction that was stored
	numTimings
)

var timingNames = [numTimings]struct{ name, help string }{
	Merge:   {"merge_seconds", "Time to apply one update to its document, taken of every 16th."},
	FanOut:  {"fanout_seconds", "Time from the receipt of an update until it was written to a reader; of several in one write, the oldest; of many readers, some."},
	Append:  {"store_append_seconds", "Time that a durable append to a document's log took."},
	Load:    {"store_load_seconds", "Time to read a document from the store and to build it."},
	Compact: {"store_compact_seconds", "Time that the store took for a compaction."},
}

// String is the timing's name as it stands in metrics, without a prefix.
func (t Timing) String() string { return timingNames[t].name }

// Help is a sentence for people who read metrics.
func (t Timing) Help() string { return timingNames[t].help }

// Timings lists all timings.
func Timings() []Timing {
	all := make([]Timing, numTimings)
	for i := range all {
		all[i] = Timing(i)
	}
	return all
}

// clock gives the time, if anybody wants it.
func (r *Relay) clock() time.Time {
	if r.opts.Measured == nil {
		return time.Time{}
	}
	return time.Now()
}

// measured tells how long something took that began at start.
func (r *Relay) measured(what Timing, start time.Time) {
	if r.opts.Measured != nil {
		r.opts.Measured(what, time.Since(start))
	}
}
