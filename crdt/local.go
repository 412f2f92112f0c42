package crdt

import (
	"errors"

	"parley/crdt/internal/lib0"
	"parley/crdt/internal/wire"
)

// Errors of local edits. An edit that fails changes nothing.
var (
	ErrRange   = errors.New("crdt: index or length out of range")
	ErrDeleted = errors.New("crdt: the shared type was deleted")
	ErrInUse   = errors.New("crdt: the shared type is part of a document already")
)

// handle is what Text, Map, Array and the XML types have in common: the type that they stand for. A
// handle of a deleted type reads as empty, and its edits fail with ErrDeleted.
type handle struct {
	d   *Doc
	typ int32
	gen uint32
	pre *prelim // what a new type is to hold; nil once it stands in a document
}

func (d *Doc) handle(t int32) handle { return handle{d: d, typ: t, gen: d.types[t].gen} }

// live tells whether the type still exists.
func (h handle) live() bool {
	if h.d == nil || h.d.types[h.typ].gen != h.gen {
		return false
	}
	parent := h.d.types[h.typ].item
	return parent == 0 || !h.d.items[parent].deleted()
}

// edit runs fn in a transaction of its own, or in the one that is open.
func (h handle) edit(fn func(d *Doc) error) (err error) {
	if !h.live() {
		return ErrDeleted
	}
	h.d.Transact(nil, func() { err = fn(h.d) })
	return err
}

func (h handle) length() int {
	if !h.live() {
		return 0
	}
	return int(h.d.types[h.typ].length)
}

// content is what a local edit inserts as one item.
type content struct {
	kind   uint8
	length uint64
	bytes  []byte // as Doc.bytes has it
	shared *prelim
	wide   bool
}

// insertLocal inserts content as this replica between two neighbours, of which 0 stands for none.
func (d *Doc) insertLocal(chn, left, right int32, c content) int32 {
	slot := d.openSlot(d.clientID)
	d.enter(slot)
	d.pending.recheck = true
	own := &d.clients[slot]
	it := item{clock: own.next, length: c.length, chain: chn, meta: meta(c.kind, slot)}
	if left != 0 {
		l := &d.items[left]
		it.oslot, it.oclock = l.slot(), l.end()-1
	}
	if right != 0 {
		r := &d.items[right]
		it.rslot, it.rclock = r.slot(), r.clock
	}
	if c.wide {
		it.meta |= flagWide
	}
	i := d.newItem()
	if c.kind == wire.KindType {
		name := int32(0)
		if c.shared.kind == wire.TypeXMLElement || c.shared.kind == wire.TypeXMLHook {
			name = d.keys.intern([]byte(c.shared.name))
		}
		it.off = uint32(d.newType(c.shared.kind, name, i))
	} else {
		it.off, it.size = uint32(len(own.data)), uint32(len(c.bytes))
		own.data = append(own.data, c.bytes...)
	}
	typ := int32(it.off)
	d.items[i] = it
	d.insert(i, left, right)
	if c.shared != nil {
		c.shared.fill(d, typ)
	}
	return i
}

// stringContent makes text content of s.
func stringContent(s string) (content, error) {
	units, ascii, ok := lib0.Measure([]byte(s))
	if !ok {
		return content{}, ErrUTF8
	}
	return content{kind: wire.KindString, length: units, bytes: []byte(s), wide: !ascii}, nil
}

// marker remembers the place of the last local edit, since the next one is mostly close by and need
// not walk there from the start of the list. Behind unit (slot, clock) of list typ, index units
// have passed.
//
// It is valid for the rest of its transaction and for the next one.
type marker struct {
	typ   int32
	slot  uint32
	clock uint64
	index uint64
	age   int // transactions begun since it was set
}

// setMarker sets the marker behind item left, where index units have passed.
func (d *Doc) setMarker(t, left int32, index uint64) {
	d.marker = marker{}
	if left != 0 {
		it := &d.items[left]
		d.marker = marker{typ: t, slot: it.slot(), clock: it.end() - 1, index: index}
	}
}

// start returns a place in list t from which index can be reached going right, and the units before
// that place. It clears the marker; an edit sets a new one.
func (d *Doc) start(t int32, index uint64) (left, right int32, before uint64) {
	m := d.marker
	d.marker = marker{}
	if m.typ != t || m.age > 1 || m.slot == 0 {
		return 0, d.listStart(t), 0
	}
	i := d.itemAt(m.slot, m.clock)
	it := &d.items[i]
	if it.kind() == wire.KindGC || d.chains[it.chain].typ != t { // another type has the index by now
		return 0, d.listStart(t), 0
	}
	before = m.index
	if !it.deleted() && it.countable() {
		before -= m.clock - it.clock + 1
	}
	if before > index {
		return 0, d.listStart(t), 0
	}
	return it.left, i, before
}

// seek walks list t to index and returns the items on either side, cutting one if need be.
// 0 <= index <= length.
//
// Source: Yjs 13.6, src/types/AbstractType.js (typeListInsertGenerics).
func (d *Doc) seek(t int32, index uint64) (left, right int32) {
	left, right, before := d.start(t, index)
	index -= before
	for index > 0 {
		it := &d.items[right]
		if !it.deleted() && it.countable() {
			if index < it.length {
				at := it.clock + index
				left = right
				return left, d.cleanStart(it.slot(), at)
			}
			index -= it.length
		}
		left, right = right, it.right
	}
	return left, right
}

// seekInsert is seek for an insertion: it stops right behind the unit before index. So deleted
// items between that unit and the next one stay on the right, wherever the marker was.
//
// Source: Yjs 13.6, src/types/AbstractType.js (typeListInsertGenerics).
func (d *Doc) seekInsert(t int32, index uint64) (left, right int32) {
	if index == 0 {
		d.marker = marker{}
		return 0, d.listStart(t)
	}
	left, right = d.seek(t, index)
	for left != 0 && (d.items[left].deleted() || !d.items[left].countable()) {
		left, right = d.items[left].left, left
	}
	return left, right
}

// deleteList deletes length units of list t from index on. other says whether to delete items that
// do not count too, such as formats. The range must lie in the list.
func (d *Doc) deleteList(t int32, index, length uint64, other bool) {
	left, i := d.seek(t, index)
	for i != 0 && length > 0 {
		it := &d.items[i]
		if !it.deleted() && (it.countable() || other) {
			if length < it.length {
				d.cleanStart(it.slot(), it.clock+length)
				it = &d.items[i]
			}
			if it.countable() {
				length -= it.length
			}
			d.deleteItem(i)
		}
		i = d.items[i].right
	}
	d.setMarker(t, left, index)
}

// checkRange tells whether [index, index+length) lies in a list of size units.
func checkRange(index, length, size int) error {
	if index < 0 || length < 0 || index > size || length > size-index {
		return ErrRange
	}
	return nil
}
