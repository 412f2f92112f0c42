package main

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

func TestBuckets(t *testing.T) {
	t.Parallel()
	for _, v := range []uint64{0, 1, 63, 64, 65, 127, 128, 129, 1e6, 1e12, uint64(9 * time.Hour)} {
		i := bucketOf(v)
		if bucketTop(i) < v || i > 0 && bucketTop(i-1) >= v {
			t.Errorf("%d is in bucket %d, which ends at %d", v, i, bucketTop(i))
		}
		if v >= subBuckets && float64(bucketTop(i)-bucketTop(i-1)) > float64(v)/64 {
			t.Errorf("the bucket of %d is %d wide, more than 1/64 of it", v, bucketTop(i)-bucketTop(i-1))
		}
	}
}

// A quantile is the nearest rank of the sorted list, rounded up by at most 1/64. Small numbers of
// values are there because their ranks are no whole numbers.
func TestQuantilesAreThoseOfASortedList(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	for _, n := range []int{1, 2, 3, 7, 10, 99, 100, 101, 200, 1000, 12345} {
		var h histogram
		values := make([]time.Duration, n)
		for i := range values {
			values[i] = time.Duration(math.Exp(random.Float64()*20)) * time.Nanosecond // up to half a second
			h.add(values[i])
		}
		slices.Sort(values)
		for _, thousandths := range []int{0, 1, 70, 500, 900, 990, 999, 1000} {
			rank := max(1, (n*thousandths+999)/1000) // the least with a share of at least q at or below
			want := values[rank-1]
			got := h.quantile(float64(thousandths) / 1000)
			if got < want || got > want+want/64 {
				t.Errorf("quantile %d/1000 of %d values: got %d ns, the sorted list says %d", thousandths, n, got, want)
			}
		}
		if h.max != values[n-1] || h.n != uint64(n) {
			t.Errorf("%d values: the largest is %v, counted %v of %d", n, values[n-1], h.max, h.n)
		}
	}
}

func TestHistogramAtItsEnds(t *testing.T) {
	t.Parallel()
	var h histogram
	if got := h.quantile(.5); got != 0 {
		t.Errorf("the median of nothing is %v", got)
	}
	h.add(-time.Second) // a clock that was set back
	if got := h.quantile(1); got != 0 || h.n != 1 {
		t.Errorf("a negative duration counts as %v", got)
	}
	h.add(1000 * time.Hour) // past the last bucket, which ends after nine hours
	if got := h.quantile(1); got < 9*time.Hour || h.max != 1000*time.Hour {
		t.Errorf("the largest of all is %v, the last bucket ends at %v", h.max, got)
	}
}

func TestRates(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name      string
		n         uint64
		took, cpu time.Duration
		want      result
	}{
		{"per delivery", 4000, 2 * time.Second, 100 * time.Millisecond, result{Seconds: 2, PerSecond: 2000, CPUSeconds: .1, CPUMicros: 25}},
		{"less than a microsecond each", 1000, time.Second, 1500 * time.Nanosecond,
			result{Seconds: 1, PerSecond: 1000, CPUSeconds: 1.5e-6, CPUMicros: .0015}},
		{"nothing delivered", 0, time.Second, time.Second, result{Seconds: 1, CPUSeconds: 1}},
		{"no time", 10, 0, 0, result{}},
	} {
		var got result
		got.rates(c.n, c.took, c.cpu)
		if math.Abs(got.CPUMicros-c.want.CPUMicros) > 1e-9 {
			t.Errorf("%s: %v µs each, want %v", c.name, got.CPUMicros, c.want.CPUMicros)
		}
		got.CPUMicros, c.want.CPUMicros = 0, 0
		if got != c.want {
			t.Errorf("%s: got %+v, want %+v", c.name, got, c.want)
		}
	}
}

func TestLatencies(t *testing.T) {
	t.Parallel()
	var h histogram
	for i := range 63 {
		h.add(time.Duration(i + 1)) // so small that every value has a bucket of its own
	}
	var r result
	r.latencies(&h)
	want := result{P50Millis: 32e-6, P90Millis: 57e-6, P99Millis: 63e-6, P999Millis: 63e-6, MaxMillis: 63e-6}
	if r != want {
		t.Errorf("got %+v, want %+v", r, want)
	}
}
