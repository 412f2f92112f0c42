package relay

import "context"

// Bus carries what happens to a document between the nodes that have it open. A node follows each
// document that it has open: it subscribes first, reads the log then, and takes what is appended
// from the bus. A node that is alone has no Bus.
type Bus interface {
	// Subscribe calls deliver for every Message of a document, one after the other, from now on
	// until stop is called. It returns when nothing can be missed any more. deliver must not block.
	Subscribe(ctx context.Context, id RoomID, deliver func(Message)) (stop func(), err error)

	// Say sends body to the other nodes that follow the document. It does not wait, and the message
	// may be lost.
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
