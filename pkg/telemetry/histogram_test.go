package telemetry

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
)

// nativeCounts returns the counts of the native buckets by index, without the empty ones.
func nativeCounts(h *dto.Histogram) map[int32]int64 {
	counts := map[int32]int64{}
	index, count, delta := int32(0), int64(0), 0
	for _, span := range h.GetPositiveSpan() {
		index += span.GetOffset()
		for range span.GetLength() {
			count += h.GetPositiveDelta()[delta]
			delta++
			if count != 0 {
				counts[index] = count
			}
			index++
		}
	}
	return counts
}

func written(t *testing.T, m prometheus.Metric) *dto.Histogram {
	t.Helper()
	var out dto.Metric
	if err := m.Write(&out); err != nil {
		t.Fatal(err)
	}
	return out.GetHistogram()
}

// TestATimerCountsAsTheLibrarysHistogramDoes compares both after the same times. The times include
// the ends of buckets.
func TestATimerCountsAsTheLibrarysHistogramDoes(t *testing.T) {
	t.Parallel()
	ours := newTimer("test_seconds", "", fastBuckets)
	opts := histogram("test_seconds", "", fastBuckets)
	opts.NativeHistogramMaxBucketNumber = 0 // otherwise the library widens its buckets when there are many
	theirs := prometheus.NewHistogram(opts)
	var sum time.Duration
	tell := func(took time.Duration) {
		ours.observe(took)
		theirs.Observe(took.Seconds())
		sum += took
	}
	random := rand.New(rand.NewPCG(1, 2))
	for range 5000 {
		tell(time.Duration(500 * (1 + random.ExpFloat64()*float64(int64(1)<<random.IntN(24)))))
	}
	for _, bound := range fastBuckets {
		tell(time.Duration(bound * 1e9))
		tell(time.Duration(bound*1e9) + 1)
	}
	for _, at := range []time.Duration{time.Second / 64, time.Second / 8, time.Second, 2 * time.Second, 32 * time.Second} {
		tell(at) // powers of two are ends of native buckets
	}
	a, b := written(t, ours), written(t, theirs)
	if a.GetSampleCount() != b.GetSampleCount() || a.GetSchema() != b.GetSchema() || a.GetSampleSum() != sum.Seconds() {
		t.Errorf("count %d, schema %d, sum %v; want %d, %d, %v",
			a.GetSampleCount(), a.GetSchema(), a.GetSampleSum(), b.GetSampleCount(), b.GetSchema(), sum.Seconds())
	}
	for i, bucket := range b.GetBucket() {
		if got := a.GetBucket()[i]; got.GetUpperBound() != bucket.GetUpperBound() || got.GetCumulativeCount() != bucket.GetCumulativeCount() {
			t.Errorf("classic bucket %v, want %v", got, bucket)
		}
	}
	got, want := nativeCounts(a), nativeCounts(b)
	if len(want) < 100 || len(got) != len(want) {
		t.Errorf("%d native buckets, want %d", len(got), len(want))
	}
	for index, n := range want {
		if got[index] != n {
			t.Errorf("native bucket %d: %d, want %d", index, got[index], n)
		}
	}
}

// TestATimerTakesWhatIsPastItsEnds counts times that are too short or too long for the buckets.
func TestATimerTakesWhatIsPastItsEnds(t *testing.T) {
	t.Parallel()
	tm := newTimer("test_seconds", "", fastBuckets)
	if h := written(t, tm); h.GetSampleCount() != 0 || len(h.GetPositiveSpan()) != 1 || h.GetPositiveSpan()[0].GetLength() != 0 {
		t.Errorf("an empty timer is %v", h)
	}
	for _, took := range []time.Duration{-time.Second, 0, 1, 200, time.Hour} {
		tm.observe(took)
	}
	h := written(t, tm)
	if h.GetSampleCount() != 5 || h.GetBucket()[0].GetCumulativeCount() != 4 || h.GetBucket()[len(fastBuckets)-1].GetCumulativeCount() != 4 {
		t.Errorf("got %v", h)
	}
	if got := nativeCounts(h); got[firstOctave*perOctave] != 4 || got[lastOctave*perOctave] != 1 {
		t.Errorf("native buckets %v", got)
	}
}

func BenchmarkTimer(b *testing.B) {
	times := make([]time.Duration, 1024)
	for i := range times {
		times[i] = time.Duration(rand.IntN(5e6))
	}
	for name, observe := range map[string]func(time.Duration){
		"ours":   newTimer("test_seconds", "", fastBuckets).observe,
		"theirs": func(took time.Duration) { theirTimer.Observe(took.Seconds()) },
	} {
		b.Run(name, func(b *testing.B) {
			for i := range b.N {
				observe(times[i%len(times)])
			}
		})
	}
}

var theirTimer = prometheus.NewHistogram(histogram("test_seconds", "", fastBuckets))
