package api

import (
	_ "embed"
	"strings"

	"github.com/gofiber/fiber/v2"
)

// Two pages that are not part of the client build. They load nothing.
var (
	//go:embed pages/notfound.html
	notFoundHTML string
	//go:embed pages/unbuilt.html
	unbuiltHTML string
)

// wantsPage reports whether a browser asks for a page that a person will read. Such a request gets
// an HTML error page instead of a problem.
func wantsPage(c *fiber.Ctx) bool {
	return c.Method() == fiber.MethodGet && !hasSegment(c.OriginalURL(), "/api") && !hasSegment(c.Path(), "/api") &&
		!hasSegment(c.Path(), "/ws") && strings.Contains(c.Get(fiber.HeaderAccept), "text/html")
}

func notFoundPage(c *fiber.Ctx) error { return sendPage(c, fiber.StatusNotFound, notFoundHTML) }

// unbuiltPage answers in place of the client if the binary was built without the client.
func unbuiltPage(c *fiber.Ctx) error { return sendPage(c, fiber.StatusOK, unbuiltHTML) }

func sendPage(c *fiber.Ctx, status int, html string) error {
	c.Set(fiber.HeaderContentSecurityPolicy, "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'")
	c.Set(fiber.HeaderContentType, fiber.MIMETextHTMLCharsetUTF8)
	c.Set(fiber.HeaderCacheControl, "no-store")
	return c.Status(status).SendString(html)
}
