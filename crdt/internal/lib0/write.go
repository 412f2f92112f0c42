package lib0

import (
	"encoding/binary"
	"math"
	"math/bits"
)

// AppendUvarint appends v in its shortest form.
func AppendUvarint(b []byte, v uint64) []byte {
	if v < 0x80 {
		return append(b, byte(v))
	}
	return binary.AppendUvarint(b, v)
}

// PutUvarint writes v at b[0:], which must be long enough (10 bytes are), and returns the length.
func PutUvarint(b []byte, v uint64) int {
	i := 0
	for v >= 0x80 {
		b[i] = byte(v) | 0x80
		v >>= 7
		i++
	}
	b[i] = byte(v)
	return i + 1
}

// Spread gives v, at most 2^53-1, as the n bytes of a varUint, low first. It takes no branch that
// depends on the length.
func Spread(v uint64) (x uint64, n int) {
	n = (bits.Len64(v|1) + 6) / 7
	x = v&0x000000000fffffff | v<<4&0x0fffffff00000000
	x = x&0x00003fff00003fff | x<<2&0x3fff00003fff0000
	x = x&0x007f007f007f007f | x<<1&0x7f007f007f007f00
	return x | 0x8080808080808080&(1<<(8*uint(n)-8)-1), n
}

// AppendVarint appends a signed integer; negative with magnitude 0 is JavaScript's -0.
func AppendVarint(b []byte, magnitude uint64, negative bool) []byte {
	first := byte(magnitude & 0x3f)
	if negative {
		first |= 0x40
	}
	magnitude >>= 6
	if magnitude > 0 {
		first |= 0x80
	}
	b = append(b, first)
	for magnitude > 0 {
		c := byte(magnitude & 0x7f)
		magnitude >>= 7
		if magnitude > 0 {
			c |= 0x80
		}
		b = append(b, c)
	}
	return b
}

// AppendBytes appends a length and the bytes.
func AppendBytes(b, v []byte) []byte {
	return append(AppendUvarint(b, uint64(len(v))), v...)
}

// AppendString appends a length and the UTF-8 bytes.
func AppendString(b []byte, v string) []byte {
	return append(AppendUvarint(b, uint64(len(v))), v...)
}

// AppendNumber appends a JavaScript number as Any: an integer of at most 31 bits as such, else the
// shorter of float32 and float64 that is exact.
//
// Source: lib0 0.2, encoding.js writeAny.
func AppendNumber(b []byte, f float64) []byte {
	if f == math.Trunc(f) && math.Abs(f) <= 1<<31-1 {
		b = append(b, AnyInt)
		return AppendVarint(b, uint64(math.Abs(f)), math.Signbit(f))
	}
	if float64(float32(f)) == f {
		b = append(b, AnyFloat32)
		return binary.BigEndian.AppendUint32(b, math.Float32bits(float32(f)))
	}
	b = append(b, AnyFloat64)
	return binary.BigEndian.AppendUint64(b, math.Float64bits(f))
}
