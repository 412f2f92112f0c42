package crdt

// appendToLast is the short way for typing: a struct that goes on where its client's last item ends,
// with nothing in between, becomes part of that item at once. It says whether it applied; the outcome
// is that of integrate and the merge that would follow.
func (d *Doc) appendToLast(update []byte, f *ref) bool {
	kind := f.kind()
	if (kind != kindString && kind != kindAny) || f.info&infoOrigin == 0 || d.txn.depth != 1 ||
		d.txn.recording || f.origin.Client != f.client || f.origin.Clock != f.clock-1 {
		return false
	}
	slot := d.slot(f.client)
	if slot == 0 || d.clients[slot].next != f.clock {
		return false
	}
	c := &d.clients[slot]
	it := &d.items[c.last]
	if it.kind != kind || it.flags&flagDeleted != 0 || !d.sameRight(f, slot, it) ||
		int(it.off+it.size) != len(c.data) || d.chains[it.chain].sub != 0 {
		return false
	}
	d.enter(slot)
	c.data = append(c.data, update[f.content:f.contentEnd]...)
	it.size += uint32(f.contentEnd - f.content)
	it.length += f.length
	if f.wide {
		it.flags |= flagWide
	}
	c.next += f.length
	d.types[d.chains[it.chain].typ].length += f.length
	return true
}

// sameRight tells whether f has the right origin of it, and that is also what stands right of it.
func (d *Doc) sameRight(f *ref, slot uint32, it *item) bool {
	if f.info&infoRight == 0 {
		return it.rslot == 0 && it.right == 0
	}
	if it.right == 0 || it.rclock != f.right.Clock || it.rslot != d.causeSlot(f, f.right, slot) {
		return false
	}
	r := &d.items[it.right]
	return r.slot == it.rslot && r.clock == it.rclock
}
