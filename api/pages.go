package api

import (
	_ "embed"
	"strings"

	"github.com/gofiber/fiber/v2"
)

// The two pages that do not come from the client build. They load nothing.
var (
	//go:embed pages/notfound.html
	notFoundHTML string
	//go:embed pages/unbuilt.html
	unbuiltHTML string
)

// wantsPage reports whether a person looks at this address in a browser: then a page says what is wrong, else a problem does.
func wantsPage(c *fiber.Ctx) bool {
	return c.Method() == fiber.MethodGet && !hasSegment(c.OriginalURL(), "/api") && !hasSegment(c.Path(), "/api") &&
		!hasSegment(c.Path(), "/ws") && strings.Contains(c.Get(fiber.HeaderAccept), "text/html")
}

func notFoundPage(c *fiber.Ctx) error { return sendPage(c, fiber.StatusNotFound, notFoundHTML) }

// unbuiltPage stands in for the client in a binary that was built without it.
func unbuiltPage(c *fiber.Ctx) error { return sendPage(c, fiber.StatusOK, unbuiltHTML) }

func sendPage(c *fiber.Ctx, status int, html string) error {
	c.Set(fiber.HeaderContentSecurityPolicy, "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'")
	c.Set(fiber.HeaderContentType, fiber.MIMETextHTMLCharsetUTF8)
	c.Set(fiber.HeaderCacheControl, "no-store")
	return c.Status(status).SendString(html)
}
