package crdt

import "parley/crdt/internal/wire"

// deleteRange deletes the structs of a range and returns the part of it that is not known yet.
// Rule: DEL-1.
//
// Source: Yjs 13.6, src/utils/DeleteSet.js (readAndApplyDeleteSet).
func (d *Doc) deleteRange(s wire.Span) (rest wire.Span, unknown bool) {
	slot := d.slot(s.Client)
	if slot == 0 || s.Clock >= d.clients[slot].next {
		return s, true
	}
	c := &d.clients[slot]
	end := min(s.Clock+s.Length, c.next)
	if !d.deleteAtBorder(slot, s.Clock, end) {
		d.deleteSpan(slot, s.Clock, end)
	}
	if end < s.Clock+s.Length {
		return wire.Span{Client: s.Client, Clock: end, Length: s.Clock + s.Length - end}, true
	}
	return wire.Span{}, false
}

// deleteSpan deletes what a client has in [from, to). All of it must be known.
func (d *Doc) deleteSpan(slot uint32, from, to uint64) {
	c := &d.clients[slot]
	p := c.find(from)
	if i := c.at(p); !d.items[i].deleted() && d.items[i].clock < from {
		d.split(p, i, from-d.items[i].clock)
		p = c.find(from)
	}
	for {
		i := c.at(p)
		it := &d.items[i]
		if !it.deleted() {
			if to < it.end() {
				d.split(p, i, to-it.clock)
			}
			d.deleteItem(i)
		}
		if d.items[i].end() >= to {
			return
		}
		p, _ = c.succ(p)
	}
}

// deleteItem marks an item deleted and, if it is a shared type, all that stands in it. With
// collection on, its content is dropped at once. Rules: DEL-2, GC-1.
func (d *Doc) deleteItem(i int32) {
	it := &d.items[i]
	if it.deleted() {
		return
	}
	ch := d.chains[it.chain]
	if ch.sub == 0 && it.countable() {
		d.types[ch.typ].length -= it.length
	}
	it.meta |= flagDeleted
	d.noteChanged(ch.typ, ch.sub)
	d.noteDeleted(it.slot(), it.clock, it.length)
	if it.kind() == wire.KindType {
		d.deleteChildren(int32(it.off))
	}
	if d.collects() {
		d.collectContent(it)
	}
}

// collects tells whether deleted content is dropped at once.
func (d *Doc) collects() bool { return d.gc && !d.txn.keep }

func (d *Doc) collectContent(it *item) {
	d.dropContent(it)
	it.meta = it.meta&^metaKind | wire.KindDeleted
	it.meta &^= flagWide
}

// collectDeleted drops the content that the transaction deleted, once observers have no more need
// of it.
func (d *Doc) collectDeleted() {
	if !d.gc {
		return
	}
	for _, s := range d.txn.deleted {
		c := &d.clients[d.slot(s.Client)]
		for p, ok := c.find(s.Clock), true; ok; p, ok = c.succ(p) {
			it := &d.items[c.at(p)]
			if it.clock >= s.Clock+s.Length {
				break
			}
			if it.kind() == wire.KindGC || it.kind() == wire.KindDeleted {
				continue
			}
			if it.kind() == wire.KindType {
				d.deleteChildren(int32(it.off))
			}
			d.collectContent(it)
		}
	}
}

// deleteChildren deletes all that stands in type t, however deep. It is a loop, since the sender
// chooses the depth. With collection on, the items become GC structs. Rules: DEL-2, GC-2.
func (d *Doc) deleteChildren(t int32) {
	collect := d.collects()
	todo := append(d.scratch.walk[:0], t)
	for len(todo) > 0 {
		t := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		for n := d.types[t].list; n != 0; n = d.chains[n].next {
			for i := d.chains[n].first; i != 0; {
				it := &d.items[i]
				next := it.right
				if it.kind() == wire.KindType && (collect || !it.deleted()) {
					todo = append(todo, int32(it.off))
				}
				if !it.deleted() {
					it.meta |= flagDeleted
					d.noteDeleted(it.slot(), it.clock, it.length)
				}
				if collect {
					d.collect(it)
				}
				i = next
			}
		}
		d.types[t].length = 0
		if collect {
			d.freeType(t)
		}
	}
	d.scratch.walk = todo
}

