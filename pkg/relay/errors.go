package relay

import (
	"errors"
	"fmt"
)

// Errors that a caller can tell apart. Those of a Log are in log.go.
var (
	ErrTextMessage     = errors.New("text message on a binary connection") // from Socket.Read
	ErrMessageTooLarge = errors.New("message too large")                   // from Socket.Read
	ErrBadFrame        = errors.New("malformed websocket frame")           // from Socket.Read
	ErrQuiet           = errors.New("no input for a while")                // from Socket.Wait
	ErrDraining        = errors.New("the relay is shutting down")          // from Serve, View, Edit
	ErrNotStored       = errors.New("change applied, but not stored yet")  // from Edit
	ErrDocTooLarge     = errors.New("document too large")                  // from Edit
	ErrRoomFailed      = errors.New("room stopped by an internal error")   // from View, Edit
)

// ClosedError is the error of Serve when the server closed the connection.
type ClosedError struct {
	Code   CloseCode
	Reason string
	Cause  error // what led to the close, nil when the code says everything
}

// Error returns the code, the reason and the cause.
func (e *ClosedError) Error() string {
	if e.Cause != nil {
		return fmt.Sprintf("closed with %d (%s): %v", e.Code, e.Reason, e.Cause)
	}
	return fmt.Sprintf("closed with %d (%s)", e.Code, e.Reason)
}

// Unwrap returns the cause.
func (e *ClosedError) Unwrap() error { return e.Cause }
