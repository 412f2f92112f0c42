package relay

import "context"

// Socket is a connection to one peer: whole binary messages in and out.
//
// One goroutine calls Wait, Read and More, one other at a time calls TryWrite and Flush, and any
// goroutine calls Close. Nothing is called after Serve has returned or after the function ended of
// Take has been called.
type Socket interface {
	// Read waits for the next binary message. The caller owns the slice, which is never reused.
	// Besides the errors of the connection, Read returns ErrTextMessage for a text message,
	// ErrMessageTooLarge for a message past the socket's limit, and ErrBadFrame for bytes that are
	// no frame. After ErrBadFrame the socket has already sent a close frame.
	Read() ([]byte, error)

	// Wait blocks until input is available, or returns the error that Read would return. A
	// goroutine in Wait has a smaller stack than one in Read. A Parker returns ErrQuiet when no
	// input has come for a while.
	Wait() error

	// More reports whether Read would return a message without waiting for the peer.
	More() bool

	// TryWrite sends each frame as one binary message, all of them in as few writes as possible, as
	// far as the connection takes them without waiting. done is false when something is left; the
	// next call is then Flush. Frames are shared and must not be changed. After an error the
	// connection cannot be used for sending any more.
	TryWrite(frames ...[]byte) (done bool, err error)

	// Flush waits until what TryWrite has left is sent. An error is final, as in TryWrite.
	Flush() error

	// Close sends a close frame with code and reason. It makes a blocked Read or Flush return soon,
	// even when the peer does not answer. Only the first call has an effect.
	Close(code CloseCode, reason string) error
}

// Parker is a Socket that can wait for its peer without a goroutine. Relay.Take makes use of that.
type Parker interface {
	Socket

	// Park is called after Wait has returned ErrQuiet. When it reports true, the Socket calls
	// r.Resume once, in another goroutine, as soon as Wait has something to return; the caller does
	// not use the Socket until then. When it reports false, r.Resume is not called and the caller
	// goes on with Wait.
	Park(r Resumer) bool
}

// Resumer goes on serving a parked connection.
type Resumer interface{ Resume() }

// Grant says who is connected and what that person may do. It does not change while the connection
// lives. To change a role, close the participant's connections with a code after which clients come
// back.
type Grant struct {
	Participant string // id; "" for an anonymous person, as with --access open
	Role        string // for figures and logs only

	// Leads: this person may go a little beyond the limits on places, client ids and bytes.
	Leads bool
	// ReadOnly: an update that holds anything new is dropped and answered with "permission denied".
	ReadOnly bool
	// Exclusive: structs of a client id that a connection of another participant holds are left out
	// of updates.
	Exclusive bool
	// Ack: the client asked for "saved" messages.
	Ack bool
	// Tag belongs to the caller, for example to note how the grant was obtained. Review gets it
	// back.
	Tag uint8
	// Revision belongs to the caller too: the version of the record that the grant was made from.
	Revision int64
	// Open: nobody has a verified identity, so the user.id of a presence is not checked.
	Open bool
	// Watched: Options.Presence gets the presence that this person publishes.
	Watched bool

	// Confirm, when not nil, is called once, after the connection has been counted among those of
	// its session. An error closes the connection, a *ClosedError with its own code. To take a
	// right away, change the record first and close connections afterwards. Then either Confirm
	// sees the change, or the connection is among those that are closed.
	Confirm func(context.Context) error
}
