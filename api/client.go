package api

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
)

// clientTimeout limits the time to send one file of the client.
const clientTimeout = 10 * time.Minute

// client is the built browser client. It does not change after newClient.
type client struct {
	files fs.FS
	index map[string]clientFile // by path, without leading slash and without compressed twins
}

// clientFile is one file of the client. A twin is its compressed form beside it.
type clientFile struct {
	mime  string
	etag  string // weak, because the file and its twins share it
	sizes map[string]int64
}

// codings are the content codings of the twins, in order of preference.
var codings = []struct{ name, suffix string }{{"br", ".br"}, {"gzip", ".gz"}}

// mimeTypes are the media types of the files in a client build. The system's table is not used,
// because it differs between machines.
var mimeTypes = map[string]string{
	".html": "text/html; charset=utf-8", ".css": "text/css; charset=utf-8", ".txt": "text/plain; charset=utf-8",
	".js": "text/javascript; charset=utf-8", ".mjs": "text/javascript; charset=utf-8",
	".json": "application/json", ".map": "application/json", ".webmanifest": "application/manifest+json",
	".wasm": "application/wasm", ".svg": "image/svg+xml", ".png": "image/png", ".ico": "image/x-icon", ".webp": "image/webp",
	".woff2": "font/woff2", ".woff": "font/woff", ".ttf": "font/ttf", ".zip": "application/zip", ".whl": "application/zip",
}

// newClient indexes the files of a build. Without index.html, pages say that the client was not
// built.
func newClient(files fs.FS) (*client, error) {
	cl := &client{files: files, index: map[string]clientFile{}}
	err := fs.WalkDir(files, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasPrefix(path.Base(name), ".") || isTwin(files, name) {
			return err
		}
		f, err := readClientFile(files, name)
		cl.index[name] = f
		return err
	})
	return cl, err
}

// isTwin reports whether name is the compressed form of another file.
func isTwin(files fs.FS, name string) bool {
	for _, c := range codings {
		if plain, ok := strings.CutSuffix(name, c.suffix); ok {
			if _, err := fs.Stat(files, plain); err == nil {
				return true
			}
		}
	}
	return false
}

func readClientFile(files fs.FS, name string) (clientFile, error) {
	in, err := files.Open(name)
	if err != nil {
		return clientFile{}, err
	}
	defer in.Close()
	sum := sha256.New()
	size, err := io.Copy(sum, in)
	if err != nil {
		return clientFile{}, fmt.Errorf("read %s: %w", name, err)
	}
	f := clientFile{
		mime: mimeTypes[path.Ext(name)], etag: `W/"` + hex.EncodeToString(sum.Sum(nil)[:12]) + `"`,
		sizes: map[string]int64{"": size},
	}
	if f.mime == "" {
		f.mime = fiber.MIMEOctetStream
	}
	for _, c := range codings {
		if info, err := fs.Stat(files, name+c.suffix); err == nil {
			f.sizes[c.suffix] = info.Size()
		} else if !errors.Is(err, fs.ErrNotExist) {
			return clientFile{}, err
		}
	}
	return f, nil
}

const indexPage = "index.html"

// replayPage replays a file that its reader chooses.
const replayPage = "/replay"

// routePages are the pages for one kind of address. Each page lists its own files, so that a
// browser fetches them in parallel (ui/vite/route-pages.ts). A build without these pages uses
// indexPage.
var routePages = []struct{ prefix, name string }{{"/j/", "invite.html"}, {"/s/", "room.html"}}

// serveClient answers with a file of the client. Addresses that the client's router handles get a
// page.
func (s *Server) serveClient(c *fiber.Ctx) error {
	if c.Method() != fiber.MethodGet && c.Method() != fiber.MethodHead || hasSegment(c.Path(), "/api") || hasSegment(c.Path(), "/ws") {
		return c.Next()
	}
	name := strings.TrimPrefix(c.Path(), "/")
	if isPage(c.Path()) {
		if _, built := s.client.index[indexPage]; !built {
			return unbuiltPage(c)
		}
		name = s.client.page(c.Path())
	}
	f, ok := s.client.index[name]
	if !ok || !isPage(c.Path()) && !strings.Contains(name, "/") && strings.HasSuffix(name, ".html") {
		return fiber.ErrNotFound
	}
	s.clientHeaders(c, name)
	return s.client.send(c, name, f)
}

