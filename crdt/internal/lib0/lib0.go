// Package lib0 reads and writes the wire primitives of lib0, the encoding library under Yjs.
//
// The reader works on bytes from outside: every length is checked against what remains before it is
// used, nothing is allocated by a decoded count, and a failure sticks in Reader.Err.
//
// Source: lib0 0.2, src/encoding.js and src/decoding.js.
package lib0

import (
	"encoding/binary"
	"fmt"
	"math/bits"
	"unicode/utf8"
)

// MaxSafeInteger is the greatest integer of the wire: 2^53-1, JavaScript's Number.MAX_SAFE_INTEGER.
const MaxSafeInteger = 1<<53 - 1

// MaxAnyDepth bounds the nesting of an Any value. JavaScript's own stack ends at a few thousand.
const MaxAnyDepth = 1000

// Error says where in the input decoding failed and what was expected there.
type Error struct {
	Offset int
	Want   string
}

func (e *Error) Error() string {
	return fmt.Sprintf("offset %d: expected %s", e.Offset, e.Want)
}

// Reader reads primitives from Buf. After the first failure Err is set, and what is read is zero.
type Reader struct {
	Buf []byte
	Pos int
	Err *Error
}

// Fail records the first failure, at the byte offset at.
func (r *Reader) Fail(at int, want string) {
	if r.Err == nil {
		r.Err = &Error{Offset: at, Want: want}
	}
	r.Pos = len(r.Buf)
}

// Byte reads one byte.
func (r *Reader) Byte() byte {
	if r.Pos < len(r.Buf) {
		b := r.Buf[r.Pos]
		r.Pos++
		return b
	}
	r.Fail(r.Pos, "a byte")
	return 0
}

// Uvarint reads a varUint, 7 bits a byte, low first. Overlong forms are read, as lib0 reads them.
func (r *Reader) Uvarint() uint64 {
	if p := r.Pos; p < len(r.Buf) && r.Buf[p] < 0x80 {
		r.Pos = p + 1
		return uint64(r.Buf[p])
	}
	return r.uvarintLong()
}

// uvarintLong reads an integer of several bytes: up to eight at once, by finding the first that
// ends it and squeezing its groups of seven bits together pair by pair.
func (r *Reader) uvarintLong() uint64 {
	if len(r.Buf)-r.Pos < 8 {
		return r.uvarintSlow()
	}
	x, n := Squeeze(binary.LittleEndian.Uint64(r.Buf[r.Pos:]))
	if n == 0 {
		return r.uvarintSlow()
	}
	r.Pos += n
	return x
}

// Squeeze reads a varUint from eight bytes, low first, and tells how many of them it has: 0, when
// it goes on after them or is past 2^53-1. It takes no branch that depends on the length.
func Squeeze(x uint64) (v uint64, n int) {
	ends := ^x & 0x8080808080808080
	x &= (ends ^ (ends - 1)) & 0x7f7f7f7f7f7f7f7f // up to and with the last byte
	x = x&0x007f007f007f007f | x&0x7f007f007f007f00>>1
	x = x&0x00003fff00003fff | x&0x3fff00003fff0000>>2
	x = x&0x000000000fffffff | x&0x0fffffff00000000>>4
	if ends == 0 || x > MaxSafeInteger {
		return 0, 0
	}
	return x, bits.TrailingZeros64(ends)/8 + 1
}

func (r *Reader) uvarintSlow() uint64 {
	buf, p := r.Buf, r.Pos
	var v uint64
	for shift := uint(0); p < len(buf); shift += 7 {
		b := buf[p]
		p++
		switch {
		case shift < 56:
			v |= uint64(b&0x7f) << shift
		case b&0x7f != 0:
			r.Fail(r.Pos, "an integer of at most 53 bits")
			return 0
		}
		if b < 0x80 {
			if v > MaxSafeInteger {
				r.Fail(r.Pos, "an integer of at most 53 bits")
				return 0
			}
			r.Pos = p
			return v
		}
	}
	r.Fail(r.Pos, "a whole integer")
	return 0
}

// Varint reads a varInt (sign in bit 7 of the first byte). negative tells -0 from 0.
func (r *Reader) Varint() (magnitude uint64, negative bool) {
	at := r.Pos
	b := r.Byte()
	v, negative := uint64(b&0x3f), b&0x40 != 0
	for shift := uint(6); b&0x80 != 0 && r.Err == nil; shift += 7 {
		b = r.Byte()
		if shift >= 55 {
			if b&0x7f != 0 {
				r.Fail(at, "an integer of at most 53 bits")
				return 0, false
			}
			continue
		}
		v |= uint64(b&0x7f) << shift
	}
	if v > MaxSafeInteger {
		r.Fail(at, "an integer of at most 53 bits")
		return 0, false
	}
	return v, negative
}

