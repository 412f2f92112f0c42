package relay

import "context"

// Bus carries what happens to a document between the nodes that have the document open. A node
// first subscribes to a document, then reads its log. From then on the Bus brings what is appended.
// A single node has no Bus.
type Bus interface {
	// Subscribe calls deliver for every Message about a document, one after the other, until stop
	// is called. No message is missed after Subscribe has returned. deliver must not block.
	Subscribe(ctx context.Context, id RoomID, deliver func(Message)) (stop func(), err error)

	// Say sends body to the other nodes that have subscribed to the document. Say does not wait,
	// and the message may be lost.
	Say(id RoomID, body []byte)
}

// MessageKind is the kind of a Message.
type MessageKind uint8

// The kinds of messages.
const (
	Appended  MessageKind = iota // entries were appended, by any node
	Compacted                    // the compacted state now covers the log through After.Seq
	Said                         // another node sent Body with Say
	Missed                       // messages may have been lost
	NodeLost                     // node From has given no sign of life for some time
)

// Message is what Subscribe delivers. Its bytes are shared and never change.
type Message struct {
	Kind          MessageKind
	From          NodeID
	Own           bool // this node caused the message
	Before, After Position
	Count         int      // number of entries appended
	Size          int      // bytes of all their updates together
	Updates       [][]byte // of these entries, in order; nil when Own
	By            []string // who sent them, as many as Updates
	Body          []byte
}

// weight is the size in bytes that a waiting Message counts for.
func (m Message) weight() int { return 64 + m.Size + len(m.Body) }
