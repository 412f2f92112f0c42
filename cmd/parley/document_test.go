package main

import (
	"bytes"
	"flag"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the files that are made from the settings")

// README.md and deploy/parley.yaml describe the current settings.
func TestGeneratedDocuments(t *testing.T) {
	t.Parallel()
	var table, example bytes.Buffer
	writeMarkdown(&table)
	writeExample(&example)
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	const start, end = "from cmd/parley/settings.go -->\n", "<!-- /settings -->"
	before, rest, found := strings.Cut(string(readme), start)
	_, after, closed := strings.Cut(rest, end)
	if !found || !closed {
		t.Fatal("README.md lacks the marks around the settings")
	}
	for path, want := range map[string]string{
		"../../README.md":          before + start + table.String() + end + after,
		"../../deploy/parley.yaml": example.String(),
	} {
		if *update {
			if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		if got, err := os.ReadFile(path); err != nil || string(got) != want {
			t.Errorf("%s is not what the settings say (%v): run make gen", path, err)
		}
	}
}

// The documented file is valid, both as it is and with every line uncommented.
func TestGeneratedExampleIsRead(t *testing.T) {
	t.Parallel()
	var example bytes.Buffer
	writeExample(&example)
	if file, err := parseFile("parley.yaml", example.Bytes()); err != nil || len(file) != 0 {
		t.Errorf("unchanged: %v, %v", file, err)
	}
	var on []string
	for line := range strings.Lines(example.String()) {
		if len(line) > 1 && line[0] == '#' && line[1] != ' ' {
			line = line[1:]
		}
		on = append(on, line)
	}
	file, err := parseFile("parley.yaml", []byte(strings.Join(on, "")))
	if err != nil || len(file) != len(settings())-1 {
		t.Fatalf("all uncommented: %d settings, %v; want %d", len(file), err, len(settings())-1)
	}
	c := config{origins: map[string]given{}}
	for _, s := range settings() {
		if err := s.apply(&c, file[s.name]); err != nil {
			t.Errorf("%s: %v", s.name, err)
		}
	}
}
