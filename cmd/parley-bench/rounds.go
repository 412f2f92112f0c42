//go:build linux

package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// medians makes one result of all rounds of each server: the run whose headline is the median. Of
// an even number of rounds the lower of the two in the middle counts.
//
// The latency of that run may be far from usual, as the run was chosen by its headline. So each
// percentile is the median of its own. What was lost, doubled or failed is that of the worst round.
func medians(s scenario, kinds []kind, got []result, rounds int) []result {
	var all []result
	for _, k := range kinds {
		own := slices.DeleteFunc(slices.Clone(got), func(r result) bool { return r.Server != k.name })
		if len(own) == 0 {
			continue
		}
		all = append(all, medianOf(s, own, rounds))
	}
	return all
}

func medianOf(s scenario, own []result, rounds int) result {
	r := own[middle(own, func(r result) float64 { v, _ := s.headline(r); return v })]
	for _, field := range []func(*result) *float64{
		func(r *result) *float64 { return &r.P50Millis }, func(r *result) *float64 { return &r.P90Millis },
		func(r *result) *float64 { return &r.P99Millis }, func(r *result) *float64 { return &r.P999Millis },
	} {
		*field(&r) = *field(&own[middle(own, func(r result) float64 { return *field(&r) })])
	}
	r.BytesLow, r.BytesHigh = r.BytesPerConn, r.BytesPerConn
	for _, other := range own {
		r.BytesLow, r.BytesHigh = min(r.BytesLow, other.BytesPerConn), max(r.BytesHigh, other.BytesPerConn)
		r.Lost, r.Doubled, r.Errors = max(r.Lost, other.Lost), max(r.Doubled, other.Doubled), max(r.Errors, other.Errors)
		r.MaxMillis = max(r.MaxMillis, other.MaxMillis)
		r.Error = cmp.Or(r.Error, other.Error)
	}
	if failed := rounds - len(own); failed > 0 {
		r.Note = strings.TrimPrefix(r.Note+fmt.Sprintf("; %d of %d rounds failed", failed, rounds), "; ")
	}
	return r
}

// middle gives the index of the median by value.
func middle(own []result, value func(result) float64) int {
	order := make([]int, len(own))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(value(own[a]), value(own[b])) })
	return order[(len(order)-1)/2]
}
