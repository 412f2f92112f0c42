package lib0_test

import (
	"bytes"
	"encoding/binary"
	"math"
	"testing"

	"parley/crdt/internal/lib0"
)

func TestUvarintRoundTrip(t *testing.T) {
	t.Parallel()
	for shift := range 53 {
		for _, v := range []uint64{1 << shift, 1<<shift - 1, 1<<shift + 1, lib0.MaxSafeInteger >> shift} {
			for _, tail := range [][]byte{nil, make([]byte, 12)} {
				b := lib0.AppendUvarint(nil, v)
				n := len(b)
				b = append(b, tail...)
				r := lib0.Reader{Buf: b}
				if got := r.Uvarint(); got != v || r.Err != nil || r.Pos != n {
					t.Errorf("Uvarint(%x) = %d, %v at %d; want %d at %d", b, got, r.Err, r.Pos, v, n)
				}
			}
		}
	}
}

// PRI-1: overlong forms are read, what is past 2^53-1 is not, nor what ends too soon.
func TestUvarintEdges(t *testing.T) {
	t.Parallel()
	long := func(n int, last byte) []byte {
		b := make([]byte, n)
		for i := range b {
			b[i] = 0x80
		}
		return append(b, last)
	}
	for _, c := range []struct {
		name string
		in   []byte
		want uint64
		ok   bool
	}{
		{"zero in two bytes", []byte{0x80, 0}, 0, true},
		{"zero in twenty bytes", long(19, 0), 0, true},
		{"one in the 21st group", long(20, 1), 0, false},
		{"2^53-1", []byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x0f}, lib0.MaxSafeInteger, true},
		{"2^53", []byte{0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x10}, 0, false},
		{"2^56", long(8, 1), 0, false},
		{"cut short", []byte{0xff, 0xff}, 0, false},
		{"nothing", nil, 0, false},
	} {
		r := lib0.Reader{Buf: c.in}
		if got := r.Uvarint(); got != c.want || (r.Err == nil) != c.ok {
			t.Errorf("%s: Uvarint(%x) = %d, %v; want %d, ok %v", c.name, c.in, got, r.Err, c.want, c.ok)
		}
	}
}

func TestVarintKeepsMinusZero(t *testing.T) {
	t.Parallel()
	for _, v := range []uint64{0, 1, 63, 64, 8191, 8192, math.MaxInt32, lib0.MaxSafeInteger} {
		for _, negative := range []bool{false, true} {
			r := lib0.Reader{Buf: lib0.AppendVarint(nil, v, negative)}
			got, sign := r.Varint()
			if got != v || sign != negative || r.Err != nil || r.Pos != len(r.Buf) {
				t.Errorf("Varint(%x) = %d, %v, %v; want %d, %v", r.Buf, got, sign, r.Err, v, negative)
			}
		}
	}
}

func FuzzReader(f *testing.F) {
	f.Add([]byte{0x80, 0x80, 0, 119, 2, 'a', 'b'})
	f.Fuzz(func(t *testing.T, b []byte) {
		slow, fast := lib0.Reader{Buf: b}, lib0.Reader{Buf: append(append([]byte{}, b...), make([]byte, 9)...)}
		want, got := slow.Uvarint(), fast.Uvarint()
		if slow.Err == nil && (fast.Err != nil || got != want || fast.Pos != slow.Pos) {
			t.Fatalf("Uvarint(%x) = %d at %d, with bytes behind it %d at %d (%v)", b, want, slow.Pos, got, fast.Pos, fast.Err)
		}
		for _, read := range []func(r *lib0.Reader){
			(*lib0.Reader).SkipAny,
			func(r *lib0.Reader) { r.Text() },
			func(r *lib0.Reader) { r.Varint() },
			func(r *lib0.Reader) { r.Bytes() },
		} {
			r := lib0.Reader{Buf: b}
			if read(&r); r.Pos > len(b) || r.Pos < 0 {
				t.Fatalf("read to %d of %d", r.Pos, len(b))
			}
		}
	})
}

// TestSpread compares the ways without branches with those that go byte by byte.
func TestSpread(t *testing.T) {
	t.Parallel()
	for bits := range 54 {
		for _, v := range []uint64{1<<bits - 1, 1 << bits, 1<<bits + 1, 0x15a5a5a5a5a5a5 & (1<<bits - 1)} {
			if v > lib0.MaxSafeInteger {
				continue
			}
			want := lib0.AppendUvarint(nil, v)
			x, n := lib0.Spread(v)
			got := binary.LittleEndian.AppendUint64(nil, x)
			if n != len(want) || !bytes.Equal(got[:n], want) {
				t.Errorf("Spread(%d): got % x, want % x", v, got[:n], want)
			}
			if back, m := lib0.Squeeze(x); back != v || m != n {
				t.Errorf("Squeeze(Spread(%d)): got %d of %d bytes", v, back, m)
			}
		}
	}
	for _, x := range []uint64{1<<64 - 1, 0x7fffffffffffffff, 0x10ffffffffffffff} {
		if v, n := lib0.Squeeze(x); n != 0 {
			t.Errorf("Squeeze(%x): got %d of %d bytes, want a refusal", x, v, n)
		}
	}
}
