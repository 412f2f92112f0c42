package wire_test

import (
	"bytes"
	"encoding/hex"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"unicode/utf16"

	"parley/crdt/internal/lib0"
	"parley/crdt/internal/wire"
)

// TestCut compares both ways to cut text with UTF-16 units that are counted one by one. Rules:
// UPD-9, CON-4.
func TestCut(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "abcdef", "é", "a😀b", "😀😀", "汉字 and ascii", "\u0000\uffff😀"} {
		units := utf16.Encode([]rune(text))
		for n := range len(units) + 1 {
			at, torn := wire.Cut([]byte(text), uint64(n))
			if a, b := wire.CutNear([]byte(text), uint64(n), uint64(len(units))); a != at || b != torn {
				t.Errorf("%q at %d: CutNear = %d, %v, Cut = %d, %v", text, n, a, b, at, torn)
			}
			whole := n == 0 || n == len(units) || !utf16.IsSurrogate(rune(units[n-1])) || units[n-1] >= 0xdc00
			if torn == whole {
				t.Errorf("%q at %d: torn %v", text, n, torn)
			} else if whole && text[:at] != string(utf16.Decode(units[:n])) {
				t.Errorf("%q at %d: byte %d", text, n, at)
			}
		}
	}
}

// TestBuffer compares the writers without branches with those of lib0. Rule: PRI-1.
func TestBuffer(t *testing.T) {
	t.Parallel()
	for bits := range 54 {
		for _, v := range []uint64{1<<bits - 1, 1 << bits & wire.MaxClock, wire.MaxClock >> bits} {
			want := lib0.AppendUvarint(nil, v)
			b := make([]byte, 16)
			if end := wire.PutNumber(b, 1, v); !bytes.Equal(b[1:end], want) {
				t.Errorf("PutNumber(%d) = %x, want %x", v, b[1:end], want)
			}
			w := wire.NewBuffer()
			w.Room(8)
			w.Uvarint(v)
			w.Bytes(want)
			if got := w.Finish(); !bytes.Equal(got, lib0.AppendBytes(want, want)) {
				t.Errorf("Buffer wrote %x of %d", got, v)
			}
		}
	}
}

// TestSortSpans compares joined ranges with a set of clocks. Rules: DS-1, DS-2.
func TestSortSpans(t *testing.T) {
	t.Parallel()
	for seed := range uint64(200) {
		random := rand.New(rand.NewPCG(seed, 5))
		var spans []wire.Span
		want := map[wire.ID]bool{}
		for range random.IntN(20) {
			s := wire.Span{Client: random.Uint64N(3), Clock: random.Uint64N(30), Length: 1 + random.Uint64N(6)}
			spans = append(spans, s)
			for clock := s.Clock; clock < s.Clock+s.Length; clock++ {
				want[wire.ID{Client: s.Client, Clock: clock}] = true
			}
		}
		b := wire.AppendSpans([]byte{0}, wire.SortSpans(slices.Clone(spans))) // an Update without structs
		got := map[wire.ID]bool{}
		var last wire.Span
		wire.EachDeleted(&lib0.Reader{Buf: b, Pos: 1}, func(s wire.Span) {
			if last.Length > 0 && (s.Client > last.Client || s.Client == last.Client && s.Clock <= last.Clock+last.Length) {
				t.Errorf("seed %d: %v after %v", seed, s, last)
			}
			for clock := s.Clock; clock < s.Clock+s.Length; clock++ {
				got[wire.ID{Client: s.Client, Clock: clock}] = true
			}
			last = s
		})
		if !reflect.DeepEqual(got, want) {
			t.Errorf("seed %d: %v became %v", seed, spans, got)
		}
		if again, err := wire.FromV2(must(wire.ToV2(b))); err != nil || !bytes.Equal(again, b) {
			t.Errorf("seed %d: %x became %x by V2, %v", seed, b, again, err)
		}
	}
}

// TestReaders walks an Update with a gap in both ways. Rules: UPD-3, UPD-4, SV-2.
func TestReaders(t *testing.T) {
	t.Parallel()
	update, err := hex.DecodeString("0103070004010174026162" + "0a03" + "8407040163" + "00")
	if err != nil {
		t.Fatal(err)
	}
	var got []wire.ID
	for r := wire.NewStructReader(update); !r.Done; r.Next() {
		got = append(got, wire.ID{Client: r.Struct.Client, Clock: r.Struct.Clock})
	}
	if want := []wire.ID{{Client: 7}, {Client: 7, Clock: 5}}; !slices.Equal(got, want) {
		t.Errorf("structs %v, want %v", got, want)
	}
	sections, _, n, err := wire.Scan(update, nil, new(wire.Struct))
	if err != nil || n != 3 || len(sections) != 1 || sections[0].End != 6 {
		t.Errorf("Scan: %v, %d structs, %v", sections, n, err)
	}
	if got, want := must(wire.StateVectorOf(update)), []byte{1, 7, 2}; !bytes.Equal(got, want) {
		t.Errorf("state vector %x, want %x", got, want)
	}
	if got, want := must(wire.Roots(update)), []string{"t"}; !slices.Equal(got, want) {
		t.Errorf("roots %v, want %v", got, want)
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
