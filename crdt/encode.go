package crdt

import (
	"encoding/binary"

	"parley/crdt/internal/lib0"
	"parley/crdt/internal/wire"
)

// EncodeStateAsUpdate writes what the replica with this state vector lacks as one Update: the
// structs that it has not seen, the whole delete set, and what waits. A nil state vector stands for
// an empty replica. The error is a *DecodeError of the state vector. Rules: ENC-1, ENC-2, ENC-3.
//
// Source: Yjs 13.6, src/utils/encoding.js (encodeStateAsUpdateV2).
func (d *Doc) EncodeStateAsUpdate(stateVector []byte) ([]byte, error) {
	var sv []ID
	if stateVector != nil {
		var err error
		if sv, err = wire.ReadVector(stateVector, d.scratch.vector[:0]); err != nil {
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
		updates = append(updates, wire.AppendSpans([]byte{0}, d.pending.deletes))
	}
	if structs := d.pending.structs(); structs != nil {
		if stateVector != nil {
			var err error
			if structs, err = wire.Diff(structs, stateVector); err != nil {
				return nil, err
			}
		}
		updates = append(updates, structs)
	}
	return wire.Merge(updates...)
}

// part is the structs of a client from a clock on.
type part struct {
	slot uint32
	from uint64
}

// encodeState writes what lies past sv (clients descending), without what waits.
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
	w := wire.NewBuffer()
	w.Room(wire.MaxHead)
	w.Uvarint(uint64(len(parts)))
	for _, p := range parts {
		d.writeStructs(w, &d.clients[p.slot], p.from)
	}
	w.Room(wire.MaxHead)
	w.Uvarint(uint64(deletes))
	for _, s := range order {
		if c := &d.clients[s]; len(c.deletes) > 0 {
			w.Append(c.deletes)
		}
	}
	return w.Finish()
}

// encodeTransaction writes what the transaction that is being committed has changed. Rule: TXN-2.
//
// Source: Yjs 13.6, src/utils/Transaction.js (writeUpdateMessageFromTransaction).
func (d *Doc) encodeTransaction() []byte {
	w := wire.NewBuffer()
	w.Uvarint(uint64(len(d.txn.touched)))
	for _, s := range d.descending() {
		if c := &d.clients[s]; c.seen == d.txn.id {
			d.writeStructs(w, c, c.before)
		}
	}
	w.B = wire.AppendSpans(w.B[:w.N], d.txn.deleted)
	w.N = len(w.B)
	return w.Finish()
}

// encodeDeleted writes the deleted ranges of a client into its cache. Rule: DS-2.
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
				spans[len(spans)-1].Length += it.length
			default:
				spans = append(spans, wire.Span{Client: c.id, Clock: it.clock, Length: it.length})
				open = true
			}
		}
	}
	d.scratch.spans = spans[:0]
	c.deletes, c.dirty = nil, false
	if len(spans) > 0 {
		w := wire.NewBuffer()
		w.B = wire.AppendSpans(w.B[:0], spans)
		w.N = len(w.B)
		c.deletes = w.Finish()[1:] // without the number of clients
	}
}

