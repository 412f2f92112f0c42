package crdt

import (
	"parley/crdt/internal/lib0"
)

// EncodeStateAsUpdate writes what the replica with this state vector lacks, as one Update: the
// structs it has not seen and the whole delete set, with what is pending. A nil state vector
// gives everything. The error is a *DecodeError of the state vector. Rules: ENC-1 to ENC-3.
//
// Source: Yjs 13.6, src/utils/encoding.js (encodeStateAsUpdateV2).
func (d *Doc) EncodeStateAsUpdate(stateVector []byte) ([]byte, error) {
	var sv map[uint64]uint64
	if stateVector != nil {
		var err error
		if sv, err = ReadStateVector(stateVector); err != nil {
			return nil, err
		}
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
		diff, err := diffUpdate(structs, sv)
		if err != nil {
			return nil, err
		}
		updates = append(updates, diff)
	}
	return MergeUpdates(updates...)
}

// encodeState writes what lies past sv, without what is pending.
func (d *Doc) encodeState(sv map[uint64]uint64) []byte {
	order := d.descending()
	size, sections := 32, 0
	for _, s := range order {
		c := &d.clients[s]
		if sv[c.id] >= c.next {
			continue
		}
		sections++
		if len(sv) == 0 {
			size += len(c.data) - c.dead + 24
		}
	}
	if len(sv) == 0 {
		size += 16 * len(d.items)
	}
	w := buffer{b: make([]byte, size)}
	w.uvarint(uint64(sections))
	spans := d.scratch.spans[:0]
	for _, s := range order {
		c := &d.clients[s]
		if from := sv[c.id]; from < c.next {
			d.writeStructs(&w, c, from)
		}
		spans = d.appendDeleted(spans, c)
	}
	b := appendSpans(w.b[:w.n], spans)
	d.scratch.spans = spans[:0]
	return b
}

// encodeTransaction writes what the transaction that is being committed has changed.
//
// Source: Yjs 13.6, src/utils/Transaction.js (writeUpdateMessageFromTransaction).
func (d *Doc) encodeTransaction() []byte {
	w := buffer{b: make([]byte, 64)}
	w.uvarint(uint64(len(d.txn.touched)))
	for _, s := range d.descending() {
		if c := &d.clients[s]; c.seen == d.txn.id {
			d.writeStructs(&w, c, c.before)
		}
	}
	return appendSpans(w.b[:w.n], d.txn.deleted)
}

// appendDeleted appends the deleted ranges of a client, in order. Rule: DS-2.
func (d *Doc) appendDeleted(spans []span, c *client) []span {
	open := false
	for ci := range c.chunks {
		for _, e := range c.chunks[ci].ents {
			it := &d.items[e.item]
			switch {
			case it.flags&flagDeleted == 0:
				open = false
			case open:
				spans[len(spans)-1].length += it.length
			default:
				spans = append(spans, span{c.id, it.clock, it.length})
				open = true
			}
		}
	}
	return spans
}

// buffer is an Update being written: what is written goes to b[n:], after room has been made for it.
type buffer struct {
	b []byte
	n int
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

func (w *buffer) id(c *client, clock uint64) {
	*(*[8]byte)(w.b[w.n:]) = c.wire
	w.n += int(c.wireN)
	w.uvarint(clock)
}

// writeStructs writes the section of a client from clock on, which it must have. Rule: UPD-3.
func (d *Doc) writeStructs(w *buffer, c *client, from uint64) {
	p := c.find(from)
	n := len(c.chunks[p.chunk].ents) - p.entry
	for _, ch := range c.chunks[p.chunk+1:] {
		n += len(ch.ents)
	}
	w.room(maxHead)
	w.uvarint(uint64(n))
	w.id(c, from)
	first := &d.items[c.at(p)]
	d.writeStruct(w, c, first, from-first.clock)
	ents := c.chunks[p.chunk].ents[p.entry+1:]
	for ci := p.chunk; ; ents = c.chunks[ci].ents {
		for _, e := range ents {
			d.writeStruct(w, c, &d.items[e.item], 0)
		}
		if ci++; ci == len(c.chunks) {
			return
		}
	}
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
	if it.kind == kindGC {
		w.byte(kindGC)
		w.uvarint(it.length - offset)
		return
	}
	info := it.kind
	oslot, oclock := it.oslot, it.oclock
	if offset > 0 {
		oslot, oclock = it.slot, it.clock+offset-1
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
		w.id(&d.clients[parent.slot], parent.clock)
	}
	if ch.sub != 0 {
		w.bytes(d.keys.get(ch.sub))
	}
}

func (d *Doc) writeContent(w *buffer, c *client, it *item, offset uint64) {
	switch it.kind {
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
		w.b = appendRaw(w.b[:w.n], it.kind, it.length, data, offset)
		w.n = len(w.b)
		w.b = w.b[:cap(w.b)]
		return
	}
	switch it.kind {
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
