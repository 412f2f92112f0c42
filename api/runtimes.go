package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"net/url"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/andybalholm/brotli"
	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"
)

// runtimeTimeout limits the time to send one file of a language runtime: 20 MB on a slow line.
const runtimeTimeout = 10 * time.Minute

// runtimeManifest is the file that describes a directory of runtimes.
const runtimeManifest = "runtime.json"

// languageRuntime lists the files that a browser needs to run one language. It is read from
// runtime.json.
type languageRuntime struct {
	ID       string           `json:"id"`
	Title    string           `json:"title"`
	Version  string           `json:"version"`
	Files    []runtimeFile    `json:"files"`
	Licences []runtimeLicence `json:"licences,omitempty"`
}

// runtimeFile is one file of a runtime. Path contains the hash of the content, so browsers may
// cache the file for ever.
type runtimeFile struct {
	Name     string `json:"name"`
	Path     string `json:"path"`     // relative to the runtime's directory, without the suffix .br
	Bytes    int64  `json:"bytes"`    // size of the content
	Transfer int64  `json:"transfer"` // size of the compressed form
}

// runtimeLicence names a component of a runtime and its licence.
type runtimeLicence struct {
	Name    string `json:"name"`
	Version string `json:"version"`
	Licence string `json:"licence"` // SPDX expression
	Note    string `json:"note,omitempty"`
	Text    string `json:"text,omitempty"`
}

// wheel is a Python package that programs can import.
type wheel struct {
	Name  string `json:"name"`
	Bytes int64  `json:"bytes"`
}

// runtimes serves the language runtimes. It does not change after newRuntimes.
type runtimes struct {
	index  []byte // index.json, encoded
	files  map[string]servedRuntime
	wheels fs.FS
	known  map[string]wheel
}

type servedRuntime struct {
	runtimeFile
	from fs.FS
	at   string
}

// newRuntimes reads all layers. If two layers hold a runtime of the same id, the later layer wins.
func newRuntimes(layers []fs.FS, wheels fs.FS) (*runtimes, error) {
	rt := &runtimes{files: map[string]servedRuntime{}, wheels: wheels, known: map[string]wheel{}}
	found := map[string]languageRuntime{}
	for _, layer := range layers {
		names, err := fs.Glob(layer, "*/"+runtimeManifest)
		if err != nil {
			return nil, err
		}
		for _, name := range names {
			r, err := readRuntime(layer, name)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", name, err)
			}
			found[r.ID] = r
			for _, f := range r.Files {
				rt.files[r.ID+"/"+f.Path] = servedRuntime{f, layer, path.Join(path.Dir(name), f.Path) + ".br"}
			}
		}
	}
	if err := rt.readWheels(); err != nil {
		return nil, err
	}
	list := slices.SortedFunc(maps.Values(found), func(a, b languageRuntime) int { return strings.Compare(a.ID, b.ID) })
	for i := range list {
		list[i].Licences = nil // long, and the page does not need them
	}
	packages := slices.SortedFunc(maps.Values(rt.known), func(a, b wheel) int { return strings.Compare(a.Name, b.Name) })
	var err error
	rt.index, err = json.Marshal(map[string]any{"runtimes": orEmpty(list), "wheels": orEmpty(packages)})
	return rt, err
}

// orEmpty turns a nil list into an empty one, so that JSON shows [] and not null.
func orEmpty[T any](list []T) []T { return append([]T{}, list...) }

// readRuntime reads one runtime.json and checks that its files exist.
func readRuntime(layer fs.FS, name string) (languageRuntime, error) {
	var r languageRuntime
	data, err := fs.ReadFile(layer, name)
	if err != nil {
		return r, err
	}
	if err := json.Unmarshal(data, &r); err != nil {
		return r, err
	}
	if r.ID == "" || len(r.Files) == 0 {
		return r, errors.New("it names no language or no files; run make runtimes to rebuild it")
	}
	for i, f := range r.Files {
		at := path.Join(path.Dir(name), f.Path) + ".br"
		if !fs.ValidPath(f.Path) || f.Bytes < 0 {
			return r, fmt.Errorf("it names an invalid file %q of %d bytes", f.Path, f.Bytes)
		}
		info, err := fs.Stat(layer, at)
		if err != nil {
			return r, err
		}
		r.Files[i].Transfer = info.Size()
	}
	return r, nil
}

