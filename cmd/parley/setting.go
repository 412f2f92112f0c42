package main

import (
	"fmt"
	"io"
	"strings"
)

// setting is one flag, with its variable and its key in the file.
type setting struct {
	name    string // of the flag, and the key in the file
	value   string // what the help shows as its argument; "" makes it a switch
	def     string
	auto    int    // what the default auto stands for without open access; 0: there is no auto
	example string // another value that makes sense, for the documented file
	doc     string // what it does, in half a sentence; Markdown
	set     func(c *config, s string) error
	also    string // a second variable, which others have made usual; "" for most
	list    bool   // may be given several times; the variable holds them with commas between
	quiet   bool   // never shown, not even when it is wrong; may also come from a file that variable_FILE names
}

// section is settings that belong together.
type section struct {
	title    string
	settings []setting
}

// settings lists all of them in their order.
func settings() []setting {
	var all []setting
	for _, s := range sections {
		all = append(all, s.settings...)
	}
	return all
}

// variable is the environment variable of the setting.
func (s setting) variable() string {
	return "PARLEY_" + strings.ToUpper(strings.ReplaceAll(s.name, "-", "_"))
}

// isSwitch reports whether the flag may stand alone.
func (s setting) isSwitch() bool { return s.value == "" }

// find gives what counts for the setting: flags before variables before the file before the default.
func (s setting) find(flags map[string][]string, env lookup, file map[string]given) (given, error) {
	if v, ok := flags[s.name]; ok {
		return given{source: "--" + s.name, values: v}, nil
	}
	if v, ok := env(s.variable()); ok && v != "" {
		return given{source: s.variable(), values: []string{v}}, nil
	}
	if v, ok := env(s.also); ok && v != "" && s.also != "" {
		return given{source: s.also, values: []string{v}}, nil
	}
	if s.quiet {
		if g, ok, err := s.findSecretFile(env); ok || err != nil {
			return g, err
		}
	}
	if g, ok := file[s.name]; ok {
		return g, nil
	}
	g := given{source: byDefault}
	if s.def != "" {
		g.values = []string{s.def}
	}
	return g, nil
}

// apply sets what was given.
func (s setting) apply(c *config, g given) error {
	for _, v := range g.values {
		parts := []string{v}
		if s.list && !g.whole {
			parts = strings.Split(v, ",")
		}
		for _, part := range parts {
			part = strings.TrimSpace(part)
			if err := s.set(c, part); err != nil {
				if s.quiet {
					return fmt.Errorf("bad value for %s: %w", g.source, err)
				}
				return fmt.Errorf("bad value %q for %s: %w", part, g.source, err)
			}
		}
	}
	return nil
}

// printFlags lists all settings of serve.
func printFlags(w io.Writer) {
	fmt.Fprintln(w, "Flags of serve, each with its environment variable; in a file for --config its name is the key:")
	for _, sec := range sections {
		fmt.Fprintf(w, "\n%s\n", sec.title)
		for _, s := range sec.settings {
			fmt.Fprintf(w, "\n  --%s %s   (%s)\n        %s", s.name, s.value, s.variable(), plainText(s.doc))
			if s.def != "" {
				fmt.Fprintf(w, " (default %s)", s.def)
			}
			fmt.Fprintln(w)
		}
	}
}
