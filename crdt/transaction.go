package crdt

import (
	"bytes"
	"slices"

	"parley/crdt/internal/wire"
)

// transaction is what is known of the changes since begin.
type transaction struct {
	depth     int
	id        uint64
	touched   []uint32    // clients with new structs
	edges     []edge      // borders between structs that may have become mergeable
	deleted   []wire.Span // what was deleted, when recording
	changed   []change    // which types were changed, when recording
	origin    any
	local     bool
	bulk      bool // many structs: whole clients are merged, not edges
	recording bool // somebody listens
	keep      bool // observers may read what was deleted: it is collected at the end
}

type edge struct {
	slot  uint32
	clock uint64
}

type change struct {
	typ, key int32
}

// listener is called after each transaction.
type listener func(update []byte, origin any)

// notice is what observers and listeners are told of a transaction.
type notice struct {
	events []typeEvent
	update []byte // nil when no listener was there
	origin any
}

// OnUpdate calls fn after each transaction that changed the document, local or applied, with the
// Update that carries the change to others, and the origin given to Transact or ApplyUpdateFrom.
// The bytes are fn's to keep. The result ends the subscription.
//
// fn may edit the document: each edit is a transaction of its own, and its Update is handed out
// once all listeners have this one. Rule: TXN-3.
//
// Source: the 'update' event of Yjs 13.6, src/utils/Transaction.js.
func (d *Doc) OnUpdate(fn func(update []byte, origin any)) (cancel func()) {
	return subscribe(&d.listeners, listener(fn))
}

// subscribe adds v to a list and returns what removes it. Removing makes a new list, so a loop over
// the old one is not disturbed.
func subscribe[T any](list *[]*T, v T) (cancel func()) {
	p := &v
	*list = append(*list, p)
	return func() {
		*list = slices.DeleteFunc(slices.Clone(*list), func(q *T) bool { return q == p })
	}
}

// Transact makes the edits of fn one transaction: one Update, one call of each listener. Inside
// another transaction it joins that one. Nothing is undone: what fn did before it panicked stays.
func (d *Doc) Transact(origin any, fn func()) {
	d.begin(origin, true)
	defer d.commit()
	fn()
}

func (d *Doc) begin(origin any, local bool) {
	t := &d.txn
	t.depth++
	if t.depth > 1 {
		return
	}
	t.id++
	d.marker.age++
	t.origin, t.local, t.bulk = origin, local, false
	t.recording = len(d.listeners) > 0 || len(d.observers) > 0
	t.keep = len(d.observers) > 0
}

// commit ends a transaction: it merges what has become mergeable, drops dead bytes, and tells
// observers and listeners. Rule: TXN-1.
func (d *Doc) commit() {
	t := &d.txn
	t.depth--
	if t.depth > 0 {
		return
	}
	var events []typeEvent
	if t.recording {
		t.deleted = wire.SortSpans(t.deleted)
	}
	if t.keep {
		events = d.collectEvents()
		t.keep = false
		d.collectDeleted()
	}
	if t.bulk {
		for _, slot := range t.touched {
			d.mergeFrom(slot, d.clients[slot].before)
		}
		t.bulk = false
	}
	d.mergeEdges()
	d.compactTouched()
	due := t.recording && (len(t.touched) > 0 || len(t.deleted) > 0)
	if due {
		t.deleted = wire.SortSpans(t.deleted) // merging may have dropped a torn value
		n := notice{events: events, origin: t.origin}
		if len(d.listeners) > 0 {
			n.update = d.encodeTransaction()
		}
		d.notices = append(d.notices, n)
	}
	t.touched, t.edges = t.touched[:0], t.edges[:0]
	t.deleted, t.changed = t.deleted[:0], t.changed[:0]
	t.origin = nil
	if due && !d.telling {
		d.tell()
	}
}

