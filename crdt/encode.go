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
	b := make([]byte, 0, size)
	b = lib0.AppendUvarint(b, uint64(sections))
	spans := d.scratch.spans[:0]
	for _, s := range order {
		c := &d.clients[s]
		if from := sv[c.id]; from < c.next {
			b = d.appendStructs(b, c, from)
		}
		spans = d.appendDeleted(spans, c)
	}
	b = appendSpans(b, spans)
	d.scratch.spans = spans[:0]
	return b
}

// encodeTransaction writes what the transaction that is being committed has changed.
//
// Source: Yjs 13.6, src/utils/Transaction.js (writeUpdateMessageFromTransaction).
func (d *Doc) encodeTransaction() []byte {
	b := lib0.AppendUvarint(nil, uint64(len(d.txn.touched)))
	for _, s := range d.descending() {
		if c := &d.clients[s]; c.seen == d.txn.id {
			b = d.appendStructs(b, c, c.before)
		}
	}
	return appendSpans(b, d.txn.deleted)
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

// appendStructs writes the section of a client from clock on, which it must have. Rule: UPD-3.
func (d *Doc) appendStructs(b []byte, c *client, from uint64) []byte {
	p := c.find(from)
	n := len(c.chunks[p.chunk].ents) - p.entry
	for _, ch := range c.chunks[p.chunk+1:] {
		n += len(ch.ents)
	}
	b = lib0.AppendUvarint(b, uint64(n))
	b = append(b, c.wire[:c.wireN]...)
	b = lib0.AppendUvarint(b, from)
	first := &d.items[c.at(p)]
	b = d.appendStruct(b, c, first, from-first.clock)
	ents := c.chunks[p.chunk].ents[p.entry+1:]
	for ci := p.chunk; ; ents = c.chunks[ci].ents {
		for _, e := range ents {
			b = d.appendStruct(b, c, &d.items[e.item], 0)
		}
		if ci++; ci == len(c.chunks) {
			return b
		}
	}
}

// appendStruct writes a struct without its first offset units. Rules: UPD-4, UPD-5, ENC-2.
//
// Source: Yjs 13.6, src/structs/Item.js (write).
func (d *Doc) appendStruct(b []byte, c *client, it *item, offset uint64) []byte {
	if it.kind == kindGC {
		return lib0.AppendUvarint(append(b, kindGC), it.length-offset)
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
	b = append(b, info)
	if oslot != 0 {
		b = d.appendID(b, oslot, oclock)
	}
	if it.rslot != 0 {
		b = d.appendID(b, it.rslot, it.rclock)
	}
	if info&infoNoParent == 0 {
		b = d.appendParent(b, ch)
	}
	return d.appendContent(b, c, it, offset)
}

func (d *Doc) appendID(b []byte, slot uint32, clock uint64) []byte {
	c := &d.clients[slot]
	b = append(b, c.wire[:c.wireN]...)
	return lib0.AppendUvarint(b, clock)
}

func (d *Doc) appendParent(b []byte, ch *chain) []byte {
	t := &d.types[ch.typ]
	if t.item == 0 {
		b = lib0.AppendBytes(append(b, 1), d.keys.get(t.name))
	} else {
		parent := &d.items[t.item]
		b = d.appendID(append(b, 0), parent.slot, parent.clock)
	}
	if ch.sub != 0 {
		b = lib0.AppendBytes(b, d.keys.get(ch.sub))
	}
	return b
}

func (d *Doc) appendContent(b []byte, c *client, it *item, offset uint64) []byte {
	if it.kind == kindType {
		t := &d.types[it.off]
		b = append(b, t.kind)
		if t.kind == typeXMLElement || t.kind == typeXMLHook {
			b = lib0.AppendBytes(b, d.keys.get(t.name))
		}
		return b
	}
	if it.kind == kindDeleted {
		return lib0.AppendUvarint(b, it.length-offset)
	}
	data := c.data[it.off : it.off+it.size]
	return appendRaw(b, it.kind, it.length, data, offset)
}

// appendRaw writes content that is kept as on the wire, without its first offset units.
func appendRaw(b []byte, kind uint8, length uint64, data []byte, offset uint64) []byte {
	switch kind {
	case kindString:
		if offset == 0 {
			return lib0.AppendBytes(b, data)
		}
		at, torn := cut(data, offset)
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
