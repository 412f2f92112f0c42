package relay

import (
	"maps"
	"slices"
	"strconv"
)

// CloseCode is the code of a websocket close frame. y-websocket takes 4400 to 4499 as final and
// reconnects after every other code.
type CloseCode uint16

// The codes with which the server closes a connection.
const (
	CloseNormal      CloseCode = 1000 // answer to a close frame of the peer; try again
	CloseRestart     CloseCode = 1012 // the node is going down; try again, any node may answer
	CloseMalformed   CloseCode = 4400 // a message was malformed, or was a text message; final
	CloseNoToken     CloseCode = 4401 // the token is missing or not valid; final
	CloseForbidden   CloseCode = 4403 // not allowed, or removed by an interviewer; final
	CloseNoSession   CloseCode = 4404 // there is no such session; final
	CloseGone        CloseCode = 4410 // the session was deleted or has expired; final
	CloseTooLarge    CloseCode = 4413 // the message or the resulting document is too large; final
	CloseUnavailable CloseCode = 4503 // store failure, or the interview has not started; try again
	CloseTooMany     CloseCode = 4529 // too many messages, or the room is full; try again later
)

// closeReasons are the texts of the close frames. Clients decide by the code, never by the text.
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

// Reason returns the default text of the close frame.
func (c CloseCode) Reason() string { return closeReasons[c] }

// String returns the code as a number, as it appears in logs and metrics.
func (c CloseCode) String() string { return strconv.Itoa(int(c)) }

// CloseCodes lists every code with which the server closes a connection, in order.
func CloseCodes() []CloseCode { return slices.Sorted(maps.Keys(closeReasons)) }
