//go:build linux

package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"
)

func main() {
	if len(os.Args) == 4 && os.Args[1] == "hub" {
		fmt.Fprintln(os.Stderr, runHub(os.Args[2], os.Args[3]))
		os.Exit(1)
	}
	if err := run(os.Args[1:], os.Stdout); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintf(os.Stderr, "parley-bench: %v\n", err)
		os.Exit(1)
	}
}

// plan is what the command line asks for.
type plan struct {
	knobs
	kinds     []kind
	scenarios []scenario
	rounds    int
	json, svg string
	from      string
	env       setup
}

func parse(args []string) (plan, error) {
	p := plan{}
	fs := flag.NewFlagSet("parley-bench", flag.ContinueOnError)
	servers := fs.String("servers", "parley,hub,y-websocket,hocuspocus", "which servers to measure, in turns: "+names())
	fs.DurationVar(&p.duration, "duration", 6*time.Second, "of what is measured of each scenario")
	fs.Float64Var(&p.scale, "scale", 1, "factor for numbers of rooms and connections")
	fs.IntVar(&p.rounds, "rounds", 1, "how often each scenario is run with each server; the median counts")
	fs.StringVar(&p.env.parley, "parley", "bin/parley", "Parley's program")
	fs.StringVar(&p.env.peers, "peers", "cmd/parley-bench/peers", "folder in which the peers are installed")
	fs.StringVar(&p.json, "json", "", "file for all results")
	fs.StringVar(&p.svg, "svg", "", "file for the chart")
	fs.StringVar(&p.from, "from", "", "file of results to tabulate and draw, instead of measuring")
	fs.Usage = func() {
		fmt.Fprintln(fs.Output(), "parley-bench [flags] [scenario...]\n\nScenarios (the beginning of a name selects all that begin so; soak only when named):")
		for _, s := range scenarios {
			fmt.Fprintf(fs.Output(), "  %-15s %s\n", s.name, s.title)
		}
		fmt.Fprintln(fs.Output(), "\nFlags:")
		fs.PrintDefaults()
	}
	if err := fs.Parse(args); err != nil {
		return p, err
	}
	if p.duration <= 0 || p.scale <= 0 || p.rounds < 1 {
		return p, errors.New("duration, scale and rounds must be positive")
	}
	for name := range strings.SplitSeq(*servers, ",") {
		i := slices.IndexFunc(kinds, func(k kind) bool { return k.name == name })
		if i < 0 {
			return p, fmt.Errorf("no server %q: use %s", name, names())
		}
		p.kinds = append(p.kinds, kinds[i])
	}
	for _, s := range scenarios {
		wanted := func(prefix string) bool { return strings.HasPrefix(s.name, prefix) }
		if slices.ContainsFunc(fs.Args(), wanted) || fs.NArg() == 0 && s.name != "soak" {
			p.scenarios = append(p.scenarios, s)
		}
	}
	if len(p.scenarios) == 0 {
		return p, fmt.Errorf("no scenario begins with %s: see -help", strings.Join(fs.Args(), " or "))
	}
	return p, nil
}

func names() string {
	var all []string
	for _, k := range kinds {
		all = append(all, k.name)
	}
	return strings.Join(all, ", ")
}

// run measures what the command line asks for and writes the report. What fails with a peer is noted in the report; with Parley it
// is an error, as are updates that were lost or doubled.
func run(args []string, out io.Writer) error {
	p, err := parse(args)
	if err != nil {
		return err
	}
	if p.from != "" {
		all, err := p.load()
		if err != nil {
			return err
		}
		writeTable(out, p, all)
		return p.draw(all)
	}
	if p.env.parley, err = filepath.Abs(p.env.parley); err != nil {
		return err
	}
	runtime.GOMAXPROCS(1) // the machine belongs to the server
	var all []result
	var failed []error
	for _, s := range p.scenarios {
		got, err := p.compare(s, out)
		all, failed = append(all, got...), append(failed, err)
	}
	fmt.Fprintln(out)
	writeTable(out, p, all)
	return errors.Join(append(failed, p.save(all), p.draw(all))...)
}

