package relay

import (
	"context"
	"encoding/hex"
	"errors"
	"time"
)

// Errors of a Log that its callers tell apart. After each of them nothing was written.
var (
	// ErrNoSession says that the log does not hold the session of a document: the session was never
	// created, was deleted, or has expired.
	ErrNoSession = errors.New("no such session")
	// ErrReadOnly refuses an append to a session that has ended. A participant who has not heard of
	// the end yet changes nothing any more.
	ErrReadOnly = errors.New("the session has ended")
	// ErrStale says that a document's log is not where the caller holds it to be. The log was lost,
	// or its end was, or another node has written what the caller has not heard of. The caller
	// reads the log (Since) before it tries again.
	ErrStale = errors.New("the log is not where it was")
)

// RoomID names one document of one session.
type RoomID struct {
	Session string
	Doc     string // "" is the session's main document
}

// String gives the id as it stands in logs: the session, and after a slash the document.
func (id RoomID) String() string {
	if id.Doc == "" {
		return id.Session
	}
	return id.Session + "/" + id.Doc
}

// Entry is one logged Update. Its bytes never change once it was handed to anyone.
type Entry struct {
	Update []byte
	At     time.Time // when the server received it; stores keep milliseconds, UTC
	By     string    // id of the participant that sent it, "" when anonymous

	// Back marks an entry that the store had before and has lost. Such an entry may be written to a
	// session that has ended too. Back is not stored.
	Back bool
}

// AppendID tells one append from every other. Two logs of equal length are the same when their last
// appends have the same id.
type AppendID [12]byte

// Position says where a document's log stands. The zero Position is that of a log never written to.
// A Log with a single writer may leave Epoch and ID zero, so that its Position is the number alone.
type Position struct {
	Epoch uint64   // which life of the log this is: another one after a loss
	Seq   uint64   // number of the last entry; numbers of a document start at 1 and have no gaps
	ID    AppendID // of the append that wrote the last entry
}

// Located is a document, and where a node holds its log to stand.
type Located struct {
	ID RoomID
	At Position
}

// Stored is what Since gives of a document: State, then Entries on top of it.
type Stored struct {
	State   []byte   // a compacted Update, nil when there was no compaction yet
	Entries []Entry  // in the order in which they were appended
	At      Position // where the log ends
	Whole   bool     // State and Entries are everything; else Entries follow what was asked for
}

// Urgency says how long an append may wait for others to be written together with it.
type Urgency uint8

// The urgencies.
const (
	// Batched lets the store gather appends of many documents for a moment that no person notices.
	Batched Urgency = iota
	// Prompt is for an append that somebody waits for, and for documents that other nodes follow.
	Prompt
)

// Log keeps the documents, each as a compacted state and a log of entries on top of it. All methods
// are safe for concurrent use.
//
// An error other than the three above means that the store cannot serve right now. A write that
// ended with such an error may have happened. To ask again is harmless: an Update applies once.
type Log interface {
	// Since gives what a document has behind after. Stored.Whole is set, and everything is given,
	// when the log does not continue after, and always after the zero Position. A document that was
	// never written, of a session that exists, is empty. The caller owns what it gets.
	Since(ctx context.Context, id RoomID, after Position) (Stored, error)

	// Append adds entries to the log, all or none, for a caller whose document holds the log
	// through at. It does not wait: done is called once, when the entries are durable or could not
	// be written, with where the log ends then. done may be called before Append returns, must not
	// wait, and the entries belong to the Log until then. When the log has grown beyond at, the
	// entries are added all the same, and the Position shows it.
	Append(id RoomID, at Position, entries []Entry, urgency Urgency, done func(Position, error))

	// Flush writes what is gathered now: somebody waits for it. It does not wait.
	Flush()

	// Compact puts state, which holds the log through at, in the place of the entries up to there.
	// They move to the session's history. When the stored state reaches as far already, nothing
	// changes and the error is nil. So two callers may compact the same document.
	Compact(ctx context.Context, id RoomID, state []byte, at Position) error

	// Check gives those documents whose log is not where the caller holds it to be. It is cheap.
	Check(ctx context.Context, held []Located) ([]RoomID, error)

	// SetAside keeps a copy of an entry that cannot be applied, for people to look at. The entry
	// stays in the log.
	SetAside(ctx context.Context, id RoomID, e Entry, cause string) error
}

// NodeID names one running node.
type NodeID [8]byte

// String gives the id in hex.
func (n NodeID) String() string { return hex.EncodeToString(n[:]) }
