package crdt

import (
	"encoding/binary"
	"sync"

	"parley/crdt/internal/lib0"
)

// EncodeStateAsUpdate writes what the replica with this state vector lacks, as one Update: the
// structs it has not seen and the whole delete set, with what is pending. A nil state vector
// gives everything. The error is a *DecodeError of the state vector. Rules: ENC-1 to ENC-3.
//
// Source: Yjs 13.6, src/utils/encoding.js (encodeStateAsUpdateV2).
func (d *Doc) EncodeStateAsUpdate(stateVector []byte) ([]byte, error) {
	var sv []ID
	if stateVector != nil {
		var err error
		if sv, err = readVector(stateVector, d.scratch.vector[:0]); err != nil {
			return nil, err
		}
		d.scratch.vector = sv[:0]
	}
	state := d.encodeState(sv)
	if d.pending.empty() {
		return state, nil
	}
	updates := [][]byte{state}
	if len(d.pending.deletes) > 0 {
		d.pending.sort()
		updates = append(updates, appendSpans([]byte{0}, d.pending.deletes))
	}
	if structs := d.pending.structs(); structs != nil {
		if stateVector != nil {
			var err error
			if structs, err = DiffUpdate(structs, stateVector); err != nil {
				return nil, err
			}
		}
		updates = append(updates, structs)
	}
	return MergeUpdates(updates...)
}

// part is what is to be written of a client.
type part struct {
	slot uint32
	from uint64
}

// encodeState writes what lies past sv (clients descending), without what is pending.
func (d *Doc) encodeState(sv []ID) []byte {
	parts, deletes := d.scratch.parts[:0], 0
	order := d.descending()
	for _, s := range order {
		c := &d.clients[s]
		if c.dirty {
			d.encodeDeleted(c)
		}
		if len(c.deletes) > 0 {
			deletes++
		}
		for len(sv) > 0 && sv[0].Client > c.id {
			sv = sv[1:]
		}
		from := uint64(0)
		if len(sv) > 0 && sv[0].Client == c.id {
			from = sv[0].Clock
		}
		if from < c.next {
			parts = append(parts, part{s, from})
		}
	}
	d.scratch.parts = parts[:0]
	w := newBuffer()
	w.room(maxHead)
	w.uvarint(uint64(len(parts)))
	for _, p := range parts {
		d.writeStructs(w, &d.clients[p.slot], p.from)
	}
	w.room(maxHead)
	w.uvarint(uint64(deletes))
	for _, s := range order {
		if c := &d.clients[s]; len(c.deletes) > 0 {
			w.append(c.deletes)
		}
	}
	return w.finish()
}

// encodeTransaction writes what the transaction that is being committed has changed.
//
// Source: Yjs 13.6, src/utils/Transaction.js (writeUpdateMessageFromTransaction).
func (d *Doc) encodeTransaction() []byte {
	w := newBuffer()
	w.uvarint(uint64(len(d.txn.touched)))
	for _, s := range d.descending() {
		if c := &d.clients[s]; c.seen == d.txn.id {
			d.writeStructs(w, c, c.before)
		}
	}
	w.b = appendSpans(w.b[:w.n], d.txn.deleted)
	w.n = len(w.b)
	return w.finish()
}

// encodeDeleted brings the deleted ranges of a client, as they are written, up to date. Rule: DS-2.
func (d *Doc) encodeDeleted(c *client) {
	spans := d.scratch.spans[:0]
	open := false
	for ci := range c.chunks {
		for _, e := range c.chunks[ci].ents {
			it := &d.items[e.item]
			switch {
			case !it.deleted():
				open = false
			case open:
				spans[len(spans)-1].length += it.length
			default:
				spans = append(spans, span{c.id, it.clock, it.length})
				open = true
			}
		}
	}
	d.scratch.spans = spans[:0]
	c.deletes, c.dirty = nil, false
	if len(spans) > 0 {
		w := newBuffer()
		w.b = appendSpans(w.b[:0], spans)
		w.n = len(w.b)
		c.deletes = w.finish()[1:] // without the number of clients
	}
}

// buffer is an Update being written: what is written goes to b[n:], after room has been made for it.
type buffer struct {
	b []byte
	n int
}

// buffers are used again, so that what is handed out has its exact size.
var buffers = sync.Pool{New: func() any { return &buffer{b: make([]byte, 512)} }}

func newBuffer() *buffer {
	w := buffers.Get().(*buffer)
	w.n = 0
	return w
}

// finish returns what was written; w is not to be used any more.
func (w *buffer) finish() []byte {
	out := append([]byte(nil), w.b[:w.n]...)
	w.free()
	return out
}

func (w *buffer) free() {
	w.b = w.b[:cap(w.b)]
	buffers.Put(w)
}

