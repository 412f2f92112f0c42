//go:build linux

package main

import (
	"slices"
	"testing"
)

// costs is a scenario in which less is better, rates one in which more is.
var (
	costs = scenario{name: "fan", title: "Fan", headline: perDelivery}
	rates = scenario{name: "sat", title: "Saturate", headline: perSecond, more: true}
)

func TestMediansOfRounds(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		micros []float64 // by round
		want   int       // the round
	}{
		{"one", []float64{7}, 0},
		{"three", []float64{9, 1, 5}, 2},
		{"five", []float64{5, 4, 3, 2, 1}, 2},
		{"of two the lower", []float64{8, 6}, 1},
		{"of four the lower of the middle", []float64{4, 1, 3, 2}, 3},
		{"of equals the first", []float64{2, 2, 2}, 1},
		{"closer than a nanosecond", []float64{3e-11, 1e-11, 2e-11}, 2},
	} {
		var got []result
		for round, v := range c.micros {
			got = append(got, result{Server: "hub", Round: round, CPUMicros: v})
		}
		all := medians(costs, []kind{{name: "parley"}, {name: "hub"}}, got, len(got))
		if len(all) != 1 || all[0].Round != c.want {
			t.Errorf("%s: got %+v, want round %d", c.name, all, c.want)
		}
	}
}

// The p99 of the run with the median CPU time says nothing of the p99s of the others.
func TestEachFigureHasItsOwnMedian(t *testing.T) {
	t.Parallel()
	got := medians(costs, []kind{{name: "hub"}}, []result{
		{Server: "hub", CPUMicros: 2, P50Millis: 3, P90Millis: 1, P99Millis: 90, P999Millis: 1, MaxMillis: 91, Lost: 1, Note: "5 bytes"},
		{Server: "hub", CPUMicros: 1, P50Millis: 2, P90Millis: 2, P99Millis: 10, P999Millis: 3, MaxMillis: 99, Errors: 4, Error: "gone"},
		{Server: "hub", CPUMicros: 3, P50Millis: 1, P90Millis: 3, P99Millis: 20, P999Millis: 2, MaxMillis: 95, Doubled: 7},
	}, 5)
	want := result{
		Server: "hub", CPUMicros: 2, P50Millis: 2, P90Millis: 2, P99Millis: 20, P999Millis: 2, MaxMillis: 99,
		Lost: 1, Doubled: 7, Errors: 4, Error: "gone", Note: "5 bytes; 2 of 5 rounds failed",
	}
	if len(got) != 1 || got[0] != want {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

// Servers stand in the order of the command line, whatever order they were measured in.
func TestMediansKeepTheOrderOfServers(t *testing.T) {
	t.Parallel()
	got := medians(rates, []kind{{name: "a"}, {name: "b"}}, []result{
		{Server: "b", PerSecond: 1}, {Server: "a", PerSecond: 5}, {Server: "b", PerSecond: 3}, {Server: "b", PerSecond: 2},
	}, 1)
	want := []result{{Server: "a", PerSecond: 5}, {Server: "b", PerSecond: 2}}
	if !slices.Equal(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestHowManyTimesBetter(t *testing.T) {
	t.Parallel()
	first, peer := kind{name: "parley"}, kind{name: "hub"}
	for _, c := range []struct {
		name      string
		s         scenario
		own, peer float64
		want      float64
	}{
		{"half the cost", costs, 10, 20, 2},
		{"twice the cost", costs, 20, 10, .5},
		{"twice the rate", rates, 20, 10, 2},
		{"half the rate", rates, 10, 20, .5},
		{"a peer that delivers nothing", rates, 10, 0, 0},
		{"no cost of its own", costs, 0, 10, 0},
		{"memory that shrank", costs, 10, -1, 0},
	} {
		all := []result{
			{Scenario: c.s.name, Server: "parley", CPUMicros: c.own, PerSecond: c.own},
			{Scenario: c.s.name, Server: "hub", CPUMicros: c.peer, PerSecond: c.peer},
		}
		if got := better(c.s, peer, first, all); got != c.want {
			t.Errorf("%s: %v times better, want %v", c.name, got, c.want)
		}
		if got := better(c.s, first, first, all); got != 0 {
			t.Errorf("%s: better than itself by %v", c.name, got)
		}
		if got := better(c.s, peer, first, all[1:]); got != 0 {
			t.Errorf("%s: better by %v without a result", c.name, got)
		}
	}
}

func TestScale(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		scale                float64
		n                    int
		scaled, rooms, pairs int
	}{
		{1, 5000, 5000, 5000, 5000},
		{1, 1, 1, 1, 2},
		{.29, 100, 29, 29, 28}, // .29 * 100 is a little below 29
		{.02, 100, 2, 2, 2},
		{.001, 50, 1, 1, 2},
		{2, 1, 2, 1, 2}, // a single room stays single
		{1.5, 3, 5, 5, 4},
	} {
		k := knobs{scale: c.scale}
		if s, r, p := k.scaled(c.n), k.rooms(c.n), k.pairs(c.n); s != c.scaled || r != c.rooms || p != c.pairs {
			t.Errorf("%d times %v: scaled %d, rooms %d, pairs %d; want %d, %d, %d", c.n, c.scale, s, r, p, c.scaled, c.rooms, c.pairs)
		}
	}
}

// What the titles say is what is measured with the scale 1.
func TestHeadlines(t *testing.T) {
	t.Parallel()
	r := result{CPUMicros: 2500, PerSecond: 7, BytesPerConn: 2048, Seconds: 3}
	want := map[string]string{
		"fan-out-100x3": "2500 µs CPU", "fan-out-500x3": "2500 µs CPU", "fan-out-1x50": "2500 µs CPU",
		"saturate-20x3": "7.00/s", "saturate-1x50": "7.00/s", "idle": "2.00 KiB",
		"join-one": "2.50 ms CPU", "join-all": "2.50 ms CPU", "churn": "2.50 ms CPU", "storm": "3.00 s", "soak": "2500 µs CPU",
	}
	for _, s := range scenarios {
		r.Scenario, r.Server = s.name, "hub"
		if got := cell(s, kind{name: "hub"}, []result{r}); got != want[s.name] {
			t.Errorf("%s: the table says %q, want %q", s.name, got, want[s.name])
		}
	}
}
