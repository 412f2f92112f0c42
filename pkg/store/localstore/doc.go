// Package localstore is the embedded store: everything of one node in one bbolt file, parley.db, in the data directory.
//
// It satisfies relay.Store (documents), session.Store, session.Sweeper and session.Lister (records), and audit.Store. A document is an
// append-only log, a compacted state that stands for the log's beginning, and a bounded history
// of what compaction took out of the log.
//
// All writes pass through one goroutine, the committer (commit.go), which puts everything that waits into one
// transaction: one fsync covers all rooms' updates. A write returns after that fsync, so what was
// answered survives kill -9 and, as far as the disk keeps its word, a power cut. Reads are
// bbolt snapshots and wait for nobody.
//
// Layout (schema 2), all in top-level buckets because a page per session and level would be written on every commit otherwise:
//
//	meta      schema, secret, probe
//	sessions  id                          → session.Session as JSON
//	invites   hash of the code            → id
//	graves    id                          → when the tombstone ends
//	due       time, kind, id              → nothing; what expires when
//	log       session 0 doc 0 seq         → entry: time, participant, update
//	tail      session 0 doc 0             → seq of the last entry, in log or state
//	state     session 0 doc 0             → through, update
//	history   session 0 doc 0 last seq    → entries that a compaction took out of the log
//	audit     session 0 kind 0 seq        → audit.Event as JSON
//	audit_tail session 0 kind 0           → seq of the last event of that kind
//
// Numbers in keys are big-endian, so that keys sort as they count; times are milliseconds since 1970 UTC.
package localstore
