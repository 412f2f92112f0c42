package relay

import (
	"context"
	"encoding/hex"
	"errors"
)

// ErrStale is what a Shared store answers when a document's log is not where the caller holds it to be: it was lost, or its
// end was, or somebody else has written in a way that the caller has not heard of. Nothing was written; catch up first.
var ErrStale = errors.New("the log is not where it was")

// NodeID names one running node.
type NodeID [8]byte

// String gives the id in hex.
func (n NodeID) String() string { return hex.EncodeToString(n[:]) }

// Mark tells one append from every other. Two logs that go equally far are the same when their last marks are.
type Mark [12]byte

// Position says where a document's log stands. The zero Position is that of a log never written to.
type Position struct {
	Epoch uint64 // which life of the log this is: another one after the store has lost it, or a part of it
	Seq   uint64 // number of the last entry
	Mark  Mark   // of the append that wrote it
}

// Located is a document, and where a node holds its log to stand.
type Located struct {
	ID RoomID
	At Position
}

// Shared is a Store that several nodes use at once. Each node follows the documents that it has open: it subscribes first,
// loads then, and takes what is appended from the channel. All methods are safe for concurrent use.
type Shared interface {
	Log
	Bus
}

// Log is a Store's log as several writers need it: whoever writes says where it holds the log to stand. Errors are those of Store, and
// ErrStale.
type Log interface {
	// Since gives what the document has behind after: with Stored.Whole false the entries that follow it, else
	// everything, because the log does not reach back so far or is another one. After the zero Position it is always everything.
	Since(ctx context.Context, id RoomID, after Position) (Stored, error)

	// AppendAt is Append for a node whose document holds the log through at, and does not wait: done is called once with where the log
	// ends then, perhaps before AppendAt returns, and must be quick. ErrStale when the log is of another epoch or ends before at, or ends there
	// with another mark. Unless it is to be soon, nobody is known to wait for the entries, and the store may gather more for a moment that
	// no person could tell.
	AppendAt(id RoomID, at Position, entries []Entry, soon bool, done func(Position, error))

	// Hurry has the store write now what it gathers: somebody waits for it.
	Hurry()

	// CompactAt is Compact with a state that holds the log through at. ErrStale when the log has no such place.
	CompactAt(ctx context.Context, id RoomID, state []byte, at Position) error

	// Check gives those documents whose log is not where the caller holds it to be. It is cheap.
	Check(ctx context.Context, held []Located) ([]RoomID, error)

	// SetAside keeps a copy of an entry that cannot be applied, for people to look at. The entry stays in the log.
	SetAside(ctx context.Context, id RoomID, e Entry, cause string) error
}

// Bus carries what happens to a document between the nodes that have it open.
type Bus interface {
	// Subscribe has deliver called for every Message of a document, one after the other, from now on until stop is
	// called. It returns when nothing can be missed any more. deliver must not block.
	Subscribe(ctx context.Context, id RoomID, deliver func(Message)) (stop func(), err error)

	// Say sends body to the other nodes that follow the document. It does not wait, and may be lost.
	Say(id RoomID, body []byte)
}

// MessageKind says what a Message tells.
type MessageKind uint8

// The kinds.
const (
	Appended  MessageKind = iota // entries were appended, by whichever node
	Compacted                    // the state reaches through After.Seq
	Said                         // another node said Body
	Missed                       // messages may have been missed
	Behind                       // a check found that this node does not know of the log's end
	NodeLost                     // node From has not been heard of for some time
)

// Message is what Subscribe delivers. Its bytes are shared and never change.
type Message struct {
	Kind          MessageKind
	From          NodeID
	Own           bool // it comes from this node
	Before, After Position
	Count         int      // entries appended
	Size          int      // bytes of all their updates together
	Updates       [][]byte // of these entries, in order; nil when Own
	Body          []byte
}

// weight is what a Message that waits counts for, in bytes.
func (m Message) weight() int { return 64 + m.Size + len(m.Body) }
