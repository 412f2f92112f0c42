package crdt

import (
	"math"

	"parley/crdt/internal/wire"
)

// cause returns a cause of a struct that is missing, if there is one. Rule: INT-1.
//
// Source: Yjs 13.6, src/structs/Item.js (getMissing).
func (d *Doc) cause(f *wire.Struct) (id ID, missing bool) {
	switch {
	case f.Kind() == wire.KindGC:
	case f.Info&wire.InfoOrigin != 0 && f.Origin.Client != f.Client && f.Origin.Clock >= d.state(f.Origin.Client):
		return f.Origin, true
	case f.Info&wire.InfoRight != 0 && f.Right.Client != f.Client && f.Right.Clock >= d.state(f.Right.Client):
		return f.Right, true
	case f.Info&wire.InfoNoParent == 0 && !f.Root && f.Parent.Client != f.Client && f.Parent.Clock >= d.state(f.Parent.Client):
		return f.Parent, true
	}
	return ID{}, false
}

// integrate adds a struct without its first offset units, which the document has. All its causes
// must be known. Rules: INT-2, INT-3, INT-4, INT-5, INT-6.
//
// Source: Yjs 13.6, src/structs/Item.js (integrate).
func (d *Doc) integrate(update []byte, f *wire.Struct, offset uint64) {
	slot := d.openSlot(f.Client)
	d.enter(slot)
	clock, length := f.Clock+offset, f.Length-offset
	if f.Kind() == wire.KindGC {
		d.addGC(slot, clock, length)
		return
	}
	it := item{clock: clock, length: length, meta: meta(f.Kind(), slot)}
	left, right := d.resolve(update, f, &it)
	if offset > 0 && it.chain != 0 {
		left = d.cleanEnd(slot, clock-1)
		it.oslot, it.oclock = slot, clock-1
		it.chain = d.items[left].chain // 0 for a GC
	}
	if it.chain == 0 {
		d.addGC(slot, clock, length)
		return
	}
	i := d.newItem()
	d.setContent(&it, i, update, f, offset)
	d.items[i] = it
	d.insert(i, left, right)
}

// resolve finds the neighbours and the chain of a struct. The chain stays 0 where a neighbour or
// the parent is collected. Then the struct is collected too. Rules: INT-2, INT-3.
func (d *Doc) resolve(update []byte, f *wire.Struct, it *item) (left, right int32) {
	if f.Info&wire.InfoOrigin != 0 {
		it.oslot, it.oclock = d.causeSlot(f, f.Origin, it.slot()), f.Origin.Clock
		left = d.cleanEnd(it.oslot, it.oclock)
	}
	if f.Info&wire.InfoRight != 0 {
		it.rslot, it.rclock = d.causeSlot(f, f.Right, it.slot()), f.Right.Clock
		// It is mostly the neighbour of left, where no search is needed.
		if left != 0 {
			right = d.items[left].right
		}
		if r := &d.items[right]; right == 0 || r.clock != it.rclock || r.slot() != it.rslot {
			right = d.cleanStart(it.rslot, it.rclock)
		}
	}
	switch {
	case (left != 0 && d.items[left].kind() == wire.KindGC) || (right != 0 && d.items[right].kind() == wire.KindGC):
	case left != 0:
		it.chain = d.items[left].chain
	case right != 0:
		it.chain = d.items[right].chain
	case f.Root:
		it.chain = d.chainOf(update, f, d.root(update[f.Name:f.NameEnd]))
	default:
		slot := d.causeSlot(f, f.Parent, it.slot())
		if p := &d.items[d.itemAt(slot, f.Parent.Clock)]; p.kind() == wire.KindType {
			it.chain = d.chainOf(update, f, int32(p.off))
		}
	}
	return left, right
}

func (d *Doc) causeSlot(f *wire.Struct, id ID, own uint32) uint32 {
	if id.Client == f.Client {
		return own
	}
	return d.slot(id.Client)
}

func (d *Doc) chainOf(update []byte, f *wire.Struct, t int32) int32 {
	if !f.HasSub {
		return d.types[t].list
	}
	return d.openEntry(t, d.keys.intern(update[f.Sub:f.SubEnd]))
}