// maxHead is more than a struct takes without its content and names: an info byte, three IDs of two
// numbers, a kind and a length.
const maxHead = 1 + 3*2*8 + 1 + 10

// room makes sure that k bytes can be written.
func (w *buffer) room(k int) {
	if len(w.b)-w.n < k {
		grown := make([]byte, max(2*len(w.b), w.n+k))
		copy(grown, w.b[:w.n])
		w.b = grown
	}
}

// byte and uvarint write where room was made; bytes makes it.
func (w *buffer) byte(c byte) {
	w.b[w.n] = c
	w.n++
}

func (w *buffer) uvarint(v uint64) {
	for v >= 0x80 {
		w.b[w.n] = byte(v) | 0x80
		v >>= 7
		w.n++
	}
	w.b[w.n] = byte(v)
	w.n++
}

func (w *buffer) bytes(v []byte) {
	w.room(len(v) + maxHead)
	w.uvarint(uint64(len(v)))
	w.n += copy(w.b[w.n:], v)
}

// append writes bytes as they are, after making room for them.
func (w *buffer) append(v []byte) {
	w.room(len(v))
	w.n += copy(w.b[w.n:], v)
}

func (w *buffer) id(c *client, clock uint64) {
	*(*[8]byte)(w.b[w.n:]) = c.wire
	w.n += int(c.wireN)
	w.uvarint(clock)
}

// put8 writes the low n bytes of x at b[at:], where 8 have room, and returns the end of them.
func put8(b []byte, at int, x uint64, n int) int {
	binary.LittleEndian.PutUint64(b[at:], x)
	return at + n
}

// putNumber writes v as a varUint at b[at:], where 8 bytes have room, and returns the end of it.
func putNumber(b []byte, at int, v uint64) int {
	if v < 1<<14 {
		more := (0x7f - v) >> 63 // 1 if it takes two bytes
		binary.LittleEndian.PutUint16(b[at:], uint16(v&0x7f|more<<7|v<<1&0x7f00))
		return at + 1 + int(more)
	}
	if v < 1<<21 {
		binary.LittleEndian.PutUint32(b[at:], uint32(v&0x7f|v<<1&0x7f00|v<<2&0x7f0000|0x8080))
		return at + 3
	}
	x, n := lib0.Spread(v)
	return put8(b, at, x, n)
}

// writeStructs writes the section of a client from clock on, which it must have. Rule: UPD-3.
func (d *Doc) writeStructs(w *buffer, c *client, from uint64) {
	var p place
	if from > 0 {
		p = c.find(from)
	}
	n := len(c.chunks[p.chunk].ents) - p.entry
	for _, ch := range c.chunks[p.chunk+1:] {
		n += len(ch.ents)
	}
	w.room(2 * maxHead)
	w.uvarint(uint64(n))
	w.id(c, from)
	ents := c.chunks[p.chunk].ents[p.entry:]
	if first := &d.items[ents[0].item]; from > first.clock {
		d.writeStruct(w, c, first, from-first.clock)
		ents = ents[1:]
	}
	for ci := p.chunk; ; ents = c.chunks[ci].ents {
		d.writeRuns(w, c, ents)
		if ci++; ci == len(c.chunks) {
			return
		}
	}
}

// writeRuns writes whole structs. Those that have an origin or a right origin, and no type for content, are what
// documents consist of for the most part: they are written here, with as few branches as may be, the others
// by writeStruct.
func (d *Doc) writeRuns(w *buffer, c *client, ents []entry) {
	b, n := w.b, w.n
	name, nameLen := binary.LittleEndian.Uint64(c.wire[:]), int(c.wireN)
	for _, e := range ents {
		it := &d.items[e.item]
		if size := int(it.size); len(b)-n < maxHead+16+size {
			w.n = n
			w.room(maxHead + 16 + size)
			b = w.b
		}
		if it.kind() == kindGC || it.kind() == kindType || it.oslot|it.rslot == 0 {
			w.n = n
			d.writeStruct(w, c, it, 0)
			b, n = w.b, w.n
			continue
		}
		info, start := it.kind(), n
		n++
		if it.oslot != 0 {
			info |= infoOrigin
			if it.oslot == it.slot() {
				n = put8(b, n, name, nameLen)
			} else {
				o := &d.clients[it.oslot]
				n = put8(b, n, binary.LittleEndian.Uint64(o.wire[:]), int(o.wireN))
			}
			n = putNumber(b, n, it.oclock)
		}
		if it.rslot != 0 {
			info |= infoRight
			if it.rslot == it.slot() {
				n = put8(b, n, name, nameLen)
			} else {
				o := &d.clients[it.rslot]
				n = put8(b, n, binary.LittleEndian.Uint64(o.wire[:]), int(o.wireN))
			}
			n = putNumber(b, n, it.rclock)
		}
		if d.chains[it.chain].sub != 0 {
			info |= infoSub
		}
		b[start] = info
		if countedKinds>>it.kind()&1 != 0 {
			count := it.length
			if it.kind() == kindString {
				count = uint64(it.size)
			}
			if b[n] = byte(count); count < 0x80 {
				n++
			} else {
				n = putNumber(b, n, count)
			}
		}
		n = copyShort(b, n, c.data, int(it.off), int(it.size))
	}
	w.n = n
}

