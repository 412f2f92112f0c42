package wire

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"parley/crdt/internal/lib0"
)

// jsObject is a JavaScript object, whose keys have an order.
type jsObject struct {
	keys   []string
	values map[string]any
}

func (o *jsObject) set(key string, v any) {
	if o.values == nil {
		o.values = map[string]any{}
	}
	if _, ok := o.values[key]; !ok {
		o.keys = append(o.keys, key)
	}
	o.values[key] = v
}

// ordered returns the keys in the order of JavaScript: array indexes first, ascending, then the
// others as they were set. Rule: V2-3.
func (o *jsObject) ordered() []string {
	var indexes []uint64
	var rest []string
	for _, k := range o.keys {
		if n, err := strconv.ParseUint(k, 10, 32); err == nil && n < math.MaxUint32 && strconv.FormatUint(n, 10) == k {
			indexes = append(indexes, n)
		} else {
			rest = append(rest, k)
		}
	}
	slices.Sort(indexes)
	out := make([]string, 0, len(o.keys))
	for _, n := range indexes {
		out = append(out, strconv.FormatUint(n, 10))
	}
	return append(out, rest...)
}

// Canonical writes JSON anew as JSON.stringify would: no needless escapes, numbers and the order of
// keys as in JavaScript.
func Canonical(text []byte) ([]byte, error) {
	v, err := parseJSON(text)
	if err != nil {
		return nil, err
	}
	b, ok := appendJS(nil, v, 0)
	if !ok {
		return nil, fmt.Errorf("nested more than %d deep", lib0.MaxAnyDepth)
	}
	text, _ = stringify(nil, &lib0.Reader{Buf: b}, 0)
	return text, nil
}

// parseJSON reads checked JSON as JavaScript would.
func parseJSON(text []byte) (any, error) {
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	return parseToken(dec)
}

func parseToken(dec *json.Decoder) (any, error) {
	tok, err := dec.Token()
	if err != nil {
		return nil, err
	}
	switch tok := tok.(type) {
	case json.Delim:
		if tok == '[' {
			list := []any{}
			for dec.More() {
				v, err := parseToken(dec)
				if err != nil {
					return nil, err
				}
				list = append(list, v)
			}
			_, err := dec.Token()
			return list, err
		}
		o := &jsObject{}
		for dec.More() {
			key, err := dec.Token()
			if err != nil {
				return nil, err
			}
			v, err := parseToken(dec)
			if err != nil {
				return nil, err
			}
			o.set(key.(string), v)
		}
		_, err := dec.Token()
		return o, err
	case json.Number:
		f, _ := strconv.ParseFloat(string(tok), 64) // past the range: an infinity, as in JavaScript
		return f, nil
	}
	return tok, nil
}

// appendJS writes what parseJSON returns as Any. It reports false for a value that is nested too
// deeply.
func appendJS(b []byte, v any, depth int) ([]byte, bool) {
	if depth > lib0.MaxAnyDepth {
		return b, false
	}
	ok := true
	switch v := v.(type) {
	case []any:
		b = lib0.AppendUvarint(append(b, lib0.AnyArray), uint64(len(v)))
		for _, e := range v {
			if b, ok = appendJS(b, e, depth+1); !ok {
				return b, false
			}
		}
	case *jsObject:
		keys := v.ordered()
		b = lib0.AppendUvarint(append(b, lib0.AnyObject), uint64(len(keys)))
		for _, k := range keys {
			if b, ok = appendJS(lib0.AppendString(b, k), v.values[k], depth+1); !ok {
				return b, false
			}
		}
	case string:
		b = lib0.AppendString(append(b, lib0.AnyString), v)
	case float64:
		b = lib0.AppendNumber(b, v)
	case bool:
		if v {
			return append(b, lib0.AnyTrue), true
		}
		return append(b, lib0.AnyFalse), true
	default:
		b = append(b, lib0.AnyNull)
	}
	return b, true
}

