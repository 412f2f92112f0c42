//go:build linux

package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"math"
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
	cpus      int // of the machine that measured

	allKinds, allScenarios bool // the command line names none

	help func(w io.Writer) // writes the usage
}

func parse(args []string) (plan, error) {
	p := plan{cpus: runtime.NumCPU()}
	fs := flag.NewFlagSet("parley-bench", flag.ContinueOnError)
	servers := fs.String("servers", "parley,hub,y-websocket,hocuspocus", "which servers to measure, in turns: "+names())
	fs.DurationVar(&p.duration, "duration", 6*time.Second, "how long to measure each scenario")
	fs.Float64Var(&p.scale, "scale", 1, "factor for the numbers of rooms and connections")
	fs.IntVar(&p.rounds, "rounds", 1, "how often to run each scenario with each server; the median counts")
	fs.StringVar(&p.env.parley, "parley", "bin/parley", "Parley's program")
	fs.StringVar(&p.env.peers, "peers", "cmd/parley-bench/peers", "directory in which the peers are installed")
	fs.StringVar(&p.json, "json", "", "file for all results")
	fs.StringVar(&p.svg, "svg", "", "file for the chart")
	fs.StringVar(&p.from, "from", "", "file of results to tabulate and draw instead of measuring")
	p.help = func(w io.Writer) { usage(w, fs) }
	fs.SetOutput(io.Discard) // an error is told once, by main
	if err := fs.Parse(args); err != nil {
		return p, err
	}
	p.allKinds, p.allScenarios = true, fs.NArg() == 0
	fs.Visit(func(f *flag.Flag) { p.allKinds = p.allKinds && f.Name != "servers" })
	if err := p.check(); err != nil {
		return p, err
	}
	if err := p.chooseKinds(*servers); err != nil {
		return p, err
	}
	return p, p.chooseScenarios(fs.Args())
}

// usage explains the command line.
func usage(w io.Writer, fs *flag.FlagSet) {
	fmt.Fprintln(w, "parley-bench [flags] [scenario...]\n\nScenarios (an argument selects all whose names begin with it; soak runs only when named):")
	for _, s := range scenarios {
		fmt.Fprintf(w, "  %-15s %s\n", s.name, s.title)
	}
	fmt.Fprintln(w, "\nFlags:")
	fs.SetOutput(w)
	fs.PrintDefaults()
}

// check refuses values that make no sense. It looks at the files that are to be written now, so
// that no result is lost after a long run.
func (p plan) check() error {
	switch {
	case p.duration <= 0:
		return fmt.Errorf("-duration %s: measure for some time", p.duration)
	case !(p.scale > 0) || math.IsInf(p.scale, 1):
		return fmt.Errorf("-scale %g: the factor has to be above 0", p.scale)
	case p.rounds < 1:
		return fmt.Errorf("-rounds %d: run each scenario at least once", p.rounds)
	}
	for _, file := range []string{p.json, p.svg} {
		if file == "" {
			continue
		}
		if dir, err := os.Stat(filepath.Dir(file)); err != nil || !dir.IsDir() {
			return fmt.Errorf("cannot write %s: there is no directory %s", file, filepath.Dir(file))
		}
	}
	return nil
}

// chooseKinds takes the servers of a list of names with commas between.
func (p *plan) chooseKinds(list string) error {
	for name := range strings.SplitSeq(list, ",") {
		i := slices.IndexFunc(kinds, func(k kind) bool { return k.name == name })
		if i < 0 {
			return fmt.Errorf("no server %q: use %s", name, names())
		}
		if slices.ContainsFunc(p.kinds, func(k kind) bool { return k.name == name }) {
			return fmt.Errorf("-servers names %s twice", name)
		}
		p.kinds = append(p.kinds, kinds[i])
	}
	return nil
}

// chooseScenarios takes the scenarios that begin with one of the prefixes, and all but soak when
// there is none.
func (p *plan) chooseScenarios(prefixes []string) error {
	for _, prefix := range prefixes {
		if !slices.ContainsFunc(scenarios, func(s scenario) bool { return strings.HasPrefix(s.name, prefix) }) {
			return fmt.Errorf("no scenario begins with %q: see -help", prefix)
		}
	}
	for _, s := range scenarios {
		wanted := func(prefix string) bool { return strings.HasPrefix(s.name, prefix) }
		if slices.ContainsFunc(prefixes, wanted) || len(prefixes) == 0 && s.name != "soak" {
			p.scenarios = append(p.scenarios, s)
		}
	}
	return nil
}

func names() string {
	var all []string
	for _, k := range kinds {
		all = append(all, k.name)
	}
	return strings.Join(all, ", ")
}

// run measures what the command line asks for and writes the report. A peer that fails is noted in
// the report. It is an error when Parley fails, loses a letter or delivers one twice.
func run(args []string, out io.Writer) error {
	p, err := parse(args)
	if errors.Is(err, flag.ErrHelp) {
		p.help(out)
	}
	if err != nil {
		return err
	}
	if p.from != "" {
		return p.redraw(out)
	}
	if p.env.parley, err = filepath.Abs(p.env.parley); err != nil {
		return err
	}
	if _, err := os.Stat(p.env.parley); err != nil && slices.ContainsFunc(p.kinds, kind.own) {
		return fmt.Errorf("no program %s: run make build, or say with -parley where it is", p.env.parley)
	}
	runtime.GOMAXPROCS(1) // the other processors are for the server
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
				failed = append(failed, fmt.Errorf("%s: %d letters lost and %d doubled by %s", s.name, r.Lost, r.Doubled, k.name))
			}
			got = append(got, r)
		}
	}
	all := medians(s, p.kinds, got, p.rounds)
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

// begin starts a server on the processors that the scenario gives it. Several nodes and their Redis
// share all processors.
func begin(s scenario, k kind, env setup) (t *target, undo func(), err error) {
	start := func() (*target, error) { return k.start(env) }
	if s.latency && !k.several {
		return apart(start)
	}
	t, err = start()
	return t, func() {}, err
}
