package wire

import (
	"errors"
	"fmt"

	"parley/crdt/internal/lib0"
)

// DecodeError says where bytes from outside could not be read, and what was expected there.
type DecodeError struct {
	What   string // "update", "state vector", …
	Offset int    // in bytes
	Want   string
}

func (e *DecodeError) Error() string {
	return fmt.Sprintf("decode %s: offset %d: expected %s", e.What, e.Offset, e.Want)
}

// Malformed makes a *DecodeError of what a reader found, and nil of nil.
func Malformed(what string, err *lib0.Error) error {
	if err == nil {
		return nil
	}
	return &DecodeError{what, err.Offset, err.Want}
}

// ErrTooLarge is returned for an Update that would take what one client wrote past 2 GiB, or the
// number of clients past 16 million.
var ErrTooLarge = errors.New("crdt: the content of one client would exceed 2 GiB, or the clients 16 million")

// Errors of values that the wire cannot hold.
var (
	ErrValue = errors.New("crdt: a value of this Go type cannot be stored")
	ErrUTF8  = errors.New("crdt: the string is not valid UTF-8")
)
