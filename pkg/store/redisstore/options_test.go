package redisstore

import (
	"slices"
	"strings"
	"testing"
)

func TestParseURL(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ in, hosts, shown string }{
		{"redis://localhost", "localhost:6379", "redis://localhost:6379"},
		{"redis://localhost:7000/3", "localhost:7000", "redis://localhost:7000"},
		{"redis://[::1]:7000", "[::1]:7000", "redis://[::1]:7000"},
		{"redis://:s%40cret@h", "h:6379", "redis://h:6379"},
		{"rediss://ada:secret@h?tls_server_name=x", "h:6379", "rediss://h:6379"},
		{"redis://s1,s2:1?master_name=main&sentinel_password=p", "s1:26379,s2:1", "redis://s1:26379,s2:1 (Sentinel, master main)"},
		{"redis://s1?master_name=main&addr=s2&addr=s3:1", "s1:26379,s2:26379,s3:1", "redis://s1:26379,s2:26379,s3:1 (Sentinel, master main)"},
		{"redis://a:1?addr=b:2", "a:1,b:2", "redis://a:1,b:2 (cluster)"},
		{"redis://a:1?cluster=true", "a:1", "redis://a:1 (cluster)"},
		{"redis://a:1,b:2,c:3", "a:1,b:2,c:3", "redis://a:1,b:2,c:3 (cluster)"},
	} {
		got, err := parseURL(tc.in)
		if err != nil {
			t.Errorf("%s: %v", tc.in, err)
			continue
		}
		if !slices.Equal(got.hosts, strings.Split(tc.hosts, ",")) || got.String() != tc.shown {
			t.Errorf("%s: hosts %v, shown as %s; want %s, %s", tc.in, got.hosts, got, tc.hosts, tc.shown)
		}
	}
	got, err := parseURL("redis://ada:s%40c:ret@h/2?pool=3&timeout=1s&prefix=x&wait_replicas=1&wait_timeout=20ms")
	if err != nil || got.user != "ada" || got.password != "s@c:ret" || got.db != 2 || got.pool != 3 || got.prefix != "x" ||
		got.timeout.String() != "1s" || got.waitReplicas != 1 || got.waitTimeout.String() != "20ms" {
		t.Errorf("got %+v, %v", got, err)
	}
}

// Every error says how to mend the address, and never shows the password.
func TestParseURLErrors(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"":                                       "redis://host:port",
		"localhost:6379":                         "redis://host:port",
		"http://h":                               "redis://host:port",
		"redis://":                               "no host",
		"redis://:secret@":                       "no host",
		"redis://secret@h":                       "user:password@",
		"redis://:secret%zz@h":                   "%25",
		"redis://:secret#1@h":                    "%23",
		"redis://h:99999":                        "port",
		"redis://h:x":                            "port",
		"redis://h/secretdb":                     "database",
		"redis://h/-1":                           "database",
		"redis://a?cluster=yes":                  "true or false",
		"redis://a/1?cluster=true":               "database 0",
		"redis://a?cluster=true&master_name=m":   "not both",
		"redis://a?master_name=":                 "empty",
		"redis://a?sentinel_password=p":          "master_name=<name>",
		"redis://a?tls_ca=/x":                    "rediss://",
		"rediss://a?tls_cert=/x":                 "together",
		"redis://a?pool=0":                       "1 to 10000",
		"redis://a?timeout=1h":                   "500ms",
		"redis://a?prefix=a{b":                   "braces",
		"redis://a?nonsense=1":                   "there are addr",
		"redis://a?pool=1&pool=2":                "twice",
		"redis://a?cluster=true&wait_replicas=1": "wait_replicas",
	} {
		_, err := parseURL(in)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q gave %v, want a word of %q", in, err, want)
		}
		if err != nil && strings.Contains(err.Error(), "secret") && !strings.Contains(in, "secretdb") {
			t.Errorf("%q: the error shows the password: %v", in, err)
		}
	}
}

func FuzzParseURL(f *testing.F) {
	f.Add("redis://ada:secret@h:1,[::1]:2/0?cluster=true&tls_ca=x")
	f.Add("rediss://h?master_name=m")
	f.Fuzz(func(t *testing.T, in string) {
		got, err := parseURL(in)
		if err == nil && (len(got.hosts) == 0 || got.prefix == "") {
			t.Errorf("%q was taken as %+v", in, got)
		}
	})
}
