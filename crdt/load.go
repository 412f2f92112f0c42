package crdt

import (
	"encoding/binary"
	"math"
	"slices"

	"parley/crdt/internal/lib0"
)

// loadFresh is the way for the whole state of a document that comes to an empty one: what a server reads
// from its store, and a new replica from a server. It reads the Update once, straight into the arena and
// the tables of structs, and only then looks for the neighbours of each item. done says whether it
// applied the Update, or found it malformed; if not nothing has changed. The outcome is that of the
// long way.
func (d *Doc) loadFresh(update []byte) (done bool, err error) {
	if len(d.clients) > 1 || d.txn.depth > 0 || !d.pending.empty() || len(d.listeners) > 0 || len(d.observers) > 0 ||
		len(update) > maxData {
		return false, nil
	}
	l := loader{doc: d, update: update, items: d.items, roots: len(d.types), lists: len(d.chains), rootSeq: len(d.rootSeq)}
	whole, err := l.decode()
	if err != nil || !whole {
		l.undo()
		return err != nil, err
	}
	d.begin(nil, false)
	d.txn.bulk = true
	if !l.link() {
		l.undo()
		d.txn.depth, d.txn.touched, d.txn.edges = 0, d.txn.touched[:0], d.txn.edges[:0]
		return false, nil
	}
	l.finish()
	d.commit()
	return true, nil
}

// loader fills an empty document from one Update.
//
// Invariant: the structs of a section lie side by side in the arena, in clock order, but for the right
// halves of those that were cut.
type loader struct {
	doc    *Doc
	update []byte
	state  []loading // by slot; 0 is not used
	order  []uint32  // slots in the order of the sections
	likely []int32   // items that may be merged with the one before them
	dead   []span    // what is deleted by its structs' own account
	full   bool      // there are too many clients
	same   bool      // the delete set says just that
	ds     int       // where it begins
	stack  []uint32  // sections whose next struct waits for one of another section
	slab   int       // how many a slab holds
	ents   []entry   // slabs
	chunks []chunk
	data   []byte
	// What the document was.
	items                 []item
	roots, lists, rootSeq int
}

// loading is how far the section of a client has come.
type loading struct {
	first, next, end int32 // items: the first, the one to be linked next, one past the last
	size             int   // bytes of content
	waits            bool  // its next struct is on the stack
	// An index of the clocks: item index[clock>>shift] is the one that holds the first clock of that
	// bucket. Made when first asked for.
	index []int32
	shift uint8
}

// decode reads the whole Update into items and tables, and checks it. whole is false where the Update is
// not the complete state of a document, as Yjs writes it.
func (l *loader) decode() (whole bool, err error) {
	r := lib0.Reader{Buf: l.update}
	last := uint64(math.MaxUint64)
	n := r.Uvarint()
	l.expect(int(min(n, uint64(len(l.update)/8))))
	for ; n > 0 && r.Err == nil; n-- {
		count, client, clock := r.Uvarint(), r.Uvarint(), r.Uvarint()
		if r.Err != nil {
			break
		}
		if count == 0 || clock != 0 || client >= last {
			return false, nil
		}
		last = client
		if !l.section(&r, client, count) {
			return false, nil
		}
	}
	l.ds = r.Pos
	l.readDeleteSet(&r)
	if r.Err != nil {
		return false, decodeError("update", r.Err)
	}
	for s := 1; s < len(l.state); s++ {
		if l.state[s].end == 0 {
			return false, nil // a cause of a client of whom nothing is here
		}
	}
	return len(l.order) > 0 && !l.full, nil
}

// expect makes room for n clients.
func (l *loader) expect(n int) {
	d := l.doc
	l.state = make([]loading, 1, n+1)
	l.order = make([]uint32, 0, n)
	l.slab = min(n, 512)
	if n > 8 {
		d.clients = slices.Grow(d.clients, n)
		d.slots = make(map[uint64]uint32, n)
	}
}

