package crdt

import "parley/crdt/internal/wire"

// bytes returns the content of an item in its client's data: the UTF-8 of a string, the elements of
// JSON and Any one after the other, of other kinds the content as on the wire.
func (d *Doc) bytes(it *item) []byte {
	return d.clients[it.slot()].data[it.off : it.off+it.size]
}

// hasBytes tells whether items of a kind own a stretch of their client's data.
func hasBytes(kind uint8) bool {
	return kind != wire.KindGC && kind != wire.KindDeleted && kind != wire.KindType
}

// dropContent gives up the bytes of an item that becomes Deleted or GC.
func (d *Doc) dropContent(it *item) {
	if hasBytes(it.kind()) {
		d.clients[it.slot()].dead += int(it.size)
	}
	it.off, it.size = 0, 0
}

// splitContent shares the content of left with right. left has its new length already; right starts
// as a copy of left.
func (d *Doc) splitContent(left, right *item) {
	switch left.kind() {
	case wire.KindString:
		d.splitString(left, right)
	case wire.KindAny, wire.KindJSON:
		at := uint32(wire.Elements(d.bytes(right), left.kind(), left.length))
		left.size = at
		right.off += at
		right.size -= at
	}
}

func (d *Doc) splitString(left, right *item) {
	if !left.has(flagWide) {
		at := uint32(left.length)
		left.size = at
		right.off += at
		right.size -= at
		return
	}
	text := d.bytes(right)
	at, torn := wire.CutNear(text, left.length, left.length+right.length)
	left.size = uint32(at)
	right.off += uint32(at)
	right.size -= uint32(at)
	if torn {
		d.mendTorn(left, right)
	}
}

// mendTorn rewrites both halves of a string that was cut inside a surrogate pair. Each half gets
// U+FFFD in place of its half of the pair, for good. right still begins with the whole character.
//
// Every replica must reach the same text, and Yjs does it so. Rule: CON-4.
//
// Source: Yjs 13.6, src/structs/ContentString.js (splice); issue yjs/yjs#248.
func (d *Doc) mendTorn(left, right *item) {
	c := &d.clients[left.slot()]
	off := len(c.data)
	c.data = append(c.data, c.data[left.off:left.off+left.size]...)
	c.data = append(c.data, wire.Replacement...)
	mid := len(c.data)
	c.data = append(c.data, wire.Replacement...)
	c.data = append(c.data, c.data[right.off+4:right.off+right.size]...)
	c.dead += int(left.size) + int(right.size)
	left.off, left.size = uint32(off), uint32(mid-off)
	right.off, right.size = uint32(mid), uint32(len(c.data)-mid)
}

// joinContent appends the content of y to x, which is of the same kind, where the kind allows it.
// Rule: INT-8.
func (d *Doc) joinContent(x, y *item) bool {
	switch x.kind() {
	case wire.KindDeleted:
		return true
	case wire.KindString, wire.KindAny, wire.KindJSON:
	default:
		return false
	}
	if x.off+x.size != y.off {
		c := &d.clients[x.slot()]
		off := len(c.data)
		c.data = append(c.data, c.data[x.off:x.off+x.size]...)
		c.data = append(c.data, c.data[y.off:y.off+y.size]...)
		c.dead += int(x.size) + int(y.size)
		x.off = uint32(off)
	}
	x.size += y.size
	x.meta |= y.meta & flagWide
	return true
}

// compactAt is the number of dead bytes from which a client's data may be rewritten.
const compactAt = 4096

// compact drops the dead bytes of a client when they are more than half of its data. So each byte
// is moved a bounded number of times.
func (d *Doc) compact(slot uint32) {
	c := &d.clients[slot]
	if c.dead < compactAt || c.dead*2 < len(c.data) {
		return
	}
	data := make([]byte, 0, len(c.data)-c.dead+compactAt/2)
	for _, ch := range c.chunks {
		for _, e := range ch.ents {
			it := &d.items[e.item]
			if !hasBytes(it.kind()) {
				continue
			}
			off := uint32(len(data))
			data = append(data, c.data[it.off:it.off+it.size]...)
			it.off = off
		}
	}
	c.data, c.dead = data, 0
}
