package crdt

import (
	"slices"

	"parley/crdt/internal/wire"
)

// Flags of an item.
const (
	flagDeleted = 1 << (4 + iota)
	flagWide    // a string with more than ASCII in it
	flagFree    // on the free list
)

// An item's meta is its kind, its flags, and from bit metaSlot on the slot of its client.
const (
	metaKind = 0xf
	metaSlot = 8
	maxSlots = 1 << (32 - metaSlot) // of clients
)

// item is a struct in the arena: an Item, or a GC, of which only slot, clock and length count.
//
// Invariant: no pointers, so that the garbage collector never looks into a document.
// Invariant: length > 0, and clock+length is the clock of the client's next struct.
type item struct {
	clock, length  uint64
	oclock, rclock uint64 // clocks of origin and right origin
	oslot, rslot   uint32 // their clients; 0 when there is none
	meta           uint32 // kind, flags and own client
	left, right    int32  // neighbours in the list; 0 when there is none
	chain          int32  // the list or map entry that it stands in
	off, size      uint32 // content: bytes [off, off+size) of its client's data; KindType: off is the type
}

func meta(kind uint8, slot uint32) uint32 { return slot<<metaSlot | uint32(kind) }
func (it *item) kind() uint8              { return uint8(it.meta & metaKind) }
func (it *item) slot() uint32             { return it.meta >> metaSlot }
func (it *item) has(flag uint32) bool     { return it.meta&flag != 0 }
func (it *item) deleted() bool            { return it.meta&flagDeleted != 0 }
func (it *item) end() uint64              { return it.clock + it.length }

func (it *item) countable() bool {
	return it.kind() != wire.KindDeleted && it.kind() != wire.KindFormat
}

// newItem takes an item from the free list or appends one. Pointers into d.items are invalid after
// it.
func (d *Doc) newItem() int32 {
	if i := d.free; i != 0 {
		d.free = d.items[i].right
		d.freeItems--
		d.items[i] = item{}
		return i
	}
	if n := len(d.items); n == cap(d.items) {
		// Large documents grow by less than append would take, small ones by more: growing is most
		// of the cost of a young document.
		d.items = slices.Grow(d.items, max(8, min(n, n/10+768)))
	}
	d.items = append(d.items, item{})
	return int32(len(d.items) - 1)
}

func (d *Doc) freeItem(i int32) {
	d.items[i] = item{right: d.free, meta: flagFree}
	d.free = i
	d.freeItems++
}

// split cuts item i, which stands at p, after diff units and returns the right half. It must not be
// a GC. Rule: INT-7.
//
// Source: Yjs 13.6, src/structs/Item.js (splitItem).
func (d *Doc) split(p place, i int32, diff uint64) int32 {
	r := d.newItem()
	left, right := &d.items[i], &d.items[r]
	*right = *left
	right.clock += diff
	right.length -= diff
	right.oslot, right.oclock = left.slot(), right.clock-1
	right.left = i
	left.length, left.right = diff, r
	if right.right != 0 {
		d.items[right.right].left = r
	} else {
		d.chains[right.chain].last = r
	}
	d.splitContent(left, right)
	c := &d.clients[left.slot()]
	c.insert(place{p.chunk, p.entry + 1}, right.clock, r)
	if c.last == i {
		c.last = r
	}
	d.touch(left.slot(), right.clock)
	return r
}

// tryMerge joins item b, at p, to item a, the struct before it, where the rules allow it, and takes
// b out of the table. It reports whether it did.
func (d *Doc) tryMerge(a int32, p place, b int32) bool {
	c := &d.clients[d.items[a].slot()]
	if !d.join(a, b) {
		return false
	}
	c.remove(p)
	if c.last == b {
		c.last = a
	}
	return true
}

// join appends item b to item a, the struct before it, where the rules allow it, and reports
// whether it did. The caller takes b out of the table. Rule: INT-8.
//
// Source: Yjs 13.6, src/structs/Item.js and GC.js (mergeWith).
func (d *Doc) join(a, b int32) bool {
	x, y := &d.items[a], &d.items[b]
	if x.kind() != y.kind() || (x.meta^y.meta)&flagDeleted != 0 {
		return false
	}
	if x.kind() != wire.KindGC {
		if x.right != b || x.rslot != y.rslot || x.rclock != y.rclock ||
			y.oslot != y.slot() || y.oclock != y.clock-1 || !d.joinContent(x, y) {
			return false
		}
		x.right = y.right
		if y.right != 0 {
			d.items[y.right].left = a
		} else {
			d.chains[x.chain].last = a
		}
	}
	x.length += y.length
	d.freeItem(b)
	return true
}
