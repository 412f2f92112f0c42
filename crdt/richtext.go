package crdt

import (
	"encoding/json"
	"fmt"
	"slices"

	"parley/crdt/internal/lib0"
	"parley/crdt/internal/wire"
)

// Attributes are the formats of a stretch of text by name: JSON values. In Format and InsertWith a
// nil value takes a format away.
type Attributes map[string]any

// Op is a step of a rich text as Quill writes them: an insertion (a string, a shared type or an
// embed) with its formats.
type Op struct {
	Insert     any
	Attributes Attributes
}

// attr is a format that holds at a position: its key and its value as JSON.
type attr struct {
	key   string
	value string
}

// attrs is a small map that keeps the order in which keys were set, as JavaScript's Map does.
type attrs []attr

func (a attrs) get(key string) (string, bool) {
	for _, x := range a {
		if x.key == key {
			return x.value, true
		}
	}
	return "", false
}

// orNull is the value of key, null when it has none.
func (a attrs) orNull(key string) string {
	if v, ok := a.get(key); ok {
		return v
	}
	return wire.JSONNull
}

func (a *attrs) set(key, value string) {
	for i := range *a {
		if (*a)[i].key == key {
			(*a)[i].value = value
			return
		}
	}
	*a = append(*a, attr{key, value})
}

func (a *attrs) drop(key string) {
	*a = slices.DeleteFunc(*a, func(x attr) bool { return x.key == key })
}

// equalAttrs compares two JSON values as Yjs does: the values in objects one level deep. Rule:
// LOC-4.
//
// Source: Yjs 13.6, src/types/YText.js (equalAttrs); lib0, object.js (equalFlat).
func equalAttrs(a, b string) bool {
	if a == b && (a == "" || a[0] != '{' && a[0] != '[') {
		return true
	}
	var x, y any
	if json.Unmarshal([]byte(a), &x) != nil || json.Unmarshal([]byte(b), &y) != nil {
		return false
	}
	mx, ok1 := flat(x)
	my, ok2 := flat(y)
	if !ok1 || !ok2 {
		return !ok1 && !ok2 && x == y
	}
	if len(mx) != len(my) {
		return false
	}
	for k, v := range mx {
		w, ok := my[k]
		if _, nested := flat(v); !ok || nested {
			return false
		}
		if _, nested := flat(w); nested || v != w {
			return false
		}
	}
	return true
}

// flat returns the values of an object or array by key.
func flat(v any) (map[string]any, bool) {
	switch v := v.(type) {
	case map[string]any:
		return v, true
	case []any:
		m := map[string]any{}
		for i, e := range v {
			m[fmt.Sprint(i)] = e
		}
		return m, true
	}
	return nil, false
}

// textPos is a place in a text and the formats that hold there.
//
// Source: Yjs 13.6, src/types/YText.js (ItemTextListPosition).
type textPos struct {
	d           *Doc
	typ         int32
	left, right int32
	attrs       attrs
}

// format decodes a Format item.
func (d *Doc) format(it *item) (key, value string) {
	r := lib0.Reader{Buf: d.bytes(it)}
	return string(r.String()), string(r.Bytes())
}

// seekText walks text t to index, which must lie in it.
func (d *Doc) seekText(t int32, index uint64) *textPos {
	pos := &textPos{d: d, typ: t, right: d.listStart(t)}
	if d.types[t].rich { // formats hold from where they stand, so walk from the start
		d.marker = marker{}
	} else {
		var before uint64
		pos.left, pos.right, before = d.start(t, index)
		index -= before
	}
	for pos.right != 0 && index > 0 {
		it := &d.items[pos.right]
		if !it.deleted() && it.countable() {
			if index < it.length {
				d.cleanStart(it.slot(), it.clock+index)
				it = &d.items[pos.right]
			}
			index -= it.length
		}
		pos.forward()
	}
	return pos
}

// forward steps over the item to the right.
func (p *textPos) forward() {
	it := &p.d.items[p.right]
	if it.kind() == wire.KindFormat && !it.deleted() {
		if key, value := p.d.format(it); value == wire.JSONNull {
			p.attrs.drop(key)
		} else {
			p.attrs.set(key, value)
		}
	}
	p.left, p.right = p.right, it.right
}

