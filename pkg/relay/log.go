package relay

import (
	"context"
	"encoding/hex"
	"errors"
	"time"
)

// Errors that a caller of Log can tell apart. Nothing was written when one of them is returned.
var (
	// ErrNoSession says that the log does not know the document's session: the session was never
	// created, was deleted, or has expired.
	ErrNoSession = errors.New("no such session")
	// ErrReadOnly refuses an append to a session that has ended. It stops edits from a participant
	// or node that has not yet heard of the end.
	ErrReadOnly = errors.New("the session has ended")
	// ErrStale says that the log does not stand where the caller believes it does. The log or its
	// end was lost, or another node wrote entries that the caller has not seen. The caller reads
	// the log with Since before it tries again.
	ErrStale = errors.New("the log is not at the expected position")
)

// RoomID names one document of one session.
type RoomID struct {
	Session string
	Doc     string // "" is the session's main document
}

// String returns the id as it appears in logs: the session, then a slash and the document if it is
// not the main one.
func (id RoomID) String() string {
	if id.Doc == "" {
		return id.Session
	}
	return id.Session + "/" + id.Doc
}

// Entry is one logged Update. Its bytes never change after the Entry has been handed to anyone.
type Entry struct {
	Update []byte
	At     time.Time // when the server received it; stores keep milliseconds, UTC
	By     string    // id of the participant that sent it, "" when anonymous

	// Back marks an entry that the store held before and has lost. Such an entry may be written
	// even after the session has ended. Back is not stored.
	Back bool
}

// AppendID identifies one append. Two logs of equal length are the same when their last appends
// have the same id.
type AppendID [12]byte

// Position is a point in a document's log. The zero Position belongs to a log that was never
// written. A Log with a single writer may leave Epoch and ID zero; its Position is then the number
// alone.
type Position struct {
	Epoch uint64   // life of the log; a new one begins after a loss
	Seq   uint64   // number of the last entry; counts from 1 without gaps
	ID    AppendID // of the append that wrote the last entry
}

// Located is a document with the position at which a node believes its log to stand.
type Located struct {
	ID RoomID
	At Position
}

// Stored is the result of Since for a document: State, then Entries on top of it.
type Stored struct {
	State   []byte   // a compacted Update, nil before the first compaction
	Entries []Entry  // in the order in which they were appended
	At      Position // where the log ends
	Whole   bool     // they are the whole document; else Entries continue after
}

// Urgency says whether an append may wait to be written together with others.
type Urgency uint8

// The urgencies.
const (
	// Batched lets the store collect appends of many documents for a moment that no person notices.
	Batched Urgency = iota
	// Prompt is for an append that somebody waits for, and for documents that other nodes have
	// open.
	Prompt
)

// Log keeps the documents, each as a compacted state and a log of entries on top of it. All methods
// are safe for concurrent use.
//
// An error other than the three above means that the store cannot serve at the moment. A write that
// returned such an error may still have happened. Repeating it is harmless, because applying an
// Update twice changes nothing.
type Log interface {
	// Since returns what was written to a document behind the position after. When the log does not
	// continue after, Since returns the whole document and sets Stored.Whole. It always does so for
	// the zero Position. A document that was never written is empty, provided that its session
	// exists. The caller owns the result.
	Since(ctx context.Context, id RoomID, after Position) (Stored, error)

	// Append adds all entries to the log or none, for a caller whose document holds the log through
	// at. Append does not wait. It calls done once, when the entries are durable or could not be
	// written, with the position at which the log then ends. done may be called before Append
	// returns and must not wait. The entries belong to the Log until then. A log that has grown
	// beyond at still accepts the entries; the Position given to done shows it.
	Append(id RoomID, at Position, entries []Entry, urgency Urgency, done func(Position, error))

	// Flush writes all collected appends now, because somebody waits for one of them. Flush does
	// not wait.
	Flush()

	// Compact replaces the entries through at by state, which holds the log through at. The entries
	// move to the session's history. When the stored state reaches at least as far, nothing changes
	// and the error is nil, so two callers may compact the same document.
	Compact(ctx context.Context, id RoomID, state []byte, at Position) error

	// KeepOwners adds to the owners of a document's client ids, for as long as its session exists.
	// An id that has an owner keeps it. Of one participant at most MaxOwned ids are kept, the
	// newest.
	KeepOwners(ctx context.Context, id RoomID, owners []Owner) error

	// Owners returns the owners that KeepOwners was told of, each participant's oldest id first.
	Owners(ctx context.Context, id RoomID) ([]Owner, error)

	// Check returns those documents whose log does not stand at the given position. It is cheap.
	Check(ctx context.Context, held []Located) ([]RoomID, error)

	// SetAside keeps a copy of an entry that cannot be applied, so that a person can examine it.
	// The entry stays in the log.
	SetAside(ctx context.Context, id RoomID, e Entry, cause string) error
}

// NodeID names one running node.
type NodeID [8]byte

// String returns the id in hex.
func (n NodeID) String() string { return hex.EncodeToString(n[:]) }
