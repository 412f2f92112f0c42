// Package localstore is the embedded store. It keeps everything of a single node in one bbolt file,
// parley.db, in the data directory.
//
// A Store implements relay.Log (documents), session.Store, session.Sweeper, session.Lister and
// session.Browser (records), relay.Historian (what was edited), audit.Store, trace.Store and
// signin.Store. A relay.Position of this store is the number of an entry; its epoch and id are
// zero, because the file has a single writer.
//
// # Documents
//
// A document is an append-only log, a compacted state that stands for the beginning of the log, and
// a bounded history of the entries that compactions took out of the log. What does not fit into the
// history is folded into a base. docs/decisions/078.
//
// # Writes
//
// One goroutine does all writes: the committer (commit.go). It runs all waiting jobs in one bbolt
// transaction, so one fsync covers the edits of all rooms. A write is answered after that fsync.
// What was answered survives kill -9, and a power cut if the disk keeps its word. Reads use bbolt
// snapshots and wait for no writer.
//
// The words are those of package batch. Callers wait for a prompt job. Appends are held jobs: they
// are due after the pace of the queue, or when a caller flushes the store. The committer runs in
// the background (background_linux.go), so a commit does not delay the goroutines that serve
// people.
//
// # Journal
//
// An append goes to the journal first (journal.go): a commit writes one value there for all
// documents together. Entries that are some tens of commits old are settled, which means moved to
// the log of their document as one value. So a commit touches few pages, however many documents
// people type into. A reader adds the entries of the journal to those of the log.
// docs/decisions/019.
//
// # Files
//
//	store.go            Open, Close, Ping, Secret, and the check of the file
//	commit.go           the committer
//	background_linux.go the priority of its thread
//	journal.go          journal: append, settle, and the steps of a transaction
//	journal_record.go   the form of a journal value
//	journal_recover.go  the journal as read from the file, and readers of it
//	documents.go        relay.Log
//	owners.go           whose client ids are whose
//	history.go          entries that compactions took out of the log
//	sessions.go         session.Store, session.Sweeper, session.Lister
//	shelves.go          session.Browser
//	audit.go            audit.Store
//	trace.go            trace.Store
//	signouts.go         signin.Store
//	questions.go        session.Copies
//	papers.go           session.Papers
//	backup.go           Backup, CheckBackup, Restore
//	encoding.go         keys, entries, chunks
//
// # Layout (schema 6)
//
// All buckets are top-level. A bucket for each session would have a page of its own, which every
// commit would write again.
//
//	meta       schema, secret, probe; signout:user → times, see signouts.go
//	sessions   id                          → session.Session as JSON
//	invites    hash of the code            → id, or nothing when the session is gone
//	graves     id                          → when the tombstone ends
//	due        time, kind, id              → nothing; what expires when
//	journal    number of the commit        → for each document: its key, seq of the first entry,
//	                                         number of entries, the entries
//	log        session 0 doc 0 seq         → 80 00 and the entries from seq on;
//	                                         in schema 2 one entry: time, participant, update
//	tail       session 0 doc 0             → seq of the last entry in log or state; later entries
//	                                         are in the journal
//	state      session 0 doc 0             → seq through which it reaches, update
//	history    session 0 doc 0 last seq    → entries that a compaction took out of the log: 00,
//	                                         size and zstd of them; in schema 4 the entries
//	base       session 0 doc 0             → seq of the last entry in it, its time, update
//	aside      session 0 doc 0 name        → why an entry does not apply, a line end, the entry
//	owners     session 0 doc 0 participant → its client ids, 8 bytes each, oldest first
//	audit      session 0 kind 0 seq        → audit.Event as JSON
//	audit_tail session 0 kind 0            → seq of the last event of that kind
//	trace      session 0 lane 0 seq        → trace.Event as JSON
//	trace_tail session 0 lane 0            → seq of the last event of that lane
//	           session 0 here 0            → who is here, see trace.Nodes.Settle
//	cards      id                          → session.Card.Encode
//	shelves    shelf 0 id                  → nothing
//	questions  session 0 hash              → the copy of a question, as api wrote it
//	papers     session 0 name              → what a person wrote, see scorecard.Book.Papers
//
// Numbers in keys are big-endian, so keys sort in the order of the numbers. Times are milliseconds
// since 1970 in UTC.
package localstore
