// Package relay holds the live documents of an interview. It merges the updates of all clients,
// passes them on, and has them stored.
//
// # Model
//
// A Relay keeps one Room for each document that somebody has open. A Room owns the crdt.Doc, the
// Awareness and the list of its connections. A Room is an actor without a goroutine of its own:
// everything reaches it as an event in its inbox, and events run one at a time. The goroutine that
// brings an event to an idle room runs it (inbox.go).
//
// A connection has a Socket and a Grant. The Socket is a small interface, so that the package knows
// no web framework. The Grant says who is connected and what that person may do. The goroutine that
// called Serve or Take reads from the socket. A writer goroutine exists only while the peer does
// not take what waits. A Room waits neither for a peer nor for the store.
//
// A Log stores the documents. A Bus connects the nodes that share a Log; a single node has none.
//
// # The way of an update
//
//  1. The reader hands the frame to the Room (conn.go).
//  2. The Room checks and applies the update (sync.go, identity.go, limits.go). A malformed update
//     closes its connection and affects nobody else.
//  3. The Room puts the same bytes into the outbox of every other connection (outbox.go) and adds
//     an Entry to those that wait for the Log (persist.go).
//  4. The goroutine that ran the event writes the outboxes to their sockets, in one write each.
//  5. The Room appends all waiting entries to the Log, with one append in flight per document
//     (flush.go). When the entries are durable, clients that asked for it are sent "saved".
//  6. Other nodes learn of the entries through the Bus and apply them (follow.go).
//
// # Promises
//
//   - No update is lost. A reader too slow for its bounded outbox is resynchronised from the
//     document by state vector (outbox.go). An update that could not be stored is kept and stored
//     later (flush.go).
//   - A document that cannot be loaded is never served and never stored.
//   - A slow or faulty connection affects no other connection. The limits are in Options, each with
//     its reason.
//   - A Room without connections leaves memory once its document is stored.
//
// # Words for ending
//
//   - close asks for an end and does not wait. Clients see its close code. Room.close closes a
//     document whose edits can no longer be stored.
//   - fail and abandon ask for the end of a room without storing the rest: fail after a panic,
//     abandon when the time of Drain is up.
//   - unload ends a room that nothing needs any more.
//   - end is the end itself. It runs once, and nothing happens afterwards. "closing" means that
//     close was called, "ended" that the end was reached.
//   - evict takes a room out of the registry, so that the next client loads the document again.
//   - drop discards data that waits.
//   - release takes back acquire or claim, and gives a parcel back to its pool. The other pairs are
//     register and unregister, join and leave, enterRoom and leaveRoom, subscribe and unsubscribe.
//   - Drain closes every connection, and waits until every room has ended.
//
// # Files
//
//	relay.go       Relay: serve, view, edit, close, drain
//	registry.go    the rooms and connections of each session
//	review.go      check again whether connections may stay
//	options.go     limits and times, each with its reason
//	errors.go      errors that a caller can tell apart
//	close.go       close codes: try again or final
//	socket.go      Socket and Grant: what a connection brings
//	conn.go        one connection: its reader and its writers
//	outbox.go      what waits for one reader, bounded
//	parcel.go      what goes out in one write, merged
//	room.go        Room: its fields, load, timer, join, leave, end
//	inbox.go       how events run
//	sync.go        sync messages: check, apply, pass on, resynchronise
//	identity.go    which participant owns which client id
//	limits.go      limits of a document and of a connection's rate
//	work.go        work that one participant may cause
//	presence.go    what a client may publish as presence
//	log.go         Log: the store as the relay sees it
//	bus.go         Bus: the other nodes as the relay sees them
//	persist.go     load a document; the entries that wait
//	flush.go       append entries, try again, say "saved"
//	compact.go     replace a long log by the document
//	follow.go      follow the log; catch up, compare, write back
//	feed.go        bus messages that wait for a room
//	patrol.go      compare positions with the log from time to time
//	neighbours.go  presence across nodes
//	stats.go       counters and numbers for metrics
//	timing.go      durations for metrics
package relay
