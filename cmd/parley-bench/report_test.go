//go:build linux

package main

import (
	"bytes"
	"encoding/xml"
	"errors"
	"flag"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the golden files of the reports")

// golden compares what was written with a file.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s differs (go test ./cmd/parley-bench -update, and review the change); got:\n%s", name, got)
	}
}

// The report of testdata/results.json, by its servers in various orders.
func TestGoldenReports(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		args []string
	}{
		{"all", nil},
		{"by-the-hub", []string{"-servers", "hub,parley", "saturate", "fan"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			svg := filepath.Join(t.TempDir(), "chart.svg")
			var out bytes.Buffer
			if err := run(append([]string{"-from", "testdata/results.json", "-svg", svg}, c.args...), &out); err != nil {
				t.Fatal(err)
			}
			golden(t, c.name+".md", out.Bytes())
			drawn, err := os.ReadFile(svg)
			if err != nil {
				t.Fatal(err)
			}
			golden(t, c.name+".svg", drawn)
			for d := xml.NewDecoder(bytes.NewReader(drawn)); ; {
				if _, err := d.Token(); errors.Is(err, io.EOF) {
					break
				} else if err != nil {
					t.Fatalf("the chart is no XML: %v", err)
				}
			}
		})
	}
}

// What is printed after each run, and after all runs of a scenario.
func TestGoldenLines(t *testing.T) {
	t.Parallel()
	p, err := parse([]string{"-from", "testdata/results.json"})
	if err != nil {
		t.Fatal(err)
	}
	all, err := p.load()
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	for _, s := range p.scenarios {
		own := slices.DeleteFunc(slices.Clone(all), func(r result) bool { return r.Scenario != s.name })
		for _, r := range own {
			writeLine(&out, s, r)
		}
		writeRatios(&out, s, own)
	}
	golden(t, "lines.txt", out.Bytes())
}

func TestRatioToNothing(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	writeRatios(&out, rates, []result{{Server: "parley", PerSecond: 10, P99Millis: 1}, {Server: "hub", P99Millis: 4}})
	if got := out.String(); got != "  parley to: hub ? (p99 0.25)\n" {
		t.Errorf("got %q", got)
	}
}

func TestFigures(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		v    float64
		want string
	}{
		{0, "0"}, {.004, "0.00"}, {.156, "0.16"}, {1, "1.00"}, {9.994, "9.99"}, {9.996, "10.0"}, {23.64, "23.6"}, {99.94, "99.9"},
		{99.96, "100"}, {123.4, "123"}, {9999.4, "9999"}, {9999.6, "10.0k"}, {12345, "12.3k"}, {61_234, "61.2k"}, {468_123, "468k"},
		{999_499, "999k"}, {999_501, "1.00M"}, {2_090_000, "2.09M"}, {23_640_000, "23.6M"}, {-3.456, "-3.46"},
		{math.NaN(), "?"}, {math.Inf(1), "?"}, {math.Inf(-1), "-?"},
	} {
		if got := figure(c.v); got != c.want {
			t.Errorf("%v is written %s, want %s", c.v, got, c.want)
		}
	}
}

// The note of a soak sets the second sixth of the time beside the last.
func TestWatched(t *testing.T) {
	t.Parallel()
	var w watched
	for i := range 60 {
		mib := float64(int(1) << 20)
		w.own = append(w.own, float64(i)*mib)
		w.mapped = append(w.mapped, 2*mib)
		w.heap = append(w.heap, float64(100-i)*mib)
		w.goroutines = append(w.goroutines, float64(i%10))
	}
	want := "at first and at the end: own memory 14.5, 54.5 MiB, of that the heap after collections 81.0, 41.0 MiB; goroutines 4.5, 4.5; " +
		"pages of the program's files 2.0, 2.0 MiB"
	if got := w.String(); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	w.goroutines = nil // a server that is not in Go
	if got := w.String(); strings.Contains(got, "goroutines") {
		t.Errorf("goroutines of a server without any: %s", got)
	}
}

func TestScrape(t *testing.T) {
	t.Parallel()
	page := "# TYPE go_goroutines gauge\ngo_goroutines_total 9\ngo_goroutines 12\nparley_rooms{kind=\"a\"} 3\nbad x\n"
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, page) }))
	defer server.Close()
	if v, err := scrape(server.URL, "go_goroutines"); err != nil || v != 12 {
		t.Errorf("got %v, %v", v, err)
	}
	for _, name := range []string{"parley_rooms", "bad"} {
		if v, err := scrape(server.URL, name); err == nil {
			t.Errorf("%s is %v", name, v)
		}
	}
}
