package relay

import (
	"maps"
	"sync"
	"sync/atomic"
)

// Counter names one of the things that a Relay counts since its start. The relay knows no metrics library:
// telemetry reads Stats when it is asked and gives the figures their names (Counter.String, Counter.Help).
type Counter int

// The counters.
const (
	MessagesReceived Counter = iota
	BytesReceived
	MessagesSent
	BytesSent
	UpdatesApplied
	UpdatesMerged
	UpdatesDenied
	UpdatesFenced
	MessagesMalformed
	PresenceRefused
	Resyncs
	Appends
	AppendEntries
	AppendErrors
	AppendMicroseconds
	Compactions
	CompactErrors
	Loads
	LoadErrors
	LoadBadEntries
	RoomFailures
	numCounters
)

var counterNames = [numCounters]struct{ name, help string }{
	MessagesReceived:   {"messages_received_total", "Messages that clients sent."},
	BytesReceived:      {"bytes_received_total", "Bytes of these messages."},
	MessagesSent:       {"messages_sent_total", "Messages written to clients."},
	BytesSent:          {"bytes_sent_total", "Bytes of these messages."},
	UpdatesApplied:     {"updates_applied_total", "Updates that changed a document."},
	UpdatesMerged:      {"updates_merged_total", "Updates that went to a reader merged with others."},
	UpdatesDenied:      {"updates_denied_total", "Updates of read-only connections that were dropped."},
	UpdatesFenced:      {"updates_fenced_total", "Updates that carried structs of a client id held by another participant."},
	MessagesMalformed:  {"messages_malformed_total", "Messages that closed their connection with 4400."},
	PresenceRefused:    {"presence_refused_total", "Awareness states that broke a rule and were dropped."},
	Resyncs:            {"resyncs_total", "Slow readers that were resynchronised from the document."},
	Appends:            {"store_appends_total", "Appends that became durable."},
	AppendEntries:      {"store_append_entries_total", "Entries in these appends."},
	AppendErrors:       {"store_append_errors_total", "Appends that failed and are tried again."},
	AppendMicroseconds: {"store_append_microseconds_total", "Time that durable appends took."},
	Compactions:        {"store_compactions_total", "Compactions that were stored."},
	CompactErrors:      {"store_compact_errors_total", "Compactions that failed."},
	Loads:              {"store_loads_total", "Documents that were loaded."},
	LoadErrors:         {"store_load_errors_total", "Documents that could not be loaded; nobody was let in."},
	LoadBadEntries:     {"store_load_bad_entries_total", "Log entries that did not apply on load and were left out."},
	RoomFailures:       {"room_failures_total", "Rooms that stopped on an internal error."},
}

// String is the counter's name as it stands in metrics, without a prefix.
func (c Counter) String() string { return counterNames[c].name }

// Help is a sentence for people who read metrics.
func (c Counter) Help() string { return counterNames[c].help }

// Counters lists all counters.
func Counters() []Counter {
	all := make([]Counter, numCounters)
	for i := range all {
		all[i] = Counter(i)
	}
	return all
}

// Stats are the figures of a Relay at one moment.
type Stats struct {
	Rooms, Conns int                  // now
	Unsaved      int                  // bytes of updates that are not stored yet, now
	Closed       map[CloseCode]uint64 // connections that the server ended, by code
	counts       [numCounters]uint64
}

// Count is the value of one counter.
func (s Stats) Count(c Counter) uint64 { return s.counts[c] }

// counters is what the goroutines of a Relay add to.
type counters struct {
	counts  [numCounters]atomic.Uint64
	unsaved atomic.Int64

	mu     sync.Mutex // guards closed
	closed map[CloseCode]uint64
}

func (c *counters) add(which Counter, n int) { c.counts[which].Add(uint64(n)) }

func (c *counters) closedWith(code CloseCode) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed == nil {
		c.closed = map[CloseCode]uint64{}
	}
	c.closed[code]++
}

func (c *counters) snapshot() Stats {
	s := Stats{Unsaved: int(c.unsaved.Load())}
	for i := range s.counts {
		s.counts[i] = c.counts[i].Load()
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	s.Closed = maps.Clone(c.closed)
	return s
}