// compare runs one scenario with every server, in turns.
func (p plan) compare(s scenario, out io.Writer) ([]result, error) {
	fmt.Fprintf(out, "\n%s: %s\n", s.name, s.title)
	var got []result
	var failed []error
	for round := range p.rounds {
		for _, k := range p.kinds {
			if s.documents && k.copies {
				continue
			}
			r, err := p.measure(s, k, round)
			if err != nil {
				fmt.Fprintf(out, "  %-12s failed: %v\n", k.name, err)
				if k.own() {
					failed = append(failed, fmt.Errorf("%s with %s: %w", s.name, k.name, err))
				}
				continue
			}
			writeLine(out, s, r)
			if k.own() && r.Lost+r.Doubled > 0 {
				failed = append(failed, fmt.Errorf("%s: %d updates lost and %d doubled by %s", s.name, r.Lost, r.Doubled, k.name))
			}
			got = append(got, r)
		}
	}
	all := medians(s, p.kinds, got)
	writeRatios(out, s, all)
	return all, errors.Join(failed...)
}

// measure runs one scenario against a fresh server.
func (p plan) measure(s scenario, k kind, round int) (result, error) {
	env := p.env
	var err error
	if env.dir, err = os.MkdirTemp("", "parley-bench-"); err != nil {
		return result{}, err
	}
	defer os.RemoveAll(env.dir)
	t, together, err := begin(s, k, env)
	if err != nil {
		return result{}, err
	}
	defer together()
	defer t.stop()
	r, err := s.run(t, p.knobs)
	if err != nil {
		return r, fmt.Errorf("%w (the server's last words: %q)", err, t.lastWords())
	}
	r.Scenario, r.Title, r.Server, r.Round = s.name, s.title, k.name, round
	return r, nil
}

// begin starts a server, where the scenario has it run. Several nodes and their Redis share all processors.
func begin(s scenario, k kind, env setup) (t *target, undo func(), err error) {
	start := func() (*target, error) { return k.start(env) }
	if s.latency && !k.several {
		return apart(start)
	}
	t, err = start()
	return t, func() {}, err
}

// medians takes of each server the run whose headline is the median.
func medians(s scenario, kinds []kind, got []result) []result {
	var all []result
	for _, k := range kinds {
		var own []result
		for _, r := range got {
			if r.Server == k.name {
				own = append(own, r)
			}
		}
		if len(own) == 0 {
			continue
		}
		slices.SortStableFunc(own, func(a, b result) int {
			va, _ := s.headline(a)
			vb, _ := s.headline(b)
			return int(max(-1, min(1, (va-vb)*1e9)))
		})
		r := own[(len(own)-1)/2]
		for _, other := range own {
			r.Lost, r.Doubled, r.Errors = max(r.Lost, other.Lost), max(r.Doubled, other.Doubled), max(r.Errors, other.Errors)
		}
		all = append(all, r)
	}
	return all
}

// saved is the form of the file of results.
type saved struct {
	Go       string   `json:"go"`
	CPUs     int      `json:"cpus"`
	Duration string   `json:"duration"`
	Scale    float64  `json:"scale"`
	Rounds   int      `json:"rounds"`
	Results  []result `json:"results"`
}

// save writes the file of results, if it was asked for.
func (p plan) save(all []result) error {
	if p.json == "" {
		return nil
	}
	b, err := json.MarshalIndent(saved{runtime.Version(), runtime.NumCPU(), p.duration.String(), p.scale, p.rounds, all}, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(p.json, append(b, '\n'), 0o644)
}

// load reads what save wrote.
func (p *plan) load() ([]result, error) {
	b, err := os.ReadFile(p.from)
	if err != nil {
		return nil, err
	}
	var s saved
	if err := json.Unmarshal(b, &s); err != nil {
		return nil, fmt.Errorf("%s: %w", p.from, err)
	}
	took, err := time.ParseDuration(s.Duration)
	p.duration, p.rounds = took, s.Rounds
	return s.Results, err
}

// draw writes the chart, if it was asked for.
func (p plan) draw(all []result) error {
	if p.svg == "" {
		return nil
	}
	return os.WriteFile(p.svg, chart(p, all), 0o644)
}
