package crdt

import (
	"cmp"
	"slices"

	"parley/crdt/internal/lib0"
)

// skipDeleteSet passes over a delete set, checking it. Rule: DS-1.
func skipDeleteSet(r *lib0.Reader) {
	for n := r.Uvarint(); n > 0 && r.Err == nil; n-- {
		r.Uvarint()
		for k := r.Uvarint(); k > 0 && r.Err == nil; k-- {
			at := r.Pos
			clock, length := r.Uvarint(), r.Uvarint()
			if length > maxClock-clock {
				r.Fail(at, "a range that ends below 2^53")
			}
		}
	}
}

// eachDeleted calls fn for each range of a checked delete set, in the order of the wire. Empty ranges
// are passed over: they say nothing.
func eachDeleted(r *lib0.Reader, fn func(span)) {
	for n := r.Uvarint(); n > 0; n-- {
		client := r.Uvarint()
		for k := r.Uvarint(); k > 0; k-- {
			s := span{client, r.Uvarint(), r.Uvarint()}
			if s.length > 0 {
				fn(s)
			}
		}
	}
}

// sortSpans brings ranges in the order of the wire (clients descending, clocks ascending) and joins
// those that touch or overlap. Rule: DS-2.
func sortSpans(spans []span) []span {
	if !slices.IsSortedFunc(spans, compareSpans) {
		slices.SortFunc(spans, compareSpans)
	}
	out := spans[:0]
	for _, s := range spans {
		if n := len(out) - 1; n >= 0 && out[n].client == s.client && out[n].clock+out[n].length >= s.clock {
			out[n].length = max(out[n].length, s.clock+s.length-out[n].clock)
			continue
		}
		out = append(out, s)
	}
	return out
}

func compareSpans(a, b span) int {
	return cmp.Or(cmp.Compare(b.client, a.client), cmp.Compare(a.clock, b.clock))
}

// appendSpans writes sorted ranges as a delete set.
func appendSpans(b []byte, spans []span) []byte {
	clients := 0
	for i := range spans {
		if i == 0 || spans[i].client != spans[i-1].client {
			clients++
		}
	}
	b = lib0.AppendUvarint(b, uint64(clients))
	for i := 0; i < len(spans); {
		j := i
		for j < len(spans) && spans[j].client == spans[i].client {
			j++
		}
		b = lib0.AppendUvarint(b, spans[i].client)
		b = lib0.AppendUvarint(b, uint64(j-i))
		for ; i < j; i++ {
			b = lib0.AppendUvarint(b, spans[i].clock)
			b = lib0.AppendUvarint(b, spans[i].length)
		}
	}
	return b
}

// sortClients brings ranges in the order of the wire by client alone; Yjs, too, neither sorts nor
// joins the ranges of a client when it only cuts an Update. Rule: MRG-4.
func sortClients(spans []span) []span {
	slices.SortStableFunc(spans, func(a, b span) int { return cmp.Compare(b.client, a.client) })
	return spans
}
