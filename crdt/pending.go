package crdt

import (
	"cmp"
	"slices"

	"parley/crdt/internal/lib0"
	"parley/crdt/internal/wire"
)

// pending is what came before its causes: structs by client, and deleted ranges.
//
// Yjs keeps one merged Update and tries all of it again whenever something comes. Here the structs
// of a client wait for one cause, that of their first struct. Only structs whose cause has come are
// tried, so filling one of many gaps costs no more than that gap.
type pending struct {
	clients  map[uint64]*waiting
	waiters  map[uint64][]uint64 // by the client of a cause: clients that wait, or once did
	deletes  []wire.Span         // ranges whose structs are not known yet
	unsorted bool                // deletes has to be sorted
	recheck  bool                // a local edit was made: it may be a cause
}

// waiting is the structs of one client that wait.
//
// Invariant: runs ascend and do not overlap.
type waiting struct {
	runs  []run
	cause ID     // of the first struct: nothing can be done before the document has it
	state uint64 // the document's clock of this client when the cause was found to be missing
}

// run is structs that follow one another without a gap.
type run struct {
	from, to uint64
	count    uint64
	last     uint8  // kind of the last struct
	bytes    []byte // the structs as they stand in an Update
}

func (p *pending) empty() bool { return len(p.clients) == 0 && len(p.deletes) == 0 }

// add appends a struct of an Update.
func (w *waiting) add(update []byte, f *wire.Struct) {
	if f.Kind() == wire.KindSkip {
		return
	}
	n := len(w.runs) - 1
	if n < 0 || w.runs[n].to != f.Clock {
		w.runs = append(w.runs, run{from: f.Clock, to: f.Clock})
		n++
	}
	r := &w.runs[n]
	r.to = f.Clock + f.Length
	r.count++
	r.last = f.Kind()
	r.bytes = wire.AppendStruct(r.bytes, update, f, 0)
}

// keep adds the structs that an Update left, by client. Rule: PEN-1.
func (p *pending) keep(d *Doc, rest map[uint64]*waiting) {
	if p.clients == nil {
		p.clients, p.waiters = map[uint64]*waiting{}, map[uint64][]uint64{}
	}
	overlap := false
	for client, w := range rest {
		w.state = d.state(client)
		old := p.clients[client]
		if old == nil {
			p.waiters[w.cause.Client] = append(p.waiters[w.cause.Client], client)
			continue
		}
		overlap = overlap || old.meets(w)
		if w.runs[0].from < old.runs[0].from { // else the first one waits for what it waited for
			old.cause, old.state = w.cause, w.state
			p.waiters[w.cause.Client] = append(p.waiters[w.cause.Client], client)
		}
	}
	if overlap {
		p.mergeAll(rest)
		return
	}
	for client, w := range rest {
		old := p.clients[client]
		if old == nil {
			p.clients[client] = w
			continue
		}
		for _, r := range w.runs {
			old.insert(r)
		}
	}
}

// meets tells whether other shares a clock with w, or has a GC beside a GC of w, which merging
// would join.
func (w *waiting) meets(other *waiting) bool {
	i := 0
	for _, r := range other.runs {
		for i < len(w.runs) && (w.runs[i].to < r.from || (w.runs[i].to == r.from && !joinsGC(w.runs[i], r))) {
			i++
		}
		if i < len(w.runs) && (w.runs[i].from < r.to || (w.runs[i].from == r.to && joinsGC(r, w.runs[i]))) {
			return true
		}
	}
	return false
}

func joinsGC(a, b run) bool { return a.last == wire.KindGC && b.bytes[0]&wire.InfoKind == wire.KindGC }

// mergeAll merges rest with all that waits, as mergeUpdates does. Where both hold a clock, the
// structs before it decide which copy is written, across clients; so all must be merged at once.
func (p *pending) mergeAll(rest map[uint64]*waiting) {
	merged, err := wire.Merge(p.structs(), (&pending{clients: rest}).structs())
	if err != nil {
		panic("crdt: pending structs do not decode: " + err.Error()) // our own bytes
	}
	for client, w := range rest {
		if p.clients[client] == nil {
			p.clients[client] = w
		}
	}
	for _, w := range p.clients {
		w.runs = nil
	}
	for s := wire.NewStructReader(merged); !s.Done; s.Next() {
		p.clients[s.Struct.Client].add(merged, &s.Struct)
	}
}

// insert puts a run among the others. It must meet none of them.
func (w *waiting) insert(r run) {
	i, _ := slices.BinarySearchFunc(w.runs, r.from, func(x run, from uint64) int { return cmp.Compare(x.from, from) })
	w.runs = slices.Insert(w.runs, i, r)
}

