package main

import (
	"bytes"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"parley/pkg/store/redisstore"
	"parley/pkg/store/redistest"
)

// has reports whether there is a finding with that verdict and those words.
func (f findings) has(v verdict, words string) bool {
	for _, x := range f {
		if x.verdict == v && strings.Contains(x.about+" "+x.detail, words) && (v == fine) == (x.advice == "") {
			return true
		}
	}
	return false
}

// A well configured Redis passes. Each misconfiguration is reported with what to change.
func TestDoctorExaminesRedis(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		args     []string
		verdicts map[string]verdict
	}{
		"good": {
			[]string{"--appendonly", "yes", "--appendfsync", "everysec", "--maxmemory", "64mb", "--maxmemory-policy", "noeviction"},
			map[string]verdict{"version": fine, "noeviction": fine, "append-only file": fine, "clock agrees": fine},
		},
		"configured as a cache": {
			[]string{"--maxmemory", "64mb", "--maxmemory-policy", "allkeys-lru"},
			map[string]verdict{"allkeys-lru": trouble, "no append-only file": doubt},
		},
		"as installed": {nil, map[string]verdict{"no maxmemory": doubt, "no append-only file": doubt}},
		"nearly full": {
			[]string{"--maxmemory", "1100kb", "--appendonly", "yes", "--appendfsync", "no"},
			map[string]verdict{"MiB are in use": doubt, "appendfsync is no": doubt},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := redistest.Start(t, redistest.Options{Args: tc.args, Password: "geheim"})
			var f findings
			config{redisURL: server.URL()}.examineRedis(&f)
			for words, v := range tc.verdicts {
				if !f.has(v, words) {
					t.Errorf("no %s with %q in %+v", v, words, f)
				}
			}
		})
	}
	var f findings
	config{redisURL: "redis://:geheim@" + freeAddr(t)}.examineRedis(&f)
	if !f.has(trouble, "cannot be reached") || f.has(trouble, "geheim") {
		t.Errorf("for a Redis that cannot be reached: %+v", f)
	}
}

func TestDoctorExaminesEveryMasterOfACluster(t *testing.T) {
	t.Parallel()
	cluster := redistest.StartCluster(t, redistest.Options{}, redistest.MastersOnly)
	var f findings
	config{redisURL: cluster.URL()}.examineRedis(&f)
	versions := 0
	for _, x := range f {
		if x.verdict == fine && strings.Contains(x.detail, "version") {
			versions++
		}
	}
	if versions != 3 {
		t.Errorf("%d masters examined, want 3: %+v", versions, f)
	}
}

// Findings that no test server can produce.
func TestDoctorJudgesServers(t *testing.T) {
	t.Parallel()
	var f findings
	examineServer(&f, "redis", redisstore.Examination{Version: "6.2.1", Replica: true, Loading: true, RoundTrip: 80 * time.Millisecond, Ahead: -time.Minute, WriteError: "rdb_last_bgsave_status: err"})
	examineServer(&f, "redis", redisstore.Examination{Version: "7.0.1", Ahead: 2 * time.Second})
	for words, v := range map[string]verdict{
		"version 6.2.1": trouble, "is a replica": trouble, "loading": doubt, "answers in 80ms": doubt, "differs from this machine's by 1m0s": trouble,
		"rdb_last_bgsave_status": trouble, "by 2s": doubt,
	} {
		if !f.has(v, words) {
			t.Errorf("no %s with %q in %+v", v, words, f)
		}
	}
}

