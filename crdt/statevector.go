package crdt

import (
	"cmp"
	"slices"

	"parley/crdt/internal/lib0"
)

// EncodeStateVector tells what this replica has: for each client the next Clock expected, clients
// descending. What is pending is not in it. Rule: SV-1.
func (d *Doc) EncodeStateVector() []byte {
	order := d.descending()
	b := make([]byte, 0, 10+len(order)*12)
	b = lib0.AppendUvarint(b, uint64(len(order)))
	for _, s := range order {
		c := &d.clients[s]
		b = append(b, c.wire[:c.wireN]...)
		b = lib0.AppendUvarint(b, c.next)
	}
	return b
}

// ReadStateVector decodes a state vector: for each client the next Clock expected. Of a client that
// is named twice the last entry counts. The error is a *DecodeError.
func ReadStateVector(b []byte) (map[uint64]uint64, error) {
	r := lib0.Reader{Buf: b}
	sv := map[uint64]uint64{}
	for n := r.Uvarint(); n > 0 && r.Err == nil; n-- {
		client, clock := r.Uvarint(), r.Uvarint()
		if r.Err == nil {
			sv[client] = clock
		}
	}
	if r.Err != nil {
		return nil, decodeError("state vector", r.Err)
	}
	return sv, nil
}

// readVector decodes a state vector into out, clients descending. It is what ReadStateVector reads, without
// a map: most vectors are in that order already.
func readVector(b []byte, out []ID) ([]ID, error) {
	r := lib0.Reader{Buf: b}
	sorted := true
	for n := r.Uvarint(); n > 0 && r.Err == nil; n-- {
		id := ID{r.Uvarint(), r.Uvarint()}
		sorted = sorted && (len(out) == 0 || id.Client < out[len(out)-1].Client)
		out = append(out, id)
	}
	if r.Err != nil {
		return out, decodeError("state vector", r.Err)
	}
	if sorted {
		return out, nil
	}
	slices.Reverse(out) // of a client that is named twice the last entry is to come first
	slices.SortStableFunc(out, func(a, b ID) int { return cmp.Compare(b.Client, a.Client) })
	return slices.CompactFunc(out, func(a, b ID) bool { return a.Client == b.Client }), nil
}
