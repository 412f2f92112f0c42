package wire

import (
	"encoding/binary"
	"sync"

	"parley/crdt/internal/lib0"
)

// Buffer is an Update that is being written. B[:N] is written; Room makes sure that B is long
// enough for what follows.
type Buffer struct {
	B []byte
	N int
}

// Finish returns a copy of what was written, of its exact size. The Buffer must not be used any
// more.
func (w *Buffer) Finish() []byte {
	out := append([]byte(nil), w.B[:w.N]...)
	w.free()
	return out
}

func (w *Buffer) free() {
	w.B = w.B[:cap(w.B)]
	buffers.Put(w)
}

// Room makes sure that k bytes can be written.
func (w *Buffer) Room(k int) {
	if len(w.B)-w.N < k {
		grown := make([]byte, max(2*len(w.B), w.N+k))
		copy(grown, w.B[:w.N])
		w.B = grown
	}
}

// Byte writes a byte where Room was made.
func (w *Buffer) Byte(c byte) {
	w.B[w.N] = c
	w.N++
}

// Uvarint writes a varUint where Room was made.
func (w *Buffer) Uvarint(v uint64) {
	for v >= 0x80 {
		w.B[w.N] = byte(v) | 0x80
		v >>= 7
		w.N++
	}
	w.B[w.N] = byte(v)
	w.N++
}

// Bytes writes a length and the bytes, and makes room for MaxHead more.
func (w *Buffer) Bytes(v []byte) {
	w.Room(len(v) + MaxHead)
	w.Uvarint(uint64(len(v)))
	w.N += copy(w.B[w.N:], v)
}

// Append writes bytes as they are, after making room for them.
func (w *Buffer) Append(v []byte) {
	w.Room(len(v))
	w.N += copy(w.B[w.N:], v)
}

// ID writes an ID. The ClientID is given as the n bytes of its varUint.
func (w *Buffer) ID(name [8]byte, n uint8, clock uint64) {
	*(*[8]byte)(w.B[w.N:]) = name
	w.N += int(n)
	w.Uvarint(clock)
}

// buffers holds Buffers for the next writer.
var buffers = sync.Pool{New: func() any { return &Buffer{B: make([]byte, 512)} }}

// NewBuffer returns an empty Buffer.
func NewBuffer() *Buffer {
	w := buffers.Get().(*Buffer)
	w.N = 0
	return w
}

// MaxHead bounds the bytes of a struct without its content and names: an info byte, three IDs of
// two numbers, a kind and a length.
const MaxHead = 1 + 3*2*8 + 1 + 10

// Put8 writes the low n bytes of x at b[at:] and returns where they end. It needs room for 8 bytes.
func Put8(b []byte, at int, x uint64, n int) int {
	binary.LittleEndian.PutUint64(b[at:], x)
	return at + n
}

// PutNumber writes v as a varUint at b[at:] and returns where it ends. It needs room for 8 bytes.
func PutNumber(b []byte, at int, v uint64) int {
	if v < 1<<14 {
		more := (0x7f - v) >> 63 // 1 if it takes two bytes
		binary.LittleEndian.PutUint16(b[at:], uint16(v&0x7f|more<<7|v<<1&0x7f00))
		return at + 1 + int(more)
	}
	if v < 1<<21 {
		binary.LittleEndian.PutUint32(b[at:], uint32(v&0x7f|v<<1&0x7f00|v<<2&0x7f0000|0x8080))
		return at + 3
	}
	x, n := lib0.Spread(v)
	return Put8(b, at, x, n)
}

// CopyShort copies data[off:off+size] to b[at:] and returns where the copy ends. It needs room for
// 16 more bytes.
func CopyShort(b []byte, at int, data []byte, off, size int) int {
	if size <= 16 && off+16 <= len(data) {
		*(*[16]byte)(b[at:]) = *(*[16]byte)(data[off:])
		return at + size
	}
	if size > 0 { // else off may mean something else
		copy(b[at:], data[off:off+size])
	}
	return at + size
}
