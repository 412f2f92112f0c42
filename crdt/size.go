package crdt

// Size says how much a Doc holds of what few bytes of Updates can make much of, so that a server can bound it.
type Size struct {
	Clients int // clients of whom there are structs, as in the state vector
	Roots   int // root types
	Pending int // clients whose structs wait for their causes, and deleted ranges of structs that are not known
}

// Size gives the figures of this moment, without looking through the document.
func (d *Doc) Size() Size {
	return Size{Clients: len(d.slots), Roots: len(d.roots), Pending: len(d.pending.clients) + len(d.pending.deletes)}
}

// RootNames gives the names of the root types in the order of their first mention. The caller owns the slice.
func (d *Doc) RootNames() []string {
	names := make([]string, 0, len(d.rootSeq))
	for _, t := range d.rootSeq {
		names = append(names, d.keyName(d.types[t].name))
	}
	return names
}
