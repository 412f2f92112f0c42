package main

import (
	"math"
	"math/bits"
	"time"
)

// histogram counts durations from a nanosecond to nine hours in fixed memory. A bucket is at most
// 1/64 of its value wide. The last one also counts whatever is longer.
//
// Source: the layout of HdrHistogram, with six bits below the first.
type histogram struct {
	counts [subBuckets * 40]uint64
	n      uint64
	max    time.Duration
}

const subBuckets = 64

// rounding is more than the error of the product of a share and a count: 0.07 * 100 is a little
// above 7, and still the seventh value is meant.
const rounding = 1e-6

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

// quantile gives the smallest value that at least a share q of all values do not exceed (the
// nearest rank), rounded up to the end of its bucket. Without values it is 0.
func (h *histogram) quantile(q float64) time.Duration {
	want := uint64(math.Ceil(q*float64(h.n) - rounding))
	var seen uint64
	for i, n := range h.counts {
		if seen += n; n > 0 && seen >= want {
			return min(time.Duration(bucketTop(i)), h.max)
		}
	}
	return h.max
}
