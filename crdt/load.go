package crdt

import (
	"parley/crdt/internal/lib0"
	"parley/crdt/internal/wire"
)

// loadFresh loads the whole state of a document into an empty one, as a server does from its store.
// It reads the Update once, straight into the arena and the tables of structs, and then looks for
// the neighbours of each item. done is false where it cannot do that: nothing has changed then, and
// the long way must be taken. The outcome of both ways is the same.
func (d *Doc) loadFresh(update []byte) (done bool, err error) {
	if len(d.clients) > 1 || d.txn.depth > 0 || !d.pending.empty() || len(d.listeners) > 0 || len(d.observers) > 0 ||
		len(update) > maxData {
		return false, nil
	}
	l := loader{doc: d, update: update, items: d.items, clients: d.clients, roots: len(d.types), lists: len(d.chains), rootSeq: len(d.rootSeq)}
	whole, err := l.decode()
	if err != nil || !whole {
		l.undo()
		return err != nil, err
	}
	d.begin(nil, false)
	d.txn.bulk = true
	d.conflicts.begin()
	if !l.link() {
		l.undo()
		d.txn.depth, d.txn.touched, d.txn.edges = 0, d.txn.touched[:0], d.txn.edges[:0]
		if d.conflicts.over {
			return true, ErrTooComplex
		}
		return false, nil
	}
	l.finish()
	d.commit()
	return true, nil
}

// loader fills an empty document from one Update.
//
// Invariant: the structs of a section lie side by side in the arena, in clock order, but for the
// right halves of those that were cut.
type loader struct {
	doc    *Doc
	update []byte
	state  []loading   // by slot; 0 is not used
	order  []uint32    // slots in the order of the sections
	likely []int32     // items that may be merged with the one before them
	dead   []wire.Span // what its structs say to be deleted
	full   bool        // there are too many clients
	same   bool        // the delete set is equal to dead
	ds     int         // offset of the delete set
	stack  []uint32    // sections whose next struct waits for one of another section
	slab   int         // how many a slab holds
	ents   []entry     // slabs
	chunks []chunk
	data   []byte
	// What the document was.
	items                 []item
	clients               []client
	roots, lists, rootSeq int
}

// loading is how far the section of a client has come.
type loading struct {
	first, next, end int32 // items: the first, the one to be linked next, one past the last
	size             int   // bytes of content
	waits            bool  // its next struct is on the stack
	// An index of the clocks: item index[clock>>shift] is the one that holds the first clock of
	// that bucket. Made when first asked for.
	index []int32
	shift uint8
}

// link gives each item its place, in the order in which integrator would. It reports false where a
// cause is not in the Update.
func (l *loader) link() bool {
	for _, slot := range l.order {
		for l.state[slot].next < l.state[slot].end {
			if !l.step(slot) || l.doc.conflicts.over {
				return false
			}
		}
	}
	return true
}

// step links the next item of a section, after the items of other sections that it needs.
func (l *loader) step(slot uint32) bool {
	d := l.doc
	for {
		st := &l.state[slot]
		i := st.next
		if need, missing := l.missing(&d.items[i]); missing {
			other := &l.state[need]
			if st.waits = true; other.waits || other.next == other.end {
				return false
			}
			l.stack = append(l.stack, slot)
			slot = need
			continue
		}
		st.waits = false
		st.next++
		l.place(i)
		n := len(l.stack) - 1
		if n < 0 {
			return true
		}
		slot, l.stack = l.stack[n], l.stack[:n]
	}
}

// missing tells of which client a cause is not linked yet.
func (l *loader) missing(it *item) (slot uint32, missing bool) {
	d := l.doc
	switch {
	case it.kind() == wire.KindGC:
	case it.oslot != 0 && it.oslot != it.slot() && it.oclock >= d.clients[it.oslot].next:
		return it.oslot, true
	case it.rslot != 0 && it.rslot != it.slot() && it.rclock >= d.clients[it.rslot].next:
		return it.rslot, true
	case it.oslot|it.rslot == 0:
		r := lib0.Reader{Buf: l.update, Pos: int(it.left)}
		if r.Uvarint() == 1 {
			return 0, false
		}
		slot, clock := l.slot(r.Uvarint()), r.Uvarint()
		return slot, slot != it.slot() && clock >= d.clients[slot].next
	}
	return 0, false
}

// place gives item i its neighbours, its chain and its content.
func (l *loader) place(i int32) {
	d := l.doc
	it := &d.items[i]
	c := &d.clients[it.slot()]
	if it.kind() == wire.KindGC {
		c.last, c.next = i, it.end()
		return
	}
	left, right, chn := l.neighbours(it)
	it = &d.items[i] // a cut may have moved the arena
	if chn == 0 {
		*it = item{clock: it.clock, length: it.length, meta: meta(wire.KindGC, it.slot()) | flagDeleted}
		c.ragged, c.dirty = true, true
		c.last, c.next = i, it.end()
		return
	}
	it.chain = chn
	switch it.kind() {
	case wire.KindDeleted:
	case wire.KindType:
		typ, name := uint8(it.right), int32(0)
		if typ == wire.TypeXMLElement || typ == wire.TypeXMLHook {
			name = d.keys.intern(l.update[it.off : it.off+it.size])
		}
		it.off, it.size = uint32(d.newType(typ, name, i)), 0
	default:
		off := len(c.data)
		c.data = append(c.data, l.update[it.off:it.off+it.size]...)
		it.off = uint32(off)
	}
	d.link(i, left, right)
	c.last, c.next = i, it.end()
	if !it.deleted() {
		d.count(i)
	}
}

