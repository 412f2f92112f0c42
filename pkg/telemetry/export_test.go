package telemetry

import (
	"github.com/prometheus/client_golang/prometheus"

	"parley/pkg/relay"
)

// RelayCollector is newRelayCollector, for the linter of metric names.
func RelayCollector(stats func() relay.Stats) prometheus.Collector { return newRelayCollector(stats) }
