package archive_test

import (
	"encoding/json"
	"strings"
	"testing"

	"parley/pkg/archive"
)

func TestParsePlace(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]archive.Place{
		"off":                       {},
		"dir:/var/lib/x":            {Dir: "/var/lib/x"},
		"dir:./a b":                 {Dir: "./a b"},
		"s3://interviews":           {Bucket: "interviews"},
		"s3://interviews/":          {Bucket: "interviews"},
		"s3://interviews/a/b/":      {Bucket: "interviews", Prefix: "a/b"},
		"s3://a.b-1?region=eu-west": {Bucket: "a.b-1", Region: "eu-west"},
		"s3://interviews/p?endpoint=minio:9000&region=x&path_style=1&insecure=1": {
			Bucket: "interviews", Prefix: "p", Endpoint: "minio:9000", Region: "x", PathStyle: true, Insecure: true,
		},
		"s3://interviews?endpoint=[::1]:9000&path_style=0": {Bucket: "interviews", Endpoint: "[::1]:9000"},
	} {
		got, err := archive.ParsePlace(in)
		if err != nil || got != want {
			t.Errorf("%s: %+v, %v", in, got, err)
		}
		if again, err := archive.ParsePlace(got.String()); err != nil || again != got {
			t.Errorf("%s is written %s: %+v, %v", in, got, again, err)
		}
	}
	for in, says := range map[string]string{
		"": "use off", "on": "use off", "dir:": "directory", "/var": "use off", "file:///x": "use off", "s3:bucket": "use off",
		"s3://": "bucket", "s3://A": "bucket", "s3://a..b": "bucket", "s3://key:secret@interviews": "PARLEY_ARCHIVE_KEY", "s3://interviews/../x": "prefix",
		"s3://interviews?x=1": "no option", "s3://interviews?endpoint=http://x": "without https", "s3://interviews?endpoint=": "host",
		"s3://interviews?insecure=1": "endpoint", "s3://interviews?insecure=y&endpoint=x": "1 or 0", "s3://interviews?region=a/b": "region",
		"s3://interviews#x": "#", "s3://interviews?%zz": "use off", "S3://interviews/\x00": "use off",
	} {
		if got, err := archive.ParsePlace(in); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: %+v, %v", in, got, err)
		}
	}
}

func FuzzParsePlace(f *testing.F) {
	for _, s := range []string{"off", "dir:/x", "s3://interviews/p?endpoint=minio:9000&region=x&path_style=1&insecure=1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		p, err := archive.ParsePlace(s)
		if err != nil {
			return
		}
		if again, err := archive.ParsePlace(p.String()); err != nil || again != p {
			t.Errorf("%q gives %+v, written %q: %+v, %v", s, p, p.String(), again, err)
		}
	})
}

const sidecar = `{"v":1,"id":"aaaa0001","title":"T","created_at":"2026-11-29T09:00:00Z","ended_at":"2026-11-29T10:00:00Z",
"participants":[{"id":"p","name":"Ada","role":"interviewer","joined_at":"2026-11-29T09:00:00Z"}],
"bytes":6,"sha256":"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef","hold":false}`

func TestParseSidecar(t *testing.T) {
	t.Parallel()
	s, err := archive.ParseSidecar([]byte(sidecar))
	if err != nil || !s.Led("p") || s.Led("q") {
		t.Fatalf("%+v, %v", s, err)
	}
	for _, change := range [][2]string{
		{`"v":1`, `"v":2`}, {`"v":1`, `"v":0`}, {`aaaa0001`, `../a`}, {`"bytes":6`, `"bytes":-6`}, {`0123456789abcdef"`, `"`}, {`89abcdef"`, `89ABCDEF"`},
		{`2026-11-29T10:00:00Z`, `0001-01-01T00:00:00Z`}, {`"hold":false}`, `"hold":1}`}, {`{"v"`, `["v"`},
	} {
		if _, err := archive.ParseSidecar([]byte(strings.Replace(sidecar, change[0], change[1], 1))); err == nil {
			t.Errorf("%s in place of %s was taken", change[1], change[0])
		}
	}
}

func FuzzParseSidecar(f *testing.F) {
	f.Add([]byte(sidecar))
	f.Fuzz(func(t *testing.T, raw []byte) {
		s, err := archive.ParseSidecar(raw)
		if err != nil {
			return
		}
		again, err := json.Marshal(s)
		if err != nil {
			t.Fatalf("%s cannot be written: %v", raw, err)
		}
		if _, err := archive.ParseSidecar(again); err != nil {
			t.Fatalf("%s is written %s: %v", raw, again, err)
		}
	})
}

func FuzzParseTombstone(f *testing.F) {
	f.Add([]byte(`{"id":"aaaa0001","at":"2026-11-29T10:00:00Z","by":"Ada","why":"request"}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		if tomb, err := archive.ParseTombstone(raw); err == nil {
			if _, err := json.Marshal(tomb); err != nil {
				t.Fatal(err)
			}
		}
	})
}
