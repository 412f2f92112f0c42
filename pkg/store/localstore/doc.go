// Package localstore is the embedded store: everything of one node in one bbolt file, parley.db, in the data directory.
//
// It satisfies relay.Log (documents; a Position is the number of an entry), session.Store, session.Sweeper and session.Lister (records), and audit.Store. A document is an
// append-only log, a compacted state that stands for the log's beginning, and a bounded history
// of what compaction took out of the log.
//
// All writes pass through one goroutine, the committer (commit.go), which puts everything that waits into one
// transaction: one fsync covers all rooms' updates. Its thread gives way to all others (background_linux.go). A write returns after that fsync, so what was
// answered survives kill -9 and, as far as the disk keeps its word, a power cut. Reads are
// bbolt snapshots and wait for nobody.
//
// What is appended goes to the journal (journal.go) first, one value for each commit, and from there to the log, each document some
// tens of commits at a time: so a commit touches few pages, in however many documents people type. A reader adds what the journal holds
// to what it finds in the log.
//
// Layout (schema 4), all in top-level buckets because a page per session and level would be written on every commit otherwise:
//
//	meta      schema, secret, probe
//	sessions  id                          → session.Session as JSON
//	invites   hash of the code            → id, or nothing when the session is gone
//	graves    id                          → when the tombstone ends
//	due       time, kind, id              → nothing; what expires when
//	journal   number of the commit        → for each document: its key, seq of the first entry, count, so many entries
//	log       session 0 doc 0 seq         → 80 00 and entries from seq on; in schema 2 one entry: time, participant, update
//	tail      session 0 doc 0             → seq of the last entry, in log or state; the journal goes on from there
//	state     session 0 doc 0             → through, update
//	history   session 0 doc 0 last seq    → entries that a compaction took out of the log
//	aside     session 0 doc 0 name        → why an entry does not apply, a line end, the entry
//	audit     session 0 kind 0 seq        → audit.Event as JSON
//	audit_tail session 0 kind 0           → seq of the last event of that kind
//
// Numbers in keys are big-endian, so that keys sort as they count; times are milliseconds since 1970 UTC.
package localstore
