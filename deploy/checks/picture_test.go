package checks_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"parley/deploy/dashboards"
)

// draw writes each dashboard as a page with the values of the last minute, for people without
// Grafana.
func draw(t *testing.T, p prometheus, dir string, fill *strings.Replacer) {
	t.Helper()
	for _, d := range dashboards.All() {
		var page strings.Builder
		fmt.Fprintf(&page, "<!doctype html><meta charset=utf-8><title>%s</title><style>body{background:#111217;color:#ccccdc;font:13px sans-serif;margin:16px;width:1440px}"+
			"h1{font-size:18px}h2{font-size:14px;clear:both;padding-top:12px}section{float:left;box-sizing:border-box;padding:4px}div{background:#181b1f;border:1px solid #2c3235;padding:8px;overflow:hidden}"+
			"b{font-weight:500}i{color:#8e8e9c;font-style:normal;font-size:11px;display:block;height:28px;overflow:hidden}</style><h1>%[1]s</h1>", html.EscapeString(d.Title))
		for _, row := range d.Rows {
			fmt.Fprintf(&page, "<h2>%s</h2>", html.EscapeString(row.Title))
			for _, panel := range row.Panels {
				width := panel.Width * 60
				fmt.Fprintf(&page, "<section style='width:%dpx'><div><b>%s</b> (%s)<i>Normal: %s</i>", width, html.EscapeString(panel.Title), panel.Unit, html.EscapeString(panel.Normal))
				var lines []series
				for _, q := range panel.Queries {
					found, err := p.queryRange(fill.Replace(q.Expr), time.Minute)
					if err != nil {
						t.Errorf("%s: %v", q.Expr, err)
					}
					lines = append(lines, found...)
				}
				page.WriteString(chart(lines, width-26, 150))
				page.WriteString("</div></section>")
			}
		}
		if err := os.WriteFile(filepath.Join(dir, d.UID+".html"), []byte(page.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// series is one line of a chart.
type series struct {
	Metric map[string]string
	Values [][2]any // time, value as text
}

func (s series) points() []float64 {
	var points []float64
	for _, v := range s.Values {
		f, err := strconv.ParseFloat(fmt.Sprint(v[1]), 64)
		if err == nil && f == f {
			points = append(points, f)
		}
	}
	return points
}

// queryRange returns the values of an expression over the last span.
func (p prometheus) queryRange(expr string, span time.Duration) ([]series, error) {
	now := time.Now()
	args := url.Values{"query": {expr}, "start": {fmt.Sprint(now.Add(-span).Unix())}, "end": {fmt.Sprint(now.Unix())}, "step": {"1"}}
	res, err := http.Get("http://" + p.addr + "/api/v1/query_range?" + args.Encode())
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	var answer struct {
		Error string
		Data  struct{ Result []series }
	}
	if err := json.NewDecoder(res.Body).Decode(&answer); err != nil {
		return nil, err
	}
	if answer.Error != "" {
		return nil, errors.New(answer.Error)
	}
	return answer.Data.Result, nil
}

// chart draws lines with their last values below.
func chart(lines []series, width, height int) string {
	colours := []string{"#73bf69", "#f2cc0c", "#8ab8ff", "#ff9830", "#f2495c", "#b877d9", "#5794f2", "#fade2a"}
	top := 1e-12
	for _, l := range lines {
		for _, v := range l.points() {
			top = max(top, v)
		}
	}
	var out, legend strings.Builder
	fmt.Fprintf(&out, "<svg width=%d height=%d>", width, height)
	for i, l := range lines {
		points := l.points()
		var path strings.Builder
		for j, v := range points {
			fmt.Fprintf(&path, "%.1f,%.1f ", float64(j)*float64(width)/60, float64(height)-4-v/top*float64(height-12))
		}
		fmt.Fprintf(&out, "<polyline fill=none stroke='%s' stroke-width=1.5 points='%s'/>", colours[i%len(colours)], path.String())
		if len(points) > 0 && i < 6 {
			var labels []string
			for k, v := range l.Metric {
				if k != "__name__" && k != "job" {
					labels = append(labels, v)
				}
			}
			fmt.Fprintf(&legend, "<span style='color:%s'>%s %.3g</span> &nbsp; ", colours[i%len(colours)], html.EscapeString(strings.Join(labels, " ")), points[len(points)-1])
		}
	}
	return out.String() + "</svg><br><small>" + legend.String() + "</small>"
}
