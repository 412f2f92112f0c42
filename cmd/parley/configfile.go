package main

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"go.yaml.in/yaml/v4"
)

// parseFile reads a YAML file of settings: one mapping from names to values or lists of values.
// name is the file name for errors.
func parseFile(name string, raw []byte) (map[string]given, error) {
	var doc yaml.Node
	if err := yaml.Unmarshal(raw, &doc); err != nil {
		return nil, fmt.Errorf("%s: %s", name, strings.ReplaceAll(strings.TrimPrefix(err.Error(), "yaml: "), "\n", " "))
	}
	if doc.IsZero() || len(doc.Content) == 0 || doc.Content[0].Tag == "!!null" {
		return nil, nil // an empty file, or comments only
	}
	root := doc.Content[0]
	if root.Kind != yaml.MappingNode {
		return nil, fmt.Errorf("%s:%d: write one setting a line, as name: value", name, root.Line)
	}
	known := map[string]setting{}
	for _, s := range settings() {
		known[s.name] = s
	}
	file := map[string]given{}
	for i := 0; i+1 < len(root.Content); i += 2 {
		key, value := root.Content[i], root.Content[i+1]
		where := fmt.Sprintf("%s:%d", name, key.Line)
		s, ok := known[key.Value]
		switch {
		case key.Kind != yaml.ScalarNode || !ok || s.name == configSetting.name:
			return nil, fmt.Errorf("%s: unknown setting %q%s; run parley help for a list", where, key.Value, didYouMean(key.Value))
		case file[s.name].source != "":
			return nil, fmt.Errorf("%s: %s is set twice, first in line %s", where, s.name, strings.TrimPrefix(file[s.name].source, name+":"))
		}
		values, err := fileValues(s, value)
		if err != nil {
			return nil, fmt.Errorf("%s: %s: %w", where, s.name, err)
		}
		file[s.name] = given{source: where, values: values, whole: true}
	}
	return file, nil
}

// fileValues reads the value of one key.
func fileValues(s setting, node *yaml.Node) ([]string, error) {
	if node.Kind == yaml.ScalarNode && node.Tag != "!!null" {
		return []string{node.Value}, nil
	}
	switch {
	case !s.list:
		return nil, errors.New("needs a single value")
	case node.Kind != yaml.SequenceNode:
		return nil, errors.New("needs a value or a list of values")
	}
	values := []string{}
	for _, item := range node.Content {
		if item.Kind != yaml.ScalarNode || item.Tag == "!!null" {
			return nil, fmt.Errorf("the list in line %d may hold plain values only", item.Line)
		}
		values = append(values, item.Value)
	}
	return values, nil
}

// findSecretFile reads a secret setting from a file. The variable of the setting with the suffix
// _FILE names the file, as is usual for secrets in Docker and Kubernetes.
func (s setting) findSecretFile(env lookup) (given, bool, error) {
	variable := s.variable() + "_FILE"
	path, ok := env(variable)
	if !ok || path == "" {
		return given{}, false, nil
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		return given{}, false, fmt.Errorf("bad value %q for %s: %w", path, variable, unwrapPath(err))
	}
	return given{source: variable, values: []string{strings.TrimSpace(string(raw))}}, true, nil
}

// didYouMean suggests a setting with a similar name, if there is one.
func didYouMean(word string) string {
	best, least := "", 3
	for _, s := range settings() {
		if d := distance(strings.ReplaceAll(strings.ToLower(word), "_", "-"), s.name); d < least {
			best, least = s.name, d
		}
	}
	if best == "" {
		return ""
	}
	return ", did you mean " + best + "?"
}

// distance returns the number of letters to change, insert or remove to turn a into b.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			next := min(row[j]+1, row[j+1]+1, diagonal+cost)
			diagonal, row[j+1] = row[j+1], next
		}
	}
	return row[len(b)]
}
