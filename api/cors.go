package api

import (
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"
)

// Headers of the CORS answers. Clients send a token, never a cookie, so credentials are not
// allowed.
const (
	corsMethods = "GET, HEAD, POST, PUT, PATCH, DELETE"
	corsHeaders = "Authorization, Content-Type"
	corsExposed = "Location, Retry-After, X-Request-Id, Content-Disposition"
	corsMaxAge  = "600" // seconds that a browser caches the answer
)

// cors lets pages of the configured origins use the API, and no other pages.
func (s *Server) cors(c *fiber.Ctx) error {
	c.Vary(fiber.HeaderOrigin)
	origin := c.Get(fiber.HeaderOrigin)
	if origin == "" || !s.configuredOrigin(origin) {
		return c.Next()
	}
	c.Set(fiber.HeaderAccessControlAllowOrigin, origin)
	c.Set(fiber.HeaderAccessControlExposeHeaders, corsExposed)
	if c.Method() != fiber.MethodOptions || c.Get(fiber.HeaderAccessControlRequestMethod) == "" {
		return c.Next()
	}
	c.Set(fiber.HeaderAccessControlAllowMethods, corsMethods)
	c.Set(fiber.HeaderAccessControlAllowHeaders, corsHeaders)
	c.Set(fiber.HeaderAccessControlMaxAge, corsMaxAge)
	return c.SendStatus(fiber.StatusNoContent)
}

// configuredOrigin reports whether --allowed-origin or --public-url names this origin.
func (s *Server) configuredOrigin(origin string) bool {
	return sameOrigins(origin, s.opts.PublicURL) || slices.ContainsFunc(s.opts.Origins, func(o string) bool { return sameOrigins(origin, o) })
}

// sameOrigins compares two origins. The port that a scheme has by default may be written or left
// out.
func sameOrigins(a, b string) bool {
	scheme, host, ok := strings.Cut(strings.ToLower(a), "://")
	other, otherHost, _ := strings.Cut(strings.ToLower(b), "://")
	return ok && scheme == other && withoutPort(scheme, host) == withoutPort(scheme, otherHost)
}
