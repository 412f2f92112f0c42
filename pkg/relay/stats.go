package relay

import (
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// Counter names a number that a Relay counts since its start. The relay uses no metrics library.
// Package telemetry reads Stats for each scrape and names the numbers by Counter.String and
// Counter.Help.
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
	MessagesTooLarge
	MessagesTooMany
	DocsTooLarge
	DocsTooComplex
	PresenceRefused
	Resyncs
	Appends
	AppendEntries
	AppendErrors
	Compactions
	CompactErrors
	Loads
	LoadErrors
	LoadBadEntries
	RoomFailures
	UpdatesShared
	PresenceShared
	CatchUps
	Reconciled
	WrittenBack
	numCounters
)

var counterNames = [numCounters]struct{ name, help string }{
	MessagesReceived:  {"messages_received_total", "Messages received from clients."},
	BytesReceived:     {"bytes_received_total", "Bytes of messages received from clients."},
	MessagesSent:      {"messages_sent_total", "Messages written to clients."},
	BytesSent:         {"bytes_sent_total", "Bytes of messages written to clients."},
	UpdatesApplied:    {"updates_applied_total", "Updates from clients that were applied to a document."},
	UpdatesMerged:     {"updates_merged_total", "Updates that were merged with others before they were sent to a slow reader."},
	UpdatesDenied:     {"updates_denied_total", "Updates dropped because their connection is read-only."},
	UpdatesFenced:     {"updates_fenced_total", "Updates with structs of a client id that another participant holds."},
	MessagesMalformed: {"messages_malformed_total", "Malformed messages. Each closed its connection with code 4400."},
	MessagesTooLarge:  {"messages_too_large_total", "Messages past the size limit. Each closed its connection with code 4413."},
	MessagesTooMany:   {"messages_too_many_total", "Messages past the rate limit. Each closed its connection with code 4529."},
	DocsTooLarge:      {"documents_too_large_total", "Updates that would have made a document too large. Each closed its connection with code 4413."},
	DocsTooComplex:    {"documents_too_complex_total", "Updates that would have given a document too many client ids, root types or structs without their causes. Each closed its connection with code 4413."},
	PresenceRefused:   {"presence_refused_total", "Awareness states dropped because they broke a rule."},
	Resyncs:           {"resyncs_total", "Times that a slow reader was resynchronised from the document."},
	Appends:           {"store_appends_total", "Appends that became durable."},
	AppendEntries:     {"store_append_entries_total", "Log entries that became durable."},
	AppendErrors:      {"store_append_errors_total", "Appends that failed. Editing goes on, and they are tried again unless the session is over."},
	Compactions:       {"store_compactions_total", "Compactions that were stored."},
	CompactErrors:     {"store_compact_errors_total", "Compactions that failed."},
	Loads:             {"store_loads_total", "Documents that were loaded."},
	LoadErrors:        {"store_load_errors_total", "Documents that could not be loaded. Their connections were closed."},
	LoadBadEntries:    {"store_load_bad_entries_total", "Log entries that could not be applied and were left out."},
	RoomFailures:      {"room_failures_total", "Rooms that stopped because of an internal error."},
	UpdatesShared:     {"updates_shared_total", "Updates applied that were read from the log or received from other nodes."},
	PresenceShared:    {"presence_shared_total", "Messages about presence sent to other nodes."},
	CatchUps:          {"catch_ups_total", "Times that a document read missing entries from the log."},
	Reconciled:        {"reconciled_total", "Times that a document was compared with all that is stored of it, because the log did not continue it."},
	WrittenBack:       {"written_back_total", "Times that content lost by the store was written back."},
}

// String returns the counter's name in metrics, without a prefix.
func (c Counter) String() string { return counterNames[c].name }

// Help returns a sentence for readers of the metrics.
func (c Counter) Help() string { return counterNames[c].help }

// Counters lists all counters.
func Counters() []Counter {
	all := make([]Counter, numCounters)
	for i := range all {
		all[i] = Counter(i)
	}
	return all
}

// rejections gives a reason to each counter of something that was not taken in.
var rejections = map[Counter]string{
	UpdatesDenied: "read_only", UpdatesFenced: "foreign_client", MessagesMalformed: "malformed", MessagesTooLarge: "message_too_large",
	MessagesTooMany: "rate", DocsTooLarge: "document_too_large", DocsTooComplex: "document_too_complex", PresenceRefused: "presence",
}

// Rejection returns, as a word for metrics, why the counted things were not taken in. ok is false
// for a counter of anything else.
func (c Counter) Rejection() (reason string, ok bool) {
	reason, ok = rejections[c]
	return reason, ok
}

// Stats holds the numbers of a Relay at one moment.
type Stats struct {
	Rooms, Conns int                  // now
	Participants map[string]int       // by role; anonymous connections count each
	Closed       map[CloseCode]uint64 // connections that the server closed, by code

	Unsaved     int           // bytes of updates not stored yet, now
	UnsavedDocs int           // documents with such updates
	UnsavedAge  time.Duration // age of the oldest such update; 0 when everything is stored

	Waiting    int // bytes that wait for readers, now
	MaxWaiting int // the most that waits for one reader
	Lagging    int // readers so far behind that they need a resync
	Inbox      int // events that wait in the fullest inbox

	DocBytes []int // estimated encoded size of each document in memory
	counts   [numCounters]uint64
}

// Count returns the value of one counter.
func (s Stats) Count(c Counter) uint64 { return s.counts[c] }

// Stats returns the numbers of this moment. It visits every connection, so it is for a scrape and
// not for each message.
func (r *Relay) Stats() Stats {
	s := r.stats.snapshot()
	s.Participants = map[string]int{}
	r.mu.Lock()
	var rooms []*Room
	var conns []*conn
	for _, live := range r.sessions {
		rooms = slices.AppendSeq(rooms, maps.Values(live.rooms))
		conns = slices.AppendSeq(conns, maps.Keys(live.conns))
		live.countRoles(s.Participants)
	}
	r.mu.Unlock()
	s.Rooms, s.Conns = len(rooms), len(conns)
	for _, c := range conns {
		waiting, lagging := c.out.depth()
		s.Waiting += waiting
		s.MaxWaiting = max(s.MaxWaiting, waiting)
		if lagging {
			s.Lagging++
		}
	}
	oldest := int64(0)
	for _, room := range rooms {
		s.DocBytes = append(s.DocBytes, int(room.bytes.Load()))
		s.Inbox = max(s.Inbox, room.inbox.depth())
		if since := room.unsavedSince.Load(); since != 0 {
			s.UnsavedDocs++
			if oldest == 0 || since < oldest {
				oldest = since
			}
		}
	}
	if oldest != 0 {
		s.UnsavedAge = max(0, time.Since(time.Unix(0, oldest)))
	}
	return s
}

// countRoles adds the people of a session to counts. The caller holds the Relay's mu.
func (live *liveSession) countRoles(counts map[string]int) {
	var seen map[string]bool
	if len(live.conns) > 1 {
		seen = make(map[string]bool, len(live.conns))
	}
	for c := range live.conns {
		if p := c.grant.Participant; p != "" && seen != nil {
			if seen[p] {
				continue
			}
			seen[p] = true
		}
		counts[c.grant.Role]++
	}
}

// counters holds the numbers that the goroutines of a Relay add to.
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
