package relay

import (
	"errors"
	"fmt"
)

// Errors that callers tell apart. ErrNoSession is in store.go.
var (
	ErrTextMessage     = errors.New("text message where only binary ones are spoken")          // from Socket.Read
	ErrMessageTooLarge = errors.New("message past the limit")                                  // from Socket.Read
	ErrBadFrame        = errors.New("bytes that are no websocket frame")                       // from Socket.Read
	ErrQuiet           = errors.New("nothing has come for a while")                            // from Socket.Wait
	ErrDraining        = errors.New("the relay is shutting down")                              // from Serve, View, Edit
	ErrNotStored       = errors.New("applied to the live document, but not stored yet")        // from Edit
	ErrDocTooLarge     = errors.New("the document would be larger than it may be")             // from Edit
	ErrRoomFailed      = errors.New("the room stopped on an internal error, its loss counted") // from View, Edit
)

// ClosedError is what Serve returns when the server ended the connection.
type ClosedError struct {
	Code   CloseCode
	Reason string
	Cause  error // what led to it, nil where the code says all
}

// Error gives code, reason and cause.
func (e *ClosedError) Error() string {
	if e.Cause != nil {
		return fmt.Sprintf("closed with %d (%s): %v", e.Code, e.Reason, e.Cause)
	}
	return fmt.Sprintf("closed with %d (%s)", e.Code, e.Reason)
}

// Unwrap gives the cause.
func (e *ClosedError) Unwrap() error { return e.Cause }
