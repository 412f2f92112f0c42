package telemetry

import (
	"sort"

	"github.com/prometheus/client_golang/prometheus"

	"parley/pkg/relay"
)

// relayCollector makes metrics of relay.Stats.
type relayCollector struct {
	stats                          func() relay.Stats
	gauges                         []gauge
	participants, closed, rejected *prometheus.Desc
	documents                      *prometheus.Desc
	counters                       map[relay.Counter]*prometheus.Desc
}

// gauge is one figure of relay.Stats.
type gauge struct {
	desc  *prometheus.Desc
	value func(relay.Stats) float64
}

// roles are the roles of participants. Every scrape shows each of them, so a role without people is
// 0 and not a gap.
var roles = []string{"interviewer", "candidate", "observer"}

func newRelayCollector(stats func() relay.Stats) *relayCollector {
	desc := func(name, help string, labels ...string) *prometheus.Desc {
		return prometheus.NewDesc(prometheus.BuildFQName(namespace, "", name), help, labels, nil)
	}
	c := &relayCollector{
		stats: stats,
		gauges: []gauge{
			{desc("connections", "Websockets that are open now."), func(s relay.Stats) float64 { return float64(s.Conns) }},
			{desc("rooms", "Documents that are in memory now."), func(s relay.Stats) float64 { return float64(s.Rooms) }},
			{desc("unsaved_bytes", "Updates that are applied but not stored yet."), func(s relay.Stats) float64 { return float64(s.Unsaved) }},
			{desc("unsaved_documents", "Documents with such updates."), func(s relay.Stats) float64 { return float64(s.UnsavedDocs) }},
			{desc("unsaved_oldest_age_seconds", "Age of the oldest such update; 0 when all is stored."), func(s relay.Stats) float64 { return s.UnsavedAge.Seconds() }},
			{desc("outbox_bytes", "Bytes that wait for readers."), func(s relay.Stats) float64 { return float64(s.Waiting) }},
			{desc("outbox_max_bytes", "The most bytes that wait for one reader."), func(s relay.Stats) float64 { return float64(s.MaxWaiting) }},
			{desc("outbox_lagging_connections", "Readers so far behind that they are to be resynchronised."), func(s relay.Stats) float64 { return float64(s.Lagging) }},
			{desc("room_inbox_max_events", "Events that wait in the fullest room; at 32 its senders wait too."), func(s relay.Stats) float64 { return float64(s.Inbox) }},
		},
		participants: desc("participants", "People who are connected now, each once per session, by role.", "role"),
		closed:       desc("connections_closed_total", "Websockets that the server ended, by close code.", "code"),
		rejected:     desc("messages_rejected_total", "Messages of clients that the relay refused, by reason.", "reason"),
		documents:    desc("document_bytes", "Encoded sizes of the documents in memory now, estimated from above. Not cumulative over time."),
		counters:     map[relay.Counter]*prometheus.Desc{},
	}
	for _, which := range relay.Counters() {
		if _, rejection := which.Rejection(); !rejection {
			c.counters[which] = desc(which.String(), which.Help())
		}
	}
	return c
}

// Describe implements prometheus.Collector.
func (c *relayCollector) Describe(ch chan<- *prometheus.Desc) { prometheus.DescribeByCollect(c, ch) }

// Collect implements prometheus.Collector.
func (c *relayCollector) Collect(ch chan<- prometheus.Metric) {
	s := c.stats()
	send := func(d *prometheus.Desc, kind prometheus.ValueType, v float64, labels ...string) {
		ch <- prometheus.MustNewConstMetric(d, kind, v, labels...)
	}
	for _, g := range c.gauges {
		send(g.desc, prometheus.GaugeValue, g.value(s))
	}
	known := 0
	for _, role := range roles {
		known += s.Participants[role]
		send(c.participants, prometheus.GaugeValue, float64(s.Participants[role]), role)
	}
	all := 0
	for _, n := range s.Participants {
		all += n
	}
	send(c.participants, prometheus.GaugeValue, float64(all-known), "other")
	for _, code := range relay.CloseCodes() {
		send(c.closed, prometheus.CounterValue, float64(s.Closed[code]), code.String())
	}
	for _, which := range relay.Counters() {
		if reason, ok := which.Rejection(); ok {
			send(c.rejected, prometheus.CounterValue, float64(s.Count(which)), reason)
			continue
		}
		send(c.counters[which], prometheus.CounterValue, float64(s.Count(which)))
	}
	ch <- sizesOf(c.documents, s.DocBytes)
}

// sizesOf makes a histogram of the sizes of documents.
func sizesOf(desc *prometheus.Desc, documents []int) prometheus.Metric {
	counts := make(map[float64]uint64, len(sizeBuckets))
	sum := 0
	sort.Ints(documents)
	for _, bound := range sizeBuckets {
		counts[bound] = uint64(sort.SearchInts(documents, int(bound)+1))
	}
	for _, n := range documents {
		sum += n
	}
	return prometheus.MustNewConstHistogram(desc, uint64(len(documents)), float64(sum), counts)
}