// Bytes reads a varUint length and that many bytes, without a copy.
func (r *Reader) Bytes() []byte {
	at := r.Pos
	n := r.Uvarint()
	if n > uint64(len(r.Buf)-r.Pos) {
		r.Fail(at, "as many bytes as the length says")
		return nil
	}
	b := r.Buf[r.Pos : r.Pos+int(n)]
	r.Pos += int(n)
	return b
}

// Skip passes over n bytes.
func (r *Reader) Skip(n int) {
	if n > len(r.Buf)-r.Pos {
		r.Fail(r.Pos, "more bytes")
		return
	}
	r.Pos += n
}

// String reads a string as its UTF-8 bytes, without a copy. Invalid UTF-8 is an error.
func (r *Reader) String() []byte {
	at := r.Pos
	b := r.Bytes()
	if !utf8.Valid(b) {
		r.Fail(at, "valid UTF-8")
		return nil
	}
	return b
}

// Text reads a string and measures it: length in UTF-16 units, and whether it is all ASCII.
func (r *Reader) Text() (b []byte, units uint64, ascii bool) {
	at := r.Pos
	b = r.Bytes()
	units, ascii, ok := Measure(b)
	if !ok {
		r.Fail(at, "valid UTF-8")
		return nil, 0, false
	}
	return b, units, ascii
}

// Measure gives the length of UTF-8 text in UTF-16 units, and whether it is ASCII and valid.
func Measure(b []byte) (units uint64, ascii, ok bool) {
	rest := b
	for len(rest) >= 32 {
		x := binary.LittleEndian.Uint64(rest) | binary.LittleEndian.Uint64(rest[8:]) |
			binary.LittleEndian.Uint64(rest[16:]) | binary.LittleEndian.Uint64(rest[24:])
		if x&0x8080808080808080 != 0 {
			return measureWide(b)
		}
		rest = rest[32:]
	}
	var x uint64
	for len(rest) >= 8 {
		x |= binary.LittleEndian.Uint64(rest)
		rest = rest[8:]
	}
	for _, c := range rest {
		x |= uint64(c)
	}
	if x&0x8080808080808080 != 0 {
		return measureWide(b)
	}
	return uint64(len(b)), true, true
}

func measureWide(b []byte) (units uint64, ascii, ok bool) {
	if !utf8.Valid(b) {
		return 0, false, false
	}
	return Units(b), false, true
}

// Units counts the UTF-16 units of valid UTF-8.
func Units(b []byte) uint64 {
	n := 0
	for _, c := range b {
		if c&0xc0 != 0x80 { // a first byte
			n++
		}
		if c >= 0xf0 { // of a character outside the basic plane: a surrogate pair
			n++
		}
	}
	return uint64(n)
}

// SkipAny passes over one Any value, checking it.
func (r *Reader) SkipAny() { r.skipAny(0) }

// SkipAnys passes over n Any values, checking them. Integers, of which long lists often consist,
// take the short way.
func (r *Reader) SkipAnys(n uint64) {
	for ; n > 0 && r.Err == nil; n-- {
		buf, p := r.Buf, r.Pos
		for ; n > 0 && len(buf)-p > 8 && buf[p] == AnyInt; n-- {
			ends := ^binary.LittleEndian.Uint64(buf[p+1:]) & 0x0080808080808080
			if ends == 0 {
				break // of 8 bytes or more: it may be too large
			}
			p += bits.TrailingZeros64(ends)/8 + 2
		}
		if r.Pos = p; n == 0 {
			return
		}
		r.skipAny(0)
	}
}

func (r *Reader) skipAny(depth int) {
	if depth > MaxAnyDepth {
		r.Fail(r.Pos, "a value nested less deeply")
		return
	}
	at := r.Pos
	switch r.Byte() {
	case AnyUndefined, AnyNull, AnyFalse, AnyTrue:
	case AnyInt:
		r.Varint()
	case AnyFloat32:
		r.Skip(4)
	case AnyFloat64, AnyBigInt:
		r.Skip(8)
	case AnyString:
		r.String()
	case AnyObject:
		for n := r.Uvarint(); n > 0 && r.Err == nil; n-- {
			r.String()
			r.skipAny(depth + 1)
		}
	case AnyArray:
		for n := r.Uvarint(); n > 0 && r.Err == nil; n-- {
			r.skipAny(depth + 1)
		}
	case AnyBytes:
		r.Bytes()
	default:
		r.Fail(at, "a kind of value (116 to 127)")
	}
}

// The kinds of an Any value.
const (
	AnyUndefined = 127
	AnyNull      = 126
	AnyInt       = 125
	AnyFloat32   = 124
	AnyFloat64   = 123
	AnyBigInt    = 122
	AnyFalse     = 121
	AnyTrue      = 120
	AnyString    = 119
	AnyObject    = 118
	AnyArray     = 117
	AnyBytes     = 116
)
