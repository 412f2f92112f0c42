package crdt

import (
	"slices"

	"parley/crdt/internal/lib0"
	"parley/crdt/internal/wire"
)

// Subdoc is a document that is a value in another one. Its content travels separately.
type Subdoc struct {
	GUID    string
	Options any // as the sender set them
}

// prelim is a shared type that is not part of a document yet.
type prelim struct {
	kind    uint8
	used    bool
	name    string // XML elements: the node name
	text    string
	values  []any
	entries []prelimEntry
	handle  *handle // set by take
}

type prelimEntry struct {
	key   string
	value any
}

// shared is a handle that may stand for a new type.
type shared interface {
	take() (*prelim, error)
}

// newType returns the handle of a type that is yet to be put into a document.
func newType(p prelim) handle { return handle{pre: &p} }

// take returns the new type that h stands for. Once it is in the document, h stands for that one.
func (h *handle) take() (*prelim, error) {
	if h.pre == nil || h.pre.used {
		return nil, ErrInUse
	}
	h.pre.handle = h
	return h.pre, h.pre.check()
}

// check returns an error for what fill could not store.
func (p *prelim) check() error {
	if err := wire.CheckString(p.text); err != nil {
		return err
	}
	if err := wire.CheckString(p.name); err != nil {
		return err
	}
	if _, err := pack(p.values); err != nil {
		return err
	}
	for _, e := range p.entries {
		if _, err := pack([]any{e.value}); err != nil {
			return err
		}
		if err := wire.CheckString(e.key); err != nil {
			return err
		}
	}
	return nil
}

// fill puts the content of a new type into type t, which was made for it.
func (p *prelim) fill(d *Doc, t int32) {
	p.used = true
	*p.handle = d.handle(t)
	if p.text != "" {
		c, _ := stringContent(p.text)
		d.insertLocal(d.types[t].list, 0, 0, c)
	}
	contents, _ := pack(p.values) // checked by take
	d.insertAll(t, 0, 0, contents)
	for _, e := range p.entries {
		c, _ := pack([]any{e.value})
		d.setEntry(t, e.key, c[0])
	}
}

// pack makes content of values. Plain values that follow one another go together, each other value
// alone.
//
// Source: Yjs 13.6, src/types/AbstractType.js (typeListInsertGenericsAfter).
func pack(values []any) ([]content, error) {
	var out []content
	for _, v := range values {
		switch v := v.(type) {
		case []byte:
			out = append(out, content{kind: wire.KindBinary, length: 1, bytes: lib0.AppendBytes(nil, v)})
		case *Subdoc:
			b, err := wire.AppendAny(lib0.AppendString(nil, v.GUID), v.Options, 0)
			if err != nil {
				return nil, err
			}
			out = append(out, content{kind: wire.KindDoc, length: 1, bytes: b})
		case shared:
			p, err := v.take()
			if err != nil {
				return nil, err
			}
			out = append(out, content{kind: wire.KindType, length: 1, shared: p})
		default:
			if n := len(out); n == 0 || out[n-1].kind != wire.KindAny {
				out = append(out, content{kind: wire.KindAny})
			}
			last := &out[len(out)-1]
			b, err := wire.AppendAny(last.bytes, v, 0)
			if err != nil {
				return nil, err
			}
			last.bytes = b
			last.length++
		}
	}
	return out, nil
}

// valueAt returns the n-th value of an item.
func (d *Doc) valueAt(it *item, n uint64) any {
	r := lib0.Reader{Buf: d.bytesOrNone(it)}
	switch it.kind() {
	case wire.KindString:
		at, torn := wire.Cut(r.Buf, n)
		if end, cutAgain := wire.Cut(r.Buf[at:], 1); !torn && !cutAgain {
			return string(r.Buf[at : at+end])
		}
		return wire.Replacement // half of a surrogate pair
	case wire.KindAny:
		r.Pos = wire.Elements(r.Buf, wire.KindAny, n)
		return wire.ReadAny(&r)
	case wire.KindJSON:
		r.Pos = wire.Elements(r.Buf, wire.KindJSON, n)
		return wire.ReadJSON(r.Bytes())
	case wire.KindBinary:
		return slices.Clone(r.Bytes())
	case wire.KindEmbed:
		return wire.ReadJSON(r.Bytes())
	case wire.KindDoc:
		return &Subdoc{GUID: string(r.String()), Options: wire.ReadAny(&r)}
	case wire.KindType:
		return d.wrap(int32(it.off))
	}
	return nil
}

func (d *Doc) bytesOrNone(it *item) []byte {
	if !hasBytes(it.kind()) {
		return nil
	}
	return d.bytes(it)
}

// eachValueOf calls fn for each value of an item, in one pass.
func (d *Doc) eachValueOf(it *item, fn func(any)) {
	r := lib0.Reader{Buf: d.bytesOrNone(it)}
	for n := uint64(0); n < it.length; n++ {
		switch it.kind() {
		case wire.KindAny:
			fn(wire.ReadAny(&r))
		case wire.KindJSON:
			fn(wire.ReadJSON(r.Bytes()))
		default:
			fn(d.valueAt(it, n))
		}
	}
}

// wrap returns type t as the methods of Doc return it.
func (d *Doc) wrap(t int32) any {
	h := d.handle(t)
	switch d.kindOf(t) {
	case wire.TypeArray:
		return &Array{h}
	case wire.TypeText:
		return &Text{h}
	case wire.TypeXMLElement:
		return &XMLElement{XMLFragment{h}}
	case wire.TypeXMLFragment:
		return &XMLFragment{h}
	case wire.TypeXMLText:
		return &XMLText{Text{h}}
	}
	return &Map{h}
}
