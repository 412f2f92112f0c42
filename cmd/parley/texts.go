package main

import (
	"strings"

	"go.yaml.in/yaml/v4"
)

// plainText removes the Markdown from a line.
func plainText(s string) string {
	s = strings.ReplaceAll(s, "`", "")
	if before, rest, ok := strings.Cut(s, "["); ok {
		text, after, _ := strings.Cut(rest, "]")
		_, after, _ = strings.Cut(after, ")")
		return before + text + after
	}
	return s
}

// yamlText returns a value in the form of a YAML file.
func yamlText(value string) string {
	raw, err := yaml.Marshal(value)
	if err != nil {
		panic(err) // cannot happen: every string can be encoded
	}
	return strings.TrimSuffix(string(raw), "\n")
}