func TestDoctorExaminesTheDataDirectory(t *testing.T) {
	t.Parallel()
	open, foreign, plainFile := t.TempDir(), t.TempDir(), filepath.Join(t.TempDir(), "file")
	if err := os.Chmod(open, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{filepath.Join(foreign, "parley.db"), plainFile} {
		if err := os.WriteFile(path, []byte("my notes"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	used := t.TempDir()
	launch(t, "--data-dir", used)
	for dir, want := range map[string]struct {
		verdict
		words string
	}{
		open:                              {doubt, "accessible to other users"},
		foreign:                           {trouble, "not a Parley database"},
		plainFile:                         {trouble, "not a directory"},
		used:                              {fine, "in use by a running Parley"},
		filepath.Join(t.TempDir(), "a/b"): {fine, "can be created"},
		filepath.Join(plainFile, "a"):     {trouble, plainFile},
	} {
		var f findings
		config{dataDir: dir}.examineDataDir(&f)
		if !f.has(want.verdict, want.words) {
			t.Errorf("%s: no %s with %q in %+v", dir, want.verdict, want.words, f)
		}
	}
}

func TestDoctorExaminesCertificates(t *testing.T) {
	t.Parallel()
	now := time.Now()
	for _, tc := range []struct {
		ends  time.Duration
		url   string
		want  verdict
		words string
	}{
		{90 * 24 * time.Hour, "https://localhost:8443", fine, "in 90 days"},
		{5 * 24 * time.Hour, "", doubt, "in 5 days"},
		{-time.Minute, "", trouble, "expired"},
		{90 * 24 * time.Hour, "https://parley.example", trouble, "is for localhost, not for parley.example"},
	} {
		certFile, keyFile := writeCertificate(t, t.TempDir(), 1, now.Add(tc.ends+time.Minute/2))
		var f findings
		config{tlsCert: certFile, tlsKey: keyFile, publicURL: tc.url}.examineCertificate(&f, now)
		if !f.has(tc.want, tc.words) {
			t.Errorf("%v %s: no %s with %q in %+v", tc.ends, tc.url, tc.want, tc.words, f)
		}
	}
	var f findings
	config{tlsCert: "/nowhere", tlsKey: "/nowhere"}.examineCertificate(&f, now)
	if !f.has(trouble, "/nowhere") {
		t.Errorf("%+v", f)
	}
}

// The whole command: beside a running server, with a port that is in use, and with wrong settings.
func TestDoctorCommand(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	dir := t.TempDir()
	p := launch(t, "--data-dir", dir)
	running := strings.TrimPrefix(p.url, "http://")
	for _, tc := range []struct {
		args []string
		code int
		want []string
	}{
		{[]string{"--addr", running, "--data-dir", dir, "--metrics-addr", "off", "--public-url", "https://parley.example"}, exitOK,
			[]string{"ok    address       " + running + " is in use by a running Parley", "in use by a running Parley", "warn  metrics", "start with https://parley.example"}},
		{[]string{"--addr", taken.Addr().String(), "--data-dir", t.TempDir(), "--metrics-addr", freeAddr(t), "--access", "open", "--allowed-origin", "http://a.example",
			"--webhook-url", "http://u:geheim@" + freeAddr(t) + "/x", "--webhook-secret", "x", "--otlp-endpoint", "http://" + running}, exitFailure,
			[]string{"FAIL  address", "-> stop the program that uses it", "warn  access", "http://a.example is plain HTTP", "warn  webhooks", "ok    traces"}},
	} {
		var out, errs bytes.Buffer
		code := run(append([]string{"doctor"}, tc.args...), environment(nil), &out, &errs, nil)
		if code != tc.code || errs.Len() > 0 || strings.Contains(out.String(), "geheim") {
			t.Errorf("%q: exit %d, stderr %q:\n%s", tc.args, code, errs.String(), out.String())
		}
		for _, want := range tc.want {
			if !strings.Contains(out.String(), want) {
				t.Errorf("%q: no %q in\n%s", tc.args, want, out.String())
			}
		}
	}
	var out, errs bytes.Buffer
	if code := run([]string{"doctor", "--store", "x"}, environment(nil), &out, &errs, nil); code != exitUsage || out.Len() > 0 {
		t.Errorf("exit %d, %s", code, out.String())
	}
}

func TestHealthcheckCommand(t *testing.T) {
	t.Parallel()
	certFile, keyFile := writeCertificate(t, t.TempDir(), 1, time.Now().Add(time.Hour))
	p := launch(t, "--data-dir", t.TempDir())
	q := launch(t, "--data-dir", t.TempDir(), "--tls-cert", certFile, "--tls-key", keyFile)
	for _, tc := range []struct {
		args []string
		code int
	}{
		{[]string{"--addr", strings.TrimPrefix(p.url, "http://")}, exitOK},
		{[]string{"--addr", strings.TrimPrefix(q.url, "https://"), "--tls-cert", certFile, "--tls-key", keyFile}, exitOK},
		{[]string{"--addr", freeAddr(t)}, exitFailure},
		{[]string{"--addr", "x"}, exitUsage},
	} {
		var out, errs bytes.Buffer
		if code := run(append([]string{"healthcheck"}, tc.args...), environment(nil), &out, &errs, nil); code != tc.code || strings.Count(out.String()+errs.String(), "\n") != 1 {
			t.Errorf("%q: exit %d, want %d: %s%s", tc.args, code, tc.code, out.String(), errs.String())
		}
	}
	for addr, want := range map[string]string{":80": "127.0.0.1:80", "0.0.0.0:80": "127.0.0.1:80", "[::]:80": "[::1]:80", "10.1.1.1:80": "10.1.1.1:80", "host:80": "host:80"} {
		if got := local(addr); got != want {
			t.Errorf("%s is reached at %s, want %s", addr, got, want)
		}
	}
}

// parley config shows every setting with its source but no secret, and serve can read the output.
func TestConfigCommand(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "p.yaml")
	if err := os.WriteFile(file, []byte("session-ttl: 2h\nallowed-origin: [https://a.example, https://b.example]\nsecret: very-secret-very-secret-very-secret\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	var out, errs bytes.Buffer
	code := run([]string{"config", "--config", file, "--addr", ":7", "--api-key", "hidden-1,hidden-2", "--create-rate", "auto"},
		environment(map[string]string{"PARLEY_DRAIN_TIME": "7s", "PARLEY_TRUSTED_PROXY": "10.0.0.0/8, 10.1.1.1"}), &out, &errs, nil)
	text := out.String()
	if code != exitOK || errs.Len() > 0 || strings.Contains(text, "very-secret") || strings.Contains(text, "hidden") {
		t.Errorf("exit %d, stderr %q:\n%s", code, errs.String(), text)
	}
	for _, want := range []string{
		`addr: :7 `, "# --addr\n", "session-ttl: 2h ", "# " + file + ":1\n", "drain-time: 7s", "# PARLEY_DRAIN_TIME\n", "#secret: ***", file + ":3, not shown",
		"allowed-origin: [https://a.example, https://b.example]", "trusted-proxy: [10.0.0.0/8, 10.1.1.1]", "# --create-rate, which is 120\n", "data-dir: ./data ",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	for _, s := range settings() {
		if !strings.Contains(text, "\n"+s.name+":") && !strings.Contains(text, "#"+s.name+":") && !strings.HasPrefix(text, s.name+":") {
			t.Errorf("the output lacks %s", s.name)
		}
	}
	if again, err := parseFile("again", out.Bytes()); err != nil || len(again) == 0 || again["session-ttl"].values[0] != "2h" {
		t.Errorf("the output cannot be read again: %v", err)
	}
}