// tell hands out the notices, with those that come in meanwhile. An edit made by an observer or
// listener is complete when it returns, and others are told of it after the transaction that is
// told of now. If a listener panics, the notices that are left go out with the next transaction.
// Rule: TXN-3.
//
// Source: Yjs 13.6, src/utils/Transaction.js (cleanupTransactions).
func (d *Doc) tell() {
	d.telling = true
	defer func() { d.telling = false }()
	for len(d.notices) > 0 {
		n := d.notices[0]
		d.notices = d.notices[1:]
		d.callObservers(n.events)
		if n.update == nil {
			continue
		}
		for _, l := range d.listeners {
			(*l)(bytes.Clone(n.update), n.origin)
		}
	}
	d.notices = nil
}

// enter notes that a client is about to get new structs.
func (d *Doc) enter(slot uint32) {
	c := &d.clients[slot]
	if c.seen != d.txn.id {
		c.seen, c.before = d.txn.id, c.next
		d.txn.touched = append(d.txn.touched, slot)
	}
}

// touch notes that the structs that meet at clock may have become mergeable.
func (d *Doc) touch(slot uint32, clock uint64) {
	if d.txn.bulk {
		if c := &d.clients[slot]; c.seen == d.txn.id && clock >= c.before {
			c.ragged = true
			return // mergeFrom merges the whole client
		}
	}
	e := edge{slot, clock}
	if n := len(d.txn.edges); (n > 0 && d.txn.edges[n-1] == e) || (n > 1 && d.txn.edges[n-2] == e) {
		return // a deletion touches the same clocks as its cuts
	}
	d.txn.edges = append(d.txn.edges, e)
}

// noteDeleted notes that a range was deleted.
func (d *Doc) noteDeleted(slot uint32, clock, length uint64) {
	d.touch(slot, clock)
	d.touch(slot, clock+length)
	d.clients[slot].dirty = true
	if d.txn.recording {
		d.txn.deleted = append(d.txn.deleted, wire.Span{Client: d.clients[slot].id, Clock: clock, Length: length})
	}
}

// noteChanged notes that the list (key 0) or an entry of a type was changed.
func (d *Doc) noteChanged(typ, key int32) {
	if d.txn.keep {
		d.txn.changed = append(d.txn.changed, change{typ, key})
	}
}

func (d *Doc) mergeEdges() {
	for n := 0; n < len(d.txn.edges); n++ { // dropOverwritten adds some
		e := d.txn.edges[n]
		c := &d.clients[e.slot]
		if e.clock == 0 || e.clock >= c.next {
			continue
		}
		p := c.find(e.clock)
		b := c.at(p)
		if d.items[b].clock != e.clock {
			continue // merged already
		}
		if q, ok := c.prev(p); ok && !d.tryMerge(c.at(q), p, b) {
			d.dropOverwritten(c.at(q))
		}
	}
}

// dropOverwritten deletes item a if it is the left part of a value of a key that was cut and could
// not be merged again. On loading, each value of a key deletes the value before it, and the outcome
// must not depend on the way the state came about. Clients of today make no values of several
// units. Rule: INT-5.
func (d *Doc) dropOverwritten(a int32) {
	x := &d.items[a]
	if x.kind() != wire.KindGC && x.right != 0 && !x.deleted() && d.chains[x.chain].sub != 0 {
		d.deleteItem(a)
	}
}

// mergeFrom merges the structs of a client where possible, from the one before clock on.
func (d *Doc) mergeFrom(slot uint32, clock uint64) {
	c := &d.clients[slot]
	for c.ragged = true; c.ragged; { // dropOverwritten sets it anew
		c.ragged = false
		d.mergeOnce(c, clock)
	}
}

func (d *Doc) mergeOnce(c *client, clock uint64) {
	p := c.find(max(clock, 1) - 1)
	a := c.at(p)
	for ci := p.chunk; ci < len(c.chunks); ci++ {
		ents := c.chunks[ci].ents
		from := 0
		if ci == p.chunk {
			from = p.entry + 1
		}
		kept := ents[:from]
		for _, e := range ents[from:] {
			if d.join(a, e.item) {
				continue
			}
			d.dropOverwritten(a)
			a = e.item
			kept = append(kept, e)
		}
		c.chunks[ci].ents = kept
	}
	c.tidy(p.chunk)
	c.last = a
}

// compactTouched drops dead bytes where they have become too many.
func (d *Doc) compactTouched() {
	for _, e := range d.txn.edges {
		d.compact(e.slot)
	}
}
