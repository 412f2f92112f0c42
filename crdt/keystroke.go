package crdt

import (
	"parley/crdt/internal/lib0"
	"parley/crdt/internal/wire"
)

// applyShort is the short way for what a person at a keyboard sends: one struct, or one deleted
// range, or both, whose causes are all known, while nothing waits and nobody listens. It reads the
// Update once and says whether it applied it; if not nothing has changed. The outcome is that of
// the long way.
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
		wire.ReadStruct(&r, f, client, clock)
	case update[0] != 0:
		return false
	}
	del, ok := readOneRange(&r)
	if !ok || len(update) > maxData {
		return false
	}
	if update[0] == 0 {
		return del.Length == 0 || d.deleteShort(del)
	}
	if del.Length == 0 && d.appendToLast(update, f) {
		return true
	}
	return d.integrateShort(update, f, del)
}

// integrateShort integrates a struct that is the next of its client, and deletes a range.
func (d *Doc) integrateShort(update []byte, f *wire.Struct, del wire.Span) bool {
	if f.Kind() == wire.KindSkip || f.Clock != d.state(f.Client) {
		return false
	}
	if _, missing := d.cause(f); missing {
		return false
	}
	if slot := d.slot(f.Client); len(d.clients[slot].data)+len(update) > maxData || len(d.clients) > maxSlots-2 {
		return false
	}
	if end := del.Clock + del.Length; del.Length > 0 && end > d.state(del.Client) && (del.Client != f.Client || end > f.Clock+f.Length) {
		return false
	}
	d.begin(nil, false)
	d.integrate(update, f, 0)
	if del.Length > 0 {
		d.deleteRange(del)
	}
	d.commit()
	return true
}

// deleteShort deletes a range that is wholly known.
func (d *Doc) deleteShort(del wire.Span) bool {
	slot := d.slot(del.Client)
	if slot == 0 || del.Clock+del.Length > d.clients[slot].next {
		return false
	}
	if d.deleteAtBorder(slot, del.Clock, del.Clock+del.Length) {
		return true
	}
	d.begin(nil, false)
	d.deleteSpan(slot, del.Clock, del.Clock+del.Length)
	d.commit()
	return true
}

// readOneRange reads a delete set that is empty, or holds one range, up to the end of the Update.
func readOneRange(r *lib0.Reader) (s wire.Span, ok bool) {
	clients := r.Uvarint()
	if clients > 1 {
		return wire.Span{}, false
	}
	if clients == 1 {
		s.Client = r.Uvarint()
		if r.Uvarint() != 1 {
			return wire.Span{}, false
		}
		s.Clock, s.Length = r.Uvarint(), r.Uvarint()
		if s.Length == 0 || s.Length > wire.MaxClock-s.Clock {
			return wire.Span{}, false
		}
	}
	return s, r.Err == nil && r.Pos == len(r.Buf)
}

// appendToLast makes a struct part of its client's last item, where it goes on from its end with
// nothing in between, and says whether it did.
func (d *Doc) appendToLast(update []byte, f *wire.Struct) bool {
	kind := f.Kind()
	if (kind != wire.KindString && kind != wire.KindAny) || f.Info&wire.InfoOrigin == 0 ||
		f.Origin.Client != f.Client || f.Origin.Clock != f.Clock-1 {
		return false
	}
	slot := d.slot(f.Client)
	if slot == 0 || d.clients[slot].next != f.Clock {
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
	c.data = append(c.data, update[f.Content:f.ContentEnd]...)
	it.size += uint32(f.ContentEnd - f.Content)
	it.length += f.Length
	if f.Wide {
		it.meta |= flagWide
	}
	c.next += f.Length
	d.types[ch.typ].length += f.Length
	return true
}

// sameRight tells whether f has the right origin of it, and that is also what stands right of it.
func (d *Doc) sameRight(f *wire.Struct, slot uint32, it *item) bool {
	if f.Info&wire.InfoRight == 0 {
		return it.rslot == 0 && it.right == 0
	}
	if it.right == 0 || it.rclock != f.Right.Clock || it.rslot != d.causeSlot(f, f.Right, slot) {
		return false
	}
	r := &d.items[it.right]
	return r.slot() == it.rslot && r.clock == it.rclock
}