// itemAt returns the struct that holds a clock. The clock must be known.
func (d *Doc) itemAt(slot uint32, clock uint64) int32 {
	c := &d.clients[slot]
	return c.at(c.find(clock))
}

// cleanEnd returns the struct that ends with clock, cleanStart the struct that begins with it. Both
// cut a struct where they must. A GC is returned whole. Rule: INT-2.
func (d *Doc) cleanEnd(slot uint32, clock uint64) int32 {
	c := &d.clients[slot]
	if it := &d.items[c.last]; clock == c.next-1 && it.end() == c.next {
		return c.last
	}
	p := c.find(clock)
	i := c.at(p)
	if it := &d.items[i]; clock != it.end()-1 && it.kind() != wire.KindGC {
		d.split(p, i, clock-it.clock+1)
	}
	return i
}

func (d *Doc) cleanStart(slot uint32, clock uint64) int32 {
	c := &d.clients[slot]
	p := c.find(clock)
	i := c.at(p)
	if it := &d.items[i]; clock != it.clock && it.kind() != wire.KindGC {
		return d.split(p, i, clock-it.clock)
	}
	return i
}

// addGC adds a collected struct, and joins it to the struct before it if that is collected too.
func (d *Doc) addGC(slot uint32, clock, length uint64) {
	c := &d.clients[slot]
	if c.last != 0 && d.items[c.last].kind() == wire.KindGC {
		d.items[c.last].length += length
	} else {
		i := d.newItem()
		d.items[i] = item{clock: clock, length: length, meta: meta(wire.KindGC, slot) | flagDeleted}
		c.push(clock, i)
	}
	c.next = clock + length
	c.dirty = true
	d.touch(slot, clock) // not noteDeleted: a GC says itself that it is deleted
	d.touch(slot, clock+length)
}

// tear cuts where the neighbours of a known struct begin and end, as integrate would. The halves
// merge again at once. But where a replica has cut a surrogate pair there, the pair is torn here
// too, as in Yjs. Rule: CON-4.
func (d *Doc) tear(f *wire.Struct) {
	if f.Kind() == wire.KindGC {
		return
	}
	own := d.slot(f.Client)
	if f.Info&wire.InfoOrigin != 0 {
		slot := d.causeSlot(f, f.Origin, own)
		if it := &d.items[d.itemAt(slot, f.Origin.Clock)]; it.has(flagWide) {
			d.cleanEnd(slot, f.Origin.Clock)
		}
	}
	if f.Info&wire.InfoRight != 0 {
		slot := d.causeSlot(f, f.Right, own)
		if it := &d.items[d.itemAt(slot, f.Right.Clock)]; it.has(flagWide) {
			d.cleanStart(slot, f.Right.Clock)
		}
	}
}

// insert puts item i between left and right into the list, into its client's structs, and into the
// length of its type. The item must be complete but for its neighbours.
func (d *Doc) insert(i, left, right int32) {
	d.link(i, left, right)
	it := &d.items[i]
	c := &d.clients[it.slot()]
	c.push(it.clock, i)
	c.next = it.end()
	d.touch(it.slot(), it.clock)
	ch := d.chains[it.chain]
	d.noteChanged(ch.typ, ch.sub)
	if it.deleted() {
		d.noteDeleted(it.slot(), it.clock, it.length)
		return
	}
	d.count(i)
}

// count adds item i, which is not deleted, to the length of its type. An item in a deleted type or
// in front of a newer value of its key is deleted.
func (d *Doc) count(i int32) {
	it := &d.items[i]
	ch := d.chains[it.chain]
	if it.kind() == wire.KindFormat {
		d.types[ch.typ].rich = true
	}
	if ch.sub == 0 && it.countable() {
		d.types[ch.typ].length += it.length
	}
	parent := d.types[ch.typ].item
	if (parent != 0 && d.items[parent].deleted()) || (ch.sub != 0 && it.right != 0) {
		d.deleteItem(i)
	}
}

