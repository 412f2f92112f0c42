//go:build linux

package main

import (
	"fmt"
	"io"
	"math"
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

// writeRatios compares the first server with the others.
func writeRatios(w io.Writer, s scenario, results []result) {
	if len(results) < 2 {
		return
	}
	first, _ := s.headline(results[0])
	var parts []string
	for _, r := range results[1:] {
		v, _ := s.headline(r)
		part := fmt.Sprintf("%s %.2f", r.Server, first/v)
		if r.P99Millis > 0 && results[0].P99Millis > 0 {
			part += fmt.Sprintf(" (p99 %.2f)", results[0].P99Millis/r.P99Millis)
		}
		parts = append(parts, part)
	}
	fmt.Fprintf(w, "  %s to: %s\n", results[0].Server, strings.Join(parts, ", "))
}

// figure rounds to three digits that count.
func figure(v float64) string {
	switch {
	case v == 0 || math.IsNaN(v) || math.IsInf(v, 0):
		return "0"
	case v >= 1e6:
		return strconv.FormatFloat(v/1e6, 'f', 2, 64) + "M"
	case v >= 1e4:
		return strconv.FormatFloat(v/1e3, 'f', 0, 64) + "k"
	case v >= 100:
		return strconv.FormatFloat(v, 'f', 0, 64)
	case v >= 10:
		return strconv.FormatFloat(v, 'f', 1, 64)
	}
	return strconv.FormatFloat(v, 'f', 2, 64)
}

// writeTable writes the headlines as a table for the README.
func writeTable(w io.Writer, p plan, all []result) {
	fmt.Fprint(w, "| |")
	for _, k := range p.kinds {
		fmt.Fprintf(w, " %s |", k.title)
	}
	fmt.Fprint(w, "\n| --- |"+strings.Repeat(" ---: |", len(p.kinds))+"\n")
	for _, s := range p.scenarios {
		fmt.Fprintf(w, "| %s |", s.title)
		for _, k := range p.kinds {
			fmt.Fprintf(w, " %s |", cell(s, k, all))
		}
		fmt.Fprintln(w)
	}
}

func cell(s scenario, k kind, all []result) string {
	for _, r := range all {
		if r.Scenario == s.name && r.Server == k.name {
			v, unit := s.headline(r)
			text := figure(v) + " " + unit
			if strings.HasPrefix(unit, "/") {
				text = figure(v) + unit
			}
			return text
		}
	}
	return ""
}
