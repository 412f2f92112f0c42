//go:build linux

package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"strings"
	"time"
)

// saved is the form of the file of results.
type saved struct {
	Go        string   `json:"go"`
	CPUs      int      `json:"cpus"`
	Duration  string   `json:"duration"`
	Scale     float64  `json:"scale"`
	Rounds    int      `json:"rounds"`
	Servers   []string `json:"servers"`   // to be measured; the first is compared with the others
	Scenarios []string `json:"scenarios"` // to be run
	Results   []result `json:"results"`
}

// save writes the file of results, if there is to be one.
func (p plan) save(all []result) error {
	if p.json == "" {
		return nil
	}
	s := saved{Go: runtime.Version(), CPUs: p.cpus, Duration: p.duration.String(), Scale: p.scale, Rounds: p.rounds, Results: all}
	for _, k := range p.kinds {
		s.Servers = append(s.Servers, k.name)
	}
	for _, sc := range p.scenarios {
		s.Scenarios = append(s.Scenarios, sc.name)
	}
	b, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(p.json, append(b, '\n'), 0o644)
}

// load reads what save wrote. The conditions of the measurement come from the file, and so do the
// servers and scenarios when the command line names none.
func (p *plan) load() ([]result, error) {
	b, err := os.ReadFile(p.from)
	if err != nil {
		return nil, err
	}
	var s saved
	if err := json.Unmarshal(b, &s); err != nil {
		return nil, fmt.Errorf("%s: %w", p.from, err)
	}
	if p.duration, err = time.ParseDuration(s.Duration); err != nil {
		return nil, fmt.Errorf("%s is no file of results: %w", p.from, err)
	}
	p.rounds, p.cpus, p.scale = s.Rounds, s.CPUs, s.Scale
	if p.allKinds {
		p.kinds = nil
		if err := p.chooseKinds(strings.Join(s.Servers, ",")); err != nil {
			return nil, fmt.Errorf("%s: %w", p.from, err)
		}
	}
	for _, k := range p.kinds {
		if !slices.Contains(s.Servers, k.name) {
			return nil, fmt.Errorf("%s: %s was not measured", p.from, k.name)
		}
	}
	if p.allScenarios {
		p.scenarios = scenarios
	}
	p.scenarios = slices.DeleteFunc(slices.Clone(p.scenarios), func(sc scenario) bool { return !slices.Contains(s.Scenarios, sc.name) })
	if len(p.scenarios) == 0 {
		return nil, fmt.Errorf("%s: none of these scenarios was run", p.from)
	}
	return s.Results, nil
}

// draw writes the chart, if there is to be one.
func (p plan) draw(all []result) error {
	if p.svg == "" {
		return nil
	}
	return os.WriteFile(p.svg, chart(p, all), 0o644)
}

// redraw writes the report of a file of results.
func (p plan) redraw(out io.Writer) error {
	if p.json != "" {
		return errors.New("-from measures nothing, so there is nothing for -json to write")
	}
	all, err := p.load()
	if err != nil {
		return err
	}
	writeTable(out, p, all)
	return p.draw(all)
}