// appendRuns writes runs as a section, with Skips in the gaps.
func appendRuns(b []byte, client uint64, runs []run) []byte {
	count := uint64(0)
	for i, r := range runs {
		if count += r.count; i > 0 && runs[i-1].to < r.from {
			count++
		}
	}
	b = lib0.AppendUvarint(b, count)
	b = lib0.AppendUvarint(b, client)
	b = lib0.AppendUvarint(b, runs[0].from)
	for i, r := range runs {
		if i > 0 && runs[i-1].to < r.from {
			b = lib0.AppendUvarint(append(b, wire.KindSkip), r.from-runs[i-1].to)
		}
		b = append(b, r.bytes...)
	}
	return b
}

// structs returns all that waits as one Update, nil when nothing does.
func (p *pending) structs() []byte {
	if len(p.clients) == 0 {
		return nil
	}
	order := make([]uint64, 0, len(p.clients))
	for client := range p.clients {
		order = append(order, client)
	}
	slices.Sort(order)
	b := lib0.AppendUvarint(nil, uint64(len(order)))
	for _, client := range slices.Backward(order) {
		b = appendRuns(b, client, p.clients[client].runs)
	}
	return append(b, 0)
}

// take removes the structs that can be applied now and returns them as an Update: of clients whose
// cause has come, or whose first structs came in another way, up to the first gap. Yjs looks at
// some causes only, and may leave what can be applied until the next load. Rule: PEN-2.
func (p *pending) take(d *Doc) []byte {
	if len(p.clients) == 0 {
		return nil
	}
	var ready []uint64
	if p.recheck {
		p.recheck = false
		for client, w := range p.clients {
			if w.ready(d, client) {
				ready = append(ready, client)
			}
		}
	}
	for _, slot := range d.txn.touched {
		id := d.clients[slot].id
		ready = p.wake(d, id, ready)
		if w := p.clients[id]; w != nil && w.ready(d, id) {
			ready = append(ready, id)
		}
	}
	if len(ready) == 0 {
		return nil
	}
	slices.Sort(ready)
	ready = slices.Compact(ready)
	b := lib0.AppendUvarint(nil, uint64(len(ready)))
	for _, client := range slices.Backward(ready) {
		b = appendRuns(b, client, p.takeRuns(d, client))
	}
	return append(b, 0)
}

// ready tells whether it is worth trying to integrate the first struct.
func (w *waiting) ready(d *Doc, client uint64) bool {
	if w.cause.Clock < d.state(w.cause.Client) {
		return true
	}
	state := d.state(client)
	return state > w.state && w.runs[0].from < state
}

// wake appends to ready the clients whose cause, a struct of this client, has come. It forgets
// waiters that wait for another cause by now.
func (p *pending) wake(d *Doc, cause uint64, ready []uint64) []uint64 {
	list := p.waiters[cause]
	kept := list[:0]
	for _, client := range list {
		w := p.clients[client]
		if w == nil || w.cause.Client != cause {
			continue
		}
		if w.ready(d, client) {
			ready = append(ready, client)
		} else {
			kept = append(kept, client)
		}
	}
	if len(kept) == 0 {
		delete(p.waiters, cause)
	} else {
		p.waiters[cause] = kept
	}
	return ready
}

// takeRuns removes the first run of a client, and the others up to the first gap.
func (p *pending) takeRuns(d *Doc, client uint64) []run {
	w := p.clients[client]
	reach := max(d.state(client), w.runs[0].to)
	n := 1
	for n < len(w.runs) && w.runs[n].from <= reach {
		reach = max(reach, w.runs[n].to)
		n++
	}
	taken := w.runs[:n:n]
	if w.runs = w.runs[n:]; len(w.runs) == 0 {
		delete(p.clients, client)
		return taken
	}
	w.cause, w.state = ID{Client: client, Clock: w.runs[0].from - 1}, d.state(client)
	p.waiters[client] = append(p.waiters[client], client)
	return taken
}

// applyDeletes deletes what has become known of the waiting ranges. Only clients that this
// transaction touched can have any. Rule: PEN-3.
func (p *pending) applyDeletes(d *Doc) {
	if len(p.deletes) == 0 {
		return
	}
	p.sort()
	for _, slot := range d.txn.touched {
		c := &d.clients[slot]
		lo, _ := slices.BinarySearchFunc(p.deletes, c.id, func(s wire.Span, id uint64) int {
			if s.Client > id {
				return -1
			}
			return 1
		})
		hi := lo
		for hi < len(p.deletes) && p.deletes[hi].Client == c.id && p.deletes[hi].Clock < c.next {
			hi++
		}
		var left []wire.Span
		for _, s := range p.deletes[lo:hi] {
			if rest, unknown := d.deleteRange(s); unknown {
				left = append(left, rest)
			}
		}
		p.deletes = slices.Replace(p.deletes, lo, hi, left...)
	}
}

func (p *pending) sort() {
	if p.unsorted {
		p.deletes = wire.SortSpans(p.deletes)
		p.unsorted = false
	}
}