// link finds the place of item i among concurrent items and joins it to its neighbours. The newest
// value of a key deletes the value before it. Rules: INT-4, INT-5.
func (d *Doc) link(i, left, right int32) {
	it := &d.items[i]
	if d.contested(left, right) {
		left = d.resolveConflict(it, left, right)
	}
	ch := &d.chains[it.chain]
	if left != 0 {
		right = d.items[left].right
		d.items[left].right = i
	} else {
		right = ch.first
		ch.first = i
	}
	it.left, it.right = left, right
	if right != 0 {
		d.items[right].left = i
		return
	}
	ch.last = i
	if ch.sub != 0 && left != 0 {
		d.deleteItem(left)
	}
}

// contested tells whether something was inserted between left and right meanwhile.
func (d *Doc) contested(left, right int32) bool {
	if left == 0 {
		return right == 0 || d.items[right].left != 0
	}
	return d.items[left].right != right
}

// resolveConflict returns the item behind which the new item belongs: the YATA rule with right
// origins.
//
// Yjs keeps two sets of items; here stamps tell them. An item is "before the origin" when this scan
// has passed it (stamp > seen). It is "conflicting" when that was after the last move of left
// (stamp > step).
//
// Source: Yjs 13.6, src/structs/Item.js (integrate). Rule: INT-4.
func (d *Doc) resolveConflict(it *item, left, right int32) int32 {
	d.readyStamps()
	seen, step := d.stamp, d.stamp
	o := d.chains[it.chain].first
	if left != 0 {
		o = d.items[left].right
	}
	own := d.clients[it.slot()].id
	for o != 0 && o != right {
		x := &d.items[o]
		d.stamp++
		d.stamps[o] = d.stamp
		if x.oslot == it.oslot && x.oclock == it.oclock {
			if d.clients[x.slot()].id < own {
				left, step = o, d.stamp
			} else if x.rslot == it.rslot && x.rclock == it.rclock {
				break
			}
		} else {
			stamp := d.originStamp(x)
			if stamp <= seen {
				break
			}
			if stamp <= step {
				left, step = o, d.stamp
			}
		}
		o = x.right
	}
	d.compared(uint64(d.stamp - seen))
	return left
}

// originStamp is the stamp of the item that holds the origin of x, 0 when x has no origin.
func (d *Doc) originStamp(x *item) uint32 {
	if x.oslot == 0 {
		return 0
	}
	if l := &d.items[x.left]; x.left != 0 && l.slot() == x.oslot && l.clock <= x.oclock && x.oclock < l.end() {
		return d.stamps[x.left]
	}
	return d.stamps[d.itemAt(x.oslot, x.oclock)]
}

// readyStamps makes sure that each item has a stamp, and that there are enough stamps left for a
// scan of all items. Stamps of earlier scans are lower, so they mean nothing. A document without
// conflicts holds no stamps.
func (d *Doc) readyStamps() {
	n := len(d.items)
	if n > len(d.stamps) {
		d.stamps = append(make([]uint32, 0, n+n/8+8), d.stamps...)
		d.stamps = d.stamps[:cap(d.stamps)]
	}
	if d.stamp > math.MaxUint32-uint32(n)-1 {
		clear(d.stamps)
		d.stamp = 0
	}
}

// setContent gives an item its content from an Update. The item will be stored at index i.
func (d *Doc) setContent(it *item, i int32, update []byte, f *wire.Struct, offset uint64) {
	switch it.kind() {
	case wire.KindDeleted:
		it.meta |= flagDeleted
		return
	case wire.KindType:
		name := int32(0)
		if f.Type == wire.TypeXMLElement || f.Type == wire.TypeXMLHook {
			name = d.keys.intern(update[f.Content:f.ContentEnd])
		}
		it.off = uint32(d.newType(f.Type, name, i))
		return
	}
	b := update[f.Content:f.ContentEnd]
	c := &d.clients[it.slot()]
	it.off = uint32(len(c.data))
	switch {
	case it.kind() == wire.KindString:
		if f.Wide {
			it.meta |= flagWide
		}
		at, torn := wire.CutNear(b, offset, f.Length)
		if torn {
			c.data = append(c.data, wire.Replacement...)
			at += 4
		}
		b = b[at:]
	case offset > 0: // Any, JSON
		b = b[wire.Elements(b, it.kind(), offset):]
	}
	c.data = append(c.data, b...)
	it.size = uint32(len(c.data)) - it.off
}
