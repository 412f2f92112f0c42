package wire

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"math/big"
	"reflect"
	"slices"
	"unicode/utf8"

	"parley/crdt/internal/lib0"
)

// Undefined is JavaScript's undefined as a value.
type Undefined struct{}

// CheckString returns ErrUTF8 for a string that is not valid UTF-8.
func CheckString(s string) error {
	if !utf8.ValidString(s) {
		return ErrUTF8
	}
	return nil
}

// AppendAny writes a Go value as Any. Keys of a map are written in ascending order, so that the
// same value always gives the same bytes. The error is ErrValue or ErrUTF8.
func AppendAny(b []byte, v any, depth int) ([]byte, error) {
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
		if err := CheckString(v); err != nil {
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
		if b, err = AppendAny(b, e, depth+1); err != nil {
			return nil, err
		}
	}
	return b, nil
}

func appendObject(b []byte, v map[string]any, depth int) ([]byte, error) {
	keys := make([]string, 0, len(v))
	for k := range v {
		if err := CheckString(k); err != nil {
			return nil, err
		}
		keys = append(keys, k)
	}
	slices.Sort(keys)
	b = lib0.AppendUvarint(append(b, lib0.AnyObject), uint64(len(keys)))
	var err error
	for _, k := range keys {
		if b, err = AppendAny(lib0.AppendString(b, k), v[k], depth+1); err != nil {
			return nil, err
		}
	}
	return b, nil
}

// number converts Go's numbers to JavaScript's.
func number(v any) (float64, bool) {
	switch n := reflect.ValueOf(v); {
	case n.CanInt():
		return float64(n.Int()), true
	case n.CanUint():
		return float64(n.Uint()), true
	case n.CanFloat():
		return n.Float(), true
	}
	return 0, false
}

// ReadAny decodes a checked Any value.
func ReadAny(r *lib0.Reader) any {
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
			m[key] = ReadAny(r)
		}
		return m
	case lib0.AnyArray:
		a := []any{}
		for n := r.Uvarint(); n > 0; n-- {
			a = append(a, ReadAny(r))
		}
		return a
	case lib0.AnyBytes:
		return slices.Clone(r.Bytes())
	}
	return nil
}

// ReadJSON decodes an element of JSON content, or the value of an embed or format.
func ReadJSON(text []byte) any {
	if string(text) == "undefined" {
		return Undefined{}
	}
	var v any
	if json.Unmarshal(text, &v) != nil {
		return nil // a number that only JavaScript can hold
	}
	return v
}