// collect turns an item into a GC struct, which keeps nothing but its clocks.
func (d *Doc) collect(it *item) {
	d.dropContent(it)
	d.touch(it.slot(), it.clock)
	d.touch(it.slot(), it.end())
	*it = item{clock: it.clock, length: it.length, meta: meta(wire.KindGC, it.slot()) | flagDeleted}
}

// deleteAtBorder is the short way for the backspace and the delete key. Where [from, to) is the end
// of a string before a deleted run, or the start of a string behind one, only the border between
// the two moves. It reports whether it applied. The outcome is that of deleteSpan and the merge
// after it.
func (d *Doc) deleteAtBorder(slot uint32, from, to uint64) bool {
	c := &d.clients[slot]
	p := c.find(from)
	i := c.at(p)
	x := &d.items[i]
	if !d.gc || d.txn.recording || x.kind() != wire.KindString || d.chains[x.chain].sub != 0 {
		return false
	}
	var cutBytes int
	switch {
	case from > x.clock && to == x.end():
		cutBytes = d.moveBorderLeft(c, p, i, from)
	case from == x.clock && to < x.end():
		cutBytes = d.moveBorderRight(c, p, i, to)
	}
	if cutBytes == 0 {
		return false
	}
	c.dirty = true
	c.dead += cutBytes
	if c.dead >= compactAt {
		d.compact(slot)
	}
	d.types[d.chains[x.chain].typ].length -= to - from
	return true
}

// moveBorderLeft makes the deleted run behind string i begin at clock. It returns the bytes that
// the string lost, 0 when the two would not merge.
func (d *Doc) moveBorderLeft(c *client, p place, i int32, clock uint64) int {
	q, ok := c.succ(p)
	if !ok {
		return 0
	}
	x := &d.items[i]
	y := &d.items[c.at(q)]
	if !d.borders(x, y) || x.right != c.at(q) {
		return 0
	}
	at, torn := int(clock-x.clock), false
	if x.has(flagWide) {
		at, torn = wire.CutNear(d.bytes(x), clock-x.clock, x.length)
	}
	if torn || !c.setClock(q, clock) {
		return 0
	}
	moved := x.end() - clock
	lost := int(x.size) - at
	x.length -= moved
	x.size = uint32(at)
	y.clock, y.oclock = clock, clock-1
	y.length += moved
	return lost
}

// moveBorderRight makes the deleted run in front of string i end at clock.
func (d *Doc) moveBorderRight(c *client, p place, i int32, clock uint64) int {
	q, ok := c.prev(p)
	if !ok {
		return 0
	}
	x := &d.items[i]
	y := &d.items[c.at(q)]
	if !d.borders(y, x) || y.right != i {
		return 0
	}
	moved := clock - x.clock
	at, torn := int(moved), false
	if x.has(flagWide) {
		at, torn = wire.CutNear(d.bytes(x), moved, x.length)
	}
	if torn || !c.setClock(p, clock) {
		return 0
	}
	x.clock, x.oclock = clock, clock-1
	x.length -= moved
	x.off += uint32(at)
	x.size -= uint32(at)
	y.length += moved
	return at
}

// borders tells whether one of a and b, neighbours in clock order, is a deleted run, and both are
// else alike. The other one is a string.
func (d *Doc) borders(a, b *item) bool {
	return (a.kind() == wire.KindDeleted || b.kind() == wire.KindDeleted) &&
		a.rslot == b.rslot && a.rclock == b.rclock &&
		b.oslot == b.slot() && b.oclock == b.clock-1
}
