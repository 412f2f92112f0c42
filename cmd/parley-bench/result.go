package main

import "time"

// result is what one scenario measured with one server. Figures that it does not measure are zero
// and are left out of the file.
type result struct {
	Scenario string `json:"scenario"`
	Title    string `json:"title"`
	Server   string `json:"server"`
	Round    int    `json:"round"`

	Seconds    float64 `json:"seconds,omitempty"` // how long was measured
	Deliveries uint64  `json:"deliveries,omitempty"`
	PerSecond  float64 `json:"perSecond,omitempty"` // deliveries, or connections
	CPUSeconds float64 `json:"cpuSeconds,omitempty"`
	CPUMicros  float64 `json:"cpuMicros,omitempty"` // of the server, per delivery or per connection

	RedisMicros float64 `json:"redisMicros,omitempty"` // part of CPUMicros: what Redis took

	P50Millis  float64 `json:"p50Millis,omitempty"`
	P90Millis  float64 `json:"p90Millis,omitempty"`
	P99Millis  float64 `json:"p99Millis,omitempty"`
	P999Millis float64 `json:"p999Millis,omitempty"`
	MaxMillis  float64 `json:"maxMillis,omitempty"`

	Conns        int     `json:"conns,omitempty"`
	BytesPerConn float64 `json:"bytesPerConn,omitempty"`     // resident memory
	BytesLow     float64 `json:"bytesPerConnLow,omitempty"`  // of all rounds
	BytesHigh    float64 `json:"bytesPerConnHigh,omitempty"` // of all rounds
	PeakBytes    float64 `json:"peakBytes,omitempty"`
	IdleCPU      float64 `json:"idleCPU,omitempty"` // CPU seconds of a second in which clients only renew their presence

	Lost    uint64 `json:"lost"`    // letters that did not arrive
	Doubled uint64 `json:"doubled"` // letters that arrived again
	Errors  int    `json:"errors"`  // connections that failed
	Error   string `json:"error,omitempty"`
	Note    string `json:"note,omitempty"`
}

func millis(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// latencies fills in the percentiles.
func (r *result) latencies(h *histogram) {
	r.P50Millis, r.P90Millis = millis(h.quantile(.5)), millis(h.quantile(.9))
	r.P99Millis, r.P999Millis, r.MaxMillis = millis(h.quantile(.99)), millis(h.quantile(.999)), millis(h.max)
}

// rates fills in what n deliveries or connections took in time and in CPU time.
func (r *result) rates(n uint64, took, cpu time.Duration) {
	r.Seconds, r.CPUSeconds = took.Seconds(), cpu.Seconds()
	if took > 0 {
		r.PerSecond = float64(n) / took.Seconds()
	}
	if n > 0 {
		r.CPUMicros = cpu.Seconds() * 1e6 / float64(n)
	}
}
