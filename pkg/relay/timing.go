package relay

import "time"

// Timing names a duration that is measured. The function Options.Measured receives the durations;
// the relay uses no metrics library.
type Timing int

// The timings.
const (
	Merge   Timing = iota // applying one update to the document
	FanOut                // from the receipt of an update until it is written to a reader
	Append                // an append that became durable
	Load                  // reading and building a document
	Compact               // a compaction that was stored
	numTimings
)

var timingNames = [numTimings]struct{ name, help string }{
	Merge:   {"merge_seconds", "Time to apply one update to its document. One update in 16 is measured."},
	FanOut:  {"fanout_seconds", "Time from the receipt of an update until it was written to a reader. A write of several updates counts the oldest one. With many readers only some writes are measured."},
	Append:  {"store_append_seconds", "Time to append entries to a document's log until they were durable."},
	Load:    {"store_load_seconds", "Time to read a document from the store and to build it in memory."},
	Compact: {"store_compact_seconds", "Time to store a compacted document."},
}

// String returns the timing's name in metrics, without a prefix.
func (t Timing) String() string { return timingNames[t].name }

// Help returns a sentence for readers of the metrics.
func (t Timing) Help() string { return timingNames[t].help }

// Timings lists all timings.
func Timings() []Timing {
	all := make([]Timing, numTimings)
	for i := range all {
		all[i] = Timing(i)
	}
	return all
}

// clock returns the time, or the zero time when nothing is measured.
func (r *Relay) clock() time.Time {
	if r.opts.Measured == nil {
		return time.Time{}
	}
	return time.Now()
}

// measured reports the time since start.
func (r *Relay) measured(what Timing, start time.Time) {
	if r.opts.Measured != nil {
		r.opts.Measured(what, time.Since(start))
	}
}
