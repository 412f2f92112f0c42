package relay

import "context"

// Socket is one connection's way to its peer: whole binary messages in and out.
//
// Wait, Read and More are called by one goroutine, TryWrite and Flush by one other at a time, Close by any. Nothing is called after
// Serve has returned, or Take's ended was called.
type Socket interface {
	// Read waits for the next binary message. The caller owns the slice: it is never reused. Besides the errors of
	// the connection it gives ErrTextMessage for a text message, ErrMessageTooLarge for one past the socket's limit, and
	// ErrBadFrame for what is none; then the socket has said goodbye itself.
	Read() ([]byte, error)

	// Wait returns when something has come to be read, with the error of Read when that would give one. A goroutine that waits
	// here has less on its stack than in Read. A Parker gives ErrQuiet when nothing has come for a while.
	Wait() error

	// More reports whether Read would give a message without waiting for the peer.
	More() bool

	// TryWrite sends each frame as one binary message, all of them together in as few writes as can be, as far as the
	// connection takes them without waiting. done is false when something is left: then Flush comes next. Frames are
	// shared with others and not to be changed. An error is final: the connection is to be given up.
	TryWrite(frames ...[]byte) (done bool, err error)

	// Flush waits until what TryWrite has left is sent. An error is final.
	Flush() error

	// Close says goodbye with code and reason and makes a blocked Read or Flush return soon, whether or not
	// the peer plays along. Only the first call has an effect.
	Close(code CloseCode, reason string) error
}

// Parker is a Socket that can wait for its peer without a goroutine. Relay.Take makes use of that.
type Parker interface {
	Socket

	// Park is called after Wait has given ErrQuiet. It has r.Resume called as soon as Wait is worth to be called again, once and in a
	// goroutine of its own; the Socket is not touched by the caller until then. It reports false when nothing will be called:
	// then Wait is called as before.
	Park(r Resumer) bool
}

// Resumer goes on with what was parked.
type Resumer interface{ Resume() }

// Grant says who is connected and what is allowed. It does not change while the connection lives: whoever
// changes a role closes the participant's connections, with a code after which clients come back.
type Grant struct {
	Participant string // id; "" for nobody in particular, as with --access open
	Role        string // for logs alone

	// ReadOnly: updates that hold anything new are dropped and answered with "permission denied".
	ReadOnly bool
	// Exclusive: structs of a client id that another participant's live connection holds are left out of updates.
	Exclusive bool
	// Ack: the client asked for "saved" messages.
	Ack bool
	// Tag is the caller's own: whatever else the grant was made by. It comes back in Review.
	Tag uint8
	// Revision is the caller's own too: what the grant was made by, of things that change.
	Revision int64
	// Open: nobody has a verified identity, so the user.id of a presence is not looked at.
	Open bool

	// Confirm, when not nil, is asked once, after the connection has begun to count among those of its session: an error
	// ends the connection, a *ClosedError with its code. Whoever takes a right away changes the record first
	// and closes connections then; so either Confirm sees the change, or the closing reaches this connection.
	Confirm func(context.Context) error
}