// slot returns the slot of a client, making it when it is new.
func (l *loader) slot(client uint64) uint32 {
	if len(l.doc.clients) > maxSlots-2 {
		l.full = true
		return 1
	}
	s := l.doc.openSlot(client)
	if int(s) == len(l.state) {
		l.state = append(l.state, loading{})
	}
	return s
}

// section reads the structs of a client. It reports false for a Skip.
func (l *loader) section(r *lib0.Reader, client, count uint64) bool {
	d := l.doc
	slot := l.slot(client)
	own := ownName(&d.clients[slot])
	first := len(d.items)
	l.makeRoom(r, count)
	f := &d.scratch.ref
	clock, size := uint64(0), 0
	prev := &item{}
	for ; count > 0; count-- {
		n := len(d.items)
		if n == cap(d.items) {
			l.makeRoom(r, count)
		}
		d.items = d.items[:n+1]
		it := &d.items[n]
		if end := l.readRun(it, r.Pos, slot, clock, own); end != 0 {
			r.Pos = end
			size += int(it.size)
		} else {
			readStruct(r, f, client, clock)
			if r.Err != nil {
				return true
			}
			if f.kind() == kindSkip {
				return false
			}
			*it = item{clock: clock, length: f.length, meta: meta(f.kind(), slot)}
			size += l.fill(it, f)
		}
		clock += it.length
		if it.kind() == prev.kind() && n > first {
			l.noteLikely(prev, it)
		}
		if it.deleted() {
			l.noteDead(client, it)
		}
		prev = it
	}
	st := &l.state[slot]
	st.first, st.next, st.end, st.size = int32(first), int32(first), int32(len(d.items)), size
	l.order = append(l.order, slot)
	l.table(slot)
	return true
}

// wireName is a ClientID as it stands on the wire: the n bytes of mask.
type wireName struct {
	bytes, mask uint64
	n           int
}

func ownName(c *client) wireName {
	mask := ^uint64(0) >> (64 - 8*uint(c.wireN))
	return wireName{binary.LittleEndian.Uint64(c.wire[:]) & mask, mask, int(c.wireN)}
}

// readRun is readStruct and fill for what documents consist of for the most part: strings and deleted
// runs that have an origin or a right origin. It returns where the struct ends; 0, when it is another,
// or anything is wrong with it, which readStruct will tell.
func (l *loader) readRun(it *item, pos int, slot uint32, clock uint64, own wireName) (end int) {
	buf := l.update
	if len(buf)-pos < maxHead+8 {
		return 0
	}
	info := buf[pos]
	kind := info & infoKind
	if (kind != kindString && kind != kindDeleted) || info&infoNoParent == 0 {
		return 0
	}
	p := pos + 1
	var oslot, rslot uint32
	var oclock, rclock uint64
	if info&infoOrigin != 0 {
		if oslot, oclock, p = l.readCause(p, slot, clock, own); p == 0 {
			return 0
		}
	}
	if info&infoRight != 0 {
		if rslot, rclock, p = l.readCause(p, slot, clock, own); p == 0 {
			return 0
		}
	}
	length, n := lib0.Squeeze(binary.LittleEndian.Uint64(buf[p:]))
	if p += n; n == 0 || length == 0 {
		return 0
	}
	*it = item{clock: clock, length: length, oclock: oclock, rclock: rclock, oslot: oslot, rslot: rslot, meta: meta(kind, slot)}
	if kind == kindDeleted {
		it.meta |= flagDeleted
	} else {
		if length > uint64(len(buf)-p) {
			return 0
		}
		it.off, it.size = uint32(p), uint32(length)
		units, ascii, ok := lib0.Measure(buf[p : p+int(length)])
		if !ok {
			return 0
		}
		if it.length = units; !ascii {
			it.meta |= flagWide
		}
		p += int(length)
	}
	if it.length > maxClock-clock {
		return 0
	}
	return p
}

// readCause reads an ID at p, and returns where it ends; 0, when anything is wrong with it.
func (l *loader) readCause(p int, own uint32, clock uint64, name wireName) (slot uint32, at uint64, end int) {
	x := binary.LittleEndian.Uint64(l.update[p:])
	slot = own
	if x&name.mask == name.bytes {
		p += name.n
	} else {
		client, n := lib0.Squeeze(x)
		if n == 0 {
			return 0, 0, 0
		}
		slot = l.slot(client)
		p += n
	}
	at, n := lib0.Squeeze(binary.LittleEndian.Uint64(l.update[p:]))
	if n == 0 || (slot == own && at >= clock) {
		return 0, 0, 0
	}
	return slot, at, p + n
}

