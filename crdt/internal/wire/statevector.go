package wire

import (
	"cmp"
	"slices"

	"parley/crdt/internal/lib0"
)

// ReadStateVector decodes a state vector: for each client the next Clock expected. Of a client that
// is named twice the last entry counts. The error is a *DecodeError.
func ReadStateVector(b []byte) (map[uint64]uint64, error) {
	ids, err := ReadVector(b, nil)
	if err != nil {
		return nil, err
	}
	sv := make(map[uint64]uint64, len(ids))
	for _, id := range ids {
		sv[id.Client] = id.Clock
	}
	return sv, nil
}

// ReadVector is ReadStateVector without a map. It appends to out, clients descending.
func ReadVector(b []byte, out []ID) ([]ID, error) {
	r := lib0.Reader{Buf: b}
	sorted := true
	for n := r.Uvarint(); n > 0 && r.Err == nil; n-- {
		id := ID{r.Uvarint(), r.Uvarint()}
		sorted = sorted && (len(out) == 0 || id.Client < out[len(out)-1].Client)
		out = append(out, id)
	}
	if r.Err != nil {
		return out, Malformed("state vector", r.Err)
	}
	if sorted {
		return out, nil
	}
	slices.Reverse(out) // of a client that is named twice the last entry is to come first
	slices.SortStableFunc(out, func(a, b ID) int { return cmp.Compare(b.Client, a.Client) })
	return slices.CompactFunc(out, func(a, b ID) bool { return a.Client == b.Client }), nil
}

// StateVectorOf gives the state vector of a document that holds this Update alone: of each client
// the clocks from 0 to the first gap, clients in the order of the Update. The error is a
// *DecodeError. Rule: SV-2.
//
// Source: Yjs 13.6, src/utils/updates.js (encodeStateVectorFromUpdateV2).
func StateVectorOf(update []byte) ([]byte, error) {
	r := newGapReader(update)
	var body []byte
	n := uint64(0)
	for !r.Done {
		client, known := r.Struct.Client, uint64(0)
		for counting := r.Struct.Clock == 0; !r.Done && r.Struct.Client == client; r.Next() {
			counting = counting && r.Struct.Kind() != KindSkip
			if counting {
				known = r.Struct.Clock + r.Struct.Length
			}
		}
		if known > 0 {
			n++
			body = lib0.AppendUvarint(lib0.AppendUvarint(body, client), known)
		}
	}
	if err := r.err(); err != nil {
		return nil, err
	}
	return append(lib0.AppendUvarint(make([]byte, 0, len(body)+9), n), body...), nil
}
