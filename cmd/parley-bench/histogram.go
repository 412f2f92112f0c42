package main

import (
	"math/bits"
	"time"
)

// histogram counts durations in buckets of at most 1/64 of their value, from a nanosecond to hours, in fixed memory: the
// layout of HdrHistogram with six bits below the first.
type histogram struct {
	counts [subBuckets * 40]uint64
	n      uint64
	max    time.Duration
}

const subBuckets = 64

// bucketOf gives the bucket of a value: exact below subBuckets, then subBuckets for each doubling.
func bucketOf(v uint64) int {
	if v < subBuckets {
		return int(v)
	}
	shift := bits.Len64(v) - 7
	return min((shift+1)*subBuckets+int(v>>shift)-subBuckets, subBuckets*40-1)
}

// bucketTop is the largest value in a bucket.
func bucketTop(i int) uint64 {
	if i < subBuckets {
		return uint64(i)
	}
	shift := i/subBuckets - 1
	return uint64(i%subBuckets+subBuckets+1)<<shift - 1
}

func (h *histogram) add(d time.Duration) {
	d = max(d, 0)
	h.counts[bucketOf(uint64(d))]++
	h.n++
	h.max = max(h.max, d)
}

// quantile gives the value that a share q of all are at or below, rounded up to its bucket's end; 0 when there are none.
func (h *histogram) quantile(q float64) time.Duration {
	want := uint64(q * float64(h.n))
	var seen uint64
	for i, n := range h.counts {
		if seen += n; n > 0 && seen >= want {
			return min(time.Duration(bucketTop(i)), h.max)
		}
	}
	return h.max
}