// page returns the name of the page for p. isPage(p) must be true.
func (cl *client) page(p string) string {
	for _, page := range routePages {
		if _, built := cl.index[page.name]; built && strings.HasPrefix(p, page.prefix) {
			return page.name
		}
	}
	return indexPage
}

// isPage reports whether the client's router handles the address: home, /new, /interviews,
// /interviews/<session>, /replay, /r/<code>, /j/<invite> and /s/<session>.
func isPage(p string) bool {
	switch strings.TrimSuffix(p, "/") {
	case "", "/new", "/interviews", replayPage:
		return p != ""
	}
	for _, prefix := range []string{"/j/", "/s/", "/r/", "/interviews/"} {
		if rest, ok := strings.CutPrefix(p, prefix); ok {
			rest = strings.TrimSuffix(rest, "/")
			return rest != "" && !strings.Contains(rest, "/")
		}
	}
	return false
}

// hasSegment reports whether p is prefix or lies below it.
func hasSegment(p, prefix string) bool {
	return p == prefix || strings.HasPrefix(p, prefix+"/")
}

// send answers with the smallest form of the file that the browser accepts, or with 304.
func (cl *client) send(c *fiber.Ctx, name string, f clientFile) error {
	c.Set(fiber.HeaderContentType, f.mime)
	c.Set(fiber.HeaderETag, f.etag)
	suffix := ""
	if len(f.sizes) > 1 {
		c.Set(fiber.HeaderVary, fiber.HeaderAcceptEncoding)
		for _, coding := range codings {
			if _, ok := f.sizes[coding.suffix]; ok && takesCoding(c.Get(fiber.HeaderAcceptEncoding), coding.name) {
				suffix = coding.suffix
				c.Set(fiber.HeaderContentEncoding, coding.name)
				break
			}
		}
	}
	if strings.Contains(c.Get(fiber.HeaderIfNoneMatch), f.etag) {
		c.Response().Header.Del(fiber.HeaderContentEncoding)
		return c.SendStatus(fiber.StatusNotModified)
	}
	file, err := cl.files.Open(name + suffix)
	if err != nil {
		return fmt.Errorf("open client file: %w", err)
	}
	// Fiber closes the file after sending. The embedded bytes are not copied into memory.
	return sendPaced(c, file, int(f.sizes[suffix]), clientTimeout, func() {})
}

// takesCoding reports whether an Accept-Encoding header allows the coding.
func takesCoding(header, coding string) bool {
	for part := range strings.SplitSeq(header, ",") {
		name, params, _ := strings.Cut(part, ";")
		if !strings.EqualFold(strings.TrimSpace(name), coding) {
			continue
		}
		q := strings.ReplaceAll(params, " ", "")
		return q != "q=0" && q != "q=0.0" && q != "q=0.00" && q != "q=0.000"
	}
	return false
}