// countedKinds are the kinds whose content begins with a number that does not lie in their client's data.
const countedKinds = 1<<kindDeleted | 1<<kindString | 1<<kindAny | 1<<kindJSON

// copyShort copies data[off:off+size] to b[at:], where 16 bytes more have room, and returns the end of it.
func copyShort(b []byte, at int, data []byte, off, size int) int {
	if size <= 16 && off+16 <= len(data) {
		*(*[16]byte)(b[at:]) = *(*[16]byte)(data[off:])
		return at + size
	}
	if size > 0 { // else off may mean something else
		copy(b[at:], data[off:off+size])
	}
	return at + size
}

// writeStruct writes a struct without its first offset units. Rules: UPD-4, UPD-5, ENC-2.
//
// Source: Yjs 13.6, src/structs/Item.js (write).
func (d *Doc) writeStruct(w *buffer, c *client, it *item, offset uint64) {
	size := int(it.size)
	if offset > 0 {
		size = 0 // writeContent makes room for what is left of it
	}
	w.room(maxHead + size)
	if it.kind() == kindGC {
		w.byte(kindGC)
		w.uvarint(it.length - offset)
		return
	}
	info := it.kind()
	oslot, oclock := it.oslot, it.oclock
	if offset > 0 {
		oslot, oclock = it.slot(), it.clock+offset-1
	}
	if oslot != 0 {
		info |= infoOrigin
	}
	if it.rslot != 0 {
		info |= infoRight
	}
	ch := &d.chains[it.chain]
	if ch.sub != 0 {
		info |= infoSub
	}
	w.byte(info)
	if oslot != 0 {
		w.id(&d.clients[oslot], oclock)
	}
	if it.rslot != 0 {
		w.id(&d.clients[it.rslot], it.rclock)
	}
	if info&infoNoParent == 0 {
		d.writeParent(w, ch)
		w.room(maxHead + size)
	}
	d.writeContent(w, c, it, offset)
}

func (d *Doc) writeParent(w *buffer, ch *chain) {
	t := &d.types[ch.typ]
	if t.item == 0 {
		w.byte(1)
		w.bytes(d.keys.get(t.name))
	} else {
		parent := &d.items[t.item]
		w.byte(0)
		w.id(&d.clients[parent.slot()], parent.clock)
	}
	if ch.sub != 0 {
		w.bytes(d.keys.get(ch.sub))
	}
}

func (d *Doc) writeContent(w *buffer, c *client, it *item, offset uint64) {
	switch it.kind() {
	case kindType:
		t := &d.types[it.off]
		w.byte(t.kind)
		if t.kind == typeXMLElement || t.kind == typeXMLHook {
			w.bytes(d.keys.get(t.name))
		}
		return
	case kindDeleted:
		w.uvarint(it.length - offset)
		return
	}
	data := c.data[it.off : it.off+it.size]
	if offset > 0 {
		w.b = appendRaw(w.b[:w.n], it.kind(), it.length, data, offset)
		w.n = len(w.b)
		w.b = w.b[:cap(w.b)]
		return
	}
	switch it.kind() {
	case kindString:
		w.uvarint(uint64(len(data)))
	case kindAny, kindJSON:
		w.uvarint(it.length)
	}
	w.n += copy(w.b[w.n:], data)
}

// appendRaw writes content that is kept as on the wire, without its first offset units.
func appendRaw(b []byte, kind uint8, length uint64, data []byte, offset uint64) []byte {
	switch kind {
	case kindString:
		if offset == 0 {
			return lib0.AppendBytes(b, data)
		}
		at, torn := cutNear(data, offset, length)
		if !torn {
			return lib0.AppendBytes(b, data[at:])
		}
		b = lib0.AppendUvarint(b, uint64(len(data)-at-1)) // 4 bytes become 3
		return append(append(b, replacement...), data[at+4:]...)
	case kindAny, kindJSON:
		if offset > 0 {
			data = data[elements(data, kind, offset):]
		}
		b = lib0.AppendUvarint(b, length-offset)
	}
	return append(b, data...)
}
