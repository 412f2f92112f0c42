// Package relay is where the people of an interview meet: it holds the live documents, merges what comes in,
// passes it on, and has it stored.
//
// # Model
//
// A Relay keeps one Room for each document that somebody has open. A Room is an actor: one goroutine owns the
// crdt.Doc, the Awareness and the list of connections, and everything reaches it as an event on its inbox. A
// connection is a Socket (a small interface, so that no web framework is known here) with a Grant (who, and what
// is allowed). Its reader is the goroutine that called Serve; its writer exists only while something waits to be
// written. The Room never waits for either, nor for the Store.
//
// The way of an update: the reader hands the frame to the Room; the Room decodes it, applies it to the document
// (a malformed one closes that connection and touches nobody else), appends the same bytes to the outbox of
// every other connection, and puts it among the entries that wait for the Store. One append is in flight per
// document at a time; what comes meanwhile goes with the next (write-behind). When it is durable, connections that
// asked for it are told ("saved").
//
// # Promises
//
//   - No update is lost: a reader too slow for its bounded outbox is resynchronised from the document by state
//     vector (outbox.go); an update that could not be stored is kept and stored later (persist.go).
//   - A document that could not be loaded is never served and never stored.
//   - Whatever one connection does is felt by that connection alone. Limits are in Options, each with its reason.
//   - A Room without connections is forgotten once everything is stored.
//
// Whose client ids are whose, and what presence may say: identity.go and presence.go. Close codes: close.go.
package relay
