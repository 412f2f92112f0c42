package telemetry

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// redisMetrics is what a node counts of its Redis. WatchRedis registers them, so a node without
// Redis does not show them.
type redisMetrics struct {
	roundTrip *timer
	commands  prometheus.Counter
	errors    prometheus.Counter
}

func newRedisMetrics() redisMetrics {
	counter := func(name, help string) prometheus.Counter {
		return prometheus.NewCounter(prometheus.CounterOpts{Namespace: namespace, Name: name, Help: help})
	}
	return redisMetrics{
		roundTrip: newTimer("redis_round_trip_seconds", "Time of a round trip to Redis, however many commands it carried.",
			[]float64{.0001, .00025, .0005, .001, .0025, .005, .01, .025, .05, .1, .25, 1, 5}),
		commands: counter("redis_commands_total", "Commands in these round trips."),
		errors:   counter("redis_errors_total", "Round trips to Redis that failed, with an error of a command or without an answer."),
	}
}

// RedisRoundTrip counts one round trip to Redis.
func (m *Metrics) RedisRoundTrip(commands int, took time.Duration, err error) {
	m.redis.roundTrip.observe(took)
	m.redis.commands.Add(float64(commands))
	if err != nil {
		m.redis.errors.Inc()
	}
}

// RedisStats are counters of the store, since its start.
type RedisStats struct {
	Reconnects, CatchUps, Checks, Behind, SetAside uint64
}

// WatchRedis registers the metrics of Redis, and makes every scrape ask stats for some of them.
// Call it once.
func (m *Metrics) WatchRedis(stats func() RedisStats) {
	m.registry.MustRegister(m.redis.roundTrip, m.redis.commands, m.redis.errors)
	for _, c := range []struct {
		name, help string
		value      func(RedisStats) uint64
	}{
		{"redis_reconnects_total", "Times that the subscription was broken and made anew.", func(s RedisStats) uint64 { return s.Reconnects }},
		{"redis_gaps_filled_total", "Times that a document read from its log what it had not heard of.", func(s RedisStats) uint64 { return s.CatchUps }},
		{"redis_position_checks_total", "Positions of documents that were compared with their logs.", func(s RedisStats) uint64 { return s.Checks }},
		{"redis_positions_behind_total", "Positions that differed: a message was lost, or was on its way.", func(s RedisStats) uint64 { return s.Behind }},
		{"redis_quarantined_total", "Log entries that could not be applied and were put aside.", func(s RedisStats) uint64 { return s.SetAside }},
	} {
		m.registry.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{
			Namespace: namespace, Name: c.name, Help: c.help,
		}, func() float64 { return float64(c.value(stats())) }))
	}
}
