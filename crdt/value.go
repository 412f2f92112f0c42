package crdt

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"math/big"
	"slices"
	"unicode/utf8"

	"parley/crdt/internal/lib0"
)

// Undefined is JavaScript's undefined as a value.
type Undefined struct{}

// Subdoc is a document that stands in another as a value; its content travels apart.
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
	adopt   func(handle)
}

type prelimEntry struct {
	key   string
	value any
}

// shared is a handle that may stand for a new type.
type shared interface {
	take() (*prelim, error)
}

func (t *Text) take() (*prelim, error)  { return takePrelim(t.pre, &t.handle) }
func (a *Array) take() (*prelim, error) { return takePrelim(a.pre, &a.handle) }
func (m *Map) take() (*prelim, error)   { return takePrelim(m.pre, &m.handle) }

// takePrelim returns the new type that h stands for; h stands for the one in the document once it is
// there.
func takePrelim(p *prelim, h *handle) (*prelim, error) {
	if p == nil || p.used {
		return nil, ErrInUse
	}
	p.adopt = func(now handle) { *h = now }
	return p, p.check()
}

// check refuses what fill could not store.
func (p *prelim) check() error {
	if err := checkString(p.text); err != nil {
		return err
	}
	if err := checkString(p.name); err != nil {
		return err
	}
	if _, err := pack(p.values); err != nil {
		return err
	}
	for _, e := range p.entries {
		if _, err := pack([]any{e.value}); err != nil {
			return err
		}
		if err := checkString(e.key); err != nil {
			return err
		}
	}
	return nil
}

