package crdt_test

import (
	"encoding/binary"
	"testing"
	"time"

	"parley/crdt"
)

// costBound is what each of the updates below may take. At a cost in proportion to their size they
// take some ten milliseconds. At a quadratic cost they take minutes under the race detector. The
// bound is far from both.
const costBound = 5 * time.Second

func appendUvarints(b []byte, values ...uint64) []byte {
	for _, v := range values {
		b = binary.AppendUvarint(b, v)
	}
	return b
}

// TestHostileCost applies updates of 100 to 500 kB that would take quadratic time in a naive
// engine.
func TestHostileCost(t *testing.T) {
	const n = 40_000
	for name, update := range map[string][]byte{
		"each range over everything":     rangesOverAll(n),
		"a list cut from its end":        listCutFromEnd(n),
		"a text cut from its end":        textCutFromEnd(n),
		"types nested and deleted":       nestedTypes(n),
		"one place, a client each":       onePlace(n),
		"one place, one client":          prepended(n),
		"one key, a client each":         oneKey(n),
		"structs that all wait":          waiting(n),
		"collected, a range for each":    collected(n),
		"many sections of a few clients": manySections(n),
	} {
		t.Run(name, func(t *testing.T) {
			start := cpuTime()
			doc := crdt.NewDoc()
			if err := doc.ApplyUpdate(update); err != nil {
				t.Fatal(err)
			}
			encode(t, doc)
			_ = doc.ToJSON()
			if _, err := crdt.MergeUpdates(update, update, update); err != nil {
				t.Fatal(err)
			}
			if took := cpuTime() - start; took > costBound {
				t.Errorf("%d bytes took %v", len(update), took)
			}
		})
	}
}

// TestHostileGaps sends structs with a gap before each, and then fills the gaps one by one. From
// the last on, only the last filling helps; from the first on, each one does.
func TestHostileGaps(t *testing.T) {
	const n = 3_000
	for name, order := range map[string]func(i uint64) uint64{
		"first to last": func(i uint64) uint64 { return i },
		"last to first": func(i uint64) uint64 { return n - 1 - i },
	} {
		t.Run(name, func(t *testing.T) {
			start := cpuTime()
			doc := crdt.NewDoc()
			apply := func(clock uint64, structs ...byte) {
				u := append(appendUvarints(nil, 1, 1, 1, clock), structs...)
				if err := doc.ApplyUpdate(append(u, 0)); err != nil {
					t.Fatal(err)
				}
			}
			for i := range uint64(n) {
				apply(2*i+1, append(appendUvarints([]byte{0x84}, 1, 2*i), 1, 'x')...)
			}
			for i := range uint64(n) {
				apply(2*order(i), 0, 1)
			}
			if doc.HasPending() {
				t.Error("something still waits")
			}
			if took := cpuTime() - start; took > costBound {
				t.Errorf("%d small updates took %v", 2*n, took)
			}
		})
	}
}

func rangesOverAll(n uint64) []byte {
	b := appendUvarints(nil, 1, n, 1, 0)
	for i := range n {
		b = append(b, 1, 1, 1, byte('a'+i%2), 1) // Deleted, in two roots by turns: they do not merge
	}
	b = appendUvarints(b, 1, 1, n)
	for range n {
		b = appendUvarints(b, 0, n)
	}
	return b
}

// cutFromEnd deletes each second unit of client 1, the last first.
func cutFromEnd(b []byte, n uint64) []byte {
	b = appendUvarints(b, 1, 1, n/2)
	for i := range n / 2 {
		b = appendUvarints(b, n-2*i-2, 1)
	}
	return b
}

func listCutFromEnd(n uint64) []byte {
	b := append(appendUvarints(nil, 1, 1, 1, 0), 8, 1, 1, 'a')
	b = appendUvarints(b, n)
	for range n {
		b = append(b, 126)
	}
	return cutFromEnd(b, n)
}

func textCutFromEnd(n uint64) []byte {
	b := append(appendUvarints(nil, 1, 1, 1, 0), 4, 1, 1, 'a')
	b = appendUvarints(b, 2*n)
	for range n {
		b = append(b, "ä"...)
	}
	return cutFromEnd(b, n)
}

func nestedTypes(n uint64) []byte {
	b := append(appendUvarints(nil, 1, n, 1, 0), 7, 1, 1, 'a', 0)
	for i := uint64(1); i < n; i++ {
		b = append(appendUvarints(append(b, 7, 0), 1, i-1), 0)
	}
	return appendUvarints(b, 1, 1, 1, 0, 1)
}

// eachClient is a section of one struct for each of n clients, ascending.
func eachClient(n uint64, item ...byte) []byte {
	b := appendUvarints(nil, n)
	for i := range n {
		b = append(appendUvarints(b, 1, i+1, 0), item...)
	}
	return append(b, 0)
}

func onePlace(n uint64) []byte { return eachClient(n, 4, 1, 1, 'a', 1, 'x') }

func oneKey(n uint64) []byte { return eachClient(n, 0x28, 1, 1, 'a', 1, 'k', 1, 126) }

// waiting structs name a client that nobody knows.
func waiting(n uint64) []byte { return eachClient(n, 0x84, 0xff, 0xff, 0xff, 0x7f, 0, 1, 'x') }

func prepended(n uint64) []byte {
	b := appendUvarints(nil, 1, n, 1, 0)
	for range n {
		b = append(b, 4, 1, 1, 'a', 1, 'x')
	}
	return append(b, 0)
}

func collected(n uint64) []byte {
	b := appendUvarints(nil, 1, n, 1, 0)
	for range n {
		b = append(b, 0, 1)
	}
	b = appendUvarints(b, 1, 1, n)
	for i := range n {
		b = appendUvarints(b, i, 1)
	}
	return b
}

// manySections names three clients again and again.
func manySections(n uint64) []byte {
	b := appendUvarints(nil, n)
	for i := range n {
		b = append(appendUvarints(b, 1, i%3+1, 0), 4, 1, 1, 'a', 1, 'x')
	}
	return append(b, 0)
}
