package crdt

import "parley/crdt/internal/lib0"

// applyShort is the short way for what a person at a keyboard sends: one struct that goes on where its
// client's last item ends, or one deleted range next to what was deleted before, or both. It says
// whether it applied; if not nothing has changed. The outcome is that of the long way.
func (d *Doc) applyShort(update []byte) bool {
	if len(update) < 2 || d.txn.depth > 0 || !d.gc || !d.pending.empty() ||
		len(d.listeners) > 0 || len(d.observers) > 0 {
		return false
	}
	r := lib0.Reader{Buf: update, Pos: 1}
	f := &d.scratch.ref
	switch {
	case update[0] == 1 && update[1] == 1:
		r.Pos = 2
		client, clock := r.Uvarint(), r.Uvarint()
		readStruct(&r, f, client, clock)
	case update[0] != 0:
		return false
	}
	del, ok := readOneRange(&r)
	if !ok {
		return false
	}
	if update[0] == 0 {
		slot := d.slot(del.client)
		return slot != 0 && del.clock+del.length <= d.clients[slot].next &&
			d.deleteAtBorder(slot, del.clock, del.clock+del.length)
	}
	return del.length == 0 && d.appendToLast(update, f)
}

// readOneRange reads a delete set that is empty, or holds one range, up to the end of the Update.
func readOneRange(r *lib0.Reader) (s span, ok bool) {
	if r.Uvarint() == 1 {
		s.client = r.Uvarint()
		if r.Uvarint() != 1 {
			return span{}, false
		}
		s.clock, s.length = r.Uvarint(), r.Uvarint()
		if s.length == 0 || s.length > maxClock-s.clock {
			return span{}, false
		}
	}
	return s, r.Err == nil && r.Pos == len(r.Buf)
}

// appendToLast makes a struct part of its client's last item, where it goes on from its end with
// nothing in between, and says whether it did.
func (d *Doc) appendToLast(update []byte, f *ref) bool {
	kind := f.kind()
	if (kind != kindString && kind != kindAny) || f.info&infoOrigin == 0 ||
		f.origin.Client != f.client || f.origin.Clock != f.clock-1 {
		return false
	}
	slot := d.slot(f.client)
	if slot == 0 || d.clients[slot].next != f.clock {
		return false
	}
	c := &d.clients[slot]
	it := &d.items[c.last]
	if it.kind != kind || it.flags&flagDeleted != 0 || !d.sameRight(f, slot, it) ||
		int(it.off+it.size) != len(c.data) || len(c.data)+len(update) > maxData {
		return false
	}
	ch := &d.chains[it.chain]
	if ch.sub != 0 {
		return false
	}
	c.data = append(c.data, update[f.content:f.contentEnd]...)
	it.size += uint32(f.contentEnd - f.content)
	it.length += f.length
	if f.wide {
		it.flags |= flagWide
	}
	c.next += f.length
	d.types[ch.typ].length += f.length
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
