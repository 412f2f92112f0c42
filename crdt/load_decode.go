package crdt

import (
	"encoding/binary"
	"math"
	"slices"

	"parley/crdt/internal/lib0"
	"parley/crdt/internal/wire"
)

// decode reads the whole Update into items and tables, and checks it. whole is false where the
// Update is not the complete state of a document as Yjs writes it.
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
		return false, wire.Malformed("update", r.Err)
	}
	for s := 1; s < len(l.state); s++ {
		if l.state[s].end == 0 {
			return false, nil // a cause whose client is not in the Update
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
			wire.ReadStruct(r, f, client, clock)
			if r.Err != nil {
				return true
			}
			if f.Kind() == wire.KindSkip {
				return false
			}
			*it = item{clock: clock, length: f.Length, meta: meta(f.Kind(), slot)}
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

// wireName is a ClientID on the wire: its n bytes, and a mask of them.
type wireName struct {
	bytes, mask uint64
	n           int
}

func ownName(c *client) wireName {
	mask := ^uint64(0) >> (64 - 8*uint(c.wireN))
	return wireName{binary.LittleEndian.Uint64(c.wire[:]) & mask, mask, int(c.wireN)}
}

// readRun is a faster wire.ReadStruct and fill for what most structs are: strings and deleted runs
// that have an origin or a right origin. It returns where the struct ends. It returns 0 for any
// other struct and for one with a fault; wire.ReadStruct deals with both.
func (l *loader) readRun(it *item, pos int, slot uint32, clock uint64, own wireName) (end int) {
	buf := l.update
	if len(buf)-pos < wire.MaxHead+8 {
		return 0
	}
	info := buf[pos]
	kind := info & wire.InfoKind
	if (kind != wire.KindString && kind != wire.KindDeleted) || info&wire.InfoNoParent == 0 {
		return 0
	}
	p := pos + 1
	var oslot, rslot uint32
	var oclock, rclock uint64
	if info&wire.InfoOrigin != 0 {
		if oslot, oclock, p = l.readCause(p, slot, clock, own); p == 0 {
			return 0
		}
	}
	if info&wire.InfoRight != 0 {
		if rslot, rclock, p = l.readCause(p, slot, clock, own); p == 0 {
			return 0
		}
	}
	length, n := lib0.Squeeze(binary.LittleEndian.Uint64(buf[p:]))
	if p += n; n == 0 || length == 0 {
		return 0
	}
	*it = item{clock: clock, length: length, oclock: oclock, rclock: rclock, oslot: oslot, rslot: rslot, meta: meta(kind, slot)}
	if kind == wire.KindDeleted {
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
	if it.length > wire.MaxClock-clock {
		return 0
	}
	return p
}

// readCause reads an ID at p and returns where it ends, 0 for one with a fault.
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

// makeRoom makes room for count more items. In a large document it makes room for as many as the
// rest of the Update would hold if it went on as it began.
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

// fill gives an item what its struct says, and returns the bytes of its content. Until the item is
// linked, off is the offset of its content in the Update, left that of its parent, and right the
// kind of its shared type.
func (l *loader) fill(it *item, f *wire.Struct) int {
	if it.kind() == wire.KindGC {
		it.meta |= flagDeleted
		return 0
	}
	if f.Info&wire.InfoOrigin != 0 {
		it.oslot, it.oclock = it.slot(), f.Origin.Clock
		if f.Origin.Client != f.Client {
			it.oslot = l.slot(f.Origin.Client)
		}
	}
	if f.Info&wire.InfoRight != 0 {
		it.rslot, it.rclock = it.slot(), f.Right.Clock
		if f.Right.Client != f.Client {
			it.rslot = l.slot(f.Right.Client)
		}
	}
	if f.Info&wire.InfoNoParent == 0 {
		it.left = int32(f.Start + 1)
	}
	switch it.kind() {
	case wire.KindDeleted:
		it.meta |= flagDeleted
		return 0
	case wire.KindType:
		it.right = int32(f.Type)
	case wire.KindString:
		if f.Wide {
			it.meta |= flagWide
		}
	}
	it.off, it.size = uint32(f.Content), uint32(f.ContentEnd-f.Content)
	if it.kind() == wire.KindType {
		return 0
	}
	return int(it.size)
}

// noteLikely remembers y if it will merge with x, the struct before it, unless something comes
// between them. Both are of the same kind.
func (l *loader) noteLikely(x, y *item) {
	if y.kind() == wire.KindGC || (y.oclock == y.clock-1 && y.oslot == y.slot() && x.rslot == y.rslot && x.rclock == y.rclock) {
		l.likely = append(l.likely, int32(len(l.doc.items)-1))
	}
}

func (l *loader) noteDead(client uint64, it *item) {
	if n := len(l.dead) - 1; n >= 0 && l.dead[n].Client == client && l.dead[n].Clock+l.dead[n].Length == it.clock {
		l.dead[n].Length += it.length
		return
	}
	l.dead = append(l.dead, wire.Span{Client: client, Clock: it.clock, Length: it.length})
}

// readDeleteSet checks the delete set, and whether it says no more than the structs. It does not in
// the state of a document that collects.
func (l *loader) readDeleteSet(r *lib0.Reader) {
	l.same = true
	k := 0
	for n := r.Uvarint(); n > 0 && r.Err == nil; n-- {
		client := r.Uvarint()
		for left := r.Uvarint(); left > 0 && r.Err == nil; left-- {
			at := r.Pos
			s := wire.Span{Client: client, Clock: r.Uvarint(), Length: r.Uvarint()}
			if s.Length > wire.MaxClock-s.Clock {
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
	c.dirty = len(l.dead) > 0 && l.dead[len(l.dead)-1].Client == c.id
	c.seen = l.doc.txn.id + 1 // of the transaction that is about to begin
}

// carve takes a slice of length n from a slab, so that a thousand clients of a line each do not
// cost a thousand allocations. A large slice has its own allocation.
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
