package telemetry

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// ArchiveFigures are the counts of an archive's writer.
type ArchiveFigures struct {
	Pending         int
	Waiting         time.Duration
	Written, Failed uint64
	Failing         bool
}

// WatchArchive makes every scrape show the counts of an archive. Call it once.
func (m *Metrics) WatchArchive(figures func() ArchiveFigures) {
	m.registry.MustRegister(archiveCollector{figures})
}

type archiveCollector struct{ figures func() ArchiveFigures }

var (
	archivePending = prometheus.NewDesc(prometheus.BuildFQName(namespace, "archive", "pending"),
		"Sessions that wait to be archived, counted twice a minute. Nodes that share a store all tell the same.", nil, nil)
	archiveWaiting = prometheus.NewDesc(prometheus.BuildFQName(namespace, "archive", "waiting_seconds"),
		"How long the first of these sessions has waited. 0: none waits.", nil, nil)
	archiveWrites = prometheus.NewDesc(prometheus.BuildFQName(namespace, "archive", "writes_total"),
		"Interviews written to the archive by this node, by result.", []string{"result"}, nil)
	archiveFailing = prometheus.NewDesc(prometheus.BuildFQName(namespace, "archive", "failing"),
		"1 while this node's last attempt at the archive has failed.", nil, nil)
)

// Describe implements prometheus.Collector.
func (c archiveCollector) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{archivePending, archiveWaiting, archiveWrites, archiveFailing} {
		ch <- d
	}
}

// Collect implements prometheus.Collector.
func (c archiveCollector) Collect(ch chan<- prometheus.Metric) {
	f := c.figures()
	failing := 0.0
	if f.Failing {
		failing = 1
	}
	ch <- prometheus.MustNewConstMetric(archivePending, prometheus.GaugeValue, float64(f.Pending))
	ch <- prometheus.MustNewConstMetric(archiveWaiting, prometheus.GaugeValue, f.Waiting.Seconds())
	ch <- prometheus.MustNewConstMetric(archiveWrites, prometheus.CounterValue, float64(f.Written), "ok")
	ch <- prometheus.MustNewConstMetric(archiveWrites, prometheus.CounterValue, float64(f.Failed), "failed")
	ch <- prometheus.MustNewConstMetric(archiveFailing, prometheus.GaugeValue, failing)
}
