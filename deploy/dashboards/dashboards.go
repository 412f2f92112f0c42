// Package dashboards generates the Grafana dashboards from their descriptions. A panel describes
// what it shows, which values are normal, and what to do about other values. `make gen` writes
// deploy/grafana/dashboards. A test in deploy/checks runs every query against a real Prometheus
// that scrapes real nodes.
package dashboards

import (
	"encoding/json"
	"fmt"
)

// Dashboard is one page in Grafana.
type Dashboard struct {
	UID, Title, About string
	Instances         bool // the dashboard has a menu of nodes
	Rows              []Row
}

// Row is a group of panels with a title.
type Row struct {
	Title  string
	Panels []Panel
}

// Kind is the type of a panel in Grafana.
type Kind string

// The kinds of panels.
const (
	Lines  Kind = "timeseries"
	Number Kind = "stat"
	Table  Kind = "table"
)

// Panel is one chart, number or table.
type Panel struct {
	Title   string
	Kind    Kind
	Unit    string // Grafana's name of the unit
	Normal  string // the normal values
	Do      string // what to do about other values
	Stacked bool
	Warn    float64 // yellow from this value on; 0: never
	Bad     float64 // red from this value on; 0: never
	Width   int     // of 24 columns
	Queries []Query
}

// Query is one line of a panel, or one line for each label value.
type Query struct{ Expr, Legend string }

// Queries returns the queries of all panels.
func (d Dashboard) Queries() []Query {
	var all []Query
	for _, r := range d.Rows {
		for _, p := range r.Panels {
			all = append(all, p.Queries...)
		}
	}
	return all
}

// q returns a query.
func q(expr, legend string) Query { return Query{expr, legend} }

// quantile returns a query for a quantile of a histogram over the last minutes. by is a label to
// keep, or "".
func quantile(of float64, name, filter, by, legend string) Query {
	keep := "le"
	if by != "" {
		keep = by + ", le"
	}
	return Query{fmt.Sprintf("histogram_quantile(%g, sum by (%s) (rate(%s_bucket%s[$__rate_interval])))", of, keep, name, filter), legend}
}

// object is a JSON object.
type object = map[string]any

// JSON returns the dashboard in the form that Grafana imports and provisions.
func (d Dashboard) JSON() ([]byte, error) {
	var panels []object
	id, y := 1, 0
	for _, r := range d.Rows {
		panels = append(panels, object{
			"id": id, "type": "row", "title": r.Title, "collapsed": false, "panels": []object{}, "gridPos": object{"h": 1, "w": 24, "x": 0, "y": y},
		})
		id++
		y++
		x, high := 0, 0
		for _, p := range r.Panels {
			if x+p.Width > 24 {
				x, y = 0, y+high
			}
			high = p.height()
			panel := p.json(id)
			panel["gridPos"] = object{"h": high, "w": p.Width, "x": x, "y": y}
			panels = append(panels, panel)
			id++
			x += p.Width
		}
		y += high
	}
	out := object{
		"uid": d.UID, "title": d.Title, "description": d.About, "tags": []string{"parley"}, "schemaVersion": 39, "version": 1, "editable": true,
		"timezone": "browser", "refresh": "30s", "time": object{"from": "now-3h", "to": "now"}, "panels": panels, "graphTooltip": 1,
		"templating":  object{"list": d.variables()},
		"annotations": object{"list": []object{}},
		"links": []object{{
			"title": "Parley", "type": "dashboards", "tags": []string{"parley"}, "asDropdown": false, "includeVars": false, "keepTime": true,
			"targetBlank": false, "icon": "external link", "tooltip": "", "url": "",
		}},
	}
	raw, err := json.MarshalIndent(out, "", "  ")
	return append(raw, '\n'), err
}

// source is the Prometheus that the user has chosen for all panels.
var source = object{"type": "prometheus", "uid": "${datasource}"}

func (d Dashboard) variables() []object {
	list := []object{{"name": "datasource", "label": "Prometheus", "type": "datasource", "query": "prometheus", "hide": 0}}
	if d.Instances {
		list = append(list, object{
			"name": "instance", "label": "Node", "type": "query", "datasource": source, "refresh": 2, "multi": true, "includeAll": true, "hide": 0,
			"allValue": ".*", "current": object{"text": "All", "value": "$__all", "selected": true}, "sort": 1,
			"query": "label_values(parley_build_info, instance)", "definition": "label_values(parley_build_info, instance)",
		})
	}
	return list
}

func (p Panel) height() int {
	if p.Kind == Number {
		return 4
	}
	return 8
}

func (p Panel) json(id int) object {
	var targets []object
	for i, q := range p.Queries {
		target := object{"refId": string(rune('A' + i)), "expr": q.Expr, "legendFormat": q.Legend, "datasource": source}
		if p.Kind == Table {
			target["format"], target["instant"] = "table", true
		}
		targets = append(targets, target)
	}
	out := object{
		"id": id, "type": p.Kind, "title": p.Title, "datasource": source, "targets": targets,
		"description": "Normal: " + p.Normal + "\n\nIf not: " + p.Do,
		"fieldConfig": object{"defaults": p.defaults(), "overrides": []object{}},
	}
	switch p.Kind {
	case Lines:
		out["options"] = object{
			"legend":  object{"displayMode": "list", "placement": "bottom", "showLegend": true, "calcs": []string{}},
			"tooltip": object{"mode": "multi", "sort": "desc"},
		}
	case Number:
		out["options"] = object{
			"reduceOptions": object{"calcs": []string{"lastNotNull"}, "fields": "", "values": false},
			"colorMode":     "value", "graphMode": "area", "justifyMode": "auto", "orientation": "auto", "textMode": "auto",
			"wideLayout": true, "showPercentChange": false, "percentChangeColorMode": "standard",
		}
	case Table:
		out["options"] = object{"showHeader": true, "frameIndex": 0}
	}
	return out
}

func (p Panel) defaults() object {
	steps := []object{{"color": "green", "value": nil}}
	if p.Warn > 0 {
		steps = append(steps, object{"color": "yellow", "value": p.Warn})
	}
	if p.Bad > 0 {
		steps = append(steps, object{"color": "red", "value": p.Bad})
	}
	defaults := object{"unit": p.Unit, "min": 0, "thresholds": object{"mode": "absolute", "steps": steps}}
	if p.Kind == Lines {
		stacking, fill := "none", 10
		if p.Stacked {
			stacking, fill = "normal", 40
		}
		style := "off"
		if p.Warn > 0 || p.Bad > 0 {
			style = "dashed"
		}
		defaults["custom"] = object{
			"drawStyle": "line", "lineWidth": 1, "fillOpacity": fill, "showPoints": "never", "spanNulls": false,
			"stacking": object{"mode": stacking, "group": "A"}, "thresholdsStyle": object{"mode": style},
		}
	}
	return defaults
}
