package main

import (
	"fmt"
	"io"
	"strings"
)

// runConfig is the subcommand config. It prints the settings of serve and the source of each value.
// The output is a valid file for --config, but without the secrets.
func runConfig(args []string, env lookup, stdout, stderr io.Writer) int {
	cfg, err := parseConfig(args, env)
	if err != nil {
		return complain(stderr, "%v", err)
	}
	for _, s := range settings() {
		g := cfg.origins[s.name]
		line := "#" + s.name + ":"
		if len(g.values) > 0 && s.name != configSetting.name {
			line = s.name + ": " + s.shown(g)
		}
		note := g.source
		if s.auto > 0 && len(g.values) > 0 && g.values[0] == "auto" {
			note += fmt.Sprintf(", which is %d", s.auto)
			if cfg.open {
				note = g.source + ", which is no limit"
			}
		}
		if s.name == "redis-url" && len(g.values) > 0 {
			line, note = "#"+s.name+": "+hostOnly(g.values[0]), note+", user and password not shown"
		} else if s.quiet && len(g.values) > 0 {
			line, note = "#"+line, note+", not shown"
		}
		fmt.Fprintf(stdout, "%-44s # %s\n", line, note)
	}
	return exitOK
}

// shown returns the value in the form of a file.
func (s setting) shown(g given) string {
	if s.quiet {
		return "***"
	}
	var values []string
	for _, v := range g.values {
		if s.list && !g.whole {
			for part := range strings.SplitSeq(v, ",") {
				values = append(values, yamlText(strings.TrimSpace(part)))
			}
			continue
		}
		values = append(values, yamlText(v))
	}
	if s.list {
		return "[" + strings.Join(values, ", ") + "]"
	}
	return values[len(values)-1]
}