// makeRoom makes room for count more items, or for as many as the rest of the Update may hold when it goes on
// as it began.
func (l *loader) makeRoom(r *lib0.Reader, count uint64) {
	d := l.doc
	rest := len(l.update) - r.Pos
	want := min(count, uint64(rest/8+1))
	if uint64(cap(d.items)-len(d.items)) >= want {
		return
	}
	more := 0
	if len(d.items) > 64 {
		more = len(d.items) * rest / r.Pos
		more += more / 16
	}
	d.items = slices.Grow(d.items, max(int(want), min(more, rest/4)))
}

// fill gives an item what its struct says. Until it is linked, off is where its content stands in the
// Update, left where its parent stands, and right which kind of shared type it is. It returns the bytes that
// its content will take.
func (l *loader) fill(it *item, f *ref) int {
	if it.kind() == kindGC {
		it.meta |= flagDeleted
		return 0
	}
	if f.info&infoOrigin != 0 {
		it.oslot, it.oclock = it.slot(), f.origin.Clock
		if f.origin.Client != f.client {
			it.oslot = l.slot(f.origin.Client)
		}
	}
	if f.info&infoRight != 0 {
		it.rslot, it.rclock = it.slot(), f.right.Clock
		if f.right.Client != f.client {
			it.rslot = l.slot(f.right.Client)
		}
	}
	if f.info&infoNoParent == 0 {
		it.left = int32(f.start + 1)
	}
	switch it.kind() {
	case kindDeleted:
		it.meta |= flagDeleted
		return 0
	case kindType:
		it.right = int32(f.typ)
	case kindString:
		if f.wide {
			it.meta |= flagWide
		}
	}
	it.off, it.size = uint32(f.content), uint32(f.contentEnd-f.content)
	if it.kind() == kindType {
		return 0
	}
	return int(it.size)
}

// noteLikely remembers y if it will merge with x, the struct before it and of the same kind, unless something comes between them.
func (l *loader) noteLikely(x, y *item) {
	if y.kind() == kindGC || (y.oclock == y.clock-1 && y.oslot == y.slot() && x.rslot == y.rslot && x.rclock == y.rclock) {
		l.likely = append(l.likely, int32(len(l.doc.items)-1))
	}
}

func (l *loader) noteDead(client uint64, it *item) {
	if n := len(l.dead) - 1; n >= 0 && l.dead[n].client == client && l.dead[n].clock+l.dead[n].length == it.clock {
		l.dead[n].length += it.length
		return
	}
	l.dead = append(l.dead, span{client, it.clock, it.length})
}

// readDeleteSet checks the delete set, and whether it says what the structs say already, as it does in
// the state of a document that collects.
func (l *loader) readDeleteSet(r *lib0.Reader) {
	l.same = true
	k := 0
	for n := r.Uvarint(); n > 0 && r.Err == nil; n-- {
		client := r.Uvarint()
		for left := r.Uvarint(); left > 0 && r.Err == nil; left-- {
			at := r.Pos
			s := span{client, r.Uvarint(), r.Uvarint()}
			if s.length > maxClock-s.clock {
				r.Fail(at, "a range that ends below 2^53")
			}
			if l.same = l.same && k < len(l.dead) && l.dead[k] == s; l.same {
				k++
			}
		}
	}
}

