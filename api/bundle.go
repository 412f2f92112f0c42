package api

import (
	"io"
	"io/fs"
	"log/slog"
	"net"

	"github.com/gofiber/fiber/v2"
)

// bundlePath is where the page /replay looks for a bundle.
const bundlePath = replayPage + "/bundle.zip"

// BundleOptions configure a server that replays one file. All fields but Wheels are required.
type BundleOptions struct {
	Bundle   *io.SectionReader // the exported zip
	Client   fs.FS
	Runtimes []fs.FS
	Wheels   fs.FS
	Logger   *slog.Logger
}

// NewBundle returns a Server with the page /replay and one bundle. It has no API and no store.
func NewBundle(opts BundleOptions) (*Server, error) {
	s, err := newServer(Options{Client: opts.Client, Runtimes: opts.Runtimes, Wheels: opts.Wheels, Logger: opts.Logger})
	if err != nil {
		return nil, err
	}
	s.app.Use(s.observe, s.recoverPanics, secure, onlyHere, s.takeBody, s.deadline)
	s.app.Get("/", func(c *fiber.Ctx) error { return c.Redirect(replayPage) })
	s.app.Get(bundlePath, func(c *fiber.Ctx) error {
		c.Set(fiber.HeaderContentType, zipType)
		c.Set(fiber.HeaderCacheControl, "no-store")
		content := io.NewSectionReader(opts.Bundle, 0, opts.Bundle.Size())
		return sendPaced(c, content, int(content.Size()), exportTimeout, func() {})
	})
	s.app.Use("/runtimes", s.serveRuntimes)
	s.app.Use(func(c *fiber.Ctx) error {
		if path := c.Path(); isPage(path) && !hasSegment(path, replayPage) {
			return fiber.ErrNotFound
		}
		return s.serveClient(c)
	})
	return s, nil
}

// onlyHere refuses requests under another name than that of this machine, so that a page from
// elsewhere whose name leads here cannot read the bundle.
func onlyHere(c *fiber.Ctx) error {
	host, _, err := net.SplitHostPort(string(c.Context().Host()))
	if err != nil {
		host = string(c.Context().Host())
	}
	if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return fiber.ErrNotFound
	}
	return c.Next()
}
