package main

import (
	"fmt"
	"io"
	"strings"
)

// writeMarkdown writes the settings as the tables of README.md.
func writeMarkdown(w io.Writer) {
	for _, sec := range sections {
		fmt.Fprintf(w, "\n**%s**\n\n| flag | default | meaning |\n| --- | --- | --- |\n", sec.title)
		for _, s := range sec.settings {
			def := "none"
			switch {
			case s.def != "":
				def = "`" + s.def + "`"
			case s.isSwitch():
				def = "off"
			}
			fmt.Fprintf(w, "| `--%s` | %s | %s |\n", s.name, def, strings.ReplaceAll(s.doc, "|", `\|`))
		}
	}
	fmt.Fprintln(w)
}

// writeExample writes a file for --config with every setting, all commented out.
func writeExample(w io.Writer) {
	fmt.Fprint(w, "# Settings of Parley, for `parley serve --config parley.yaml`. All lines are commented out. They show the default, or an\n"+
		"# example if there is no default. Flags and variables (PARLEY_ADDR for addr) win over this file. An unknown key is an error.\n")
	for _, sec := range sections {
		fmt.Fprintf(w, "\n# %s\n", strings.ReplaceAll(sec.title, "`", ""))
		for _, s := range sec.settings {
			if s.name == configSetting.name {
				continue
			}
			value, kind := s.def, "default"
			if value == "" {
				value, kind = s.example, "example"
			}
			if s.isSwitch() {
				value, kind = "false", "default"
			}
			text := yamlText(value)
			if s.list {
				text = "[" + text + "]"
			}
			fmt.Fprintf(w, "\n# %s (%s)\n#%s: %s\n", plainText(s.doc), kind, s.name, text)
		}
	}
}
