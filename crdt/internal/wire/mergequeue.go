package wire

import (
	"cmp"
	"container/heap"
	"slices"

	"parley/crdt/internal/lib0"
)

// exactReaders is the number of Updates below which a merge has exactly the order of Yjs. From 64
// elements on the sort of V8 works in another way.
const exactReaders = 64

// mergeQueue says which reader's struct is written next: clients descending, clocks ascending.
type mergeQueue interface {
	front() *StructReader // nil when all are done; the caller may have moved the last answer on
	deletes() ([]Span, error)
}

func newMergeQueue(updates [][]byte) mergeQueue {
	if len(updates) >= exactReaders {
		return newHeapQueue(updates)
	}
	q := &sortQueue{all: make([]StructReader, len(updates))}
	for i, u := range updates {
		q.all[i].reset(u, true)
		q.readers = append(q.readers, &q.all[i])
	}
	return q
}

// sortQueue sorts its readers before each answer, as Yjs does. The steps of the sort matter where
// two Updates hold the same struct, one as an Item and one as a GC. The comparison of Yjs then puts
// either in front of the other, so the steps and the order before them decide which one is written.
// Rule: MRG-2.
//
// Source: Yjs 13.6, src/utils/updates.js (mergeUpdatesV2); V8,
// third_party/v8/builtins/array-sort.tq.
type sortQueue struct {
	all     []StructReader
	readers []*StructReader // those not done
}

func (q *sortQueue) deletes() (spans []Span, err error) {
	for i := range q.all {
		if spans, err = q.all[i].Spans(spans); err != nil {
			return nil, err
		}
	}
	return spans, nil
}

func (q *sortQueue) front() *StructReader {
	q.readers = slices.DeleteFunc(q.readers, func(r *StructReader) bool { return r.Done })
	if len(q.readers) == 0 {
		return nil
	}
	q.sort()
	return q.readers[0]
}

// compare is the comparison that Yjs sorts by. It is not an order: see sortQueue.
func compare(a, b *Struct) int {
	if a.Client != b.Client {
		return cmp.Compare(b.Client, a.Client)
	}
	if a.Clock == b.Clock && (a.Kind() == KindGC) != (b.Kind() == KindGC) {
		return -1
	}
	return cmp.Compare(a.Clock, b.Clock)
}

// sort takes the steps of V8 for fewer than 64 elements. The run at the start is turned round when
// it descends. Each element behind the run is then inserted by binary search.
func (q *sortQueue) sort() {
	rs := q.readers
	if len(rs) < 2 {
		return
	}
	run := 2
	descends := compare(&rs[1].Struct, &rs[0].Struct) < 0
	for run < len(rs) && (compare(&rs[run].Struct, &rs[run-1].Struct) < 0) == descends {
		run++
	}
	if descends {
		slices.Reverse(rs[:run])
	}
	for i := run; i < len(rs); i++ {
		pivot := rs[i]
		lo, hi := 0, i
		for lo < hi {
			mid := lo + (hi-lo)/2
			if compare(&pivot.Struct, &rs[mid].Struct) < 0 {
				hi = mid
			} else {
				lo = mid + 1
			}
		}
		copy(rs[lo+1:i+1], rs[lo:i])
		rs[lo] = pivot
	}
}

// heapQueue is for many Updates. It opens an Update only when its first struct is due, so that few
// are open at a time. A step costs the logarithm of the number of open Updates.
type heapQueue struct {
	updates [][]byte
	heads   []head // of Updates not opened yet, in order
	open    []*StructReader
	unused  []*StructReader
	started bool
	spans   []Span
	err     error
}

// head is where the first struct of an Update stands.
type head struct {
	client, clock uint64
	seq           int
}

func compareHeads(a, b head) int {
	return cmp.Or(cmp.Compare(b.client, a.client), cmp.Compare(a.clock, b.clock), cmp.Compare(a.seq, b.seq))
}

func newHeapQueue(updates [][]byte) *heapQueue {
	q := &heapQueue{updates: updates, heads: make([]head, 0, len(updates))}
	for i, u := range updates {
		if client, clock, ok := firstStruct(u); ok {
			q.heads = append(q.heads, head{client, clock, i})
			continue
		}
		if r := q.reader(i); r.Done {
			q.close(r)
		} else {
			q.heads = append(q.heads, head{r.Struct.Client, r.Struct.Clock, i})
		}
	}
	if !slices.IsSortedFunc(q.heads, compareHeads) {
		slices.SortFunc(q.heads, compareHeads)
	}
	return q
}

// firstStruct tells where the first struct of an Update stands. ok is false where the whole Update
// must be read to tell.
func firstStruct(update []byte) (client, clock uint64, ok bool) {
	r := lib0.Reader{Buf: update}
	if sections, structs := r.Uvarint(), r.Uvarint(); sections == 0 || structs == 0 {
		return 0, 0, false
	}
	client, clock = r.Uvarint(), r.Uvarint()
	return client, clock, r.Pos < len(update) && update[r.Pos]&InfoKind != KindSkip
}

// reader opens an Update.
func (q *heapQueue) reader(seq int) *StructReader {
	var r *StructReader
	if n := len(q.unused); n > 0 {
		r = q.unused[n-1]
		q.unused = q.unused[:n-1]
	} else {
		r = new(StructReader)
	}
	r.reset(q.updates[seq], true)
	r.seq = seq
	return r
}

// close keeps the delete set of an Update whose structs are written.
func (q *heapQueue) close(r *StructReader) {
	var err error
	if q.spans, err = r.Spans(q.spans); err != nil && q.err == nil {
		q.err = err
	}
	q.unused = append(q.unused, r)
}

func (q *heapQueue) front() *StructReader {
	if q.started && len(q.open) > 0 {
		if q.open[0].Done {
			q.close(heap.Pop(q).(*StructReader))
		} else {
			heap.Fix(q, 0)
		}
	}
	q.started = true
	for len(q.heads) > 0 && (len(q.open) == 0 || compareHeads(q.heads[0], q.open[0].head()) < 0) {
		seq := q.heads[0].seq
		q.heads = q.heads[1:]
		if r := q.reader(seq); r.Done {
			q.close(r)
		} else {
			heap.Push(q, r)
		}
	}
	if len(q.open) == 0 {
		return nil
	}
	return q.open[0]
}

func (q *heapQueue) deletes() ([]Span, error) { return q.spans, q.err }
func (s *StructReader) head() head            { return head{s.Struct.Client, s.Struct.Clock, s.seq} }
func (q *heapQueue) Len() int                 { return len(q.open) }
func (q *heapQueue) Less(i, j int) bool       { return compareHeads(q.open[i].head(), q.open[j].head()) < 0 }
func (q *heapQueue) Swap(i, j int)            { q.open[i], q.open[j] = q.open[j], q.open[i] }
func (q *heapQueue) Push(x any)               { q.open = append(q.open, x.(*StructReader)) }

func (q *heapQueue) Pop() any {
	n := len(q.open) - 1
	x := q.open[n]
	q.open = q.open[:n]
	return x
}
