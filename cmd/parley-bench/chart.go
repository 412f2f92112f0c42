//go:build linux

package main

import (
	"bytes"
	"fmt"
	"html"
)

// Sizes of the chart, in pixels.
const (
	chartWidth = 760
	labelWidth = 190
	barHeight  = 18
	barGap     = 5
	panelGap   = 26
	titleGap   = 24
	barSpace   = chartWidth - labelWidth - 110
)

// chart draws each scenario as a group of bars.
func chart(p plan, all []result) []byte {
	var body bytes.Buffer
	y := 8
	for _, s := range p.scenarios {
		y = drawPanel(&body, s, p.kinds, all, y)
	}
	var svg bytes.Buffer
	fmt.Fprintf(&svg, `<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %d %d" role="img" aria-label="Parley and its peers compared">
<style>
text { font: 13px system-ui, sans-serif; fill: #1f2328; }
.title { font-weight: 600; }
.note { fill: #59636e; }
.bar { fill: #b6bec8; }
.own { fill: #2563eb; }
.limit { fill: #dfe3e8; stroke: #8b949e; stroke-dasharray: 3 2; }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3; } .note { fill: #9198a1; } .bar { fill: #59636e; } .own { fill: #4f8ff7; } .limit { fill: #2a313a; stroke: #6e7681; }
}
</style>
`, chartWidth, y, chartWidth, y)
	body.WriteTo(&svg)
	svg.WriteString("</svg>\n")
	return svg.Bytes()
}

// drawPanel draws one scenario from y on and gives the y after it.
func drawPanel(w *bytes.Buffer, s scenario, kinds []kind, all []result, y int) int {
	most := 0.0
	for _, r := range all {
		if v, _ := s.headline(r); r.Scenario == s.name {
			most = max(most, v)
		}
	}
	if most == 0 {
		return y
	}
	better := "less is better"
	if s.more {
		better = "more is better"
	}
	fmt.Fprintf(w, `<text class="title" x="0" y="%d">%s <tspan class="note" font-weight="400">%s</tspan></text>`+"\n", y+14, html.EscapeString(s.title), better)
	y += titleGap
	for _, k := range kinds {
		for _, r := range all {
			if r.Scenario != s.name || r.Server != k.name {
				continue
			}
			v, _ := s.headline(r)
			class := "bar"
			switch {
			case k.name == "parley":
				class = "own"
			case k.copies:
				class = "limit"
			}
			fmt.Fprintf(w, `<text class="note" x="0" y="%d">%s</text><rect class="%s" x="%d" y="%d" width="%.1f" height="%d" rx="3"/><text x="%.1f" y="%d">%s</text>`+"\n",
				y+14, html.EscapeString(shortTitle(k)), class, labelWidth, y, max(1, v/most*barSpace), barHeight, labelWidth+v/most*barSpace+6, y+14, html.EscapeString(cell(s, k, all)))
			y += barHeight + barGap
		}
	}
	return y + panelGap - barGap
}

func shortTitle(k kind) string {
	if k.name == "hub-queue" {
		return "copying hub, batched"
	}
	return k.title
}