// stringify reads an Any value and appends it as JSON.stringify would write it. It reports false
// for undefined, which has no JSON. A BigInt is an error of the reader.
func stringify(b []byte, r *lib0.Reader, depth int) ([]byte, bool) {
	if depth > lib0.MaxAnyDepth {
		r.Fail(r.Pos, "a value nested less deeply")
		return b, false
	}
	at := r.Pos
	switch r.Byte() {
	case lib0.AnyUndefined:
		return b, false
	case lib0.AnyNull:
		return append(b, JSONNull...), true
	case lib0.AnyTrue:
		return append(b, "true"...), true
	case lib0.AnyFalse:
		return append(b, "false"...), true
	case lib0.AnyInt, lib0.AnyFloat32, lib0.AnyFloat64:
		r.Pos = at
		return appendJSONNumber(b, r), true
	case lib0.AnyString:
		return appendJSONString(b, string(r.String())), true
	case lib0.AnyArray:
		return stringifyArray(b, r, depth), true
	case lib0.AnyObject:
		return stringifyObject(b, r, depth), true
	case lib0.AnyBytes:
		return appendJSONBytes(b, r.Bytes()), true
	case lib0.AnyBigInt:
		r.Fail(at, "a value that JSON can hold")
	default:
		r.Fail(at, "a kind of value (116 to 127)")
	}
	return b, false
}

func appendJSONNumber(b []byte, r *lib0.Reader) []byte {
	start := r.Pos
	if r.SkipAny(); r.Err != nil {
		return b
	}
	f := ReadAny(&lib0.Reader{Buf: r.Buf[start:r.Pos]}).(float64)
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return append(b, JSONNull...)
	}
	return append(b, JSNumber(f)...)
}

func stringifyArray(b []byte, r *lib0.Reader, depth int) []byte {
	b = append(b, '[')
	for i, n := uint64(0), r.Uvarint(); i < n && r.Err == nil; i++ {
		if i > 0 {
			b = append(b, ',')
		}
		var ok bool
		if b, ok = stringify(b, r, depth+1); !ok {
			b = append(b, JSONNull...)
		}
	}
	return append(b, ']')
}

func stringifyObject(b []byte, r *lib0.Reader, depth int) []byte {
	o := &jsObject{}
	for n := r.Uvarint(); n > 0 && r.Err == nil; n-- {
		key := string(r.String())
		if text, ok := stringify(nil, r, depth+1); ok {
			o.set(key, text)
		}
	}
	b = append(b, '{')
	for i, k := range o.ordered() {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(appendJSONString(b, k), ':')
		b = append(b, o.values[k].([]byte)...)
	}
	return append(b, '}')
}

// appendJSONBytes writes a Uint8Array as JSON.stringify does: an object of its indexes.
func appendJSONBytes(b, v []byte) []byte {
	b = append(b, '{')
	for i, c := range v {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, '"')
		b = strconv.AppendInt(b, int64(i), 10)
		b = append(b, '"', ':')
		b = strconv.AppendInt(b, int64(c), 10)
	}
	return append(b, '}')
}

func appendJSONString(b []byte, s string) []byte {
	const hex = "0123456789abcdef"
	b = append(b, '"')
	for i := range len(s) {
		switch c := s[i]; {
		case c == '"' || c == '\\':
			b = append(b, '\\', c)
		case c >= 0x20:
			b = append(b, c)
		default:
			if j := strings.IndexByte("\b\t\n\f\r", c); j >= 0 {
				b = append(b, '\\', "btnfr"[j])
			} else {
				b = append(b, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
			}
		}
	}
	return append(b, '"')
}

// JSONNull is null as JSON text.
const JSONNull = "null"

// JSNumber writes a number as JavaScript does.
func JSNumber(f float64) string {
	switch {
	case math.IsNaN(f):
		return "NaN"
	case math.IsInf(f, 1):
		return "Infinity"
	case math.IsInf(f, -1):
		return "-Infinity"
	case f == 0:
		return "0"
	}
	if a := math.Abs(f); a >= 1e21 || a < 1e-6 {
		s := strconv.FormatFloat(f, 'e', -1, 64)
		mantissa, exp, _ := strings.Cut(s, "e")
		sign := exp[:1]
		return mantissa + "e" + sign + strings.TrimLeft(exp[1:], "0")
	}
	return strconv.FormatFloat(f, 'f', -1, 64)
}
