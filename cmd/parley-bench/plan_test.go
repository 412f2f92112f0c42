//go:build linux

package main

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

// chosen gives the names of what a plan measures.
func chosen(p plan) (servers, loads []string) {
	for _, k := range p.kinds {
		servers = append(servers, k.name)
	}
	for _, s := range p.scenarios {
		loads = append(loads, s.name)
	}
	return servers, loads
}

func TestCommandLines(t *testing.T) {
	t.Parallel()
	peers := []string{"parley", "hub", "y-websocket", "hocuspocus"}
	for _, c := range []struct {
		args, servers, scenarios []string
	}{
		{nil, peers, []string{
			"fan-out-100x3", "fan-out-500x3", "fan-out-1x50", "saturate-20x3", "saturate-1x50", "idle", "join-one", "join-all", "churn", "storm",
		}},
		{[]string{"join", "idle"}, peers, []string{"idle", "join-one", "join-all"}},
		{[]string{"-servers", "hub,parley-redis-2", "soak"}, []string{"hub", "parley-redis-2"}, []string{"soak"}},
		{[]string{"s"}, peers, []string{"saturate-20x3", "saturate-1x50", "storm", "soak"}},
	} {
		p, err := parse(c.args)
		servers, loads := chosen(p)
		if err != nil || !slices.Equal(servers, c.servers) || !slices.Equal(loads, c.scenarios) {
			t.Errorf("%q: measures %v with %v, %v; want %v with %v", c.args, loads, servers, err, c.scenarios, c.servers)
		}
	}
	p, err := parse([]string{"-duration", "90s", "-scale", "0.5", "-rounds", "3", "idle"})
	if err != nil || p.duration != 90*time.Second || p.scale != .5 || p.rounds != 3 || p.cpus < 1 {
		t.Errorf("got %+v, %v", p, err)
	}
}

func TestBadCommandLines(t *testing.T) {
	t.Parallel()
	missing := filepath.Join(t.TempDir(), "missing", "out")
	for _, c := range []struct {
		args []string
		want string // in the error
	}{
		{[]string{"-servers", "apache"}, `no server "apache": use parley, hub`},
		{[]string{"-servers", ""}, `no server ""`},
		{[]string{"-servers", "hub,hub"}, "-servers names hub twice"},
		{[]string{"-duration", "0s"}, "-duration 0s"},
		{[]string{"-duration", "5"}, `invalid value "5" for flag -duration`},
		{[]string{"-scale", "-1"}, "-scale -1"},
		{[]string{"-scale", "NaN"}, "-scale NaN"},
		{[]string{"-scale", "+Inf"}, "-scale +Inf"},
		{[]string{"-rounds", "0"}, "-rounds 0"},
		{[]string{"nothing-of-that-name"}, `no scenario begins with "nothing-of-that-name"`},
		{[]string{"idle", "fanout"}, `no scenario begins with "fanout"`},
		{[]string{"-json", missing}, "cannot write " + missing + ": there is no directory"},
		{[]string{"-svg", missing}, "cannot write " + missing + ": there is no directory"},
		{[]string{"-verbose"}, "not defined: -verbose"},
		{[]string{"-from", "testdata/results.json", "-json", "out.json"}, "-from measures nothing"},
		{[]string{"-from", missing}, "no such file"},
		{[]string{"-from", "plan_test.go"}, "plan_test.go: invalid character"},
		{[]string{"-from", "peers/package.json"}, "peers/package.json is no file of results"},
		{[]string{"-from", "testdata/results.json", "-servers", "parley,hub-queue"}, "hub-queue was not measured"},
		{[]string{"-from", "testdata/results.json", "churn"}, "none of these scenarios was run"},
		{[]string{"-parley", missing, "idle"}, "no program " + missing + ": run make build"},
	} {
		if err := run(c.args, &strings.Builder{}); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: the error is %v, want %q in it", c.args, err, c.want)
		}
	}
}

func TestHelpNamesEveryScenarioAndFlag(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	if err := run([]string{"-help"}, &out); !errors.Is(err, flag.ErrHelp) {
		t.Fatal(err)
	}
	for _, s := range scenarios {
		if !strings.Contains(out.String(), "  "+s.name) || !strings.Contains(out.String(), s.title) {
			t.Errorf("%s is not in the help", s.name)
		}
	}
	for _, name := range []string{"servers", "duration", "scale", "rounds", "parley", "peers", "json", "svg", "from"} {
		if !strings.Contains(out.String(), "\n  -"+name+" ") {
			t.Errorf("-%s is not in the help", name)
		}
	}
}

// A file of results says itself what was measured, where and how.
func TestResultsAreReadAsTheyWereWritten(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "out.json")
	p, err := parse([]string{"-servers", "hub,y-websocket", "-duration", "3s", "-scale", "0.25", "-rounds", "7", "-json", path, "fan-out-1x50", "soak"})
	if err != nil {
		t.Fatal(err)
	}
	p.cpus = 77
	all := []result{{Scenario: "soak", Title: "Soak", Server: "hub", Round: 3, CPUMicros: 1.25, Lost: 1, Error: "<gone>"}}
	if err := p.save(all); err != nil {
		t.Fatal(err)
	}
	q, err := parse([]string{"-from", path})
	if err != nil {
		t.Fatal(err)
	}
	got, err := q.load()
	if err != nil || !reflect.DeepEqual(got, all) {
		t.Errorf("got %+v, %v", got, err)
	}
	servers, loads := chosen(q)
	if !slices.Equal(servers, []string{"hub", "y-websocket"}) || !slices.Equal(loads, []string{"fan-out-1x50", "soak"}) {
		t.Errorf("tabulates %v with %v", loads, servers)
	}
	if q.duration != 3*time.Second || q.scale != .25 || q.rounds != 7 || q.cpus != 77 {
		t.Errorf("the conditions became %+v", q)
	}
	if err := os.WriteFile(path, []byte(`{"duration": "1s", "servers": ["apache"]}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := q.load(); err == nil || !strings.Contains(err.Error(), "apache") {
		t.Errorf("an unknown server gives %v", err)
	}
}

// Nodes that share a machine get a share of its processors each, unless somebody set it already.
func TestShareOfProcessors(t *testing.T) {
	t.Setenv("GOMAXPROCS", "")
	if got := shareOf(1); got != nil {
		t.Errorf("a single node gets %v", got)
	}
	if got := shareOf(1 << 20); !slices.Equal(got, []string{"GOMAXPROCS=1"}) {
		t.Errorf("each of very many nodes gets %v", got)
	}
	t.Setenv("GOMAXPROCS", "3")
	if got := shareOf(2); got != nil {
		t.Errorf("with GOMAXPROCS set a node gets %v", got)
	}
}
