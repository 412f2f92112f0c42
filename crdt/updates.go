package crdt

import "parley/crdt/internal/wire"

// What works on the bytes of Updates alone, without a document, is in internal/wire.

// ID names one unit of content: the Clock-th that the client inserted, counted from 0 (text counts
// UTF-16 units).
type ID = wire.ID

// IDRange is the units of one client with clocks in [From, To).
type IDRange = wire.IDRange

// Undefined is JavaScript's undefined as a value.
type Undefined = wire.Undefined

// DecodeError says where an Update, a state vector or a relative position could not be read, and
// what was expected there: What (string), Offset (int, in bytes), Want (string).
type DecodeError = wire.DecodeError

// Errors of Updates and of values.
var (
	// ErrTooLarge is returned for an Update that would take what one client wrote past 2 GiB, or
	// the number of clients past 16 million.
	ErrTooLarge = wire.ErrTooLarge
	ErrValue    = wire.ErrValue
	ErrUTF8     = wire.ErrUTF8
)

// MergeUpdates joins Updates into one that has the same effect. Gaps between the structs of a
// client become Skips. One Update alone is returned as it is; none at all give the empty Update.
// The error is a *DecodeError.
func MergeUpdates(updates ...[]byte) ([]byte, error) { return wire.Merge(updates...) }

// DiffUpdate cuts from an Update what the replica with this state vector has already; the delete
// set stays whole. The error is a *DecodeError.
func DiffUpdate(update, stateVector []byte) ([]byte, error) { return wire.Diff(update, stateVector) }

// EncodeStateVectorFromUpdate gives the state vector of a document that holds this Update alone: of
// each client the clocks from 0 to the first gap. The error is a *DecodeError.
func EncodeStateVectorFromUpdate(update []byte) ([]byte, error) { return wire.StateVectorOf(update) }

// ReadStateVector decodes a state vector: for each client the next Clock expected. Of a client that
// is named twice the last entry counts. The error is a *DecodeError.
func ReadStateVector(b []byte) (map[uint64]uint64, error) { return wire.ReadStateVector(b) }

// UpdateClients tells which structs an Update carries: per section the client and the clocks from
// its first struct to the end of its last, in the order of the wire. The error is a *DecodeError.
func UpdateClients(update []byte) ([]IDRange, error) { return wire.Clients(update) }

// UpdateRoots gives the names of the root types that an Update puts something into, each once. The
// error is a *DecodeError.
func UpdateRoots(update []byte) ([]string, error) { return wire.Roots(update) }

// UpdateLength tells how many structs and how many deleted ranges an Update carries. The error is a
// *DecodeError.
func UpdateLength(update []byte) (structs, deleted int, err error) { return wire.Length(update) }

// ConvertUpdateFormatV1ToV2 rewrites an Update in the V2 format. The error is a *DecodeError.
func ConvertUpdateFormatV1ToV2(update []byte) ([]byte, error) { return wire.ToV2(update) }

// ConvertUpdateFormatV2ToV1 rewrites an Update of the V2 format in V1. The error is a *DecodeError,
// or ErrTooLarge where the Update would grow out of all proportion.
func ConvertUpdateFormatV2ToV1(update []byte) ([]byte, error) { return wire.FromV2(update) }
