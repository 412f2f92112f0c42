package relay

import (
	"context"
	"errors"
	"time"
)

// ErrNoSession is what a Store answers for a document whose session it does not hold: never created,
// deleted or expired.
var ErrNoSession = errors.New("no such session")

// ErrReadOnly is what a Store answers to an Append for a session that has ended: whoever was let in before, and has not been told
// of the end yet, changes nothing any more. Nothing was written.
var ErrReadOnly = errors.New("the session has ended")

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

	// Back says that the store had it before and has lost it: it is written back, to a session that has ended too. Not stored.
	Back bool
}

// Stored is what a Store holds of one document: State, then the Log on top of it.
type Stored struct {
	State   []byte  // a compacted Update, nil when there was no compaction yet
	Log     []Entry // in the order in which they were appended
	Through uint64  // sequence number of the last entry in State and Log, 0 when nothing was written

	// Of a Shared store.
	At    Position // where the log ends
	Whole bool     // State and Log are everything; else Log follows what was asked for
}

// Store keeps documents. All methods are safe for concurrent use.
//
// An error other than ErrNoSession means that the store cannot serve right now; what Append or Compact
// was asked to write may then have been written or not, and asking again is harmless to a document.
type Store interface {
	// Load gives what is stored. A document that was never written, of a session that exists, is the
	// zero Stored. The caller owns what it gets. ErrNoSession when the session is gone or unknown.
	Load(ctx context.Context, id RoomID) (Stored, error)

	// Append adds entries to the log, all or none, durable when it returns, and gives the sequence number of
	// the last. Sequence numbers of a document start at 1 and have no gaps. ErrNoSession when the
	// session is gone: an append never brings one back. ErrReadOnly when it has ended, unless entries go Back.
	Append(ctx context.Context, id RoomID, entries []Entry) (seq uint64, err error)

	// Compact puts state in the place of every entry up to and including through; those entries move to the
	// session's history, which is bounded. When the stored state already reaches through it changes nothing and gives nil,
	// so two may compact the same document. ErrNoSession as for Append.
	Compact(ctx context.Context, id RoomID, state []byte, through uint64) error
}

// LaterStore is a Store that gathers the appends of many documents by itself. A goroutine for each that waits would cost more than
// the append.
type LaterStore interface {
	Store

	// AppendLater is Append without waiting: done is called once when the entries are durable or could not be written,
	// from a goroutine of the store's. done must not wait. The entries belong to the store until then.
	AppendLater(id RoomID, entries []Entry, done func(seq uint64, err error))

	// Hurry has the store write now what it gathers: somebody waits for it.
	Hurry()
}
