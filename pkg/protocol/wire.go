package protocol

import (
	"encoding/binary"
	"fmt"
	"math/bits"
)

// maxUint is the largest number on the wire, 2^53-1, because lib0 reads no larger number
// (Number.MAX_SAFE_INTEGER).
const maxUint = 1<<53 - 1

// DecodeError describes where a decoder stopped and what it expected there.
type DecodeError struct {
	Offset int    // bytes from the start of the input
	Want   string // what was expected
}

// Error returns the offset and the expectation.
func (e *DecodeError) Error() string {
	return fmt.Sprintf("malformed message: expected %s at byte %d", e.Want, e.Offset)
}

// reader reads from buf and keeps the first error. After an error it returns zero values.
type reader struct {
	buf []byte
	off int
	err error
}

func (r *reader) fail(want string) {
	if r.err == nil {
		r.err = &DecodeError{Offset: r.off, Want: want}
	}
}

// uint reads a varUint: LEB128, at most 2^53-1.
func (r *reader) uint(want string) uint64 {
	if r.err != nil {
		return 0
	}
	v, n := binary.Uvarint(r.buf[r.off:])
	if n <= 0 || v > maxUint {
		r.fail(want)
		return 0
	}
	r.off += n
	return v
}

// bytes reads a varUint8Array (or a string's bytes) as a slice into buf.
func (r *reader) bytes(want string) []byte {
	n := r.uint(want)
	if r.err != nil || n > uint64(len(r.buf)-r.off) {
		r.fail(want)
		return nil
	}
	b := r.buf[r.off : r.off+int(n) : r.off+int(n)]
	r.off += int(n)
	return b
}

func (r *reader) rest() []byte {
	if r.err != nil {
		return nil
	}
	return r.buf[r.off:]
}

func appendUint(dst []byte, v uint64) []byte { return binary.AppendUvarint(dst, v) }

func appendBytes(dst, b []byte) []byte { return append(appendUint(dst, uint64(len(b))), b...) }

// uintLen returns the number of bytes that appendUint writes for v.
func uintLen(v uint64) int { return (bits.Len64(v|1) + 6) / 7 }