// writeStructs writes the section of a client from clock on, which it must have. Rule: UPD-3.
func (d *Doc) writeStructs(w *wire.Buffer, c *client, from uint64) {
	var p place
	if from > 0 {
		p = c.find(from)
	}
	n := len(c.chunks[p.chunk].ents) - p.entry
	for _, ch := range c.chunks[p.chunk+1:] {
		n += len(ch.ents)
	}
	w.Room(2 * wire.MaxHead)
	w.Uvarint(uint64(n))
	w.ID(c.wire, c.wireN, from)
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

// writeRuns writes whole structs. Most structs have an origin or a right origin and are no shared
// type. It writes these itself, with few branches, and leaves the others to writeStruct.
func (d *Doc) writeRuns(w *wire.Buffer, c *client, ents []entry) {
	b, n := w.B, w.N
	name, nameLen := binary.LittleEndian.Uint64(c.wire[:]), int(c.wireN)
	for _, e := range ents {
		it := &d.items[e.item]
		if size := int(it.size); len(b)-n < wire.MaxHead+16+size {
			w.N = n
			w.Room(wire.MaxHead + 16 + size)
			b = w.B
		}
		if it.kind() == wire.KindGC || it.kind() == wire.KindType || it.oslot|it.rslot == 0 {
			w.N = n
			d.writeStruct(w, c, it, 0)
			b, n = w.B, w.N
			continue
		}
		info, start := it.kind(), n
		n++
		if it.oslot != 0 {
			info |= wire.InfoOrigin
			if it.oslot == it.slot() {
				n = wire.Put8(b, n, name, nameLen)
			} else {
				o := &d.clients[it.oslot]
				n = wire.Put8(b, n, binary.LittleEndian.Uint64(o.wire[:]), int(o.wireN))
			}
			n = wire.PutNumber(b, n, it.oclock)
		}
		if it.rslot != 0 {
			info |= wire.InfoRight
			if it.rslot == it.slot() {
				n = wire.Put8(b, n, name, nameLen)
			} else {
				o := &d.clients[it.rslot]
				n = wire.Put8(b, n, binary.LittleEndian.Uint64(o.wire[:]), int(o.wireN))
			}
			n = wire.PutNumber(b, n, it.rclock)
		}
		if d.chains[it.chain].sub != 0 {
			info |= wire.InfoSub
		}
		b[start] = info
		if countedKinds>>it.kind()&1 != 0 {
			count := it.length
			if it.kind() == wire.KindString {
				count = uint64(it.size)
			}
			if b[n] = byte(count); count < 0x80 {
				n++
			} else {
				n = wire.PutNumber(b, n, count)
			}
		}
		n = wire.CopyShort(b, n, c.data, int(it.off), int(it.size))
	}
	w.N = n
}

// countedKinds are the kinds whose content begins with a number that the data of the client does
// not hold.
const countedKinds = 1<<wire.KindDeleted | 1<<wire.KindString | 1<<wire.KindAny | 1<<wire.KindJSON

// writeStruct writes a struct without its first offset units. Rules: UPD-4, UPD-5, ENC-2.
//
// Source: Yjs 13.6, src/structs/Item.js (write).
func (d *Doc) writeStruct(w *wire.Buffer, c *client, it *item, offset uint64) {
	size := int(it.size)
	if offset > 0 {
		size = 0 // writeContent makes room for what is left of it
	}
	w.Room(wire.MaxHead + size)
	if it.kind() == wire.KindGC {
		w.Byte(wire.KindGC)
		w.Uvarint(it.length - offset)
		return
	}
	info := it.kind()
	oslot, oclock := it.oslot, it.oclock
	if offset > 0 {
		oslot, oclock = it.slot(), it.clock+offset-1
	}
	if oslot != 0 {
		info |= wire.InfoOrigin
	}
	if it.rslot != 0 {
		info |= wire.InfoRight
	}
	ch := &d.chains[it.chain]
	if ch.sub != 0 {
		info |= wire.InfoSub
	}
	w.Byte(info)
	if oslot != 0 {
		d.writeID(w, oslot, oclock)
	}
	if it.rslot != 0 {
		d.writeID(w, it.rslot, it.rclock)
	}
	if info&wire.InfoNoParent == 0 {
		d.writeParent(w, ch)
		w.Room(wire.MaxHead + size)
	}
	d.writeContent(w, c, it, offset)
}

func (d *Doc) writeID(w *wire.Buffer, slot uint32, clock uint64) {
	c := &d.clients[slot]
	w.ID(c.wire, c.wireN, clock)
}

func (d *Doc) writeParent(w *wire.Buffer, ch *chain) {
	t := &d.types[ch.typ]
	if t.item == 0 {
		w.Byte(1)
		w.Bytes(d.keys.get(t.name))
	} else {
		parent := &d.items[t.item]
		w.Byte(0)
		d.writeID(w, parent.slot(), parent.clock)
	}
	if ch.sub != 0 {
		w.Bytes(d.keys.get(ch.sub))
	}
}

func (d *Doc) writeContent(w *wire.Buffer, c *client, it *item, offset uint64) {
	switch it.kind() {
	case wire.KindType:
		t := &d.types[it.off]
		w.Byte(t.kind)
		if t.kind == wire.TypeXMLElement || t.kind == wire.TypeXMLHook {
			w.Bytes(d.keys.get(t.name))
		}
		return
	case wire.KindDeleted:
		w.Uvarint(it.length - offset)
		return
	}
	data := c.data[it.off : it.off+it.size]
	if offset > 0 {
		w.B = wire.AppendContent(w.B[:w.N], it.kind(), it.length, data, offset)
		w.N = len(w.B)
		w.B = w.B[:cap(w.B)]
		return
	}
	switch it.kind() {
	case wire.KindString:
		w.Uvarint(uint64(len(data)))
	case wire.KindAny, wire.KindJSON:
		w.Uvarint(it.length)
	}
	w.N += copy(w.B[w.N:], data)
}

// EncodeStateVector tells what this replica has: for each client the next Clock expected, clients
// descending. What waits is not in it. Rule: SV-1.
func (d *Doc) EncodeStateVector() []byte {
	order := d.descending()
	b := make([]byte, 0, 10+len(order)*12)
	b = lib0.AppendUvarint(b, uint64(len(order)))
	for _, s := range order {
		c := &d.clients[s]
		b = append(b, c.wire[:c.wireN]...)
		b = lib0.AppendUvarint(b, c.next)
	}
	return b
}

// EncodeStateAsUpdateV2 is EncodeStateAsUpdate in the V2 format.
func (d *Doc) EncodeStateAsUpdateV2(stateVector []byte) ([]byte, error) {
	update, err := d.EncodeStateAsUpdate(stateVector)
	if err != nil {
		return nil, err
	}
	if d.pending.empty() {
		return wire.StateToV2(update)
	}
	return wire.ToV2(update)
}