// fill puts what was collected into type t, which now exists.
func (p *prelim) fill(d *Doc, t int32) {
	p.used = true
	p.adopt(d.handle(t))
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

func checkString(s string) error {
	if !utf8.ValidString(s) {
		return ErrUTF8
	}
	return nil
}

// pack makes content of values: runs of plain values together, the others alone.
//
// Source: Yjs 13.6, src/types/AbstractType.js (typeListInsertGenericsAfter).
func pack(values []any) ([]content, error) {
	var out []content
	for _, v := range values {
		switch v := v.(type) {
		case []byte:
			out = append(out, content{kind: kindBinary, length: 1, bytes: lib0.AppendBytes(nil, v)})
		case *Subdoc:
			b, err := appendAny(lib0.AppendString(nil, v.GUID), v.Options, 0)
			if err != nil {
				return nil, err
			}
			out = append(out, content{kind: kindDoc, length: 1, bytes: b})
		case shared:
			p, err := v.take()
			if err != nil {
				return nil, err
			}
			out = append(out, content{kind: kindType, length: 1, shared: p})
		default:
			if n := len(out); n == 0 || out[n-1].kind != kindAny {
				out = append(out, content{kind: kindAny})
			}
			last := &out[len(out)-1]
			b, err := appendAny(last.bytes, v, 0)
			if err != nil {
				return nil, err
			}
			last.bytes = b
			last.length++
		}
	}
	return out, nil
}

// appendAny writes a Go value as Any. Keys of a map are written in ascending order, so that the same
// value always gives the same bytes.
func appendAny(b []byte, v any, depth int) ([]byte, error) {
	if depth > lib0.MaxAnyDepth {
		return nil, fmt.Errorf("%w: nested more than %d deep", ErrValue, lib0.MaxAnyDepth)
	}
	switch v := v.(type) {
	case nil:
		return append(b, lib0.AnyNull), nil
	case Undefined:
		return append(b, lib0.AnyUndefined), nil
	case bool:
		if v {
			return append(b, lib0.AnyTrue), nil
		}
		return append(b, lib0.AnyFalse), nil
	case string:
		if err := checkString(v); err != nil {
			return nil, err
		}
		return lib0.AppendString(append(b, lib0.AnyString), v), nil
	case []byte:
		return lib0.AppendBytes(append(b, lib0.AnyBytes), v), nil
	case *big.Int:
		if !v.IsInt64() {
			return nil, fmt.Errorf("%w: BigInt past 64 bits", ErrValue)
		}
		return binary.BigEndian.AppendUint64(append(b, lib0.AnyBigInt), uint64(v.Int64())), nil
	case []any:
		return appendArray(b, v, depth)
	case map[string]any:
		return appendObject(b, v, depth)
	}
	if f, ok := number(v); ok {
		return lib0.AppendNumber(b, f), nil
	}
	return nil, fmt.Errorf("%w: %T", ErrValue, v)
}

func appendArray(b []byte, v []any, depth int) ([]byte, error) {
	b = lib0.AppendUvarint(append(b, lib0.AnyArray), uint64(len(v)))
	var err error
	for _, e := range v {
		if b, err = appendAny(b, e, depth+1); err != nil {
			return nil, err
		}
	}
	return b, nil
}

func appendObject(b []byte, v map[string]any, depth int) ([]byte, error) {
	keys := make([]string, 0, len(v))
	for k := range v {
		if err := checkString(k); err != nil {
			return nil, err
		}
		keys = append(keys, k)
	}
	slices.Sort(keys)
	b = lib0.AppendUvarint(append(b, lib0.AnyObject), uint64(len(keys)))
	var err error
	for _, k := range keys {
		if b, err = appendAny(lib0.AppendString(b, k), v[k], depth+1); err != nil {
			return nil, err
		}
	}
	return b, nil
}

// number converts Go's numbers to JavaScript's.
func number(v any) (float64, bool) {
	switch v := v.(type) {
	case int:
		return float64(v), true
	case int8:
		return float64(v), true
	case int16:
		return float64(v), true
	case int32:
		return float64(v), true
	case int64:
		return float64(v), true
	case uint:
		return float64(v), true
	case uint8:
		return float64(v), true
	case uint16:
		return float64(v), true
	case uint32:
		return float64(v), true
	case uint64:
		return float64(v), true
	case float32:
		return float64(v), true
	case float64:
		return v, true
	}
	return 0, false
}

// readAny decodes a checked Any value.
func readAny(r *lib0.Reader) any {
	switch r.Byte() {
	case lib0.AnyUndefined:
		return Undefined{}
	case lib0.AnyInt:
		m, negative := r.Varint()
		if negative {
			return math.Copysign(float64(m), -1)
		}
		return float64(m)
	case lib0.AnyFloat32:
		r.Skip(4)
		return float64(math.Float32frombits(binary.BigEndian.Uint32(r.Buf[r.Pos-4:])))
	case lib0.AnyFloat64:
		r.Skip(8)
		return math.Float64frombits(binary.BigEndian.Uint64(r.Buf[r.Pos-8:]))
	case lib0.AnyBigInt:
		r.Skip(8)
		return big.NewInt(int64(binary.BigEndian.Uint64(r.Buf[r.Pos-8:])))
	case lib0.AnyFalse:
		return false
	case lib0.AnyTrue:
		return true
	case lib0.AnyString:
		return string(r.String())
	case lib0.AnyObject:
		m := map[string]any{}
		for n := r.Uvarint(); n > 0; n-- {
			key := string(r.String())
			m[key] = readAny(r)
		}
		return m
	case lib0.AnyArray:
		a := []any{}
		for n := r.Uvarint(); n > 0; n-- {
			a = append(a, readAny(r))
		}
		return a
	case lib0.AnyBytes:
		return slices.Clone(r.Bytes())
	}
	return nil
}

// readJSONValue decodes an element of JSON content, or the value of an embed or format.
func readJSONValue(text []byte) any {
	if string(text) == "undefined" {
		return Undefined{}
	}
	var v any
	if json.Unmarshal(text, &v) != nil {
		return nil // a number that only JavaScript can hold
	}
	return v
}

// valueAt returns the n-th value of an item.
func (d *Doc) valueAt(it *item, n uint64) any {
	r := lib0.Reader{Buf: d.bytesOrNone(it)}
	switch it.kind() {
	case kindString:
		at, torn := cut(r.Buf, n)
		if end, cutAgain := cut(r.Buf[at:], 1); !torn && !cutAgain {
			return string(r.Buf[at : at+end])
		}
		return replacement // half of a surrogate pair
	case kindAny:
		r.Pos = elements(r.Buf, kindAny, n)
		return readAny(&r)
	case kindJSON:
		r.Pos = elements(r.Buf, kindJSON, n)
		return readJSONValue(r.Bytes())
	case kindBinary:
		return slices.Clone(r.Bytes())
	case kindEmbed:
		return readJSONValue(r.Bytes())
	case kindDoc:
		return &Subdoc{GUID: string(r.String()), Options: readAny(&r)}
	case kindType:
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
		case kindAny:
			fn(readAny(&r))
		case kindJSON:
			fn(readJSONValue(r.Bytes()))
		default:
			fn(d.valueAt(it, n))
		}
	}
}

// wrap returns the handle of a shared type that stands in another.
func (d *Doc) wrap(t int32) any {
	h := d.handle(t)
	switch d.types[t].kind {
	case typeArray:
		return &Array{handle: h}
	case typeText:
		return &Text{handle: h}
	case typeXMLElement:
		return &XMLElement{XMLFragment{handle: h}}
	case typeXMLFragment:
		return &XMLFragment{handle: h}
	case typeXMLText:
		return &XMLText{Text{handle: h}}
	}
	return &Map{handle: h}
}
