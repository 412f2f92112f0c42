package relay

import (
	"maps"
	"slices"
	"strconv"
)

// CloseCode is the code of a websocket close frame. y-websocket takes 4400 to 4499 as final and reconnects
// after every other.
type CloseCode uint16

// Every code that the server closes a connection with.
const (
	CloseNormal      CloseCode = 1000 // the peer closed first, this answers; clients try again
	CloseRestart     CloseCode = 1012 // the node is going down; try again, on whichever node answers
	CloseMalformed   CloseCode = 4400 // a message could not be decoded, or was text; final
	CloseNoToken     CloseCode = 4401 // no token, or one that does not hold; final
	CloseForbidden   CloseCode = 4403 // not allowed here, or removed by an interviewer; final
	CloseNoSession   CloseCode = 4404 // there is no such session; final
	CloseGone        CloseCode = 4410 // the session was deleted or has expired; final
	CloseTooLarge    CloseCode = 4413 // the message is too large, or the document would be; final
	CloseUnavailable CloseCode = 4503 // the store does not answer, or the interview has not started; try again
	CloseTooMany     CloseCode = 4529 // too many messages a second, or the room is full; try again later
)

// closeReasons are the sentences of the close frames. Clients switch on the code, never on these.
var closeReasons = map[CloseCode]string{
	CloseNormal:      "",
	CloseRestart:     "service restart",
	CloseMalformed:   "malformed message",
	CloseNoToken:     "no valid token",
	CloseForbidden:   "not allowed",
	CloseNoSession:   "no such session",
	CloseGone:        "session deleted or expired",
	CloseTooLarge:    "message or document too large",
	CloseUnavailable: "store unavailable",
	CloseTooMany:     "rate exceeded",
}

// Final reports whether a client must not try again.
func (c CloseCode) Final() bool { return c >= 4400 && c < 4500 }

// Reason is the sentence that goes with the code where nobody gives a better one.
func (c CloseCode) Reason() string { return closeReasons[c] }

// String gives the code as a number, as it stands in logs and metrics.
func (c CloseCode) String() string { return strconv.Itoa(int(c)) }

// CloseCodes lists every code that the server closes a connection with, in order.
func CloseCodes() []CloseCode { return slices.Sorted(maps.Keys(closeReasons)) }