// neighbours finds the items between which an item was made, and its chain. The chain is 0 where a
// neighbour or the parent is collected. Rules: INT-2, INT-3.
func (l *loader) neighbours(it *item) (left, right, chn int32) {
	d := l.doc
	slot, clock, parent := it.slot(), it.clock, int(it.left)
	oslot, oclock, rslot, rclock := it.oslot, it.oclock, it.rslot, it.rclock
	if oslot != 0 {
		if oslot == slot && oclock == clock-1 {
			left = d.clients[slot].last
		} else {
			left = l.cleanEnd(oslot, oclock)
		}
		x := &d.items[left]
		if x.kind() == wire.KindGC {
			chn = -1
		} else {
			chn = x.chain
			right = x.right
		}
	}
	if rslot != 0 {
		if y := &d.items[right]; right == 0 || y.clock != rclock || y.slot() != rslot {
			right = l.cleanStart(rslot, rclock)
		}
		if y := &d.items[right]; y.kind() == wire.KindGC {
			chn = -1
		} else if chn == 0 {
			chn = y.chain
		}
	} else {
		right = 0
	}
	switch {
	case chn < 0:
		return left, right, 0
	case chn > 0:
		return left, right, chn
	}
	return 0, 0, l.parent(slot, parent)
}

// parent returns the chain of an item without origins. Its parent stands at an offset of the
// Update.
func (l *loader) parent(own uint32, at int) int32 {
	d := l.doc
	r := lib0.Reader{Buf: l.update, Pos: at}
	typ := int32(0)
	if r.Uvarint() == 1 {
		typ = d.root(r.Bytes())
	} else {
		slot, clock := d.slot(r.Uvarint()), r.Uvarint()
		if p := &d.items[l.find(slot, clock)]; p.kind() == wire.KindType {
			typ = int32(p.off)
		}
	}
	if typ == 0 {
		return 0
	}
	if l.update[at-1]&wire.InfoSub == 0 {
		return d.types[typ].list
	}
	return d.openEntry(typ, d.keys.intern(r.Bytes()))
}

func (l *loader) cleanEnd(slot uint32, clock uint64) int32 {
	i := l.find(slot, clock)
	if it := &l.doc.items[i]; clock == it.end()-1 || it.kind() == wire.KindGC {
		return i
	}
	return l.doc.cleanEnd(slot, clock)
}

func (l *loader) cleanStart(slot uint32, clock uint64) int32 {
	i := l.find(slot, clock)
	if it := &l.doc.items[i]; clock == it.clock || it.kind() == wire.KindGC {
		return i
	}
	return l.doc.cleanStart(slot, clock)
}

// find returns the item that holds a clock, which must be linked.
func (l *loader) find(slot uint32, clock uint64) int32 {
	c := &l.doc.clients[slot]
	items := l.doc.items
	if items[c.last].clock <= clock {
		return c.last
	}
	st := &l.state[slot]
	if st.index == nil {
		l.makeIndex(slot)
	}
	b := min(clock>>st.shift, uint64(len(st.index)-2))
	i, end := st.index[b], st.index[b+1]
	for end-i > 8 {
		if mid := i + (end-i)/2; items[mid].clock <= clock {
			i = mid
		} else {
			end = mid
		}
	}
	for i < st.end && items[i].end() <= clock {
		i++
	}
	if i == st.end || items[i].clock > clock { // the one before it was cut
		return c.at(c.find(clock))
	}
	return i
}

// makeIndex makes the index of a section: about one bucket for each struct.
func (l *loader) makeIndex(slot uint32) {
	st, items := &l.state[slot], l.doc.items
	n := uint64(st.end - st.first)
	end := items[st.end-1].clock
	for end>>st.shift > 2*n {
		st.shift++
	}
	st.index = make([]int32, end>>st.shift+2)
	b := 0
	for i := st.first + 1; i < st.end; i++ {
		for ; uint64(b)<<st.shift < items[i].clock; b++ {
			st.index[b] = i - 1
		}
	}
	for ; b < len(st.index); b++ {
		st.index[b] = st.end - 1
	}
}

// finish deletes what is to be deleted, and merges what can be merged.
func (l *loader) finish() {
	d := l.doc
	if !l.same {
		d.applyDeleteSet(lib0.Reader{Buf: l.update, Pos: l.ds})
	}
	for _, i := range l.likely {
		if it := &d.items[i]; d.items[i-1].right == i || it.kind() == wire.KindGC {
			d.clients[it.slot()].ragged = true
		}
	}
	for _, slot := range l.order {
		if d.clients[slot].ragged {
			d.mergeFrom(slot, 0)
		}
	}
}

// undo makes the document empty again.
func (l *loader) undo() {
	d := l.doc
	d.items, d.clients = l.items, l.clients
	clear(d.clients[1:cap(d.clients)])
	d.slots = map[uint64]uint32{}
	clear(d.hot)
	d.order, d.orderClean = nil, true
	clear(d.byKey)
	for _, t := range d.rootSeq[l.rootSeq:] {
		delete(d.roots, d.types[t].name)
	}
	d.rootSeq = d.rootSeq[:l.rootSeq]
	d.types, d.chains = d.types[:l.roots], d.chains[:l.lists]
	for t := range d.types[1:] {
		b := &d.types[t+1]
		b.last, b.length, b.rich = b.list, 0, false
		d.chains[b.list] = chain{typ: int32(t + 1)}
	}
	d.freeTyp, d.freeChn = 0, 0
}
