// Package telemetry gives the figures of a node to Prometheus. Labels never carry a room or a person, and every name
// carries its unit.
package telemetry

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"parley/pkg/relay"
)

const namespace = "parley"

// Metrics holds what a node counts. It is safe for concurrent use.
type Metrics struct {
	registry     *prometheus.Registry
	requests     *prometheus.CounterVec
	requestTime  *prometheus.HistogramVec
	commitTime   prometheus.Histogram
	commitWrites prometheus.Histogram
	commitErrors prometheus.Counter
}

// New gives Metrics with a registry of their own, with those of the process and the Go runtime in it.
func New(version string) *Metrics {
	m := &Metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Namespace: namespace, Name: "http_requests_total", Help: "Requests answered, by method, route pattern and status.",
		}, []string{"method", "route", "status"}),
		requestTime: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Namespace: namespace, Name: "http_request_seconds", Help: "Time to answer a request, by route pattern; of a websocket, its handshake.",
			Buckets: []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 10},
		}, []string{"route"}),
		commitTime: prometheus.NewHistogram(prometheus.HistogramOpts{
			Namespace: namespace, Name: "store_commit_seconds", Help: "Time of a commit of the embedded store, fsync included.",
			Buckets: []float64{.0002, .0005, .001, .002, .005, .01, .02, .05, .1, .25, 1, 5},
		}),
		commitWrites: prometheus.NewHistogram(prometheus.HistogramOpts{
			Namespace: namespace, Name: "store_commit_writes", Help: "Writes that shared a commit of the embedded store.",
			Buckets: prometheus.ExponentialBuckets(1, 2, 11),
		}),
		commitErrors: prometheus.NewCounter(prometheus.CounterOpts{
			Namespace: namespace, Name: "store_commit_errors_total", Help: "Commits of the embedded store that failed.",
		}),
	}
	build := prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Namespace: namespace, Name: "build_info", Help: "Always 1; the version is in the label.", ConstLabels: prometheus.Labels{"version": version},
	}, func() float64 { return 1 })
	m.registry.MustRegister(m.requests, m.requestTime, m.commitTime, m.commitWrites, m.commitErrors, build,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
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

// Commit counts a commit of the embedded store that covered so many writes.
func (m *Metrics) Commit(writes int, took time.Duration, err error) {
	m.commitTime.Observe(took.Seconds())
	m.commitWrites.Observe(float64(writes))
	if err != nil {
		m.commitErrors.Inc()
	}
}

// WatchRelay makes every scrape ask stats for the relay's figures. Call it once.
func (m *Metrics) WatchRelay(stats func() relay.Stats) {
	m.registry.MustRegister(newRelayCollector(stats))
}

// WatchEvents makes every scrape ask for the audit events that could not be stored, and for the webhooks delivered and given up. Call it
// once.
func (m *Metrics) WatchEvents(auditDropped func() uint64, webhooks func() (delivered, failed uint64)) {
	counter := func(name, help string, labels prometheus.Labels, value func() uint64) {
		m.registry.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{
			Namespace: namespace, Name: name, Help: help, ConstLabels: labels,
		}, func() float64 { return float64(value()) }))
	}
	counter("audit_dropped_total", "Audit events that could not be stored; they are in the log.", nil, auditDropped)
	const name, help = "webhooks_total", "Webhooks, by whether the receiver took them."
	counter(name, help, prometheus.Labels{"result": "delivered"}, func() uint64 { d, _ := webhooks(); return d })
	counter(name, help, prometheus.Labels{"result": "failed"}, func() uint64 { _, f := webhooks(); return f })
}

// relayCollector turns relay.Stats into metrics.
type relayCollector struct {
	stats                 func() relay.Stats
	conns, rooms, unsaved *prometheus.Desc
	closed                *prometheus.Desc
	counters              map[relay.Counter]*prometheus.Desc
}

func newRelayCollector(stats func() relay.Stats) *relayCollector {
	desc := func(name, help string, labels ...string) *prometheus.Desc {
		return prometheus.NewDesc(prometheus.BuildFQName(namespace, "", name), help, labels, nil)
	}
	c := &relayCollector{
		stats:    stats,
		conns:    desc("connections", "Websockets that are open now."),
		rooms:    desc("rooms", "Documents that are in memory now."),
		unsaved:  desc("unsaved_bytes", "Updates that are applied but not stored yet."),
		closed:   desc("connections_closed_total", "Websockets that the server ended, by close code.", "code"),
		counters: map[relay.Counter]*prometheus.Desc{},
	}
	for _, which := range relay.Counters() {
		c.counters[which] = desc(inSeconds(which.String()), which.Help())
	}
	return c
}

// The relay counts time in whole microseconds; Prometheus wants seconds.
const micro = "_microseconds_"

func inSeconds(name string) string { return strings.Replace(name, micro, "_seconds_", 1) }

// Describe implements prometheus.Collector.
func (c *relayCollector) Describe(ch chan<- *prometheus.Desc) { prometheus.DescribeByCollect(c, ch) }

// Collect implements prometheus.Collector.
func (c *relayCollector) Collect(ch chan<- prometheus.Metric) {
	s := c.stats()
	gauge := func(d *prometheus.Desc, v int) {
		ch <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, float64(v))
	}
	gauge(c.conns, s.Conns)
	gauge(c.rooms, s.Rooms)
	gauge(c.unsaved, s.Unsaved)
	for code, n := range s.Closed {
		ch <- prometheus.MustNewConstMetric(c.closed, prometheus.CounterValue, float64(n), code.String())
	}
	for which, d := range c.counters {
		v := float64(s.Count(which))
		if strings.Contains(which.String(), micro) {
			v /= 1e6
		}
		ch <- prometheus.MustNewConstMetric(d, prometheus.CounterValue, v)
	}
}
