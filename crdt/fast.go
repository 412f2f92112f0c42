package crdt

import "parley/crdt/internal/lib0"

// applyShort is the short way for what a person at a keyboard sends: one struct, or one deleted range,
// or both, whose causes are all known, while nothing waits and nobody listens. It reads the Update once
// and says whether it applied it; if not nothing has changed. The outcome is that of the long way.
func (d *Doc) applyShort(update []byte) bool {
	d.marker.age += 2 // in time to be void, whichever way is taken
	if len(update) < 2 || d.txn.depth > 0 || !d.pending.empty() || len(d.listeners) > 0 || len(d.observers) > 0 {
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
	if !ok || len(update) > maxData {
		return false
	}
	if update[0] == 0 {
		return del.length == 0 || d.deleteShort(del)
	}
	if del.length == 0 && d.appendToLast(update, f) {
		return true
	}
	return d.integrateShort(update, f, del)
}

// integrateShort integrates a struct that is the next of its client, and deletes a range.
func (d *Doc) integrateShort(update []byte, f *ref, del span) bool {
	if f.kind() == kindSkip || f.clock != d.state(f.client) {
		return false
	}
	if _, missing := d.cause(f); missing {
		return false
	}
	if slot := d.slot(f.client); len(d.clients[slot].data)+len(update) > maxData || len(d.clients) > maxSlots-2 {
		return false
	}
	if end := del.clock + del.length; del.length > 0 && end > d.state(del.client) && (del.client != f.client || end > f.clock+f.length) {
		return false
	}
	d.begin(nil, false)
	d.integrate(update, f, 0)
	if del.length > 0 {
		d.deleteRange(del)
	}
	d.commit()
	return true
}

// deleteShort deletes a range that is wholly known.
func (d *Doc) deleteShort(del span) bool {
	slot := d.slot(del.client)
	if slot == 0 || del.clock+del.length > d.clients[slot].next {
		return false
	}
	if d.deleteAtBorder(slot, del.clock, del.clock+del.length) {
		return true
	}
	d.begin(nil, false)
	d.deleteSpan(slot, del.clock, del.clock+del.length)
	d.commit()
	return true
}

// readOneRange reads a delete set that is empty, or holds one range, up to the end of the Update.
func readOneRange(r *lib0.Reader) (s span, ok bool) {
	clients := r.Uvarint()
	if clients > 1 {
		return span{}, false
	}
	if clients == 1 {
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
	if it.kind() != kind || it.deleted() || !d.sameRight(f, slot, it) ||
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
		it.meta |= flagWide
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
	return r.slot() == it.rslot && r.clock == it.rclock
}
