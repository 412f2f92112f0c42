package wire

import "parley/crdt/internal/lib0"

// Clients tells which structs an Update carries: per section the client and the clocks from its
// first struct to the end of its last, in the order of the wire. The error is a *DecodeError.
func Clients(update []byte) ([]IDRange, error) {
	r := NewStructReader(update)
	var out []IDRange
	for ; !r.Done; r.Next() {
		if n := len(out) - 1; n < 0 || out[n].Client != r.Struct.Client || out[n].To > r.Struct.Clock {
			out = append(out, IDRange{Client: r.Struct.Client, From: r.Struct.Clock})
		}
		out[len(out)-1].To = r.Struct.Clock + r.Struct.Length
	}
	if err := r.err(); err != nil {
		return nil, err
	}
	return out, nil
}

// Roots gives the names of the root types that an Update puts something into, each once. The error
// is a *DecodeError.
func Roots(update []byte) ([]string, error) {
	r := NewStructReader(update)
	var names []string
	seen := map[string]struct{}{}
	for ; !r.Done; r.Next() {
		f := &r.Struct
		if f.Kind() == KindGC || f.Kind() == KindSkip || !f.Root {
			continue
		}
		name := update[f.Name:f.NameEnd]
		if _, ok := seen[string(name)]; !ok {
			seen[string(name)] = struct{}{}
			names = append(names, string(name))
		}
	}
	if err := r.err(); err != nil {
		return nil, err
	}
	return names, nil
}

// Length tells how many structs and how many deleted ranges an Update carries. The error is a
// *DecodeError.
func Length(update []byte) (structs, deleted int, err error) {
	var last Struct
	_, ds, structs, err := Scan(update, nil, &last)
	if err != nil {
		return 0, 0, err
	}
	EachDeleted(&lib0.Reader{Buf: update, Pos: ds}, func(Span) { deleted++ })
	return structs, deleted, nil
}
