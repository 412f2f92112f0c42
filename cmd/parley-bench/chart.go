//go:build linux

package main

import (
	"bytes"
	"fmt"
	"html"
	"slices"
	"strings"
)

// Sizes of the chart, in pixels. Each scenario has a card, and the cards stand in two columns.
const (
	cardWidth  = 462
	cardGap    = 16
	padding    = 16
	headHeight = 54
	barHeight  = 16
	barStep    = 24
	labelWidth = 100
	valueWidth = 128
	barSpace   = cardWidth - 2*padding - labelWidth - valueWidth
	chartWidth = 2*cardWidth + cardGap + 2
	footHeight = 34
)

const style = `<style>
text { font: 12.5px system-ui, -apple-system, "Segoe UI", sans-serif; fill: #1f2328; }
.title { font-size: 14px; font-weight: 600; }
.note { fill: #59636e; }
.strong { font-weight: 600; }
.card { fill: #ffffff; stroke: #d1d9e0; }
.bar { fill: #b6c0cc; }
.own { fill: #2563eb; }
.limit { fill: #eef1f4; stroke: #8b949e; stroke-dasharray: 3 2; }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3; } .note { fill: #9198a1; } .card { fill: #151b23; stroke: #3d444d; }
  .bar { fill: #59636e; } .own { fill: #4f8ff7; } .limit { fill: #212830; stroke: #6e7681; }
}
</style>
`

// chart draws each scenario as a card of bars.
func chart(p plan, all []result) []byte {
	var cards bytes.Buffer
	y, height, n := 1, 0, 0
	for _, s := range p.scenarios {
		var card bytes.Buffer
		h := drawCard(&card, s, p.kinds, all)
		if h == 0 {
			continue
		}
		if n%2 == 0 && n > 0 {
			y, height = y+height+cardGap, 0
		}
		height = max(height, h)
		fmt.Fprintf(&cards, `<g transform="translate(%d %d)">`+"\n", 1+n%2*(cardWidth+cardGap), y)
		card.WriteTo(&cards)
		cards.WriteString("</g>\n")
		n++
	}
	y += height
	var svg bytes.Buffer
	fmt.Fprintf(&svg, `<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %d %d" role="img" aria-label="Parley and its peers compared">`+"\n",
		chartWidth, y+footHeight, chartWidth, y+footHeight)
	svg.WriteString(style)
	cards.WriteTo(&svg)
	fmt.Fprintf(&svg, `<text class="note" x="%d" y="%d">%s</text>`+"\n", padding, y+22, html.EscapeString(p.legend()))
	svg.WriteString("</svg>\n")
	return svg.Bytes()
}

// legend explains the chart.
func (p plan) legend() string {
	text := "×: how many times better " + p.first() + " is."
	if slices.ContainsFunc(p.kinds, func(k kind) bool { return k.copies }) {
		text += " Dashed: a hub that copies bytes without looking, as a yardstick."
	}
	if p.scale != 1 {
		text += fmt.Sprintf(" Rooms and connections: times %g.", p.scale)
	}
	return text
}

// drawCard draws one scenario and gives its height, 0 when there is nothing to show.
func drawCard(w *bytes.Buffer, s scenario, kinds []kind, all []result) int {
	most := 0.0
	var rows []kind
	for _, k := range kinds {
		if r, ok := find(s, k, all); ok {
			v, _ := s.headline(r)
			most = max(most, v)
		}
		if !s.documents || !k.copies {
			rows = append(rows, k)
		}
	}
	if most == 0 {
		return 0
	}
	height := headHeight + len(rows)*barStep + padding - (barStep - barHeight)
	fmt.Fprintf(w, `<rect class="card" width="%d" height="%d" rx="8"/>`+"\n", cardWidth, height)
	fmt.Fprintf(w, `<text class="title" x="%d" y="24">%s</text><text class="note" x="%d" y="41">%s</text>`+"\n",
		padding, html.EscapeString(s.title), padding, measured(s, all))
	for i, k := range rows {
		drawBar(w, s, k, kinds[0], all, most, headHeight+i*barStep)
	}
	return height
}

// measured says what the bars of a scenario show, and whether more or less is better.
func measured(s scenario, all []result) string {
	better := "less is better"
	if s.more {
		better = "more is better"
	}
	i := 0
	for i < len(all) && all[i].Scenario != s.name {
		i++
	}
	_, unit := s.headline(all[i])
	names := map[string]string{
		"µs CPU": "CPU time of the server per delivery", "/s": "deliveries per second", "KiB": "memory per connection",
		"ms CPU": "CPU time of the server per connection", "s": "until all are in sync",
	}
	return names[unit] + ", " + better
}

func drawBar(w *bytes.Buffer, s scenario, k, first kind, all []result, most float64, y int) {
	r, ok := find(s, k, all)
	v, _ := s.headline(r)
	class, weight := "bar", ""
	switch {
	case k.own():
		class, weight = "own", " strong"
	case k.copies:
		class = "limit"
	}
	width := max(2, v/most*barSpace)
	fmt.Fprintf(w, `<text class="%s" x="%d" y="%d">%s</text>`, strings.TrimSpace("note"+weight), padding, y+12, html.EscapeString(shortTitle(k)))
	if !ok {
		fmt.Fprintf(w, `<text class="note" x="%d" y="%d">did not make it</text>`+"\n", padding+labelWidth, y+12)
		return
	}
	fmt.Fprintf(w, `<rect class="%s" x="%d" y="%d" width="%.1f" height="%d" rx="3"/>`, class, padding+labelWidth, y, width, barHeight)
	value := html.EscapeString(strings.TrimSuffix(cell(s, k, all), " CPU"))
	if ratio := better(s, k, first, all); ratio > 0 {
		value += fmt.Sprintf(`<tspan class="note" dx="6">%s×</tspan>`, figure(ratio))
	}
	fmt.Fprintf(w, `<text class="%s" x="%.1f" y="%d">%s</text>`+"\n", strings.TrimSpace("value"+weight), float64(padding+labelWidth)+width+7, y+12, value)
}

func shortTitle(k kind) string {
	switch k.name {
	case "hub-queue":
		return "hub, batched"
	case "y-websocket":
		return "y-websocket"
	}
	return k.title
}