func (rt *runtimes) readWheels() error {
	if rt.wheels == nil {
		return nil
	}
	entries, err := fs.ReadDir(rt.wheels, ".")
	if err != nil {
		return fmt.Errorf("read the Python wheels: %w", err)
	}
	for _, e := range entries {
		if e.IsDir() || path.Ext(e.Name()) != ".whl" {
			continue
		}
		info, err := e.Info()
		if err != nil {
			return fmt.Errorf("read the Python wheels: %w", err)
		}
		rt.known[e.Name()] = wheel{e.Name(), info.Size()}
	}
	return nil
}

// serveRuntimes answers requests below /runtimes: index.json, <runtime>/<hash>/<file> and
// wheels/<file>.
func (s *Server) serveRuntimes(c *fiber.Ctx) error {
	name, ok := strings.CutPrefix(c.Path(), "/runtimes/")
	if !ok || c.Method() != fiber.MethodGet && c.Method() != fiber.MethodHead {
		return c.Next()
	}
	if name == "index.json" {
		c.Set(fiber.HeaderContentType, fiber.MIMEApplicationJSON)
		c.Set(fiber.HeaderCacheControl, "no-cache")
		return sendShared(c, s.runtimes.index)
	}
	if name, ok := strings.CutPrefix(name, "wheels/"); ok {
		return s.runtimes.sendWheel(c, name)
	}
	f, ok := s.runtimes.files[name]
	if !ok {
		return fiber.ErrNotFound
	}
	return s.sendRuntime(c, f)
}

// Bounds of the files that are decompressed while they are sent. Each takes some 5 MiB, most of it
// the window of Brotli.
const (
	plainEach  = 8 // for one address
	plainInAll = 32
	plainWait  = time.Minute // for a place
)

// sendRuntime answers with the compressed file as stored. A client that does not accept Brotli gets
// the decompressed file; browsers accept Brotli over https and from localhost.
func (s *Server) sendRuntime(c *fiber.Ctx, f servedRuntime) error {
	c.Set(fiber.HeaderContentType, mimeOf(f.Name))
	c.Set(fiber.HeaderCacheControl, "public, max-age=31536000, immutable")
	c.Set(fiber.HeaderVary, fiber.HeaderAcceptEncoding)
	if takesCoding(c.Get(fiber.HeaderAcceptEncoding), "br") {
		file, err := f.from.Open(f.at)
		if err != nil {
			return fmt.Errorf("open runtime file: %w", err)
		}
		c.Set(fiber.HeaderContentEncoding, "br")
		return sendPaced(c, file, int(f.Transfer), runtimeTimeout, func() {})
	}
	if c.Method() == fiber.MethodHead {
		return c.SendStream(strings.NewReader(""), int(f.Bytes))
	}
	ctx, cancel := context.WithTimeout(context.Background(), plainWait)
	defer cancel()
	address := limitKey(s.clientIP(c))
	if err := s.plain.wait(ctx, address, 1); err != nil {
		return err
	}
	done := func() { s.plain.give(address, 1) }
	file, err := f.from.Open(f.at)
	if err != nil {
		done()
		return fmt.Errorf("open runtime file: %w", err)
	}
	plain := struct {
		io.Reader
		io.Closer
	}{io.LimitReader(brotli.NewReader(file), f.Bytes), file}
	return sendPaced(c, plain, int(f.Bytes), runtimeTimeout, done)
}

func (rt *runtimes) sendWheel(c *fiber.Ctx, name string) error {
	name, err := url.PathUnescape(name)
	w, ok := rt.known[name]
	if !ok || err != nil {
		return fiber.ErrNotFound
	}
	file, err := rt.wheels.Open(w.Name)
	if err != nil {
		return fmt.Errorf("open Python wheel: %w", err)
	}
	c.Set(fiber.HeaderContentType, mimeOf(w.Name))
	c.Set(fiber.HeaderCacheControl, "public, max-age=86400")
	return sendPaced(c, file, int(w.Bytes), runtimeTimeout, func() {})
}

// mimeOf returns the media type for the extension of name.
func mimeOf(name string) string {
	if t := mimeTypes[path.Ext(name)]; t != "" {
		return t
	}
	return fiber.MIMEOctetStream
}

// patience gives the large files of a runtime a longer write timeout.
func patience(h *fasthttp.RequestHeader) fasthttp.RequestConfig {
	if strings.HasPrefix(string(h.RequestURI()), "/runtimes/") {
		return fasthttp.RequestConfig{WriteTimeout: runtimeTimeout}
	}
	return fasthttp.RequestConfig{}
}