// clientHeaders sets the policy and the cache time of a client file. The page is cross-origin
// isolated, so that its sandboxes may share memory. The sandbox runs people's code on an opaque
// origin without network access; on that origin even its own scripts count as foreign.
func (s *Server) clientHeaders(c *fiber.Ctx, name string) {
	// A host with http: also matches https:, and ws: also matches wss:.
	hosts := s.policyHosts(c)
	c.Set("Cross-Origin-Embedder-Policy", "require-corp")
	c.Set(fiber.HeaderCacheControl, "no-cache")
	switch {
	case strings.HasPrefix(name, "sandbox/"):
		c.Set("Cross-Origin-Resource-Policy", "cross-origin")
		if strings.HasSuffix(name, ".html") {
			c.Set(fiber.HeaderContentSecurityPolicy, sandboxPolicy(name, hosts))
			c.Set("Connection-Allowlist", sandboxConnections(name, hosts))
			c.Set("X-DNS-Prefetch-Control", "off")
			return
		}
		c.Set(fiber.HeaderAccessControlAllowOrigin, "*")
	case strings.HasSuffix(name, ".html"):
		c.Set("Cross-Origin-Opener-Policy", "same-origin")
		c.Set(fiber.HeaderContentSecurityPolicy, "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; worker-src 'self'; "+
			"connect-src 'self'"+sources("ws://", hosts, "")+"; font-src 'self'; img-src 'self' data:; manifest-src 'self'; "+
			"frame-src"+sources("http://", hosts, "/sandbox/")+"; frame-ancestors 'none'; base-uri 'none'; form-action 'self'")
	case name == "sw.js":
		// The service worker fetches the files that it caches under the policy of its own script.
		// The address of the script never changes.
		c.Set(fiber.HeaderContentSecurityPolicy, "default-src 'none'; script-src 'self'; connect-src 'self'")
	case strings.HasPrefix(name, "assets/"), strings.HasPrefix(name, "vendor/"):
		c.Set(fiber.HeaderCacheControl, "public, max-age=31536000, immutable")
		// A worker has the policy of its own script, so this equals the policy of the page.
		c.Set(fiber.HeaderContentSecurityPolicy, "default-src 'none'; script-src 'self'; connect-src 'self'; worker-src 'self'")
	}
}

// sandboxPolicy returns the policy of a sandbox page. A sandbox may compute, but not connect. A
// program gets its scripts as blobs, or in data: addresses where a browser starts no blobs. Where
// it starts them, boot.ts takes data: away again. A previewed page may show the media that it
// carries, and run its own inline scripts when it asks for any. The preview turns text into
// elements only through the trusted-types rule of page-doors.ts.
func sandboxPolicy(name string, hosts []string) string {
	const common = "sandbox allow-scripts; default-src 'none'; connect-src 'none'; base-uri 'none'; form-action 'none'; "
	const shown = "img-src blob: data:; font-src blob: data:; media-src blob: data:; frame-src 'none'; require-trusted-types-for 'script'; trusted-types default"
	switch path.Base(name) {
	case "preview-still.html":
		return common + "script-src" + sources("http://", hosts, "/sandbox/") + "; style-src 'unsafe-inline' blob: data:; " + shown
	case "preview.html":
		return common + "worker-src blob:; script-src" + sources("http://", hosts, "/sandbox/") + " 'unsafe-inline' 'unsafe-eval' 'wasm-unsafe-eval' blob: data:; style-src 'unsafe-inline' blob: data:; " + shown
	}
	return common + "worker-src blob: data:; script-src" + sources("http://", hosts, "/sandbox/") + " blob: data: 'wasm-unsafe-eval' 'unsafe-eval'"
}

// sandboxConnections returns all that a sandbox page may connect to: its own script. The browser
// closes everything else, of whatever kind: look-ups, navigations and WebRTC as well. Documents
// inside the page have the same list.
func sandboxConnections(name string, hosts []string) string {
	script := "boot.js"
	if strings.HasPrefix(path.Base(name), "preview") {
		script = "preview.js"
	}
	var list []string
	for _, host := range hosts {
		// A browser ignores a list that it cannot read, so nothing but a host may get into it.
		if !strings.ContainsAny(host, "\"\\") {
			list = append(list, `"*://`+host+"/sandbox/"+script+`"`)
		}
	}
	return "(" + strings.Join(list, " ") + ")"
}

// sources returns sources of a policy, each after a blank.
func sources(scheme string, hosts []string, path string) string {
	var b strings.Builder
	for _, host := range hosts {
		b.WriteString(" " + scheme + host + path)
	}
	return b.String()
}
