package crdt

import "parley/crdt/internal/lib0"

// maxClock is the greatest Clock and ClientID of the wire, 2^53-1.
const maxClock = lib0.MaxSafeInteger

// ID names one unit of content: the Clock-th that the client inserted, counted from 0 (text counts
// UTF-16 units).
type ID struct {
	Client, Clock uint64
}

// IDRange is the units of one client with clocks in [From, To).
type IDRange struct {
	Client, From, To uint64
}

// span is a range of clocks [clock, clock+length) of a client, by ClientID.
type span struct {
	client, clock, length uint64
}
