package crdt

import (
	"parley/crdt/internal/lib0"
	"parley/crdt/internal/wire"
)

// applyShort is the short way for a keystroke: an Update of one struct, or one deleted range, or
// both, whose causes are all known, while nothing waits and nobody listens. It reads the Update
// once. When it reports false, nothing has changed and the long way must be taken; the outcome of
// both ways is the same.
func (d *Doc) applyShort(update []byte) bool {
	d.marker.age += 2 // expires the marker; both ways do it
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

// integrateShort integrates the next struct of a client, and deletes a range.
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

// readOneRange reads a delete set that is empty or holds one range, and must end with the Update.
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

// appendToLast makes a struct part of the last item of its client where it continues that item and
// nothing stands between. It reports whether it did.
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

// sameRight tells whether f has the same right origin as the item, and that one is also the item's
// right neighbour.
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