// table makes the table of a client's structs.
func (l *loader) table(slot uint32) {
	c, st := &l.doc.clients[slot], &l.state[slot]
	items := l.doc.items[st.first:st.end]
	ents := carve(&l.ents, len(items), l.slab)
	c.chunks = carve(&l.chunks, (len(items)+chunkSize-1)/chunkSize, l.slab)[:0]
	for from := 0; from < len(items); {
		base := items[from].clock
		to := from
		for ; to < min(from+chunkSize, len(items)) && items[to].clock-base <= math.MaxUint32; to++ {
			ents[to] = entry{uint32(items[to].clock - base), st.first + int32(to)}
		}
		c.chunks = append(c.chunks, chunk{base, ents[from:to:to]})
		from = to
	}
	c.data = carve(&l.data, st.size, 8*l.slab)[:0]
	c.dirty = len(l.dead) > 0 && l.dead[len(l.dead)-1].client == c.id
	c.seen = l.doc.txn.id + 1 // of the transaction that is about to begin
}

// carve takes a slice of n from a slab, so that a thousand clients who wrote a line each do not take a
// thousand allocations. Large ones have their own.
func carve[T any](slab *[]T, n, size int) []T {
	if n > size/8 {
		return make([]T, n)
	}
	if len(*slab) < n {
		*slab = make([]T, size)
	}
	out := (*slab)[:n:n]
	*slab = (*slab)[n:]
	return out
}

// link gives each item its place, in the order in which integrator would. It reports false where a
// struct waits for one that is not there.
func (l *loader) link() bool {
	for _, slot := range l.order {
		for l.state[slot].next < l.state[slot].end {
			if !l.step(slot) {
				return false
			}
		}
	}
	return true
}

// step links the next item of a section, and before it those of other sections that it needs.
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
	case it.kind() == kindGC:
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
	if it.kind() == kindGC {
		c.last, c.next = i, it.end()
		return
	}
	left, right, chn := l.neighbours(it)
	it = &d.items[i] // a cut may have moved it
	if chn == 0 {
		*it = item{clock: it.clock, length: it.length, meta: meta(kindGC, it.slot()) | flagDeleted}
		c.ragged, c.dirty = true, true
		c.last, c.next = i, it.end()
		return
	}
	it.chain = chn
	switch it.kind() {
	case kindDeleted:
	case kindType:
		typ, name := uint8(it.right), int32(0)
		if typ == typeXMLElement || typ == typeXMLHook {
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

// neighbours finds the items between which an item was made, and its chain: 0 where a neighbour or the
// parent is collected. Rules: INT-2, INT-3.
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
		if x.kind() == kindGC {
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
		if y := &d.items[right]; y.kind() == kindGC {
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

// parent returns the chain that an item without origins stands in; what it is stands at a place in the
// Update.
func (l *loader) parent(own uint32, at int) int32 {
	d := l.doc
	r := lib0.Reader{Buf: l.update, Pos: at}
	typ := int32(0)
	if r.Uvarint() == 1 {
		typ = d.root(r.Bytes())
	} else {
		slot, clock := d.slot(r.Uvarint()), r.Uvarint()
		if p := &d.items[l.find(slot, clock)]; p.kind() == kindType {
			typ = int32(p.off)
		}
	}
	if typ == 0 {
		return 0
	}
	if l.update[at-1]&infoSub == 0 {
		return d.types[typ].list
	}
	return d.openEntry(typ, d.keys.intern(r.Bytes()))
}

func (l *loader) cleanEnd(slot uint32, clock uint64) int32 {
	i := l.find(slot, clock)
	if it := &l.doc.items[i]; clock == it.end()-1 || it.kind() == kindGC {
		return i
	}
	return l.doc.cleanEnd(slot, clock)
}

func (l *loader) cleanStart(slot uint32, clock uint64) int32 {
	i := l.find(slot, clock)
	if it := &l.doc.items[i]; clock == it.clock || it.kind() == kindGC {
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
		if it := &d.items[i]; d.items[i-1].right == i || it.kind() == kindGC {
			d.clients[it.slot()].ragged = true
		}
	}
	for _, slot := range l.order {
		if c := &d.clients[slot]; c.ragged {
			c.ragged = false
			d.mergeFrom(slot, 0)
		}
	}
}

// undo makes the document empty again.
func (l *loader) undo() {
	d := l.doc
	d.items = l.items
	clear(d.clients[1:])
	d.clients = d.clients[:1]
	clear(d.slots)
	d.hot = [hotSlots]hotSlot{}
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
