package main

import (
	"bytes"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
)

func environment(vars map[string]string) lookup {
	return func(name string) (string, bool) {
		v, ok := vars[name]
		return v, ok
	}
}

func TestDefaults(t *testing.T) {
	t.Parallel()
	c, err := parseConfig(nil, environment(nil))
	if err != nil {
		t.Fatal(err)
	}
	if c.addr != ":8080" || c.store != "local" || c.dataDir != "./data" || c.open || c.sessionTTL != 24*time.Hour || c.secret != "" ||
		c.metricsAddr != "127.0.0.1:9464" || c.chosen("metrics-addr") || c.maxDocBytes != 8<<20 || c.maxMsgBytes != 1<<20 || c.drainTime != 5*time.Second ||
		c.createRate != 120 || c.inviteFailures != 60 || c.joinRate != 600 || c.keyCreateRate != 600 || c.maxConns != 10_000 || c.messageRate != 2000 || len(c.apiKeys) != 0 || c.webhookURL != "" {
		t.Errorf("defaults are %+v", c)
	}
}

// Every setting can be given as a flag, as a variable and in the file, with this precedence.
func TestFlagBeforeVariableBeforeFile(t *testing.T) {
	t.Parallel()
	with := map[string][]string{ // other settings that the setting needs
		"tls-cert": {"--tls-key", "k"}, "tls-key": {"--tls-cert", "c"}, "webhook-url": {"--webhook-secret", "x"}, "webhook-secret": {"--webhook-url", "https://ats.example"},
		"archive-key": {"--archive-secret", "x", "--archive", "s3://interviews"}, "archive-secret": {"--archive-key", "x", "--archive", "s3://interviews"},
	}
	provider := []string{"--sign-in", "oidc", "--oidc-issuer", "https://login.example", "--oidc-client-id", "id"}
	with["sign-in"], with["oidc-issuer"], with["oidc-client-id"] = provider[2:], append(provider[:2:2], provider[4:]...), provider[:4]
	for _, s := range settings() {
		other := s.example
		switch {
		case with[s.name] != nil:
		case strings.HasPrefix(s.name, "oidc-"):
			with[s.name] = provider
		case strings.HasPrefix(s.name, "header-"):
			with[s.name] = []string{"--sign-in", "header", "--trusted-proxy", "192.0.2.1"}
		case s.isSwitch():
			other = "true"
		case s.name == "archive":
			other = "dir:" + t.TempDir() // a bucket needs its keys
		case s.name == "runtimes-dir", s.name == "wheels-dir", s.name == "questions-dir":
			other = t.TempDir() // must exist
		}
		if s.name == "config" || s.name == "store" || s.name == "redis-url" {
			continue // has its own tests
		}
		if other == "" || other == s.def {
			t.Errorf("--%s has no example that differs from its default", s.name)
			continue
		}
		first, second := other, s.def
		parse := func(args []string, vars map[string]string) config {
			t.Helper()
			c, err := parseConfig(append(args, with[s.name]...), environment(vars))
			if err != nil {
				t.Errorf("%v %v: %v", args, vars, err)
			}
			c.origins = nil
			return c
		}
		inFile := func(value string) string {
			path := filepath.Join(t.TempDir(), "parley.yaml")
			if err := os.WriteFile(path, []byte(s.name+": "+yamlText(value)+"\n"), 0o600); err != nil {
				t.Fatal(err)
			}
			return path
		}
		byFlag := parse([]string{"--" + s.name + "=" + first}, nil)
		same := map[string]config{
			"by variable":             parse(nil, map[string]string{s.variable(): first}),
			"by file":                 parse([]string{"--config", inFile(first)}, nil),
			"by file of the variable": parse(nil, map[string]string{"PARLEY_CONFIG": inFile(first)}),
		}
		if second != "" {
			same["flag before variable"] = parse([]string{"-" + s.name + "=" + first}, map[string]string{s.variable(): second})
			same["variable before file"] = parse([]string{"--config", inFile(second)}, map[string]string{s.variable(): first})
		}
		for what, c := range same {
			if !reflect.DeepEqual(c, byFlag) {
				t.Errorf("--%s %s is %+v by flag, %+v %s", s.name, first, byFlag, c, what)
			}
		}
		if with[s.name] == nil && reflect.DeepEqual(byFlag, parse(nil, nil)) {
			t.Errorf("--%s makes no difference", s.name)
		}
	}
}

func TestOpenAccessHasNoRates(t *testing.T) {
	t.Parallel()
	c, err := parseConfig([]string{"--create-rate", "auto", "--access", "open"}, environment(nil))
	if err != nil || c.createRate != 0 || c.inviteFailures != 0 || c.joinRate != 0 || c.keyCreateRate != 0 || c.maxConns != 0 || c.messageRate != 0 {
		t.Errorf("with open access: %+v, %v", c, err)
	}
	if c, err = parseConfig([]string{"--create-rate", "7", "--access", "open"}, environment(nil)); err != nil || c.createRate != 7 {
		t.Errorf("a chosen rate with open access: %+v, %v", c, err)
	}
}

