// Package wire reads, writes and joins the byte strings that Yjs replicas exchange. It knows no
// document: what becomes of a struct in a document is the business of package crdt.
//
// # An Update
//
// An Update is a list of sections and a delete set. A section belongs to one client: the number of
// its structs, the ClientID, the Clock of the first struct, and the structs in clock order. A
// struct is an Item (its origins or its parent, then content), a GC (a run of which only the length
// is left) or a Skip (a gap). A delete set gives, for each client, the deleted ranges of clocks.
// All numbers are varUints of lib0. SPEC.md of package crdt numbers the rules.
//
// V1, the format of the y-websocket protocol, writes each struct on its own. V2 holds the same
// structs in run-length encoded columns; it is converted to V1 on its way in, and from V1 on its
// way out.
//
// # Where to look
//
//   - decode.go reads and checks a struct, a section and a whole Update. reader.go walks Updates
//     struct by struct. encode.go and buffer.go write.
//   - merge.go and mergequeue.go join Updates. diff.go cuts what a replica has. contents.go tells
//     what an Update holds.
//   - deleteset.go, statevector.go, content.go, value.go and json.go deal with one part each.
//   - v2columns.go, v2decode.go and v2encode.go are the V2 format.
//
// Bytes from outside are hostile: every length is checked against what remains, nothing is
// allocated by a count alone, and a failure is a *DecodeError. Functions whose comments say
// "checked" take only bytes that Scan or ReadStruct has seen.
package wire

import "parley/crdt/internal/lib0"

// MaxClock is the greatest Clock and ClientID of the wire, 2^53-1.
const MaxClock = lib0.MaxSafeInteger

// ID names one unit of content: the Clock-th that the client inserted, counted from 0 (text counts
// UTF-16 units).
type ID struct {
	Client uint64 `json:"client"`
	Clock  uint64 `json:"clock"`
}

// IDRange is the units of one client with clocks in [From, To).
type IDRange struct {
	Client, From, To uint64
}

// Span is a range of clocks [clock, clock+length) of a client, by ClientID.
type Span struct {
	Client, Clock, Length uint64
}

// The kinds of structs, as the low five bits of the info byte carry them. Rule: UPD-4.
const (
	KindGC      = 0
	KindDeleted = 1
	KindJSON    = 2
	KindBinary  = 3
	KindString  = 4
	KindEmbed   = 5
	KindFormat  = 6
	KindType    = 7
	KindAny     = 8
	KindDoc     = 9
	KindSkip    = 10

	InfoKind     = 0x1f
	InfoSub      = 0x20
	InfoRight    = 0x40
	InfoOrigin   = 0x80
	InfoNoParent = InfoOrigin | InfoRight // with either, the parent is copied from the neighbour
)

// The kinds of shared types, as ContentType carries them. Rule: UPD-7.
const (
	TypeArray       = 0
	TypeMap         = 1
	TypeText        = 2
	TypeXMLElement  = 3
	TypeXMLFragment = 4
	TypeXMLHook     = 5
	TypeXMLText     = 6
)
