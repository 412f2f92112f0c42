package main

import (
	"fmt"
	"io"
	"strings"
)

// setting is one flag with its environment variable and its key in the file.
type setting struct {
	name    string // name of the flag and key in the file
	value   string // placeholder for the argument in the help; "" makes a switch
	def     string
	auto    int    // the value of the default auto without open access; 0: auto is not allowed
	example string // a useful value other than the default, for the documented file
	doc     string // what the setting does: half a sentence of Markdown
	set     func(c *config, s string) error
	also    string // a second, widely used variable; usually ""
	list    bool   // may be repeated; the variable separates values by commas
	// A quiet setting is a secret. Its value is never shown, even if wrong. The value may also come
	// from a file that variable_FILE names.
	quiet bool
}

// section is a group of related settings.
type section struct {
	title    string
	settings []setting
}

// settings returns all settings in order.
func settings() []setting {
	var all []setting
	for _, s := range sections {
		all = append(all, s.settings...)
	}
	return all
}

// variable returns the environment variable of the setting.
func (s setting) variable() string {
	return "PARLEY_" + strings.ToUpper(strings.ReplaceAll(s.name, "-", "_"))
}

// isSwitch reports whether the flag needs no value.
func (s setting) isSwitch() bool { return s.value == "" }

// find returns the effective value: flags win over variables, variables over the file, the file
// over the default.
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

// apply parses the given values into c.
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

// printFlags prints all settings of serve.
func printFlags(w io.Writer) {
	fmt.Fprintln(w, "Flags of serve with their environment variables. In a file for --config, the name of the flag is the key.")
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
