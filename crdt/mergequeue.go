package crdt

import (
	"cmp"
	"container/heap"
	"slices"
)

// exactReaders is the number of Updates below which the order of a merge is exactly that of Yjs in
// every case: from 64 elements on the sort of V8 works in another way.
const exactReaders = 64

// mergeQueue says which reader's struct is written next: clients descending, clocks ascending.
type mergeQueue interface {
	front() *structReader // nil when all are done; the caller may have moved the last answer on
}

func newMergeQueue(readers []structReader) mergeQueue {
	if len(readers) < exactReaders {
		q := &sortQueue{}
		for i := range readers {
			q.readers = append(q.readers, &readers[i])
		}
		return q
	}
	q := &heapQueue{}
	for i := range readers {
		if !readers[i].done {
			q.readers = append(q.readers, queued{&readers[i], i})
		}
	}
	heap.Init(q)
	return q
}

// sortQueue sorts its readers before each answer, as Yjs does. It matters where two Updates hold the
// same struct, the one as an Item and the other collected: Yjs's comparison then puts either in front
// of the other, and which of them is written depends on the steps of the sort and on the order that
// the last one left. Rule: MRG-2.
//
// Source: Yjs 13.6, src/utils/updates.js (mergeUpdatesV2); V8, third_party/v8/builtins/array-sort.tq.
type sortQueue struct {
	readers []*structReader
}

func (q *sortQueue) front() *structReader {
	q.readers = slices.DeleteFunc(q.readers, func(r *structReader) bool { return r.done })
	if len(q.readers) == 0 {
		return nil
	}
	q.sort()
	return q.readers[0]
}

// compare is the comparison that Yjs sorts by; it is no order where two structs of different kinds
// have the same ID.
func compare(a, b *ref) int {
	if a.client != b.client {
		return cmp.Compare(b.client, a.client)
	}
	if a.clock == b.clock && (a.kind() == kindGC) != (b.kind() == kindGC) {
		return -1
	}
	return cmp.Compare(a.clock, b.clock)
}

// sort takes the steps that V8's sort takes for fewer than 64 elements: the run at the start, turned
// round when it descends, then insertion of each element behind it by binary search.
func (q *sortQueue) sort() {
	rs := q.readers
	if len(rs) < 2 {
		return
	}
	run := 2
	descends := compare(&rs[1].cur, &rs[0].cur) < 0
	for run < len(rs) && (compare(&rs[run].cur, &rs[run-1].cur) < 0) == descends {
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
			if compare(&pivot.cur, &rs[mid].cur) < 0 {
				hi = mid
			} else {
				lo = mid + 1
			}
		}
		copy(rs[lo+1:i+1], rs[lo:i])
		rs[lo] = pivot
	}
}

// heapQueue is for many Updates: each step costs the logarithm of their number.
type heapQueue struct {
	readers []queued
	started bool
}

type queued struct {
	*structReader
	seq int
}

func (q *heapQueue) front() *structReader {
	if q.started && len(q.readers) > 0 {
		if q.readers[0].done {
			heap.Pop(q)
		} else {
			heap.Fix(q, 0)
		}
	}
	q.started = true
	if len(q.readers) == 0 {
		return nil
	}
	return q.readers[0].structReader
}

func (q *heapQueue) Len() int { return len(q.readers) }
func (q *heapQueue) Less(i, j int) bool {
	a, b := q.readers[i], q.readers[j]
	return cmp.Or(cmp.Compare(b.cur.client, a.cur.client), cmp.Compare(a.cur.clock, b.cur.clock),
		cmp.Compare(a.seq, b.seq)) < 0
}
func (q *heapQueue) Swap(i, j int) { q.readers[i], q.readers[j] = q.readers[j], q.readers[i] }
func (q *heapQueue) Push(x any)    { q.readers = append(q.readers, x.(queued)) }
func (q *heapQueue) Pop() any {
	n := len(q.readers) - 1
	x := q.readers[n]
	q.readers = q.readers[:n]
	return x
}
