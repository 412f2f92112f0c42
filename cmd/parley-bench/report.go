//go:build linux

package main

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
)

// writeLine tells the result of one run.
func writeLine(w io.Writer, s scenario, r result) {
	v, unit := s.headline(r)
	fmt.Fprintf(w, "  %-12s %10s %-7s", r.Server, figure(v), unit)
	if r.PerSecond > 0 && !s.more {
		fmt.Fprintf(w, "  %8s/s", figure(r.PerSecond))
	}
	if r.CPUSeconds > 0 {
		fmt.Fprintf(w, "  cpu %6.2f s", r.CPUSeconds)
	}
	if r.CPUMicros > 0 && s.more {
		fmt.Fprintf(w, " (%s µs each)", figure(r.CPUMicros))
	}
	if r.RedisMicros > 0 {
		fmt.Fprintf(w, " (Redis %s µs of each)", figure(r.RedisMicros))
	}
	if r.P50Millis > 0 {
		fmt.Fprintf(w, "  p50 %s  p99 %s  p99.9 %s  max %s ms", figure(r.P50Millis), figure(r.P99Millis), figure(r.P999Millis), figure(r.MaxMillis))
	}
	if r.Lost+r.Doubled > 0 || r.Errors > 0 {
		fmt.Fprintf(w, "  LOST %d DOUBLED %d ERRORS %d %s", r.Lost, r.Doubled, r.Errors, r.Error)
	}
	if r.Note != "" {
		fmt.Fprintf(w, "  %s", r.Note)
	}
	fmt.Fprintln(w)
}

// writeRatios compares the headline of the first server with that of each other one.
func writeRatios(w io.Writer, s scenario, results []result) {
	if len(results) < 2 {
		return
	}
	first, _ := s.headline(results[0])
	var parts []string
	for _, r := range results[1:] {
		v, _ := s.headline(r)
		part := r.Server + " " + quotient(first, v)
		if r.P99Millis > 0 && results[0].P99Millis > 0 {
			part += " (p99 " + quotient(results[0].P99Millis, r.P99Millis) + ")"
		}
		parts = append(parts, part)
	}
	fmt.Fprintf(w, "  %s to: %s\n", results[0].Server, strings.Join(parts, ", "))
}

// quotient writes a / b, "?" when that is no number.
func quotient(a, b float64) string {
	if b == 0 {
		return "?"
	}
	return strconv.FormatFloat(a/b, 'f', 2, 64)
}

// figure rounds to three significant digits, with two decimals at most. Below 10,000 all digits of
// a whole number stay.
func figure(v float64) string {
	if v < 0 {
		return "-" + figure(-v)
	}
	decimals := func(v float64) string {
		switch {
		case v >= 99.95:
			return strconv.FormatFloat(v, 'f', 0, 64)
		case v >= 9.995:
			return strconv.FormatFloat(v, 'f', 1, 64)
		}
		return strconv.FormatFloat(v, 'f', 2, 64)
	}
	switch {
	case math.IsNaN(v) || math.IsInf(v, 0):
		return "?"
	case v == 0:
		return "0"
	case v >= 999_500:
		return decimals(v/1e6) + "M"
	case v >= 9_999.5:
		return decimals(v/1e3) + "k"
	}
	return decimals(v)
}

// p99 is the latency that the table shows beside the headline of some scenarios.
func p99(r result) (float64, string) { return r.P99Millis, "ms" }

// writeTable writes the headlines as a table in Markdown. Behind each figure stands how many times
// better that of the first server is.
func writeTable(w io.Writer, p plan, all []result) {
	fmt.Fprint(w, "| |")
	for _, k := range p.kinds {
		fmt.Fprintf(w, " %s |", k.title)
	}
	fmt.Fprint(w, "\n| --- |"+strings.Repeat(" ---: |", len(p.kinds))+"\n")
	for _, s := range p.scenarios {
		writeRow(w, p, s, all)
		if s.latency {
			writeRow(w, p, scenario{name: s.name, title: s.title + ": from key to reader, p99", headline: p99, documents: s.documents}, all)
		}
	}
	fmt.Fprintf(w, "\nIn brackets: how many times better %s is. %s.\n", p.first(), p.conditions())
}

// first names the server that is compared with the others.
func (p plan) first() string {
	title := p.kinds[0].title
	if strings.ToLower(title[:1]) == title[:1] {
		return "the " + title
	}
	return title
}

// conditions says under which conditions the results were measured.
func (p plan) conditions() string {
	text := fmt.Sprintf("%d CPUs, %s each, the median of %d", p.cpus, p.duration, p.rounds)
	if p.scale != 1 {
		text += fmt.Sprintf(", numbers of rooms and connections times %g", p.scale)
	}
	return text
}

func writeRow(w io.Writer, p plan, s scenario, all []result) {
	fmt.Fprintf(w, "| %s |", s.title)
	for _, k := range p.kinds {
		text := cell(s, k, all)
		if ratio := better(s, k, p.kinds[0], all); ratio > 0 {
			text += fmt.Sprintf(" (%s×)", figure(ratio))
		}
		fmt.Fprintf(w, " %s |", text)
	}
	fmt.Fprintln(w)
}

// find gives the result of a scenario with a server.
func find(s scenario, k kind, all []result) (r result, ok bool) {
	i := slices.IndexFunc(all, func(r result) bool { return r.Scenario == s.name && r.Server == k.name })
	if i < 0 {
		return r, false
	}
	return all[i], true
}

// better says how many times better the headline of the first server is than that of another. It is
// 0 when one of them has no such figure.
func better(s scenario, k, first kind, all []result) float64 {
	r, ok := find(s, k, all)
	own, ok2 := find(s, first, all)
	if !ok || !ok2 || k.name == first.name {
		return 0
	}
	a, _ := s.headline(own)
	b, _ := s.headline(r)
	if a <= 0 || b <= 0 {
		return 0
	}
	if s.more {
		return a / b
	}
	return b / a
}

func cell(s scenario, k kind, all []result) string {
	r, ok := find(s, k, all)
	switch {
	case ok:
		v, unit := s.headline(r)
		if strings.HasPrefix(unit, "/") {
			return figure(v) + unit
		}
		if r.BytesLow < r.BytesHigh {
			unit += fmt.Sprintf(", %s to %s", figure(r.BytesLow/1024), figure(r.BytesHigh/1024))
		}
		return figure(v) + " " + unit
	case s.documents && k.copies:
		return ""
	}
	return "failed"
}
