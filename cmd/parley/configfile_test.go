package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A wrong file gives one line that says where the mistake is.
func TestBadFiles(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"addr: :1\nadrr: x\n":                  `p.yaml:2: unknown setting "adrr", did you mean addr?`,
		"addr: :1\nzebra: x\n":                 `p.yaml:2: unknown setting "zebra"; run`,
		"session_ttl: 1h\n":                    "did you mean session-ttl?",
		"addr: :1\n\naddr: :2\n":               "p.yaml:3: addr is set twice, first in line 1",
		"- addr\n":                             "p.yaml:1: write one setting a line, as name: value",
		"hello\n":                              "p.yaml:1: write one setting",
		"addr:\n":                              "p.yaml:1: addr: needs a single value",
		"addr: [a, b]\n":                       "p.yaml:1: addr: needs a single value",
		"api-key: {a: b}\n":                    "p.yaml:1: api-key: needs a value or a list",
		"api-key:\n  - good-enough\n  - [x]\n": "p.yaml:1: api-key: the list in line 3",
		"\n\nsession-ttl: soon\n":              `p.yaml:3: use a duration`,
		"secret: short\n":                      "p.yaml:1: use at least 32",
		"a: b: c\n":                            "p.yaml: ",
		"config: other.yaml\n":                 `p.yaml:1: unknown setting "config"`,
		"? [a]\n: b\n":                         "p.yaml:1: unknown setting",
	} {
		path := filepath.Join(t.TempDir(), "p.yaml")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := parseConfig([]string{"--config", path}, environment(nil))
		if err == nil || strings.Contains(err.Error(), "\n") || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "short") {
			t.Errorf("%q: %v; want one line with %s", text, err, want)
		}
	}
	for _, vars := range []map[string]string{{"PARLEY_CONFIG": "/does/not/exist"}, {"PARLEY_SECRET_FILE": "/does/not/exist"}} {
		if _, err := parseConfig(nil, environment(vars)); err == nil || !strings.Contains(err.Error(), "no such file") {
			t.Errorf("%v: %v", vars, err)
		}
	}
}

// A list in the file is not split at commas and replaces only the setting itself.
func TestFileLists(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path, secret := filepath.Join(dir, "p.yaml"), filepath.Join(dir, "secret")
	if err := os.WriteFile(path, []byte("api-key: ['one,with,commas', two-two-two]\nallowed-origin: https://a.example\nmax-connections: 7\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(secret, []byte(strings.Repeat("s", 32)+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := parseConfig([]string{"--config", path}, environment(map[string]string{"PARLEY_SECRET_FILE": secret}))
	if err != nil {
		t.Fatal(err)
	}
	if len(c.apiKeys) != 2 || c.apiKeys[0] != "one,with,commas" || len(c.allowedOrigins) != 1 || c.maxConns != 7 || c.secret != strings.Repeat("s", 32) {
		t.Errorf("the file gives %+v", c)
	}
	if got := c.origins["max-connections"].source; got != path+":3" {
		t.Errorf("the source of the number is %s", got)
	}
}

func FuzzConfigFile(f *testing.F) {
	f.Add([]byte("addr: :1\napi-key: [a, b]\n"))
	f.Add([]byte("&a addr: *a\n<<: {secret: x}\n"))
	f.Add([]byte("{}\n---\naddr: x"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		file, err := parseFile("p.yaml", raw)
		if err != nil && (file != nil || strings.Contains(err.Error(), "\n")) {
			t.Errorf("%q gives %v and %q", raw, file, err)
		}
		for name, g := range file {
			if g.source == "" || name == "config" {
				t.Errorf("%q gives %s from %q", raw, name, g.source)
			}
		}
	})
}
