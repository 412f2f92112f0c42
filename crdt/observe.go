package crdt

import "parley/crdt/internal/wire"

// Event says what a transaction changed in one shared type.
type Event struct {
	// Target is the type, as the methods of Doc return it: *Text, *Array, *Map, …
	Target any
	// Path leads to it from its root: the root's name, then keys (string) and indexes (int).
	Path []any
	// Delta is how its list changed, from the start; nil when it did not.
	Delta []Change
	// Keys are the entries (of an XML element: attributes) that changed.
	Keys map[string]KeyChange
	// Origin is what was given to Transact or ApplyUpdateFrom.
	Origin any
	// Local tells an edit of this replica from an Update that was applied.
	Local bool
}

// Change is a step over a list: exactly one of Retain, Delete and Insert is set.
type Change struct {
	Retain, Delete int
	// Insert is a string in a text, []any in an array, and in a text an embed or shared type by
	// itself.
	Insert any
	// Attributes are, on Insert, the formats of what was inserted, and on Retain those that changed
	// (nil: taken away).
	Attributes Attributes
}

// Action says what became of a key.
type Action string

// The actions of a KeyChange.
const (
	Added   Action = "add"
	Updated Action = "update"
	Removed Action = "delete"
)

// KeyChange is what became of a key, and the value it had before, if it had one.
type KeyChange struct {
	Action   Action
	OldValue any
}

// observer is called after each transaction that changed a type.
type observer struct {
	typ int32 // 0: all types
	gen uint32
	fn  func([]Event)
}

// Observe calls fn after each transaction with an Event for each type that it changed, in the order
// in which the changes began. Types that the transaction itself made or deleted have no Event. fn
// may edit the document, see OnUpdate. The result ends the subscription.
//
// Source: the events of Yjs 13.6, src/utils/YEvent.js and src/types/YText.js.
func (d *Doc) Observe(fn func([]Event)) (cancel func()) {
	return subscribe(&d.observers, observer{fn: fn})
}

// Observe calls fn after each transaction that changed this type, see Doc.Observe.
func (h handle) Observe(fn func(Event)) (cancel func()) {
	return subscribe(&h.d.observers, observer{h.typ, h.gen, func(events []Event) {
		for _, e := range events {
			fn(e)
		}
	}})
}

// typeEvent is an Event and the type it is about.
type typeEvent struct {
	Event
	typ int32
	gen uint32
}

// collectEvents makes the events of the transaction. It runs before anything is collected or
// merged. So each item is wholly old or wholly new, and deleted content can still be read.
func (d *Doc) collectEvents() []typeEvent {
	var events []typeEvent
	at := map[int32]int{} // type to its index in events, -1 for none
	for _, c := range d.txn.changed {
		i, ok := at[c.typ]
		if !ok {
			i = -1
			if d.reports(c.typ) {
				i = len(events)
				events = append(events, typeEvent{Event: d.newEvent(c.typ), typ: c.typ, gen: d.types[c.typ].gen})
			}
			at[c.typ] = i
		}
		if i < 0 {
			continue
		}
		if e := &events[i]; c.key != 0 {
			d.addKeyChange(e, c.key)
		} else if e.Delta == nil {
			e.Delta = d.delta(c.typ)
		}
	}
	return events
}

// reports tells whether a type has an Event: it was there before, and still is.
func (d *Doc) reports(t int32) bool {
	i := d.types[t].item
	return i == 0 || (!d.isNew(&d.items[i]) && !d.items[i].deleted())
}

func (d *Doc) newEvent(t int32) Event {
	return Event{Target: d.wrap(t), Path: d.path(t), Origin: d.txn.origin, Local: d.txn.local}
}

