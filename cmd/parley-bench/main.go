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
	env       setup
}

func parse(args []string) (plan, error) {
	p := plan{}
	fs := flag.NewFlagSet("parley-bench", flag.ContinueOnError)
	servers := fs.String("servers", "parley,hub,y-websocket,hocuspocus", "which servers to measure, in turns: "+names())
	fs.DurationVar(&p.duration, "duration", 8*time.Second, "of what is measured of each scenario")
	fs.Float64Var(&p.scale, "scale", 1, "factor for numbers of rooms and connections")
	fs.IntVar(&p.rounds, "rounds", 1, "how often each scenario is run with each server; the median counts")
	fs.StringVar(&p.env.parley, "parley", "bin/parley", "Parley's program")
	fs.StringVar(&p.env.peers, "peers", "cmd/parley-bench/peers", "folder in which the peers are installed")
	fs.StringVar(&p.json, "json", "", "file for all results")
	fs.StringVar(&p.svg, "svg", "", "file for the chart")
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

// run measures what the command line asks for and writes the report. Updates that were lost or doubled are an error.
func run(args []string, out io.Writer) error {
	p, err := parse(args)
	if err != nil {
		return err
	}
	if p.env.parley, err = filepath.Abs(p.env.parley); err != nil {
		return err
	}
	runtime.GOMAXPROCS(1) // the machine belongs to the server
	var all []result
	bad := 0
	for _, s := range p.scenarios {
		fmt.Fprintf(out, "\n%s: %s\n", s.name, s.title)
		var got []result
		for round := range p.rounds {
			for _, k := range p.kinds {
				if s.documents && k.copies {
					continue
				}
				r, err := p.measure(s, k, round)
				if err != nil {
					return fmt.Errorf("%s with %s: %w", s.name, k.name, err)
				}
				writeLine(out, s, r)
				if k.name == "parley" && r.Lost+r.Doubled > 0 {
					bad++
				}
				got = append(got, r)
			}
		}
		all = append(all, medians(s, p.kinds, got)...)
		writeRatios(out, s, medians(s, p.kinds, got))
	}
	fmt.Fprintln(out)
	writeTable(out, p, all)
	if err := p.save(all); err != nil {
		return err
	}
	if bad > 0 {
		return fmt.Errorf("updates were lost or doubled by Parley in %d runs", bad)
	}
	return nil
}

// measure runs one scenario against a fresh server.
func (p plan) measure(s scenario, k kind, round int) (result, error) {
	env := p.env
	var err error
	if env.dir, err = os.MkdirTemp("", "parley-bench-"); err != nil {
		return result{}, err
	}
	defer os.RemoveAll(env.dir)
	t, err := k.start(env)
	if err != nil {
		return result{}, err
	}
	defer t.stop()
	r, err := s.run(t, p.knobs)
	if err != nil {
		return r, fmt.Errorf("%w (the server's last words: %q)", err, t.lastWords())
	}
	r.Scenario, r.Title, r.Server, r.Round = s.name, s.title, k.name, round
	return r, nil
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

// save writes the files that were asked for.
func (p plan) save(all []result) error {
	if p.json != "" {
		b, err := json.MarshalIndent(map[string]any{
			"go": runtime.Version(), "cpus": runtime.NumCPU(), "duration": p.duration.String(), "scale": p.scale, "rounds": p.rounds, "results": all,
		}, "", "  ")
		if err != nil {
			return err
		}
		if err := os.WriteFile(p.json, append(b, '\n'), 0o644); err != nil {
			return err
		}
	}
	if p.svg == "" {
		return nil
	}
	return os.WriteFile(p.svg, chart(p, all), 0o644)
}
