package crdt_test

import (
	"bytes"
	"errors"
	"testing"

	"parley/crdt"
)

// rivals is an update whose integration costs the square of its size: each of n items of client 1
// has a right origin of its own and the origin of all items of client 2, so it is compared with all
// items of client 2 that stand before it.
func rivals(n uint64) []byte {
	const root = "text"
	place := append([]byte{1, byte(len(root))}, root...)
	update := appendUvarints(nil, 2, n, 2, 0)
	for range n {
		update = append(append(append(update, 0x04), place...), 1, 'a')
	}
	update = appendUvarints(update, n, 1, 0)
	for i := range n {
		update = append(appendUvarints(append(update, 0x44), 2, i), 1, 'b')
	}
	return append(update, 0)
}

// An update that would take more comparisons than allowed is refused, and the document, with all
// that points into it, is what it was. Rule: UPD-12.
func TestTooComplex(t *testing.T) {
	t.Parallel()
	for name, fresh := range map[string]bool{"an empty document": true, "a document with content": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			doc := crdt.NewDoc(crdt.WithClientID(3))
			doc.LimitConflicts(1_000_000)
			text := doc.Text("text")
			if !fresh {
				if err := errors.Join(text.Insert(0, "mine"), text.Delete(1, 1), doc.Map("map").Set("key", "value")); err != nil {
					t.Fatal(err)
				}
			}
			before, at := encode(t, doc), doc.EncodeStateVector()
			heard := 0
			if !fresh {
				doc.OnUpdate(func([]byte, any) { heard++ })
			}
			if err := doc.ApplyUpdate(rivals(30_000)); !errors.Is(err, crdt.ErrTooComplex) {
				t.Fatalf("30,000 rivals gave %v, want ErrTooComplex", err)
			}
			if c := doc.Conflicts(); c > 1_100_000 {
				t.Errorf("%d comparisons were made, the limit is a million", c)
			}
			if heard != 0 || !bytes.Equal(encode(t, doc), before) || !bytes.Equal(doc.EncodeStateVector(), at) {
				t.Error("the refused update has left something behind")
			}
			if err := doc.Check(); err != nil {
				t.Error(err)
			}
			if err := errors.Join(text.Insert(0, "still "), doc.ApplyUpdate(rivals(300))); err != nil {
				t.Errorf("after the refusal: %v", err)
			}
			if err := doc.Check(); err != nil {
				t.Error(err)
			}
		})
	}
}

// Below the limit the outcome is the same as without one. Rule: UPD-12.
func TestConflictsBelowTheLimit(t *testing.T) {
	t.Parallel()
	update := rivals(500)
	free, bound := crdt.NewDoc(), crdt.NewDoc()
	if err := free.ApplyUpdate(update); err != nil {
		t.Fatal(err)
	}
	bound.LimitConflicts(free.Conflicts())
	if err := bound.ApplyUpdate(update); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(encode(t, free), encode(t, bound)) {
		t.Error("the limit changed the outcome")
	}
	bound = crdt.NewDoc()
	bound.LimitConflicts(free.Conflicts() - 1)
	if err := bound.ApplyUpdate(update); !errors.Is(err, crdt.ErrTooComplex) {
		t.Errorf("one comparison too many gave %v", err)
	}
}

// honestConflicts is how many comparisons an update of people takes at most, and honestTotal a
// whole session of theirs. A server sets its limit a good deal above both.
const (
	honestConflicts = 20_000
	honestTotal     = 2_000_000 // 1.2 million: 1,500 clients that set the same key
)

// What people wrote stays far below the limits of a server.
func TestHonestConflicts(t *testing.T) {
	t.Parallel()
	for _, s := range readTraces(t) {
		doc, most := crdt.NewDoc(), uint64(0)
		for _, u := range s.updates(t) {
			before := doc.Conflicts()
			if err := doc.ApplyUpdate(u); err != nil {
				t.Fatal(err)
			}
			most = max(most, doc.Conflicts()-before)
		}
		whole := crdt.NewDoc()
		if err := whole.ApplyUpdate(encode(t, doc)); err != nil {
			t.Fatal(err)
		}
		t.Logf("%s: %d comparisons for one update, %d in all, %d to load", s.name, most, doc.Conflicts(), whole.Conflicts())
		if most > honestConflicts || doc.Conflicts() > honestTotal || whole.Conflicts() > honestTotal {
			t.Errorf("%s: %d comparisons for one update, %d in all, %d to load; want at most %d, %d and %d",
				s.name, most, doc.Conflicts(), whole.Conflicts(), honestConflicts, honestTotal, honestTotal)
		}
	}
}

// BenchmarkRefused takes an update in that is refused, beside a document of 100,000 items.
func BenchmarkRefused(b *testing.B) {
	doc := crdt.NewDoc()
	text := doc.Text("mine")
	for range 100_000 {
		if err := text.Insert(0, "x"); err != nil {
			b.Fatal(err)
		}
	}
	doc.LimitConflicts(2_000_000)
	update := rivals(30_000)
	b.ResetTimer()
	for range b.N {
		if err := doc.ApplyUpdate(update); !errors.Is(err, crdt.ErrTooComplex) {
			b.Fatal(err)
		}
	}
}
