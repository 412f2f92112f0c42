package telemetry

import (
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"
)

// Census is the number of sessions in a store, by status. Counting reads all sessions. So it
// happens now and then, and scrapes show the last count.
type Census struct {
	last atomic.Pointer[map[string]int]
}

// Set stores a count. The map belongs to the Census from then on.
func (c *Census) Set(counts map[string]int) { c.last.Store(&counts) }

// WatchSessions makes every scrape show the count of a Census, once there is one. Call it once.
func (m *Metrics) WatchSessions(c *Census) { m.registry.MustRegister(censusCollector{c}) }

type censusCollector struct{ census *Census }

var sessionsDesc = prometheus.NewDesc(prometheus.BuildFQName(namespace, "", "sessions"),
	"Sessions in the store, by status, counted about once a minute. Nodes that share a store all tell the same.", []string{"status"}, nil)

// Describe implements prometheus.Collector.
func (c censusCollector) Describe(ch chan<- *prometheus.Desc) { ch <- sessionsDesc }

// Collect implements prometheus.Collector.
func (c censusCollector) Collect(ch chan<- prometheus.Metric) {
	counts := c.census.last.Load()
	if counts == nil {
		return
	}
	for status, n := range *counts {
		ch <- prometheus.MustNewConstMetric(sessionsDesc, prometheus.GaugeValue, float64(n), status)
	}
}
