package api

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"log/slog"
	"runtime/debug"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
)

type requestIDKey struct{}

// requestID returns the id of the request that ctx belongs to, or "" outside of a request.
func requestID(ctx context.Context) string {
	id, _ := ctx.Value(requestIDKey{}).(string)
	return id
}

// observe gives the request an id. After the answer, observe writes the access log and counts the
// request. Paths can hold invite codes and queries can hold tokens, so the log has the pattern of
// the route and the id of the session instead.
func (s *Server) observe(c *fiber.Ctx) error {
	started := time.Now()
	id := newRequestID()
	c.Set(fiber.HeaderXRequestID, id)
	ctx, end := context.WithValue(c.UserContext(), requestIDKey{}, id), func(string, string, int) {}
	if s.opts.Tracer != nil {
		parent := "" // only a trusted proxy may decide which requests are traced
		if s.trusts(c.Context().RemoteIP()) {
			parent = c.Get("traceparent")
		}
		ctx, end = s.opts.Tracer.Request(ctx, methodOf(c), parent, id)
	}
	c.SetUserContext(ctx)
	if err := c.Next(); err != nil {
		if err := c.App().ErrorHandler(c, err); err != nil {
			_ = c.SendStatus(fiber.StatusInternalServerError)
		}
	}
	route, status, took := routeOf(c), c.Response().StatusCode(), time.Since(started)
	end(route, c.Params("id"), status)
	if s.opts.Observer != nil {
		s.opts.Observer.Request(methodOf(c), route, status, took)
	}
	s.log.Log(ctx, levelOf(route, status), "http", "request", id, "method", methodOf(c), "route", route, "session", c.Params("id"),
		"status", status, "took", took.Round(time.Microsecond), "from", s.clientIP(c))
	return nil
}

// levelOf returns the level of a request in the access log. Probes come every second, and say
// something only when they fail.
func levelOf(route string, status int) slog.Level {
	if (route == "/healthz" || route == "/readyz") && status < 500 {
		return slog.LevelDebug
	}
	return slog.LevelInfo
}

func newRequestID() string {
	var b [8]byte
	rand.Read(b[:]) // never fails: crypto/rand ends the program instead
	return hex.EncodeToString(b[:])
}

// methodOf maps unknown methods to "other", so that metrics and logs see a bounded set.
func methodOf(c *fiber.Ctx) string {
	switch m := c.Method(); m {
	case fiber.MethodGet, fiber.MethodHead, fiber.MethodPost, fiber.MethodPut, fiber.MethodPatch, fiber.MethodDelete, fiber.MethodOptions:
		return m
	}
	return "other"
}

// routeOf returns the pattern of the route that answered, or "other" for a request that no route
// answered.
func routeOf(c *fiber.Ctx) string {
	switch path := c.Route().Path; path {
	case "/", "/api":
		return "other"
	default:
		return path
	}
}

// recoverPanics turns a panic of a handler into an internal error of that request.
func (s *Server) recoverPanics(c *fiber.Ctx) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	return c.Next()
}

// deadline limits the time of a handler. Fiber's own context never ends.
func (s *Server) deadline(c *fiber.Ctx) error {
	if strings.HasPrefix(c.Path(), "/ws/") {
		return c.Next() // a websocket has no deadline
	}
	ctx, cancel := context.WithTimeout(c.UserContext(), handleTimeout)
	defer cancel()
	c.SetUserContext(ctx)
	return c.Next()
}

// secure sets the headers of every answer. By default an answer may neither load nor frame
// anything; clientHeaders relaxes this for the pages of the client.
func secure(c *fiber.Ctx) error {
	c.Set(fiber.HeaderXContentTypeOptions, "nosniff")
	c.Set(fiber.HeaderReferrerPolicy, "no-referrer") // addresses hold invite codes
	c.Set("Cross-Origin-Resource-Policy", "same-origin")
	c.Set(fiber.HeaderContentSecurityPolicy, "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'")
	if strings.HasPrefix(c.Path(), "/api") {
		c.Set(fiber.HeaderCacheControl, "no-store")
	}
	return c.Next()
}

type baseKey struct{}

// baseOf returns the scheme and host of the links in an answer.
func baseOf(ctx context.Context) string {
	base, _ := ctx.Value(baseKey{}).(string)
	return base
}

// enterAPI serves /api/x as /api/v1/x, and stores the base of links and the client address in the
// context.
func (s *Server) enterAPI(c *fiber.Ctx) error {
	path := c.Path()
	if path != "/api/v1" && !strings.HasPrefix(path, "/api/v1/") {
		c.Path("/api/v1" + strings.TrimPrefix(path, "/api"))
	}
	ctx := context.WithValue(c.UserContext(), baseKey{}, s.base(c))
	c.SetUserContext(context.WithValue(ctx, clientKey{}, s.clientIP(c)))
	return c.Next()
}
