package crdt_test

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"testing"

	"parley/crdt"
)

// typists are clients that type into one text, each at its own place, keystroke by keystroke.
type typists struct {
	state   []byte // the text before anybody types, of about chars units
	cursors []cursor
	next    []uint64 // clocks
	turn    int
}

// cursor is between two units.
type cursor struct {
	left, right crdt.ID
}

// unitsPerRun is the length of the runs in which clients have written the text.
const unitsPerRun = 50

// newTypists makes a text of chars units that clients have written in turns. The runs cannot be
// merged, since each stands in front of the one before it.
func newTypists(chars, clients int) *typists {
	runs := max(clients, chars/unitsPerRun, 2)
	length := uint64(max(1, chars/runs))
	w := &typists{next: make([]uint64, clients+1)}
	sections := make([][]byte, clients+1)
	counts := make([]uint64, clients+1)
	starts := make([]crdt.ID, runs)
	for i := range runs {
		c := i%clients + 1
		starts[i] = crdt.ID{Client: uint64(c), Clock: w.next[c]}
		b := sections[c]
		if i == 0 {
			b = append(b, 4, 1, 4, 't', 'e', 'x', 't')
		} else {
			b = appendUvarints(append(b, 0x44), starts[i-1].Client, starts[i-1].Clock)
		}
		b = appendUvarints(b, length)
		for range length {
			b = append(b, 'a')
		}
		sections[c], w.next[c], counts[c] = b, w.next[c]+length, counts[c]+1
	}
	w.state = appendUvarints(nil, uint64(clients))
	for c := clients; c > 0; c-- {
		w.state = append(appendUvarints(w.state, counts[c], uint64(c), 0), sections[c]...)
	}
	w.state = append(w.state, 0)
	random := rand.New(rand.NewPCG(uint64(chars), uint64(clients)))
	for range clients {
		i := 1 + random.IntN(runs-1) // the run to the left of the cursor; i-1 is the one to its right
		left := starts[i]
		left.Clock += length - 1
		w.cursors = append(w.cursors, cursor{left, starts[i-1]})
	}
	return w
}

// doc is the text before anybody types.
func (w *typists) doc(tb testing.TB) *crdt.Doc {
	tb.Helper()
	doc := crdt.NewDoc()
	if err := doc.ApplyUpdate(w.state); err != nil {
		tb.Fatal(err)
	}
	return doc
}

// key appends the update of the next keystroke: each client types a letter in its turn.
func (w *typists) key(b []byte) []byte {
	n := w.turn % len(w.cursors)
	w.turn++
	at, client := &w.cursors[n], uint64(n+1)
	b = appendUvarints(append(b, 1, 1), client, w.next[client])
	b = appendUvarints(append(b, 0xc4), at.left.Client, at.left.Clock, at.right.Client, at.right.Clock)
	at.left = crdt.ID{Client: client, Clock: w.next[client]}
	w.next[client]++
	return append(b, 1, 'x', 0)
}

// backspace appends the update that deletes the last letter of the client whose turn was last.
func (w *typists) backspace(b []byte) []byte {
	at := w.cursors[(w.turn-1)%len(w.cursors)].left
	return append(appendUvarints(append(b, 0, 1), at.Client, 1, at.Clock), 1)
}

// keys are the updates of n keystrokes.
func (w *typists) keys(n int) [][]byte {
	out := make([][]byte, n)
	for i := range out {
		out[i] = w.key(nil)
	}
	return out
}

// BenchmarkKeystroke shows that a keystroke costs the same whatever the size of the document and
// the number of clients. The clients type in turns, and the text grows by less than a tenth.
func BenchmarkKeystroke(b *testing.B) {
	for _, chars := range []int{1e3, 1e4, 1e5, 1e6, 1e7} {
		for _, clients := range []int{1, 30, 1500} {
			b.Run(fmt.Sprintf("%dx%d", chars, clients), func(b *testing.B) {
				b.ReportAllocs()
				batch := max(1000, chars/10)
				var doc *crdt.Doc
				var list [][]byte
				for i := range b.N {
					if i%batch == 0 {
						b.StopTimer()
						w := newTypists(chars, clients)
						doc = w.doc(b)
						for _, update := range w.keys(2 * clients) { // the first keystroke of a client makes room for more
							if err := doc.ApplyUpdate(update); err != nil {
								b.Fatal(err)
							}
						}
						list = w.keys(min(batch, b.N-i))
						runtime.GC()
						b.StartTimer()
					}
					if err := doc.ApplyUpdate(list[i%batch]); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

// TestKeystrokeAllocatesNothing demands that keystrokes are applied without allocation. Slices grow
// in steps that are far apart, so fewer than one in a hundred keystrokes may allocate. The test is
// not parallel, since allocations of other tests would count.
func TestKeystrokeAllocatesNothing(t *testing.T) {
	const batch, batches = 100, 200
	for _, clients := range []int{1, 3, 30} {
		for name, erases := range map[string]bool{"typed": false, "typed and taken back": true} {
			t.Run(fmt.Sprintf("%s by %d", name, clients), func(t *testing.T) {
				w := newTypists(100_000, clients)
				doc := w.doc(t)
				var list [][]byte
				for range batch * (batches + 1) { // AllocsPerRun makes one run more, as a warm-up
					list = append(list, w.key(nil))
					if erases {
						list = append(list, w.backspace(nil))
					}
				}
				size := len(list) / (batches + 1)
				var failed error
				allocs := testing.AllocsPerRun(batches, func() {
					for _, update := range list[:size] {
						if err := doc.ApplyUpdate(update); err != nil {
							failed = err
						}
					}
					list = list[size:]
				})
				if failed != nil {
					t.Fatal(failed)
				}
				if allocs != 0 {
					t.Errorf("%v allocations in %d keystrokes", allocs, size)
				}
				if err := doc.Check(); err != nil {
					t.Fatal(err)
				}
				if erases && doc.Text("text").Len() != 100_000 {
					t.Errorf("%d units are left of 100000", doc.Text("text").Len())
				}
			})
		}
	}
}

// BenchmarkManyDocs measures one cycle of the garbage collector with 10,000 loaded documents of
// some 10 kB, and without them.
func BenchmarkManyDocs(b *testing.B) {
	const docs = 10_000
	cycle := func(b *testing.B) {
		runtime.GC()
		for b.Loop() {
			runtime.GC()
		}
	}
	b.Run("without", cycle)
	b.Run("with", func(b *testing.B) {
		w := newTypists(10_000, 5)
		loaded := make([]*crdt.Doc, docs)
		size := kept(func() *crdt.Doc {
			for i := range loaded {
				loaded[i] = w.doc(b)
			}
			return loaded[0]
		})
		b.ResetTimer()
		cycle(b)
		b.ReportMetric(float64(size)/docs, "bytes/doc")
		b.ReportMetric(float64(len(w.state)), "state-bytes")
		runtime.KeepAlive(loaded)
	})
}
