package api_test

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"math/rand/v2"
	"net"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
	"testing/synctest"
	"time"

	"github.com/andybalholm/brotli"

	"parley/api"
)

func brotliOf(t testing.TB, data []byte) *fstest.MapFile {
	t.Helper()
	var b bytes.Buffer
	w := brotli.NewWriter(&b)
	if _, err := w.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return &fstest.MapFile{Data: b.Bytes()}
}

// runtimeDir is the build output of a runtime with one file.
func runtimeDir(t testing.TB, id, version string, wasm []byte) fstest.MapFS {
	t.Helper()
	manifest, err := json.Marshal(map[string]any{"id": id, "title": strings.ToUpper(id), "version": version,
		"files":    []map[string]any{{"name": id + ".wasm", "path": version + "/" + id + ".wasm", "bytes": len(wasm)}},
		"licences": []map[string]any{{"name": id, "version": version, "licence": "MIT", "text": "do what you like"}}})
	if err != nil {
		t.Fatal(err)
	}
	return fstest.MapFS{
		".keep":              {},
		id + "/runtime.json": {Data: manifest},
		id + "/" + version + "/" + id + ".wasm.br": brotliOf(t, wasm),
	}
}

type runtimeIndex struct {
	Runtimes []struct {
		ID, Version string
		Files       []struct {
			Name, Path      string
			Bytes, Transfer int
		}
		Licences []any
	}
	Wheels []struct {
		Name  string
		Bytes int
	}
}

// A browser finds the runtimes and wheels, with a directory's runtimes before the binary's, and
// gets each file unchanged.
func TestRuntimes(t *testing.T) {
	t.Parallel()
	wasm, newer := bytes.Repeat([]byte("\x00asm"), 50_000), []byte("newer")
	s := newService(t, func(o *api.Options) {
		o.Runtimes = []fs.FS{runtimeDir(t, "lua", "5.4", wasm), runtimeDir(t, "lua", "5.5", newer), runtimeDir(t, "go", "1.26", wasm)}
		o.Wheels = fstest.MapFS{"six-1.0-py3-none-any.whl": {Data: []byte("PK")}, "notes.txt": {Data: []byte("x")}}
	})
	a := s.do(t, "GET", "/runtimes/index.json", "", nil)
	index := decode[runtimeIndex](t, a)
	if len(index.Runtimes) != 2 || index.Runtimes[0].ID != "go" || index.Runtimes[1].Version != "5.5" || index.Runtimes[1].Licences != nil {
		t.Fatalf("index is %s", a)
	}
	if len(index.Wheels) != 1 || index.Wheels[0].Name != "six-1.0-py3-none-any.whl" || index.Wheels[0].Bytes != 2 {
		t.Errorf("wheels are %v", index.Wheels)
	}
	path := "/runtimes/go/" + index.Runtimes[0].Files[0].Path
	plain := s.do(t, "GET", path, "", nil)
	if plain.status != 200 || !bytes.Equal(plain.body, wasm) || plain.header.Get("Content-Type") != "application/wasm" {
		t.Errorf("plain: %d, %d bytes, %v", plain.status, len(plain.body), plain.header)
	}
	packed := s.do(t, "GET", path, "", nil, "Accept-Encoding", "gzip, br")
	if packed.header.Get("Content-Encoding") != "br" || len(packed.body) != index.Runtimes[0].Files[0].Transfer {
		t.Errorf("packed: %d bytes, %v", len(packed.body), packed.header)
	}
	for _, a := range []answer{plain, packed} {
		if h := a.header; !strings.Contains(h.Get("Cache-Control"), "immutable") || h.Get("Vary") != "Accept-Encoding" ||
			h.Get("Cross-Origin-Resource-Policy") != "same-origin" || h.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("headers are %v", h)
		}
	}
	if w := s.do(t, "GET", "/runtimes/wheels/six-1.0-py3-none-any.whl", "", nil); w.status != 200 || string(w.body) != "PK" {
		t.Errorf("wheel: %s", w)
	}
	for _, path := range []string{"/runtimes/", "/runtimes/go/runtime.json", "/runtimes/go/../lua", "/runtimes/wheels/notes.txt", "/runtimes/wheels/%2e%2e%2fx", "/runtimes/nope/x"} {
		s.do(t, "GET", path, "", nil).want(t, path, 404, "not_found")
	}
}