// path leads from the root to type t.
func (d *Doc) path(t int32) []any {
	var back []any
	for d.types[t].item != 0 {
		it := &d.items[d.types[t].item]
		ch := d.chains[it.chain]
		if ch.sub != 0 {
			back = append(back, d.keyName(ch.sub))
		} else {
			back = append(back, d.indexOf(it))
		}
		t = ch.typ
	}
	path := []any{d.keyName(d.types[t].name)}
	for i := len(back) - 1; i >= 0; i-- {
		path = append(path, back[i])
	}
	return path
}

// indexOf counts what stands left of an item in its list.
func (d *Doc) indexOf(it *item) int {
	n := uint64(0)
	for i := it.left; i != 0; i = d.items[i].left {
		if l := &d.items[i]; !l.deleted() && l.countable() {
			n += l.length
		}
	}
	return int(n)
}

// isNew tells whether an item came with this transaction, gone whether this transaction deleted it.
func (d *Doc) isNew(it *item) bool {
	c := &d.clients[it.slot()]
	return c.seen == d.txn.id && it.clock >= c.before
}

func (d *Doc) gone(it *item) bool {
	if !it.deleted() {
		return false
	}
	id := d.clients[it.slot()].id
	spans := d.txn.deleted // clients descending, clocks ascending
	lo, hi := 0, len(spans)
	for lo < hi {
		mid := int(uint(lo+hi) >> 1)
		if s := spans[mid]; s.Client > id || (s.Client == id && s.Clock+s.Length <= it.clock) {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return lo < len(spans) && spans[lo].Client == id && spans[lo].Clock <= it.clock
}

// addKeyChange adds what became of a key, if anything did in the end.
//
// Source: Yjs 13.6, src/utils/YEvent.js (keys).
func (d *Doc) addKeyChange(e *typeEvent, key int32) {
	i := d.chains[d.entry(e.typ, key)].last
	p := i // the value from before the transaction
	for p != 0 && d.isNew(&d.items[p]) {
		p = d.items[p].left
	}
	had := p != 0 && d.gone(&d.items[p])
	has := i != p && !d.gone(&d.items[i])
	var change KeyChange
	switch {
	case had && has:
		change = KeyChange{Updated, d.lastValue(p)}
	case had:
		change = KeyChange{Removed, d.lastValue(p)}
	case has:
		change = KeyChange{Action: Added}
	default:
		return
	}
	if e.Keys == nil {
		e.Keys = map[string]KeyChange{}
	}
	e.Keys[d.keyName(key)] = change
}

func (d *Doc) lastValue(i int32) any {
	it := &d.items[i]
	return d.valueAt(it, it.length-1)
}

// delta says how the list of a type changed.
func (d *Doc) delta(t int32) []Change {
	if k := d.kindOf(t); k == wire.TypeText || k == wire.TypeXMLText {
		w := deltaWriter{d: d}
		return w.text(t)
	}
	var out []Change
	for i := d.listStart(t); i != 0; i = d.items[i].right {
		it := &d.items[i]
		if !it.countable() {
			continue
		}
		switch n := int(it.length); {
		case d.gone(it):
			if !d.isNew(it) {
				out = addChange(out, Change{Delete: n})
			}
		case it.deleted():
		case d.isNew(it):
			var values []any
			d.eachValueOf(it, func(v any) { values = append(values, v) })
			out = addChange(out, Change{Insert: values})
		default:
			out = addChange(out, Change{Retain: n})
		}
	}
	return dropLastRetain(out)
}

// addChange appends a step, or joins it to the last one if that is of the same kind.
func addChange(out []Change, c Change) []Change {
	if len(out) > 0 {
		last := &out[len(out)-1]
		switch {
		case c.Retain > 0 && last.Retain > 0:
			last.Retain += c.Retain
			return out
		case c.Delete > 0 && last.Delete > 0:
			last.Delete += c.Delete
			return out
		case c.Insert != nil && last.Insert != nil:
			last.Insert = append(last.Insert.([]any), c.Insert.([]any)...)
			return out
		}
	}
	return append(out, c)
}

func dropLastRetain(out []Change) []Change {
	for n := len(out); n > 0 && out[n-1].Retain > 0 && out[n-1].Attributes == nil; n-- {
		out = out[:n-1]
	}
	return out
}

// deltaWriter makes the delta of a text with formats.
//
// Source: Yjs 13.6, src/types/YText.js (YTextEvent.delta), without its clean-up of formats.
type deltaWriter struct {
	d        *Doc
	out      []Change
	now, old attrs // the formats that hold here now, and held before
	changed  attrs // what the next Retain says of formats
	cur      Change
	text8    []byte // of the Insert being collected
}

func (w *deltaWriter) flush() {
	switch {
	case w.cur.Delete > 0:
		w.out = append(w.out, Change{Delete: w.cur.Delete})
	case w.cur.Insert != nil || len(w.text8) > 0:
		c := Change{Insert: w.cur.Insert, Attributes: w.now.decode()}
		if len(w.text8) > 0 {
			c.Insert = string(w.text8)
		}
		w.out = append(w.out, c)
	case w.cur.Retain > 0:
		w.out = append(w.out, Change{Retain: w.cur.Retain, Attributes: w.changed.decode()})
	}
	w.cur, w.text8 = Change{}, nil
}

func (w *deltaWriter) text(t int32) []Change {
	for i := w.d.listStart(t); i != 0; i = w.d.items[i].right {
		it := &w.d.items[i]
		switch it.kind() {
		case wire.KindString, wire.KindType, wire.KindEmbed:
			w.content(it)
		case wire.KindFormat:
			w.format(it)
		}
	}
	w.flush()
	return dropLastRetain(w.out)
}

func (w *deltaWriter) content(it *item) {
	n := int(it.length)
	switch {
	case w.d.gone(it):
		if !w.d.isNew(it) {
			if w.cur.Delete == 0 {
				w.flush()
			}
			w.cur.Delete += n
		}
	case it.deleted():
	case !w.d.isNew(it):
		if w.cur.Retain == 0 {
			w.flush()
		}
		w.cur.Retain += n
	case it.kind() == wire.KindString:
		if len(w.text8) == 0 {
			w.flush()
		}
		w.text8 = append(w.text8, w.d.bytes(it)...)
	default:
		w.flush()
		w.cur.Insert = w.d.valueAt(it, 0)
		w.flush()
	}
}

func (w *deltaWriter) format(it *item) {
	key, value := w.d.format(it)
	isNew, gone := w.d.isNew(it), w.d.gone(it)
	switch {
	case isNew && !gone:
		if !equalAttrs(w.now.orNull(key), value) {
			w.endRetain()
			if equalAttrs(value, w.old.orNull(key)) {
				w.changed.drop(key)
			} else {
				w.changed.set(key, value)
			}
		}
	case !isNew && gone:
		w.old.set(key, value)
		if now := w.now.orNull(key); !equalAttrs(now, value) {
			w.endRetain()
			w.changed.set(key, now)
		}
	case !it.deleted():
		w.old.set(key, value)
		if v, ok := w.changed.get(key); ok && !equalAttrs(v, value) {
			w.endRetain()
			if value == wire.JSONNull {
				w.changed.drop(key)
			} else {
				w.changed.set(key, value)
			}
		}
	}
	if !it.deleted() {
		if w.cur.Insert != nil || len(w.text8) > 0 {
			w.flush()
		}
		if value == wire.JSONNull {
			w.now.drop(key)
		} else {
			w.now.set(key, value)
		}
	}
}

func (w *deltaWriter) endRetain() {
	if w.cur.Retain > 0 {
		w.flush()
	}
}

// callObservers hands each observer the events that are for it.
func (d *Doc) callObservers(events []typeEvent) {
	for _, o := range d.observers {
		var mine []Event
		for _, e := range events {
			if o.typ == 0 || (o.typ == e.typ && o.gen == e.gen) {
				mine = append(mine, e.Event)
			}
		}
		if len(mine) > 0 {
			o.fn(mine)
		}
	}
}