// pass steps over deleted items, and over formats that are in want. nil stands for the formats that
// hold here.
//
// Source: Yjs 13.6, src/types/YText.js (minimizeAttributeChanges).
func (p *textPos) pass(want attrs) {
	if want == nil {
		want = slices.Clone(p.attrs)
	}
	for p.right != 0 {
		it := &p.d.items[p.right]
		if !it.deleted() {
			if it.kind() != wire.KindFormat {
				return
			}
			if key, value := p.d.format(it); !equalAttrs(want.orNull(key), value) {
				return
			}
		}
		p.forward()
	}
}

// put inserts content here and steps over it.
func (p *textPos) put(c content) {
	p.right = p.d.insertLocal(p.d.types[p.typ].list, p.left, p.right, c)
	p.forward()
}

func (p *textPos) putFormat(key, value string) {
	b := lib0.AppendString(lib0.AppendString(nil, key), value)
	p.put(content{kind: wire.KindFormat, length: 1, bytes: b})
}

// begin inserts the formats of want that do not hold here, and returns what ends them.
//
// Source: Yjs 13.6, src/types/YText.js (insertAttributes).
func (p *textPos) begin(want attrs) (negated attrs) {
	for _, a := range want {
		if now := p.attrs.orNull(a.key); !equalAttrs(now, a.value) {
			negated.set(a.key, now)
			p.putFormat(a.key, a.value)
		}
	}
	return negated
}

// finish inserts the formats of negated, which end others, unless they stand here already.
//
// Source: Yjs 13.6, src/types/YText.js (insertNegatedAttributes).
func (p *textPos) finish(negated attrs) {
	for p.right != 0 {
		it := &p.d.items[p.right]
		if !it.deleted() {
			if it.kind() != wire.KindFormat {
				break
			}
			key, value := p.d.format(it)
			if v, ok := negated.get(key); !ok || !equalAttrs(v, value) {
				break
			}
			negated.drop(key)
		}
		p.forward()
	}
	for _, a := range negated {
		p.putFormat(a.key, a.value)
	}
}

// insert puts content with the formats of want here, and ends those that hold here and are not in
// want.
//
// Source: Yjs 13.6, src/types/YText.js (insertText).
func (p *textPos) insert(c content, want attrs) {
	for _, a := range p.attrs {
		if _, ok := want.get(a.key); !ok {
			want = append(want, attr{a.key, wire.JSONNull})
		}
	}
	p.pass(append(attrs{}, want...))
	negated := p.begin(want)
	p.put(c)
	p.finish(negated)
}

// formatNext gives the next length units formats.
//
// Source: Yjs 13.6, src/types/YText.js (formatText).
func (p *textPos) formatNext(length uint64, want attrs) {
	p.pass(append(attrs{}, want...))
	negated := p.begin(want)
	for p.right != 0 {
		it := &p.d.items[p.right]
		dead := it.deleted()
		if length == 0 && (len(negated) == 0 || !dead && it.kind() != wire.KindFormat) {
			break
		}
		switch {
		case dead:
		case it.kind() == wire.KindFormat:
			if !p.reformat(it, want, &negated, length) {
				p.finish(negated)
				return
			}
		default:
			if length < it.length {
				p.d.cleanStart(it.slot(), it.clock+length)
				it = &p.d.items[p.right]
			}
			length -= it.length
		}
		p.forward()
	}
	p.finish(negated)
}

// reformat deals with a format inside of the stretch. It reports false where the stretch can end.
func (p *textPos) reformat(it *item, want attrs, negated *attrs, length uint64) bool {
	key, value := p.d.format(it)
	now, ok := want.get(key)
	if !ok {
		p.attrs.set(key, value)
		return true
	}
	if equalAttrs(now, value) {
		negated.drop(key)
	} else {
		if length == 0 {
			return false
		}
		negated.set(key, value)
	}
	p.d.deleteItem(p.right)
	return true
}

