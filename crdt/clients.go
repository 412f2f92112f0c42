package crdt

import (
	"math"
	"slices"

	"parley/crdt/internal/lib0"
)

// chunkSize bounds the entries of a chunk, and so the 8-byte entries that an insertion moves.
const chunkSize = 256

// client is what the document holds of one ClientID: its structs in clock order, and their bytes.
//
// Invariant: the structs lie end to end from clock 0 to next; chunks are never empty, and the base
// of a chunk is the clock of its first entry.
type client struct {
	id       uint64
	next     uint64 // the next clock expected
	chunks   []chunk
	data     []byte // content of its items, in the order of arrival
	dead     int    // bytes of data that no item refers to
	hot      int    // the chunk found last,
	hotEntry int    // and a place in it
	last     int32  // the item before next
	seen     uint64 // the transaction that touched it last
	before   uint64 // next, before that transaction
	ragged   bool   // some of its structs may have become mergeable while it was loaded
	dirty    bool   // deletes is out of date
	deletes  []byte // its part of the delete set on the wire, kept for the next encoding
	wire     [8]byte
	wireN    uint8 // wire[:wireN] is id as varUint
}

// chunk is a run of structs. A clock is kept as its distance to base. A struct further away than 32
// bits starts a new chunk.
type chunk struct {
	base uint64
	ents []entry
}

type entry struct {
	delta uint32
	item  int32
}

// place is where an entry stands. It is void after an insert or remove in the same client.
type place struct {
	chunk, entry int
}

// find returns the place of the struct that holds clock, which must be below c.next. It looks first
// where the last search ended, then where the place would be if all structs were equally long, and
// only then searches.
func (c *client) find(clock uint64) place {
	ci := c.hot
	if !c.inChunk(ci, clock) {
		if ci = int(clock * uint64(len(c.chunks)) / c.next); clock > 1<<40 || !c.inChunk(ci, clock) {
			ci = c.searchChunk(clock)
		}
		c.hot = ci
	}
	ents := c.chunks[ci].ents
	d := uint32(min(clock-c.chunks[ci].base, math.MaxUint32))
	last := len(ents) - 1
	if ents[last].delta <= d {
		return place{ci, last}
	}
	// ents[last].delta > d from here on, so there is a next entry wherever delta <= d.
	if e := c.hotEntry; e < last && ents[e].delta <= d {
		if d < ents[e+1].delta {
			return place{ci, e}
		}
		if d < ents[e+2].delta { // ents[e+1].delta <= d: it is not the last either
			return place{ci, e + 1}
		}
	}
	e := int(uint64(d) * uint64(last) / uint64(ents[last].delta))
	if ents[e].delta > d || ents[e+1].delta <= d {
		e = searchEntry(ents, d)
	}
	c.hotEntry = e
	return place{ci, e}
}

// inChunk tells whether chunk ci holds clock.
func (c *client) inChunk(ci int, clock uint64) bool {
	return ci < len(c.chunks) && c.chunks[ci].base <= clock && (ci+1 == len(c.chunks) || clock < c.chunks[ci+1].base)
}

func (c *client) searchChunk(clock uint64) int {
	ci := 0
	for hi := len(c.chunks); hi-ci > 1; { // chunks[ci].base <= clock < chunks[hi].base
		if mid := int(uint(ci+hi) >> 1); c.chunks[mid].base <= clock {
			ci = mid
		} else {
			hi = mid
		}
	}
	return ci
}

func searchEntry(ents []entry, d uint32) int {
	lo := 0
	for n := len(ents); n > 1; { // ents[lo].delta <= d, and ents[lo+n].delta > d if there is one
		half := n >> 1
		if ents[lo+half].delta <= d { // compiled to a conditional move: a branch would be mispredicted half of the time
			lo += half
		}
		n -= half
	}
	return lo
}

func (c *client) at(p place) int32 { return c.chunks[p.chunk].ents[p.entry].item }

// prev and succ step to the neighbouring place; ok is false at the end.
func (c *client) prev(p place) (place, bool) {
	if p.entry > 0 {
		return place{p.chunk, p.entry - 1}, true
	}
	if p.chunk > 0 {
		return place{p.chunk - 1, len(c.chunks[p.chunk-1].ents) - 1}, true
	}
	return p, false
}

func (c *client) succ(p place) (place, bool) {
	if p.entry+1 < len(c.chunks[p.chunk].ents) {
		return place{p.chunk, p.entry + 1}, true
	}
	if p.chunk+1 < len(c.chunks) {
		return place{p.chunk + 1, 0}, true
	}
	return p, false
}

// push appends a struct that starts at clock, which is c.next.
func (c *client) push(clock uint64, i int32) {
	n := len(c.chunks) - 1
	if n < 0 || len(c.chunks[n].ents) == chunkSize || clock-c.chunks[n].base > math.MaxUint32 {
		size := 1
		if n >= 0 {
			size = chunkSize
		}
		c.chunks = append(c.chunks, chunk{base: clock, ents: make([]entry, 0, size)})
		n++
	}
	ch := &c.chunks[n]
	ch.ents = append(ch.ents, entry{uint32(clock - ch.base), i})
	c.last = i
}

