package crdt

import (
	"bytes"
	"fmt"
	"unicode/utf8"

	"parley/crdt/internal/lib0"
	"parley/crdt/internal/wire"
)

// Check walks the whole document and returns the first invariant that does not hold, nil when all
// do. Tests call it after each step. It takes time and memory in proportion to the document. Rule:
// CHK-1.
func (d *Doc) Check() error {
	c := checker{Doc: d, seen: make([]bool, len(d.items))}
	for s := 1; s < len(d.clients); s++ {
		if err := c.client(uint32(s)); err != nil {
			return fmt.Errorf("crdt: client %d: %w", d.clients[s].id, err)
		}
	}
	for t := 1; t < len(d.types); t++ {
		if d.types[t].gen != 0 {
			if err := c.sharedType(int32(t)); err != nil {
				return fmt.Errorf("crdt: type %d: %w", t, err)
			}
		}
	}
	return c.leftovers()
}

type checker struct {
	*Doc
	seen   []bool // items in a client's table
	listed int    // items found in lists
	items  int    // items of tables that should be in lists
}

// client checks that the structs of a client lie end to end and that none would merge with the
// next.
func (c *checker) client(s uint32) error {
	cl := &c.clients[s]
	if c.slots[cl.id] != s {
		return fmt.Errorf("slot %d is not registered", s)
	}
	if cl.next == 0 || len(cl.chunks) == 0 {
		return fmt.Errorf("known but empty")
	}
	clock, prev, live := uint64(0), int32(0), 0
	for ci, ch := range cl.chunks {
		if len(ch.ents) == 0 || len(ch.ents) > chunkSize || ch.ents[0].delta != 0 {
			return fmt.Errorf("chunk %d: %d entries, first delta not 0", ci, len(ch.ents))
		}
		for _, e := range ch.ents {
			it := &c.Doc.items[e.item]
			if at := ch.base + uint64(e.delta); at != clock || it.clock != at || it.slot() != s || it.length == 0 {
				return fmt.Errorf("struct at %d: table says %d, item %d of slot %d, length %d", clock, at, it.clock, it.slot(), it.length)
			}
			if c.seen[e.item] || it.has(flagFree) {
				return fmt.Errorf("struct at %d: item used twice or free", clock)
			}
			c.seen[e.item] = true
			if err := c.item(it); err != nil {
				return fmt.Errorf("struct at %d: %w", clock, err)
			}
			if prev != 0 && c.wouldMerge(prev, e.item) {
				return fmt.Errorf("struct at %d would merge with the one before", clock)
			}
			if hasBytes(it.kind()) {
				live += int(it.size)
			}
			clock, prev = it.end(), e.item
		}
	}
	if clock != cl.next || cl.last != prev {
		return fmt.Errorf("structs end at %d, next is %d, last %d of %d", clock, cl.next, prev, cl.last)
	}
	if kept := cl.deletes; !cl.dirty {
		if c.encodeDeleted(cl); !bytes.Equal(cl.deletes, kept) {
			return fmt.Errorf("its part of the delete set is out of date")
		}
	}
	if live+cl.dead != len(cl.data) {
		return fmt.Errorf("%d bytes live, %d dead, of %d", live, cl.dead, len(cl.data))
	}
	return nil
}

// item checks the content of an item, and that its origins are known.
func (c *checker) item(it *item) error {
	if it.kind() == wire.KindGC {
		return nil
	}
	c.items++
	if it.kind() == wire.KindDeleted && !it.deleted() {
		return fmt.Errorf("deleted content in an item that is not")
	}
	if c.gc && it.deleted() && it.kind() != wire.KindDeleted {
		return fmt.Errorf("deleted but its content is kept")
	}
	for _, o := range [...]struct {
		slot  uint32
		clock uint64
	}{{it.oslot, it.oclock}, {it.rslot, it.rclock}} {
		if o.slot != 0 && o.clock >= c.clients[o.slot].next {
			return fmt.Errorf("unknown origin %d of slot %d", o.clock, o.slot)
		}
	}
	want := uint64(1)
	switch it.kind() {
	case wire.KindString:
		b := c.bytes(it)
		want = lib0.Units(b)
		if !utf8.Valid(b) || (!it.has(flagWide) && want != uint64(len(b))) {
			return fmt.Errorf("string is not UTF-8, or not ASCII as flagged")
		}
	case wire.KindAny, wire.KindJSON:
		if n := wire.Elements(c.bytes(it), it.kind(), it.length); n != int(it.size) {
			return fmt.Errorf("elements take %d bytes of %d", n, it.size)
		}
		want = it.length
	case wire.KindDeleted:
		want = it.length
	}
	if it.length != want {
		return fmt.Errorf("kind %d: length %d, content %d", it.kind(), it.length, want)
	}
	return nil
}

// wouldMerge tells whether join would join b to a.
func (c *checker) wouldMerge(a, b int32) bool {
	x, y := &c.Doc.items[a], &c.Doc.items[b]
	if x.kind() != y.kind() || (x.meta^y.meta)&flagDeleted != 0 {
		return false
	}
	if x.kind() == wire.KindGC {
		return true
	}
	joins := x.kind() == wire.KindDeleted || x.kind() == wire.KindString || x.kind() == wire.KindAny || x.kind() == wire.KindJSON
	return joins && x.right == b && x.rslot == y.rslot && x.rclock == y.rclock &&
		y.oslot == y.slot() && y.oclock == y.clock-1
}

// sharedType checks the lists of a type: their links, its length, and what of a key counts.
func (c *checker) sharedType(t int32) error {
	b := c.types[t]
	if b.item != 0 {
		if it := c.Doc.items[b.item]; it.kind() != wire.KindType || int32(it.off) != t {
			return fmt.Errorf("its item %d does not hold it", b.item)
		}
	}
	length := uint64(0)
	for n := b.list; n != 0; n = c.chains[n].next {
		ch := c.chains[n]
		if ch.typ != t || (ch.sub == 0) != (n == b.list) || (ch.sub != 0 && c.entry(t, ch.sub) != n) {
			return fmt.Errorf("chain %d is not its own", n)
		}
		prev := int32(0)
		for i := ch.first; i != 0; i = c.Doc.items[i].right {
			it := &c.Doc.items[i]
			if it.left != prev || it.chain != n || it.kind() == wire.KindGC || !c.seen[i] {
				return fmt.Errorf("chain %d: bad link at struct %d of slot %d", n, it.clock, it.slot())
			}
			if ch.sub != 0 && it.right != 0 && !it.deleted() {
				return fmt.Errorf("chain %d: an overwritten value is not deleted", n)
			}
			if ch.sub == 0 && !it.deleted() && it.countable() {
				length += it.length
			}
			c.listed++
			prev = i
		}
		if prev != ch.last {
			return fmt.Errorf("chain %d: last is %d, not %d", n, ch.last, prev)
		}
	}
	if length != b.length {
		return fmt.Errorf("length is %d, not %d", b.length, length)
	}
	return nil
}

// leftovers checks that each item of a table is in a list, and each other item on the free list.
func (c *checker) leftovers() error {
	if c.listed != c.items {
		return fmt.Errorf("crdt: %d items in lists, %d in tables", c.listed, c.items)
	}
	free, used := 0, 0
	for i := c.free; i != 0; i = c.Doc.items[i].right {
		free++
	}
	for _, s := range c.seen {
		if s {
			used++
		}
	}
	if free+used != len(c.Doc.items)-1 {
		return fmt.Errorf("crdt: %d items used and %d free, of %d", used, free, len(c.Doc.items)-1)
	}
	return nil
}
