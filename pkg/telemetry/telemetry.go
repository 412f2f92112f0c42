// Package telemetry is what a node tells its operators: metrics for Prometheus, log lines, and
// traces for OpenTelemetry. No other package of the server imports the libraries of the two. The
// others count with plain numbers. telemetry asks for these numbers (WatchRelay, WatchRedis) or is
// called with them (Commit, Measured).
//
// Labels and metric names never carry a room or a person. Every name carries its unit.
//
//	telemetry.go    Metrics: the registry, HTTP requests, the embedded store
//	relay.go        metrics from relay.Stats
//	redis.go        metrics of the connection to Redis
//	sessions.go     numbers of sessions, counted now and then
//	histogram.go    the histogram for times of every keystroke
//	log.go          the logger
//	trace.go        Tracing: spans of requests
//	tracedstore.go  a relay.Log and a session.Store with a span around each call
package telemetry

import (
	"net/http"
	"runtime"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"parley/pkg/relay"
)

const namespace = "parley"

// Buckets of the histograms, for a Prometheus that does not store native ones.
var (
	// fastBuckets are for events of every keystroke: 10 µs to 2.5 s.
	fastBuckets = []float64{.00001, .000025, .00005, .0001, .00025, .0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5}
	// slowBuckets are for waits for a disk or another machine: 0.25 ms to 10 s.
	slowBuckets = []float64{.00025, .0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10}
	// sizeBuckets are for documents: 1 KiB to 16 MiB.
	sizeBuckets = prometheus.ExponentialBuckets(1<<10, 4, 8)
)

// Metrics holds what a node counts. It is safe for concurrent use.
type Metrics struct {
	registry     *prometheus.Registry
	requests     *prometheus.CounterVec
	requestTime  *prometheus.HistogramVec
	commitTime   prometheus.Histogram
	commitWrites prometheus.Histogram
	commitErrors prometheus.Counter
	redis        redisMetrics
	timings      []*timer // indexed by relay.Timing
}

// New returns Metrics with a registry of their own. It includes the metrics of the process and of
// the Go runtime.
func New(version string) *Metrics {
	m := &Metrics{
		redis:    newRedisMetrics(),
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Namespace: namespace, Name: "http_requests_total", Help: "Requests answered, by method, route pattern and status.",
		}, []string{"method", "route", "status"}),
		requestTime: prometheus.NewHistogramVec(
			histogram("http_request_seconds", "Time to answer a request, by route pattern; of a websocket, its handshake.", slowBuckets), []string{"route"}),
		commitTime: prometheus.NewHistogram(histogram("store_commit_seconds", "Time of a commit of the embedded store, fsync included.", slowBuckets)),
		commitWrites: prometheus.NewHistogram(
			histogram("store_commit_writes", "Writes that shared a commit of the embedded store.", prometheus.ExponentialBuckets(1, 2, 11))),
		commitErrors: prometheus.NewCounter(prometheus.CounterOpts{
			Namespace: namespace, Name: "store_commit_errors_total", Help: "Commits of the embedded store that failed.",
		}),
	}
	build := prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Namespace: namespace, Name: "build_info", Help: "Always 1; the version is in a label, and that of Go.",
		ConstLabels: prometheus.Labels{"version": version, "go": runtime.Version()},
	}, func() float64 { return 1 })
	m.registry.MustRegister(m.requests, m.requestTime, m.commitTime, m.commitWrites, m.commitErrors, build,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	for _, t := range relay.Timings() {
		buckets := slowBuckets
		if t == relay.Merge || t == relay.FanOut {
			buckets = fastBuckets
		}
		h := newTimer(t.String(), t.Help(), buckets)
		m.timings = append(m.timings, h)
		m.registry.MustRegister(h)
	}
	return m
}

// histogram describes a histogram with native buckets, in steps of at most 10 %, and classic ones
// for a Prometheus that does not ask for native ones.
func histogram(name, help string, buckets []float64) prometheus.HistogramOpts {
	return prometheus.HistogramOpts{
		Namespace: namespace, Name: name, Help: help, Buckets: buckets,
		NativeHistogramBucketFactor: 1.1, NativeHistogramMaxBucketNumber: 160, NativeHistogramMinResetDuration: time.Hour,
	}
}

// Handler answers scrapes.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{Registry: m.registry, MaxRequestsInFlight: 4})
}

// Request counts an answered request. route is its pattern.
func (m *Metrics) Request(method, route string, status int, took time.Duration) {
	m.requests.WithLabelValues(method, route, strconv.Itoa(status)).Inc()
	m.requestTime.WithLabelValues(route).Observe(took.Seconds())
}

// Commit counts a commit of the embedded store with its number of writes.
func (m *Metrics) Commit(writes int, took time.Duration, err error) {
	m.commitTime.Observe(took.Seconds())
	m.commitWrites.Observe(float64(writes))
	if err != nil {
		m.commitErrors.Inc()
	}
}

// Measured records a time that the relay took. It is for relay.Options.
func (m *Metrics) Measured(what relay.Timing, took time.Duration) {
	m.timings[what].observe(took)
}

// WatchRelay makes every scrape ask stats for the figures of the relay. Call it once.
func (m *Metrics) WatchRelay(stats func() relay.Stats) {
	m.registry.MustRegister(newRelayCollector(stats))
}

// WatchEvents makes every scrape ask for the audit events and the events of traces that could not
// be stored, and for the webhooks that were delivered and that failed. Call it once.
func (m *Metrics) WatchEvents(auditDropped, traceDropped func() uint64, webhooks func() (delivered, failed uint64)) {
	counter := func(name, help string, labels prometheus.Labels, value func() uint64) {
		m.registry.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{
			Namespace: namespace, Name: name, Help: help, ConstLabels: labels,
		}, func() float64 { return float64(value()) }))
	}
	counter("audit_dropped_total", "Audit events that could not be stored; they are in the log.", nil, auditDropped)
	counter("trace_dropped_total", "Events of the trace that could not be stored; replays lack them.", nil, traceDropped)
	const name, help = "webhooks_total", "Webhooks, by whether the receiver took them."
	counter(name, help, prometheus.Labels{"result": "delivered"}, func() uint64 { d, _ := webhooks(); return d })
	counter(name, help, prometheus.Labels{"result": "failed"}, func() uint64 { _, f := webhooks(); return f })
}

// WatchNode makes every scrape ask whether the node is draining and when its certificate ends. The
// time is zero when the node has no certificate. Call it once.
func (m *Metrics) WatchNode(draining func() bool, certificateEnds func() time.Time) {
	m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Namespace: namespace, Name: "draining", Help: "1 while the node sends its connections elsewhere before it stops.",
	}, func() float64 {
		if draining() {
			return 1
		}
		return 0
	}))
	if certificateEnds().IsZero() {
		return
	}
	m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Namespace: namespace, Name: "tls_certificate_expires_timestamp_seconds", Help: "When the certificate in use ends.",
	}, func() float64 { return float64(certificateEnds().Unix()) }))
}

// WatchDisk makes every scrape ask for the size of the embedded store and the free space of its
// file system, in bytes. Call it once.
func (m *Metrics) WatchDisk(size, free func() float64) {
	m.registry.MustRegister(
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{Namespace: namespace, Name: "store_bytes", Help: "Size of the embedded store's file."}, size),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{Namespace: namespace, Name: "store_free_bytes", Help: "What is free where the embedded store's file is."}, free),
	)
}