// insert puts a struct that starts at clock at place p, before the struct that stands there.
func (c *client) insert(p place, clock uint64, i int32) {
	ch := &c.chunks[p.chunk]
	if len(ch.ents) == chunkSize {
		c.halve(p.chunk)
		if half := len(c.chunks[p.chunk].ents); p.entry > half {
			p = place{p.chunk + 1, p.entry - half}
		}
		ch = &c.chunks[p.chunk]
	}
	if clock-ch.base > math.MaxUint32 { // only at its end: a chunk of its own
		c.chunks = slices.Insert(c.chunks, p.chunk+1, chunk{base: clock, ents: []entry{{0, i}}})
		return
	}
	if n := len(ch.ents); n == cap(ch.ents) && n >= chunkSize/4 {
		ch.ents = append(make([]entry, 0, min(n+chunkSize/8, chunkSize)), ch.ents...)
	}
	ch.ents = slices.Insert(ch.ents, p.entry, entry{uint32(clock - ch.base), i})
}

// halve cuts chunk ci in two.
func (c *client) halve(ci int) {
	ents := c.chunks[ci].ents
	half := len(ents) / 2
	right := chunk{base: c.chunks[ci].base + uint64(ents[half].delta), ents: make([]entry, len(ents)-half, len(ents)-half+chunkSize/8)}
	for k, e := range ents[half:] {
		right.ents[k] = entry{e.delta - ents[half].delta, e.item}
	}
	c.chunks[ci].ents = ents[:half]
	c.chunks = slices.Insert(c.chunks, ci+1, right)
}

// remove drops the entry at p.
func (c *client) remove(p place) {
	ch := &c.chunks[p.chunk]
	if len(ch.ents) == 1 {
		c.chunks = slices.Delete(c.chunks, p.chunk, p.chunk+1)
		return
	}
	ch.ents = slices.Delete(ch.ents, p.entry, p.entry+1)
	if p.entry == 0 {
		ch.rebase(ch.base + uint64(ch.ents[0].delta))
	}
}

// tidy drops empty chunks and corrects the bases, from chunk ci on.
func (c *client) tidy(ci int) {
	kept := c.chunks[:ci]
	for _, ch := range c.chunks[ci:] {
		if len(ch.ents) == 0 {
			continue
		}
		if ch.ents[0].delta != 0 {
			ch.rebase(ch.base + uint64(ch.ents[0].delta))
		}
		kept = append(kept, ch)
	}
	clear(c.chunks[len(kept):])
	c.chunks = kept
}

// setClock changes the clock at which the struct at p starts. The struct must stay between its
// neighbours. It reports false where the distance would not fit.
func (c *client) setClock(p place, clock uint64) bool {
	ch := &c.chunks[p.chunk]
	if p.entry > 0 {
		ch.ents[p.entry].delta = uint32(clock - ch.base)
		return true
	}
	lastClock := ch.base + uint64(ch.ents[len(ch.ents)-1].delta)
	if lastClock > clock && lastClock-clock > math.MaxUint32 {
		return false
	}
	shift := ch.base - clock // all of this is modulo 2^64
	for k := 1; k < len(ch.ents); k++ {
		ch.ents[k].delta = uint32(uint64(ch.ents[k].delta) + shift)
	}
	ch.base = clock
	return true
}

func (ch *chunk) rebase(base uint64) {
	shift := uint32(base - ch.base)
	for k := range ch.ents {
		ch.ents[k].delta -= shift
	}
	ch.base = base
}

// Places in the cache of slots. Most documents have few clients, and a large cache would be half of
// what such a document takes.
const (
	hotSlots = 64
	fewSlots = 4
)

// hotSlot is an entry of the cache in front of Doc.slots; slot 0 is never cached.
type hotSlot struct {
	id   uint64
	slot uint32
}

// slot returns the index of a client, 0 when the document knows nothing of it.
func (d *Doc) slot(id uint64) uint32 {
	h := &d.hot[(id^id>>6^id>>12)&uint64(len(d.hot)-1)]
	if h.id == id && h.slot != 0 {
		return h.slot
	}
	s := d.slots[id]
	if s != 0 {
		*h = hotSlot{id, s}
		if len(d.clients) > fewSlots+1 && len(d.hot) == fewSlots {
			d.hot = make([]hotSlot, hotSlots)
		}
	}
	return s
}

// openSlot is slot, and makes the client when it is new.
func (d *Doc) openSlot(id uint64) uint32 {
	if s := d.slot(id); s != 0 {
		return s
	}
	s := uint32(len(d.clients))
	c := client{id: id}
	var buf [10]byte
	c.wireN = uint8(lib0.PutUvarint(buf[:], id))
	copy(c.wire[:], buf[:8])
	d.clients = append(d.clients, c)
	d.slots[id] = s
	d.orderClean = false
	return s
}

// state is the next clock expected of a client.
func (d *Doc) state(id uint64) uint64 {
	if s := d.slot(id); s != 0 {
		return d.clients[s].next
	}
	return 0
}

// descending returns the slots of clients that hold anything, by descending ClientID. Rule: UPD-2.
func (d *Doc) descending() []uint32 {
	if !d.orderClean {
		d.order = d.order[:0]
		for s := 1; s < len(d.clients); s++ {
			d.order = append(d.order, uint32(s))
		}
		slices.SortFunc(d.order, func(a, b uint32) int {
			if d.clients[a].id > d.clients[b].id {
				return -1
			}
			return 1
		})
		d.orderClean = true
	}
	return d.order
}
