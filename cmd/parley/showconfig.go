package main

import (
	"fmt"
	"io"
	"strings"
)

// runConfig is the subcommand config: it prints what serve would go by, and where each value comes from. The output can be used as a file
// for --config, but for the secrets, which it does not show.
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
			note += fmt.Sprintf(", here %d", s.auto)
			if cfg.open {
				note = g.source + ", here any number"
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

// shown is what was given as it stands in a file.
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
