package relay

import (
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"
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
	MessagesReceived:  {"messages_received_total", "Messages that clients sent."},
	BytesReceived:     {"bytes_received_total", "Bytes of these messages."},
	MessagesSent:      {"messages_sent_total", "Messages written to clients."},
	BytesSent:         {"bytes_sent_total", "Bytes of these messages."},
	UpdatesApplied:    {"updates_applied_total", "Updates that changed a document."},
	UpdatesMerged:     {"updates_merged_total", "Updates that went to a reader merged with others."},
	UpdatesDenied:     {"updates_denied_total", "Updates of read-only connections that were dropped."},
	UpdatesFenced:     {"updates_fenced_total", "Updates that carried structs of a client id held by another participant."},
	MessagesMalformed: {"messages_malformed_total", "Messages that closed their connection with 4400."},
	MessagesTooLarge:  {"messages_too_large_total", "Messages past the size limit, which closed their connection with 4413."},
	MessagesTooMany:   {"messages_too_many_total", "Messages past the rate limit, which closed their connection with 4529."},
	DocsTooLarge:      {"documents_too_large_total", "Updates for which a document had no room, which closed their connection with 4413."},
	DocsTooComplex:    {"documents_too_complex_total", "Updates that would have put too many client ids, root types or structs without their causes into a document, which closed their connection with 4413."},
	PresenceRefused:   {"presence_refused_total", "Awareness states that broke a rule and were dropped."},
	Resyncs:           {"resyncs_total", "Slow readers that were resynchronised from the document."},
	Appends:           {"store_appends_total", "Appends that became durable."},
	AppendEntries:     {"store_append_entries_total", "Entries in these appends."},
	AppendErrors:      {"store_append_errors_total", "Appends that failed and are tried again."},
	Compactions:       {"store_compactions_total", "Compactions that were stored."},
	CompactErrors:     {"store_compact_errors_total", "Compactions that failed."},
	Loads:             {"store_loads_total", "Documents that were loaded."},
	LoadErrors:        {"store_load_errors_total", "Documents that could not be loaded; nobody was let in."},
	LoadBadEntries:    {"store_load_bad_entries_total", "Log entries that did not apply on load and were left out."},
	RoomFailures:      {"room_failures_total", "Rooms that stopped on an internal error."},
	UpdatesShared:     {"updates_shared_total", "Updates that came from other nodes."},
	PresenceShared:    {"presence_shared_total", "Messages about presence that went to other nodes."},
	CatchUps:          {"catch_ups_total", "Times that a document took from the log what it had not heard of."},
	Reconciled:        {"reconciled_total", "Times that a document was compared with all that is stored of it."},
	WrittenBack:       {"written_back_total", "Documents of which the store had lost a part, which was written back."},
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

// rejections names the counters of what was not taken in, by the reason.
var rejections = map[Counter]string{
	UpdatesDenied: "read_only", UpdatesFenced: "foreign_client", MessagesMalformed: "malformed", MessagesTooLarge: "message_too_large",
	MessagesTooMany: "rate", DocsTooLarge: "document_too_large", DocsTooComplex: "document_too_complex", PresenceRefused: "presence",
}

// Rejection gives the reason, as a word for metrics, for which what the counter counts was not taken in. ok is false for a
// counter of something else.
func (c Counter) Rejection() (reason string, ok bool) {
	reason, ok = rejections[c]
	return reason, ok
}

// Stats are the figures of a Relay at one moment.
type Stats struct {
	Rooms, Conns int                  // now
	Participants map[string]int       // by role, each once per session however many connections; without an id, each connection
	Closed       map[CloseCode]uint64 // connections that the server ended, by code

	Unsaved     int           // bytes of updates that are not stored yet, now
	UnsavedDocs int           // documents with such updates
	UnsavedAge  time.Duration // of the oldest such update; 0 when all is stored

	Waiting    int // bytes that wait for readers, now
	MaxWaiting int // the most that waits for one of them
	Lagging    int // readers so far behind that they are to be resynchronised
	Inbox      int // events that wait in the fullest room

	DocBytes []int // estimated encoded size of each document in memory
	counts   [numCounters]uint64
}

// Count is the value of one counter.
func (s Stats) Count(c Counter) uint64 { return s.counts[c] }

// Stats gives the figures of this moment. It looks at every connection, so it is for a scrape and not for each message.
func (r *Relay) Stats() Stats {
	s := r.stats.snapshot()
	s.Participants = map[string]int{}
	r.mu.Lock()
	var rooms []*Room
	var conns []*conn
	for _, g := range r.sessions {
		rooms = slices.AppendSeq(rooms, maps.Values(g.rooms))
		conns = slices.AppendSeq(conns, maps.Keys(g.conns))
		g.countRoles(s.Participants)
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
func (g *liveSession) countRoles(counts map[string]int) {
	var seen map[string]bool
	if len(g.conns) > 1 {
		seen = make(map[string]bool, len(g.conns))
	}
	for c := range g.conns {
		if p := c.grant.Participant; p != "" && seen != nil {
			if seen[p] {
				continue
			}
			seen[p] = true
		}
		counts[c.grant.Role]++
	}
}

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
