package crdt

import (
	"cmp"
	"math"
	"slices"

	"parley/crdt/internal/lib0"
	"parley/crdt/internal/wire"
)

// maxData bounds the content of a client, so that offsets fit 32 bits even while content is copied.
const maxData = math.MaxUint32 / 2

// bulkFrom is the number of structs from which an Update is merged client by client.
const bulkFrom = 32

// ApplyUpdate merges an Update of another replica into the document. It is all or nothing: on an
// error (a *DecodeError, ErrTooLarge or ErrTooComplex) the document is unchanged. What depends on
// Updates that are not here yet is kept until they come, see HasPending. Applying an Update again
// changes nothing.
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
	secs, ds, n, err := wire.Scan(update, d.scratch.sections[:0], &d.scratch.ref)
	d.scratch.sections = secs[:0]
	if err != nil {
		return err
	}
	if err := d.checkRoom(secs, len(update)); err != nil {
		return err
	}
	d.conflicts.begin()
	var before *checkpoint
	if d.mayExceed(n) {
		before = d.checkpoint()
	}
	d.begin(origin, false)
	if n >= bulkFrom && d.txn.depth == 1 {
		d.txn.bulk = true
		d.reserve(secs)
	}
	d.applyScanned(update, secs, ds, n)
	if d.conflicts.over {
		d.restore(before)
		return ErrTooComplex
	}
	d.commit()
	return nil
}

// checkRoom refuses what the arena could not address.
func (d *Doc) checkRoom(secs []wire.Section, size int) error {
	for i := range secs {
		if s := d.slot(secs[i].Client); s != 0 && len(d.clients[s].data)+size > maxData {
			return ErrTooLarge
		}
	}
	if size > maxData || len(d.clients)+len(d.pending.clients)+len(secs) > maxSlots-2 { // one for local edits
		return ErrTooLarge
	}
	return nil
}

// reserve makes room for the structs that are new, as far as the sections tell, so that the arena
// grows once.
func (d *Doc) reserve(secs []wire.Section) {
	n := 0
	for i := range secs {
		s := &secs[i]
		if known := max(d.state(s.Client), s.Clock); known < s.End {
			n += int(float64(s.Left) * float64(s.End-known) / float64(s.End-s.Clock))
		}
	}
	d.items = slices.Grow(d.items, n+n/8) // some for those that are cut
	if len(d.clients) == 1 {
		d.clients = slices.Grow(d.clients, len(secs))
	}
}

// applyScanned applies an Update of n structs that wire.Scan has checked. Rule: UPD-11.
//
// Source: Yjs 13.6, src/utils/encoding.js (readUpdateV2).
func (d *Doc) applyScanned(update []byte, secs []wire.Section, ds, n int) {
	if n > 0 {
		d.integrateAll(update, secs)
	}
	if d.conflicts.over {
		return
	}
	d.applyDeleteSet(lib0.Reader{Buf: update, Pos: ds})
	d.pending.applyDeletes(d)
	for again := d.pending.take(d); again != nil && !d.conflicts.over; again = d.pending.take(d) {
		secs, _, _, err := wire.Scan(again, nil, new(wire.Struct))
		if err != nil {
			panic("crdt: pending structs do not decode: " + err.Error()) // our own bytes
		}
		d.integrateAll(again, secs)
		d.pending.applyDeletes(d)
	}
}

