package telemetry

import (
	"math"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
)

// A timer is a histogram of times, with native and classic buckets like those of
// prometheus.NewHistogram. It is for times that are taken with every delivery of every keystroke.
// The histogram of the library looks a native bucket up in a sync.Map. That takes 100 ns warm and
// 400 ns cold, which is 3 % of the CPU of a server with a room of fifty. A timer has all buckets
// from the start (2 KiB), and observe does three additions. docs/decisions/025.
type timer struct {
	desc   *prometheus.Desc
	bounds []float64         // ends of the classic buckets, in seconds, ascending
	from   [timerSteps]uint8 // by native bucket: how many of bounds are below it

	classic []atomic.Uint64 // by bound; the last one counts longer times
	native  [timerSteps]atomic.Uint64
	sum     atomic.Int64 // nanoseconds
}

// The native buckets. Each ends at 2^(1/8) times the end of the one before, from a quarter of a
// microsecond to 64 s. Shorter and longer times count in the first and the last bucket.
const (
	timerSchema = 3
	perOctave   = 1 << timerSchema
	firstOctave = -22 // 2^-22 s
	lastOctave  = 6
	timerSteps  = (lastOctave-firstOctave)*perOctave + 1
)

// octave holds the ends of the buckets within [0.5, 1), which is how math.Frexp returns fractions.
var octave = func() (ends [perOctave]float64) {
	for i := range ends {
		ends[i] = math.Exp2(float64(i)/perOctave) / 2
	}
	return ends
}()

// parts is the number of parts of [0.5, 1) in endsBelow.
const parts = 16

// endsBelow[i] is the number of ends below the i-th 16th of [0.5, 1). At most one end lies within a
// 16th, so a bucket is found without a search.
var endsBelow = func() (n [parts]uint8) {
	for i := range n {
		for int(n[i]) < perOctave && octave[n[i]] <= float64(parts+i)/(2*parts) {
			n[i]++
		}
	}
	n[0] = 0 // 0.5 itself is the end of a bucket
	return n
}()

func newTimer(name, help string, bounds []float64) *timer {
	t := &timer{
		desc:    prometheus.NewDesc(prometheus.BuildFQName(namespace, "", name), help, nil, nil),
		bounds:  bounds,
		classic: make([]atomic.Uint64, len(bounds)+1),
	}
	for i := 1; i < timerSteps; i++ {
		begin := math.Exp2(firstOctave + float64(i-1)/perOctave)
		for int(t.from[i]) < len(bounds) && bounds[t.from[i]] < begin {
			t.from[i]++
		}
	}
	return t
}

// observe counts one time.
func (t *timer) observe(took time.Duration) {
	took = max(took, 0)
	seconds := took.Seconds()
	at := step(seconds)
	i := int(t.from[at])
	for i < len(t.bounds) && seconds > t.bounds[i] {
		i++
	}
	t.classic[i].Add(1)
	t.native[at].Add(1)
	t.sum.Add(int64(took))
}

// step returns the index of the native bucket for a time.
func step(seconds float64) int {
	if seconds == 0 {
		return 0
	}
	fraction, exponent := math.Frexp(seconds)
	i := int(endsBelow[int(fraction*(2*parts))-parts])
	if i < perOctave && fraction > octave[i] {
		i++
	}
	return min(max((exponent-1-firstOctave)*perOctave+i, 0), timerSteps-1)
}

// Describe implements prometheus.Collector.
func (t *timer) Describe(ch chan<- *prometheus.Desc) { ch <- t.desc }

// Collect implements prometheus.Collector.
func (t *timer) Collect(ch chan<- prometheus.Metric) { ch <- t }

// Desc implements prometheus.Metric.
func (t *timer) Desc() *prometheus.Desc { return t.desc }

// Write implements prometheus.Metric. A time that is observed meanwhile may be in one kind of
// bucket and not in the other. The sample count is that of the native buckets, because Prometheus
// checks it against them.
func (t *timer) Write(m *dto.Metric) error {
	h := &dto.Histogram{
		SampleSum: new(time.Duration(t.sum.Load()).Seconds()),
		Schema:    new(int32(timerSchema)), ZeroThreshold: new(0.0), ZeroCount: new(uint64(0)),
	}
	h.SampleCount = new(t.writeNative(h))
	t.writeClassic(h)
	m.Histogram = h
	return nil
}

// writeNative writes the native buckets that are not empty, as spans of neighbours with the
// differences of their counts, and returns the sum of the counts. The comments of dto.Histogram
// describe the form.
func (t *timer) writeNative(h *dto.Histogram) (sum uint64) {
	var before int64 // count of the last bucket written
	next := int32(0) // the index after it
	for i := range t.native {
		n := t.native[i].Load()
		if n == 0 {
			continue
		}
		sum += n
		index := int32(firstOctave*perOctave + i)
		if index != next || len(h.PositiveSpan) == 0 {
			h.PositiveSpan = append(h.PositiveSpan, &dto.BucketSpan{Offset: new(index - next), Length: new(uint32(0))})
		}
		last := h.PositiveSpan[len(h.PositiveSpan)-1]
		*last.Length++
		h.PositiveDelta = append(h.PositiveDelta, int64(n)-before)
		before, next = int64(n), index+1
	}
	// an empty span tells Prometheus that a histogram without observations is a native one
	if len(h.PositiveSpan) == 0 {
		h.PositiveSpan = []*dto.BucketSpan{{Offset: new(int32(0)), Length: new(uint32(0))}}
	}
	return sum
}

// writeClassic writes the classic buckets. Each counts all times up to its end, and at most the
// sample count.
func (t *timer) writeClassic(h *dto.Histogram) {
	var below uint64
	for i, bound := range t.bounds {
		below = min(below+t.classic[i].Load(), h.GetSampleCount())
		h.Bucket = append(h.Bucket, &dto.Bucket{UpperBound: new(bound), CumulativeCount: new(below)})
	}
}