// encodeAttrs makes the JSON of formats, in the order of their names.
func encodeAttrs(a Attributes) (attrs, error) {
	out := attrs{}
	for k, v := range a {
		text, err := marshalJS(v)
		if err != nil {
			return nil, fmt.Errorf("%w: format %q: %w", ErrValue, k, err)
		}
		if err := wire.CheckString(k); err != nil {
			return nil, err
		}
		out = append(out, attr{k, string(text)})
	}
	slices.SortFunc(out, func(a, b attr) int {
		if a.key < b.key {
			return -1
		}
		return 1
	})
	return out, nil
}

// marshalJS makes the JSON that JSON.stringify would.
func marshalJS(v any) ([]byte, error) {
	text, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	return wire.Canonical(text)
}

// InsertWith puts s in front of the unit at index, with exactly these formats. The error is
// ErrRange, ErrUTF8, ErrValue or ErrDeleted.
func (t *Text) InsertWith(index int, s string, formats Attributes) error {
	c, err := stringContent(s)
	if err != nil {
		return err
	}
	return t.insertContent(index, c, formats)
}

// InsertEmbed puts an embed (a JSON value, or a new shared type) in front of the unit at index; it
// counts as one unit. The error is ErrRange, ErrValue, ErrInUse or ErrDeleted.
func (t *Text) InsertEmbed(index int, embed any, formats Attributes) error {
	if s, ok := embed.(shared); ok {
		p, err := s.take()
		if err != nil {
			return err
		}
		return t.insertContent(index, content{kind: wire.KindType, length: 1, shared: p}, formats)
	}
	text, err := marshalJS(embed)
	if err != nil {
		return fmt.Errorf("%w: embed: %w", ErrValue, err)
	}
	return t.insertContent(index, content{kind: wire.KindEmbed, length: 1, bytes: lib0.AppendBytes(nil, text)}, formats)
}

func (t *Text) insertContent(index int, c content, formats Attributes) error {
	if err := checkRange(index, 0, t.Len()); err != nil {
		return err
	}
	want, err := encodeAttrs(formats)
	if err != nil {
		return err
	}
	return t.edit(func(d *Doc) error {
		if c.length > 0 {
			d.seekText(t.typ, uint64(index)).insert(c, want)
		}
		return nil
	})
}

// Format gives length units from index on these formats; a nil value takes one away. The error is
// ErrRange, ErrValue or ErrDeleted.
func (t *Text) Format(index, length int, formats Attributes) error {
	if err := checkRange(index, length, t.Len()); err != nil {
		return err
	}
	want, err := encodeAttrs(formats)
	if err != nil {
		return err
	}
	return t.edit(func(d *Doc) error {
		if length > 0 {
			d.seekText(t.typ, uint64(index)).formatNext(uint64(length), want)
		}
		return nil
	})
}

// Delta returns the text with its formats and embeds, as runs of equal formats.
//
// Source: Yjs 13.6, src/types/YText.js (toDelta).
func (t *Text) Delta() []Op {
	if !t.live() {
		return nil
	}
	var ops []Op
	var run []byte
	pos := textPos{d: t.d, typ: t.typ, right: t.d.listStart(t.typ)}
	flush := func() {
		if len(run) > 0 {
			ops = append(ops, Op{string(run), pos.attrs.decode()})
			run = nil
		}
	}
	for pos.right != 0 {
		if it := &t.d.items[pos.right]; !it.deleted() {
			switch it.kind() {
			case wire.KindString:
				run = append(run, t.d.bytes(it)...)
			case wire.KindType, wire.KindEmbed:
				flush()
				ops = append(ops, Op{t.d.valueAt(it, 0), pos.attrs.decode()})
			case wire.KindFormat:
				flush()
			}
		}
		pos.forward()
	}
	flush()
	return ops
}

func (a attrs) decode() Attributes {
	if len(a) == 0 {
		return nil
	}
	out := Attributes{}
	for _, x := range a {
		out[x.key] = wire.ReadJSON([]byte(x.value))
	}
	return out
}
