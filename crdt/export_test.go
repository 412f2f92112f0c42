package crdt

import (
	"parley/crdt/internal/lib0"
	"parley/crdt/internal/wire"
)

// SectionClients lists the clients of an update's sections in the order of the wire, for tests.
func SectionClients(update []byte) []uint64 {
	r := lib0.Reader{Buf: update}
	var out []uint64
	for n := r.Uvarint(); n > 0 && r.Err == nil; n-- {
		count, client, clock := r.Uvarint(), r.Uvarint(), r.Uvarint()
		out = append(out, client)
		for ; count > 0 && r.Err == nil; count-- {
			var f wire.Struct
			wire.ReadStruct(&r, &f, client, clock)
			clock += f.Length
		}
	}
	return out
}