func TestLists(t *testing.T) {
	t.Parallel()
	c, err := parseConfig([]string{"--allowed-origin", "https://A.example/", "--allowed-origin=http://b.example:80,https://c.example"},
		environment(map[string]string{"PARLEY_TRUSTED_PROXY": "10.0.0.0/8, 192.0.2.1"}))
	if err != nil {
		t.Fatal(err)
	}
	if keys, err := parseConfig([]string{"--api-key", "first-key", "--api-key", "second-key"}, environment(nil)); err != nil || len(keys.apiKeys) != 2 {
		t.Errorf("two keys give %d, %v", len(keys.apiKeys), err)
	}
	if got := strings.Join(c.allowedOrigins, " "); got != "https://a.example http://b.example:80 https://c.example" {
		t.Errorf("origins are %s", got)
	}
	if len(c.trustedProxies) != 2 || c.trustedProxies[1].String() != "192.0.2.1/32" {
		t.Errorf("proxies are %v", c.trustedProxies)
	}
}

// A wrong command line gets one line that says what is wrong, and exit code 2.
func TestBadCommandLines(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		args []string
		vars map[string]string
		want string
	}{
		{[]string{"serve", "--bogus"}, nil, "--bogus"},
		{[]string{"serve", "-bogus=1"}, nil, "--bogus"},
		{[]string{"serve", "stray"}, nil, `"stray"`},
		{[]string{"serve", "--addr", ":1", "stray"}, nil, `"stray"`},
		{[]string{"serve", "--addr"}, nil, "--addr"},
		{[]string{"serve", "--addr", "8080"}, nil, `"8080"`},
		{[]string{"serve", "--addr", ":99999"}, nil, ":99999"},
		{[]string{"serve", "--store", "mysql"}, nil, "local or redis"},
		{[]string{"serve", "--store", "redis"}, nil, "needs --redis-url"},
		{[]string{"serve", "--redis-url", "http://x"}, nil, "--redis-url"},
		{[]string{"serve", "--redis-url", "redis://x"}, nil, "--store redis"},
		{[]string{"serve", "--access", "all"}, nil, "invite or open"},
		{[]string{"serve", "--session-ttl", "24"}, nil, "duration"},
		{[]string{"serve", "--session-ttl", "-1h"}, nil, "--session-ttl"},
		{[]string{"serve", "--secret", "short"}, nil, "32 characters"},
		{[]string{"serve", "--public-url", "parley.example"}, nil, "https://"},
		{[]string{"serve", "--public-url", "https://parley.example/path"}, nil, "scheme and host"},
		{[]string{"serve", "--allowed-origin", "*"}, nil, "--allowed-origin"},
		{[]string{"serve", "--trusted-proxy", "proxy"}, nil, "--trusted-proxy"},
		{[]string{"serve", "--metrics-addr", "on"}, nil, "--metrics-addr"},
		{[]string{"serve", "--max-doc-bytes", "lots"}, nil, "--max-doc-bytes"},
		{[]string{"serve", "--max-doc-bytes", "99999999999999999GiB"}, nil, "--max-doc-bytes"},
		{[]string{"serve", "--max-message-bytes", "-5MiB"}, nil, "--max-message-bytes"},
		{[]string{"serve", "--create-rate", "-1"}, nil, "--create-rate"},
		{[]string{"serve", "--join-rate", "many"}, nil, "--join-rate"},
		{[]string{"serve", "--max-connections", "-1"}, nil, "--max-connections"},
		{[]string{"serve", "--api-key", "long-enough,short"}, nil, "--api-key"},
		{[]string{"serve", "--webhook-url", "ats.example/hook", "--webhook-secret", "x"}, nil, "--webhook-url"},
		{[]string{"serve", "--webhook-url", "https://ats.example/hook"}, nil, "--webhook-secret"},
		{[]string{"serve", "--webhook-url", "https://ats.example/hook", "--webhook-format", "xml"}, nil, "slack"},
		{[]string{"serve", "--webhook-secret", "x"}, nil, "--webhook-url"},
		{[]string{"serve", "--webhook-url", "https://ats.example/hook", "--webhook-secret", "whsec_short"}, nil, "base64"},
		{[]string{"serve", "--sign-in", "saml"}, nil, "none or oidc or header"},
		{[]string{"serve", "--sign-in", "oidc"}, nil, "--oidc-issuer"},
		{[]string{"serve", "--sign-in", "oidc", "--oidc-issuer", "login.example"}, nil, "--oidc-issuer"},
		{[]string{"serve", "--sign-in", "oidc", "--oidc-issuer", "https://login.example?x=1", "--oidc-client-id", "p"}, nil, "no query"},
		{[]string{"serve", "--sign-in", "oidc", "--oidc-issuer", "https://login.example"}, nil, "--oidc-client-id"},
		{[]string{"serve", "--oidc-groups", "staff"}, nil, "--sign-in oidc"},
		{[]string{"serve", "--header-user", "X-User"}, nil, "--sign-in header"},
		{[]string{"serve", "--sign-in", "header"}, nil, "--trusted-proxy"},
		{[]string{"serve", "--sign-in", "header", "--trusted-proxy", "0.0.0.0/0"}, nil, "0.0.0.0/0"},
		{[]string{"serve", "--sign-in", "header", "--trusted-proxy", "10.0.0.1,::/0"}, nil, "::/0"},
		{[]string{"serve", "--sign-in", "header", "--trusted-proxy", "::ffff:0.0.0.0/96"}, nil, "wider"},
		{[]string{"serve", "--sign-in", "header", "--trusted-proxy", "0.0.0.0/1,128.0.0.0/1"}, nil, "wider"},
		{[]string{"serve", "--sign-in", "header", "--trusted-proxy", "10.0.0.1", "--header-user", "X User"}, nil, "without blanks"},
		{[]string{"serve", "--sign-in", "header", "--trusted-proxy", "10.0.0.1", "--header-user", "X_User"}, nil, "X_User"},
		{[]string{"serve", "--sign-in", "header", "--trusted-proxy", "10.0.0.1", "--header-name", "remote-user"}, nil, "two meanings"},
		{[]string{"serve", "--sign-in", "oidc", "--oidc-issuer", "https://login.example", "--oidc-client-id", "p", "--access", "open"}, nil, "--access invite"},
		{[]string{"serve", "--tls-cert", "x"}, nil, "--tls-key"},
		{[]string{"serve", "--log-level", "loud"}, nil, "debug or info or warn or error"},
		{[]string{"serve", "--log-format", "xml"}, nil, "json"},
		{[]string{"serve", "--pprof=perhaps"}, nil, "true or false"},
		{[]string{"serve", "--trace-ratio", "NaN"}, nil, "0 to 1"},
		{[]string{"serve"}, map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "collector:4318"}, "OTEL_EXPORTER_OTLP_ENDPOINT"},
		{[]string{"serve", "--data-dir", ""}, nil, "--data-dir"},
		{[]string{"serve", "--runtimes-dir", "/nowhere"}, nil, "--runtimes-dir"},
		{[]string{"serve", "--wheels-dir", "/nowhere"}, nil, "--wheels-dir"},
		{[]string{"serve", "--questions-dir", "/nowhere"}, nil, "--questions-dir"},
		{[]string{"serve"}, map[string]string{"PARLEY_SESSION_TTL": "soon"}, "PARLEY_SESSION_TTL"},
		{[]string{"bogus"}, nil, `"bogus"`},
		{[]string{"version", "x"}, nil, `"x"`},
	} {
		var out, errs bytes.Buffer
		code := run(tc.args, environment(tc.vars), &out, &errs, nil)
		line := errs.String()
		if code != exitUsage || strings.Count(line, "\n") != 1 || !strings.HasPrefix(line, "parley: ") || !strings.Contains(line, tc.want) || out.Len() > 0 {
			t.Errorf("%q %v: exit %d, stderr %q, stdout %q; want 2 and one line with %s", tc.args, tc.vars, code, line, out.String(), tc.want)
		}
		if strings.Contains(line, "short") {
			t.Errorf("the secret is in %q", line)
		}
	}
}

func TestHelpAndVersion(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"help"}, {"--help"}, {"-h"}, {"serve", "--help"}, {"serve", "-h"}} {
		var out, errs bytes.Buffer
		if code := run(args, environment(nil), &out, &errs, nil); code != exitOK || errs.Len() > 0 {
			t.Errorf("%q: exit %d, stderr %q", args, code, errs.String())
		}
		for _, s := range settings() {
			if !strings.Contains(out.String(), "--"+s.name+" ") || !strings.Contains(out.String(), s.variable()) {
				t.Errorf("%q does not mention --%s", args, s.name)
			}
		}
	}
	var out bytes.Buffer
	if code := run([]string{"version"}, environment(nil), &out, &out, nil); code != exitOK || !strings.HasPrefix(out.String(), "parley ") {
		t.Errorf("version: exit %d, %q", code, out.String())
	}
	if code := run(nil, environment(nil), &out, &out, nil); code != exitUsage {
		t.Errorf("no arguments: exit %d", code)
	}
}