// Without runtimes, the index is empty. A broken directory stops the start with an error that names
// the file.
func TestRuntimesMissingOrBroken(t *testing.T) {
	t.Parallel()
	s := newService(t, nil)
	if a := s.do(t, "GET", "/runtimes/index.json", "", nil); a.String() != `200 {"runtimes":[],"wheels":[]}` {
		t.Errorf("none: %s", a)
	}
	for name, dir := range map[string]fstest.MapFS{
		"no JSON":          {"go/runtime.json": {Data: []byte("{")}},
		"no language":      {"go/runtime.json": {Data: []byte(`{"files":[{"path":"x"}]}`)}},
		"no files":         {"go/runtime.json": {Data: []byte(`{"id":"go"}`)}},
		"a file elsewhere": {"go/runtime.json": {Data: []byte(`{"id":"go","files":[{"path":"../../etc/passwd"}]}`)}},
		"a missing file":   {"go/runtime.json": {Data: []byte(`{"id":"go","files":[{"path":"a/b"}]}`)}},
	} {
		_, err := api.New(api.Options{Client: builtClient, Runtimes: []fs.FS{dir}})
		if err == nil || !strings.Contains(err.Error(), "go/runtime.json") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Any directory of an operator gives an error or an index, never a panic.
func FuzzRuntimeManifest(f *testing.F) {
	f.Add([]byte(`{"id":"go","title":"Go","version":"1","files":[{"name":"a","path":"h/a","bytes":1}]}`))
	f.Add([]byte(`{"id":"go","files":[{"path":"../x","bytes":-1}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		dir := fstest.MapFS{"x/runtime.json": {Data: data}, "x/h/a.br": brotliOf(t, []byte("a"))}
		index, err := api.RuntimeIndex(dir)
		if err == nil && !json.Valid(index) {
			t.Errorf("index of %q is %q", data, index)
		}
	})
}

// Clients without Brotli that do not read hold a few decoders, not one each. When they leave, the
// next ones are served.
func TestPlainRuntimesUnderWay(t *testing.T) {
	noise := make([]byte, 20<<20)
	rand.NewChaCha8([32]byte{}).Read(noise)
	s := newService(t, func(o *api.Options) { o.Runtimes = []fs.FS{runtimeDir(t, "lua", "5.4", noise)} })
	path, before := "/runtimes/lua/5.4/lua.wasm", heap()
	var conns []net.Conn
	for range 40 {
		conns = append(conns, s.unread(t, getRequest(path, "")))
	}
	eventually(t, "the places of this address", func() bool { return s.server.Decompressing() == 8 })
	if grown := heap() - before; grown > 100<<20 {
		t.Errorf("40 clients that do not read hold %d MiB", grown>>20)
	}
	if a := s.do(t, "GET", path, "", nil, "Accept-Encoding", "br"); a.status != 200 {
		t.Errorf("a client with Brotli got %d", a.status)
	}
	if a := s.do(t, "HEAD", path, "", nil); a.status != 200 || a.header.Get("Content-Length") != strconv.Itoa(len(noise)) {
		t.Errorf("HEAD got %d, %v", a.status, a.header)
	}
	for _, c := range conns {
		c.Close()
	}
	if a := s.do(t, "GET", path, "", nil); a.status != 200 || !bytes.Equal(a.body, noise) {
		t.Errorf("a client that comes after them got %d, %d bytes", a.status, len(a.body))
	}
	eventually(t, "all places to be free", func() bool { return s.server.Decompressing() == 0 })
}

// A client that does not read loses its connection, whatever it asked for. One that reads slowly
// keeps it.
func TestSlowReaders(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		conn, content := &deadlines{}, strings.NewReader(strings.Repeat("x", 1<<20))
		body := api.NewPaced(content, conn, time.Minute)
		started, buf := time.Now(), make([]byte, 4<<10)
		var last time.Duration
		for {
			n, err := body.Read(buf)
			if err != nil {
				break
			}
			left := time.Until(conn.at)
			if left <= 0 || left > 20*time.Second {
				t.Fatalf("after %v the reader has %v left", time.Since(started), left)
			}
			last = conn.at.Sub(started)
			<-time.After(time.Duration(n) * time.Second / (32 << 10)) // 32 KiB a second
		}
		if last < 30*time.Second || last > time.Minute {
			t.Errorf("the last deadline is after %v, want one that has moved and is within the limit", last)
		}
		if content.Len() > 0 {
			t.Errorf("%d bytes were not read", content.Len())
		}
	})
}

// deadlines is a connection that only notes its write deadline.
type deadlines struct {
	net.Conn
	at time.Time
}

func (d *deadlines) SetWriteDeadline(at time.Time) error {
	d.at = at
	return nil
}
