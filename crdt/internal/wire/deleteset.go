package wire

import (
	"cmp"
	"slices"

	"parley/crdt/internal/lib0"
)

// skipDeleteSet checks a delete set and passes over it. Rule: DS-1.
func skipDeleteSet(r *lib0.Reader) {
	for n := r.Uvarint(); n > 0 && r.Err == nil; n-- {
		r.Uvarint()
		for k := r.Uvarint(); k > 0 && r.Err == nil; k-- {
			at := r.Pos
			clock, length := r.Uvarint(), r.Uvarint()
			if length > MaxClock-clock {
				r.Fail(at, "a range that ends below 2^53")
			}
		}
	}
}

// EachDeleted calls fn for each range of a checked delete set, in the order of the wire. It leaves
// out empty ranges.
func EachDeleted(r *lib0.Reader, fn func(Span)) {
	for n := r.Uvarint(); n > 0; n-- {
		client := r.Uvarint()
		for k := r.Uvarint(); k > 0; k-- {
			s := Span{client, r.Uvarint(), r.Uvarint()}
			if s.Length > 0 {
				fn(s)
			}
		}
	}
}

// SortSpans puts ranges in the order of the wire (clients descending, clocks ascending) and joins
// those that touch or overlap. Rule: DS-2.
func SortSpans(spans []Span) []Span {
	if !slices.IsSortedFunc(spans, CompareSpans) {
		slices.SortFunc(spans, CompareSpans)
	}
	out := spans[:0]
	for _, s := range spans {
		if n := len(out) - 1; n >= 0 && out[n].Client == s.Client && out[n].Clock+out[n].Length >= s.Clock {
			out[n].Length = max(out[n].Length, s.Clock+s.Length-out[n].Clock)
			continue
		}
		out = append(out, s)
	}
	return out
}

// CompareSpans orders ranges as SortSpans does.
func CompareSpans(a, b Span) int {
	return cmp.Or(cmp.Compare(b.Client, a.Client), cmp.Compare(a.Clock, b.Clock))
}

// AppendSpans writes sorted ranges as a delete set.
func AppendSpans(b []byte, spans []Span) []byte {
	return appendByClient(b, spans, func(b []byte, s Span, _ uint64) []byte {
		return lib0.AppendUvarint(lib0.AppendUvarint(b, s.Clock), s.Length)
	})
}

// appendSpansV2 writes each Clock as the distance from the end of the range before.
func appendSpansV2(b []byte, spans []Span) []byte {
	return appendByClient(b, spans, func(b []byte, s Span, end uint64) []byte {
		return lib0.AppendUvarint(lib0.AppendUvarint(b, s.Clock-end), s.Length-1)
	})
}

// appendByClient writes the number of clients and, for each client, its id, the number of its
// ranges, and each range by add. end is where the range before it ends.
func appendByClient(b []byte, spans []Span, add func(b []byte, s Span, end uint64) []byte) []byte {
	clients := 0
	for i := range spans {
		if i == 0 || spans[i].Client != spans[i-1].Client {
			clients++
		}
	}
	b = lib0.AppendUvarint(b, uint64(clients))
	for len(spans) > 0 {
		n := 1
		for n < len(spans) && spans[n].Client == spans[0].Client {
			n++
		}
		b = lib0.AppendUvarint(lib0.AppendUvarint(b, spans[0].Client), uint64(n))
		end := uint64(0)
		for _, s := range spans[:n] {
			b = add(b, s, end)
			end = s.Clock + s.Length
		}
		spans = spans[n:]
	}
	return b
}

// sortClients sorts ranges by client alone. Yjs does the same when it only cuts an Update: the
// ranges of a client are neither sorted nor joined. Rule: MRG-4.
func sortClients(spans []Span) []Span {
	slices.SortStableFunc(spans, func(a, b Span) int { return cmp.Compare(b.Client, a.Client) })
	return spans
}
