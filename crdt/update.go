package crdt

import (
	"cmp"
	"errors"
	"math"
	"slices"

	"parley/crdt/internal/lib0"
)

// ErrTooLarge is returned for an Update that would take what one client wrote past 2 GiB, or the number of
// clients past 16 million.
var ErrTooLarge = errors.New("crdt: the content of one client would exceed 2 GiB, or the clients 16 million")

// maxData bounds the content of a client, so that offsets fit 32 bits even while content is copied.
const maxData = math.MaxUint32 / 2

// bulkFrom is the number of structs from which an Update is merged client by client.
const bulkFrom = 32

// ApplyUpdate merges an Update of another replica into the document. It is all or nothing: on an
// error (a *DecodeError, or ErrTooLarge) the document is unchanged. What depends on Updates not seen
// yet is kept until they come, see HasPending. Applying an Update again changes nothing.
func (d *Doc) ApplyUpdate(update []byte) error {
	return d.ApplyUpdateFrom(update, nil)
}

// ApplyUpdateFrom is ApplyUpdate with an origin, which is handed to the listeners.
func (d *Doc) ApplyUpdateFrom(update []byte, origin any) error {
	if d.applyShort(update) {
		return nil
	}
	if done, err := d.loadFresh(update); done {
		return err
	}
	secs, ds, n, err := scan(update, d.scratch.sections[:0], &d.scratch.ref)
	d.scratch.sections = secs[:0]
	if err != nil {
		return err
	}
	if err := d.checkRoom(secs, len(update)); err != nil {
		return err
	}
	d.begin(origin, false)
	defer d.commit()
	if n >= bulkFrom && d.txn.depth == 1 {
		d.txn.bulk = true
		d.reserve(secs)
	}
	d.applyScanned(update, secs, ds, n)
	return nil
}

// checkRoom refuses what offsets of 32 bits could not address.
func (d *Doc) checkRoom(secs []section, size int) error {
	for i := range secs {
		if s := d.slot(secs[i].client); s != 0 && len(d.clients[s].data)+size > maxData {
			return ErrTooLarge
		}
	}
	if size > maxData || len(d.clients)+len(d.pending.clients)+len(secs) > maxSlots-2 { // one for local edits
		return ErrTooLarge
	}
	return nil
}

// reserve makes room for the structs that are new, as far as can be told before they are read, so that
// the arena does not grow step by step.
func (d *Doc) reserve(secs []section) {
	n := 0
	for i := range secs {
		s := &secs[i]
		if known := max(d.state(s.client), s.clock); known < s.end {
			n += int(float64(s.left) * float64(s.end-known) / float64(s.end-s.clock))
		}
	}
	d.items = slices.Grow(d.items, n+n/8) // some for those that are cut
	if len(d.clients) == 1 {
		d.clients = slices.Grow(d.clients, len(secs))
	}
}

// applyScanned applies an Update of n structs that scan has checked. Rule: UPD-11.
//
// Source: Yjs 13.6, src/utils/encoding.js (readUpdateV2).
func (d *Doc) applyScanned(update []byte, secs []section, ds, n int) {
	if n > 0 {
		d.integrateAll(update, secs)
	}
	d.applyDeleteSet(lib0.Reader{Buf: update, Pos: ds})
	d.pending.applyDeletes(d)
	for again := d.pending.take(d); again != nil; again = d.pending.take(d) {
		secs, _, _, err := scan(again, nil, new(ref))
		if err != nil {
			panic("crdt: pending structs do not decode: " + err.Error()) // our own bytes
		}
		d.integrateAll(again, secs)
		d.pending.applyDeletes(d)
	}
}

// integrateAll integrates what it can, and leaves the rest to wait.
func (d *Doc) integrateAll(update []byte, secs []section) {
	in := integrator{doc: d, update: update, secs: secs, stack: d.scratch.stack[:0]}
	var head ref
	for ok := in.advance(&head); ok; ok = in.advance(&head) {
		for head.kind() != kindSkip && in.step(&head) {
		}
	}
	d.scratch.stack = in.stack[:0]
	for client, w := range in.rest {
		if len(w.runs) == 0 { // nothing but Skips
			delete(in.rest, client)
		}
	}
	if len(in.rest) > 0 {
		d.pending.keep(d, in.rest)
	}
}

// sortFrom is the number of ranges from which a delete set is brought in order before it is applied:
// each range costs its distance from the start of an item then, not that from the end.
const sortFrom = 16

