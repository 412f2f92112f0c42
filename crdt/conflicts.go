package crdt

import (
	"errors"
	"maps"
	"math"
	"slices"
)

// ErrTooComplex is returned for an Update whose Items compete with so many others for a place that
// to order them would take more comparisons than LimitConflicts allows. The document is unchanged.
var ErrTooComplex = errors.New("crdt: the update takes more comparisons of concurrent items than are allowed")

// conflicts counts what it costs to order concurrent Items (INT-4). The rule compares an Item with
// all Items that were inserted concurrently at its place, so n hostile Items can cost n*n/2
// comparisons, in Yjs as here. People who type together cause few.
type conflicts struct {
	limit uint64 // comparisons that one Update may take; 0: any number
	total uint64 // since the document was made
	stop  uint64 // the total at which the Update at hand is over its limit
	over  bool   // it is
}

// LimitConflicts bounds the comparisons of concurrent Items that one Update may take, from the next
// ApplyUpdate on. An Update that would take more is refused with ErrTooComplex. 0, the default, is
// no limit, as in Yjs. A comparison takes 2 to 15 ns. Rule: UPD-12.
func (d *Doc) LimitConflicts(comparisons uint64) { d.conflicts.limit = comparisons }

// Conflicts returns how many comparisons of concurrent Items the document has taken so far. An
// Update that was refused counts too.
func (d *Doc) Conflicts() uint64 { return d.conflicts.total }

// begin starts the count of an Update.
func (c *conflicts) begin() {
	c.over, c.stop = false, math.MaxUint64
	if c.limit > 0 {
		c.stop = c.total + c.limit
	}
}

// compared adds n comparisons.
func (d *Doc) compared(n uint64) {
	d.conflicts.total += n
	d.conflicts.over = d.conflicts.total > d.conflicts.stop
}

// mayExceed tells whether an Update of n structs could be over the limit. Each of its structs, and
// each that waits, is compared with each Item once at most, and cuts at most two Items.
func (d *Doc) mayExceed(n int) bool {
	if d.conflicts.limit == 0 {
		return false
	}
	structs := uint64(n) + d.pending.count()
	return structs*(uint64(len(d.items))+3*structs) > d.conflicts.limit
}

// count counts the structs that wait.
func (p *pending) count() (n uint64) {
	for _, w := range p.clients {
		for _, r := range w.runs {
			n += r.count
		}
	}
	return n
}

// checkpoint is a document as it was before an Update that may have to be undone. Content needs no
// copy, because it is only appended to. Names, stamps and the count of types may stay.
type checkpoint struct {
	items      []item
	clients    []client
	slots      map[uint64]uint32
	types      []sharedType
	chains     []chain
	byKey      map[uint64]int32
	roots      map[int32]int32
	rootSeq    []int32
	order      []uint32
	orderClean bool
	pending    pending
	txn        transaction
	marker     marker

	free, freeTyp, freeChn int32
	freeItems              int
}

// checkpoint copies what an Update changes. It takes time and memory in proportion to the document.
func (d *Doc) checkpoint() *checkpoint {
	c := &checkpoint{
		items: slices.Clone(d.items), clients: slices.Clone(d.clients), slots: maps.Clone(d.slots),
		types: slices.Clone(d.types), chains: slices.Clone(d.chains), byKey: maps.Clone(d.byKey),
		roots: maps.Clone(d.roots), rootSeq: slices.Clone(d.rootSeq),
		order: slices.Clone(d.order), orderClean: d.orderClean,
		pending: d.pending.clone(), txn: d.txn, marker: d.marker,
		free: d.free, freeTyp: d.freeTyp, freeChn: d.freeChn, freeItems: d.freeItems,
	}
	for i := range c.clients {
		chunks := slices.Clone(c.clients[i].chunks)
		for j := range chunks {
			chunks[j].ents = slices.Clone(chunks[j].ents)
		}
		c.clients[i].chunks = chunks
	}
	t := &c.txn
	t.touched, t.edges = slices.Clone(t.touched), slices.Clone(t.edges)
	t.deleted, t.changed = slices.Clone(t.deleted), slices.Clone(t.changed)
	return c
}

// restore makes the document what it was. The checkpoint must not be used again.
func (d *Doc) restore(c *checkpoint) {
	d.items, d.clients, d.slots = c.items, c.clients, c.slots
	d.types, d.chains, d.byKey = c.types, c.chains, c.byKey
	d.roots, d.rootSeq, d.order, d.orderClean = c.roots, c.rootSeq, c.order, c.orderClean
	d.pending, d.txn, d.marker = c.pending, c.txn, c.marker
	d.free, d.freeTyp, d.freeChn, d.freeItems = c.free, c.freeTyp, c.freeChn, c.freeItems
	clear(d.hot)
}

func (p *pending) clone() pending {
	c := *p
	c.clients, c.waiters = maps.Clone(p.clients), maps.Clone(p.waiters)
	c.deletes = slices.Clone(p.deletes)
	for client, w := range c.clients {
		copied := *w
		copied.runs = slices.Clone(w.runs)
		c.clients[client] = &copied
	}
	for client, list := range c.waiters {
		c.waiters[client] = slices.Clone(list)
	}
	return c
}