// integrateAll integrates what can be integrated. The rest waits.
func (d *Doc) integrateAll(update []byte, secs []wire.Section) {
	in := integrator{doc: d, update: update, secs: secs, stack: d.scratch.stack[:0]}
	var head wire.Struct
	for ok := in.advance(&head); ok && !d.conflicts.over; ok = in.advance(&head) {
		for head.Kind() != wire.KindSkip && in.step(&head) {
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

// sortFrom is the number of ranges from which a delete set is sorted before it is applied. In
// ascending order a range costs its distance from the start of an item, in the order of the wire
// that from the end.
const sortFrom = 16

// applyDeleteSet deletes the ranges of a checked delete set. Ranges that are not known yet wait.
func (d *Doc) applyDeleteSet(r lib0.Reader) {
	spans := d.scratch.spans[:0]
	wire.EachDeleted(&r, func(s wire.Span) { spans = append(spans, s) })
	switch {
	case len(spans) < sortFrom:
	case d.gc:
		spans = wire.SortSpans(spans)
	default: // do not join: a border between two ranges may tear a character that is kept
		slices.SortStableFunc(spans, wire.CompareSpans)
	}
	d.scratch.spans = spans
	for _, s := range spans {
		if rest, unknown := d.deleteRange(s); unknown {
			d.pending.deletes = append(d.pending.deletes, rest)
			d.pending.unsorted = true
		}
	}
}

// integrator integrates the structs of one Update in an order in which each finds its causes.
//
// Source: Yjs 13.6, src/utils/encoding.js (integrateStructs).
type integrator struct {
	doc    *Doc
	update []byte
	secs   []wire.Section // clients descending
	cur    int            // the section worked through
	stack  []wire.Struct  // structs that wait for the one taken last
	rest   map[uint64]*waiting
}

// step integrates head or puts it on the stack. It reports true when head is now a cause that the
// old head waits for.
func (in *integrator) step(head *wire.Struct) bool {
	state := in.doc.state(head.Client)
	if head.Clock > state {
		in.giveUp(head)
		return false
	}
	cause, missing := in.doc.cause(head)
	if !missing {
		if head.Clock+head.Length > state {
			in.doc.integrate(in.update, head, state-head.Clock)
		} else {
			in.doc.tear(head)
		}
		return false
	}
	if sec := in.find(cause.Client); sec != nil && sec.Left > 0 {
		in.stack = append(in.stack, *head)
		in.take(sec, head)
		return true
	}
	in.giveUp(head)
	return false
}

// advance makes head the next struct: from the stack, or else from the first section that has one.
func (in *integrator) advance(head *wire.Struct) bool {
	if n := len(in.stack); n > 0 {
		*head = in.stack[n-1]
		in.stack = in.stack[:n-1]
		return true
	}
	for ; in.cur < len(in.secs); in.cur++ {
		if sec := &in.secs[in.cur]; sec.Left > 0 {
			in.take(sec, head)
			return true
		}
	}
	return false
}

func (in *integrator) take(sec *wire.Section, head *wire.Struct) {
	sec.LastPos, sec.LastClock = sec.Pos, sec.Clock
	r := lib0.Reader{Buf: in.update, Pos: sec.Pos}
	wire.ReadStruct(&r, head, sec.Client, sec.Clock)
	sec.Pos = r.Pos
	sec.Clock += head.Length
	sec.Left--
}

func (in *integrator) find(client uint64) *wire.Section {
	i, ok := slices.BinarySearchFunc(in.secs, client, func(s wire.Section, c uint64) int { return cmp.Compare(c, s.Client) })
	if !ok || in.secs[i].Gone {
		return nil
	}
	return &in.secs[i]
}

// giveUp lets head wait, with the structs on the stack and all that follows them in their sections.
func (in *integrator) giveUp(head *wire.Struct) {
	in.stack = append(in.stack, *head)
	if in.rest == nil {
		in.rest = map[uint64]*waiting{}
	}
	for i := range in.stack {
		f := &in.stack[i]
		cause, missing := in.doc.cause(f)
		if !missing {
			cause = ID{Client: f.Client, Clock: f.Clock - 1} // a gap
		}
		w := &waiting{cause: cause}
		in.rest[f.Client] = w
		sec := in.find(f.Client)
		if sec == nil {
			w.add(in.update, f)
			continue
		}
		sec.Gone = true
		// From the struct taken last. This is f itself, unless the causes form a circle.
		sec.Pos, sec.Clock = sec.LastPos, sec.LastClock
		for sec.Left++; sec.Left > 0; {
			var next wire.Struct
			in.take(sec, &next)
			w.add(in.update, &next)
		}
	}
	in.stack = in.stack[:0]
}

// ApplyUpdateV2 is ApplyUpdate for an Update in the V2 format.
func (d *Doc) ApplyUpdateV2(update []byte) error {
	v1, err := wire.FromV2(update)
	if err != nil {
		return err
	}
	return d.ApplyUpdate(v1)
}