// applyDeleteSet deletes what a checked delete set names. What is not known yet waits.
func (d *Doc) applyDeleteSet(r lib0.Reader) {
	spans := d.scratch.spans[:0]
	eachDeleted(&r, func(s span) { spans = append(spans, s) })
	switch {
	case len(spans) < sortFrom:
	case d.gc:
		spans = sortSpans(spans)
	default: // a border between two ranges may tear a character that is kept: join none
		slices.SortStableFunc(spans, compareSpans)
	}
	d.scratch.spans = spans
	for _, s := range spans {
		if rest, unknown := d.deleteRange(s); unknown {
			d.pending.deletes = append(d.pending.deletes, rest)
			d.pending.unsorted = true
		}
	}
}

// sortSections brings sections in the order in which they are integrated: clients descending. Of a
// client named twice the last section counts. Rule: UPD-2.
func sortSections(secs []section) []section {
	sorted := slices.IsSortedFunc(secs, func(a, b section) int {
		if a.client >= b.client { // a client named twice is not sorted: one of its sections has to go
			return -1
		}
		return 1
	})
	if sorted {
		return secs
	}
	slices.SortStableFunc(secs, func(a, b section) int { return cmp.Compare(b.client, a.client) })
	out := secs[:0]
	for i, s := range secs {
		if i+1 == len(secs) || secs[i+1].client != s.client {
			out = append(out, s)
		}
	}
	return out
}

// integrator takes the structs of one Update in an order in which each finds its causes.
//
// Source: Yjs 13.6, src/utils/encoding.js (integrateStructs).
type integrator struct {
	doc    *Doc
	update []byte
	secs   []section // clients descending
	cur    int       // the section worked through
	stack  []ref     // structs that wait for the one taken last
	rest   map[uint64]*waiting
}

// step integrates head, or else puts it on the stack. It reports true when head is now the cause
// that the old head waits for.
func (in *integrator) step(head *ref) bool {
	state := in.doc.state(head.client)
	if head.clock > state {
		in.giveUp(head)
		return false
	}
	cause, missing := in.doc.cause(head)
	if !missing {
		if head.clock+head.length > state {
			in.doc.integrate(in.update, head, state-head.clock)
		} else {
			in.doc.tear(head)
		}
		return false
	}
	if sec := in.find(cause.Client); sec != nil && sec.left > 0 {
		in.stack = append(in.stack, *head)
		in.take(sec, head)
		return true
	}
	in.giveUp(head)
	return false
}

// advance makes head the next struct: from the stack, else from the current section, else from the
// next one.
func (in *integrator) advance(head *ref) bool {
	if n := len(in.stack); n > 0 {
		*head = in.stack[n-1]
		in.stack = in.stack[:n-1]
		return true
	}
	for ; in.cur < len(in.secs); in.cur++ {
		if sec := &in.secs[in.cur]; sec.left > 0 {
			in.take(sec, head)
			return true
		}
	}
	return false
}

func (in *integrator) take(sec *section, head *ref) {
	sec.lastPos, sec.lastClock = sec.pos, sec.clock
	r := lib0.Reader{Buf: in.update, Pos: sec.pos}
	readStruct(&r, head, sec.client, sec.clock)
	sec.pos = r.Pos
	sec.clock += head.length
	sec.left--
}

func (in *integrator) find(client uint64) *section {
	i, ok := slices.BinarySearchFunc(in.secs, client, func(s section, c uint64) int { return cmp.Compare(c, s.client) })
	if !ok || in.secs[i].gone {
		return nil
	}
	return &in.secs[i]
}

// giveUp puts head, what waits on the stack, and all that follows them in their sections aside.
func (in *integrator) giveUp(head *ref) {
	in.stack = append(in.stack, *head)
	if in.rest == nil {
		in.rest = map[uint64]*waiting{}
	}
	for i := range in.stack {
		f := &in.stack[i]
		cause, missing := in.doc.cause(f)
		if !missing {
			cause = ID{f.client, f.clock - 1} // a gap
		}
		w := &waiting{cause: cause}
		in.rest[f.client] = w
		sec := in.find(f.client)
		if sec == nil {
			w.add(in.update, f)
			continue
		}
		sec.gone = true
		// From the struct taken last: f itself, unless the causes go round in a circle.
		sec.pos, sec.clock = sec.lastPos, sec.lastClock
		for sec.left++; sec.left > 0; {
			var next ref
			in.take(sec, &next)
			w.add(in.update, &next)
		}
	}
	in.stack = in.stack[:0]
}
