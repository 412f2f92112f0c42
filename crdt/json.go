package crdt

import (
	"math"

	"parley/crdt/internal/wire"
)

// ToJSON returns the root types by name as plain Go values, as toJSON of Yjs does: texts and XML as
// strings, maps and arrays as such. The kind of a root that nobody has asked for is guessed from
// its content. Values that JSON lacks become what JSON.stringify makes of them: NaN and infinities
// are nil, undefined is nil in an array and absent from a map. Binaries stay []byte, BigInts
// *big.Int.
func (d *Doc) ToJSON() map[string]any {
	out := make(map[string]any, len(d.rootSeq))
	for _, t := range d.rootSeq {
		if b := d.types[t]; b.kind == typeUnknown && b.list == b.last && d.listStart(t) == 0 {
			continue // only named so far
		}
		out[d.keyName(d.types[t].name)] = d.jsonOf(t, 0)
	}
	return out
}

// jsonOf returns type t as plain values.
func (d *Doc) jsonOf(t int32, depth int) any {
	if depth > maxDepth {
		return nil
	}
	switch d.kindOf(t) {
	case wire.TypeText:
		return d.textOf(t)
	case wire.TypeMap, wire.TypeXMLHook:
		out := map[string]any{}
		d.eachEntry(t, func(key int32, it *item) {
			v := d.jsonValue(it, it.length-1, depth)
			if _, undefined := v.(Undefined); !undefined {
				out[d.keyName(key)] = v
			}
		})
		return out
	case wire.TypeArray:
		return d.jsonList(t, depth)
	}
	return d.xmlString(t, depth)
}

func (d *Doc) jsonList(t int32, depth int) []any {
	out := []any{}
	for i := d.listStart(t); i != 0; i = d.items[i].right {
		it := &d.items[i]
		switch {
		case it.deleted() || !it.countable():
		case it.kind() == wire.KindType:
			out = append(out, d.jsonOf(int32(it.off), depth+1))
		default:
			d.eachValueOf(it, func(v any) { out = append(out, plain(v, true)) })
		}
	}
	return out
}

func (d *Doc) jsonValue(it *item, n uint64, depth int) any {
	if it.kind() == wire.KindType {
		return d.jsonOf(int32(it.off), depth+1)
	}
	return plain(d.valueAt(it, n), false)
}

// kindOf is the kind of type t. For a root that nobody has asked for it is a guess from the
// content.
func (d *Doc) kindOf(t int32) uint8 {
	if k := d.types[t].kind; k != typeUnknown {
		return k
	}
	for i := d.listStart(t); i != 0; i = d.items[i].right {
		switch it := &d.items[i]; it.kind() {
		case wire.KindString, wire.KindEmbed, wire.KindFormat:
			return wire.TypeText
		case wire.KindType:
			if k := d.types[it.off].kind; k >= wire.TypeXMLElement {
				return wire.TypeXMLFragment
			}
			return wire.TypeArray
		case wire.KindAny, wire.KindJSON, wire.KindBinary, wire.KindDoc:
			return wire.TypeArray
		}
	}
	if d.chains[d.types[t].list].next != 0 {
		return wire.TypeMap
	}
	return wire.TypeText
}

// plain replaces the values that JSON lacks.
func plain(v any, inList bool) any {
	switch v := v.(type) {
	case Undefined:
		if inList {
			return nil
		}
		return v
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return nil
		}
		return v + 0 // JSON has no -0
	case *Subdoc:
		return map[string]any{}
	case []any:
		for i, e := range v {
			v[i] = plain(e, true)
		}
	case map[string]any:
		for k, e := range v {
			if e = plain(e, false); e == (Undefined{}) {
				delete(v, k)
			} else {
				v[k] = e
			}
		}
	}
	return v
}
