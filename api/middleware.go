package api

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"net"
	"net/url"
	"runtime/debug"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
)

type requestIDKey struct{}

// requestID gives the id of the request that ctx belongs to, "" outside of one.
func requestID(ctx context.Context) string {
	id, _ := ctx.Value(requestIDKey{}).(string)
	return id
}

// observe gives the request its id, and when it is answered writes the access log and counts it. Paths may hold invite
// codes and queries tokens, so both stay out: the log has the route's pattern and the session's id.
func (s *Server) observe(c *fiber.Ctx) error {
	started := time.Now()
	id := newRequestID()
	c.Set(fiber.HeaderXRequestID, id)
	ctx, end := context.WithValue(c.UserContext(), requestIDKey{}, id), func(string, string, int) {}
	if s.opts.Tracer != nil {
		parent := "" // a client of anywhere shall not choose what is traced
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
	s.log.InfoContext(ctx, "http", "request", id, "method", methodOf(c), "route", route, "session", c.Params("id"),
		"status", status, "took", took.Round(time.Microsecond), "from", s.clientIP(c))
	return nil
}

func newRequestID() string {
	var b [8]byte
	rand.Read(b[:]) // never fails: crypto/rand ends the program instead
	return hex.EncodeToString(b[:])
}

// methodOf bounds the methods that metrics and logs can see.
func methodOf(c *fiber.Ctx) string {
	switch m := c.Method(); m {
	case fiber.MethodGet, fiber.MethodHead, fiber.MethodPost, fiber.MethodPut, fiber.MethodPatch, fiber.MethodDelete, fiber.MethodOptions:
		return m
	}
	return "other"
}

// routeOf gives the pattern of the route that answered; all that fell through to a catch-all is "other".
func routeOf(c *fiber.Ctx) string {
	switch path := c.Route().Path; path {
	case "/", "/api":
		return "other"
	default:
		return path
	}
}

// recoverPanics makes a panic of a handler an internal error of that request alone.
func (s *Server) recoverPanics(c *fiber.Ctx) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	return c.Next()
}

// deadline bounds what handlers wait for: Fiber's own context never ends.
func (s *Server) deadline(c *fiber.Ctx) error {
	if strings.HasPrefix(c.Path(), "/ws/") {
		return c.Next() // lives as long as its connection
	}
	ctx, cancel := context.WithTimeout(c.UserContext(), handleTimeout)
	defer cancel()
	c.SetUserContext(ctx)
	return c.Next()
}

// secure sets the headers that hold for every answer. What is not the client's own page may load and frame nothing.
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

// baseOf gives the scheme and host that the links in an answer start with.
func baseOf(ctx context.Context) string {
	base, _ := ctx.Value(baseKey{}).(string)
	return base
}

// enterAPI serves /api/x as /api/v1/x, and notes for the handlers how the client reached us.
func (s *Server) enterAPI(c *fiber.Ctx) error {
	path := c.Path()
	if path != "/api/v1" && !strings.HasPrefix(path, "/api/v1/") {
		c.Path("/api/v1" + strings.TrimPrefix(path, "/api"))
	}
	ctx := context.WithValue(c.UserContext(), baseKey{}, s.base(c))
	c.SetUserContext(context.WithValue(ctx, clientKey{}, s.clientIP(c)))
	return c.Next()
}

// trusts reports whether the peer of this request is a proxy whose headers count.
func (s *Server) trusts(ip net.IP) bool {
	for _, n := range s.opts.Proxies {
		if n.Contains(ip) {
			return true
		}
	}
	return false
}

// clientIP gives the address that the request came from: the nearest one that is no trusted proxy. Whatever stands further
// left in X-Forwarded-For was written by that client itself.
func (s *Server) clientIP(c *fiber.Ctx) string {
	ip := c.Context().RemoteIP()
	if !s.trusts(ip) {
		return ip.String()
	}
	hops := strings.Split(c.Get(fiber.HeaderXForwardedFor), ",")
	for i := len(hops) - 1; i >= 0; i-- {
		hop := net.ParseIP(strings.TrimSpace(hops[i]))
		if hop == nil {
			break
		}
		ip = hop
		if !s.trusts(ip) {
			break
		}
	}
	return ip.String()
}

// host gives the host, with its port, that the browser asked for.
func (s *Server) host(c *fiber.Ctx) string {
	host := string(c.Context().Host())
	if fwd := c.Get(fiber.HeaderXForwardedHost); fwd != "" && s.trusts(c.Context().RemoteIP()) {
		host, _, _ = strings.Cut(fwd, ",")
		host = strings.TrimSpace(host)
	}
	for _, b := range []byte(host) {
		switch {
		case b >= 'a' && b <= 'z', b >= 'A' && b <= 'Z', b >= '0' && b <= '9', strings.IndexByte(".-:[]_", b) >= 0:
		default:
			return "" // goes into links and policies, so nothing else passes
		}
	}
	return host
}

// base gives the scheme and host that links are made with.
func (s *Server) base(c *fiber.Ctx) string {
	if s.opts.PublicURL != "" {
		return s.opts.PublicURL
	}
	scheme := "http"
	if c.Context().IsTLS() || s.trusts(c.Context().RemoteIP()) && c.Get(fiber.HeaderXForwardedProto) == "https" {
		scheme = "https"
	}
	return scheme + "://" + s.host(c)
}

// originAllowed reports whether a page of the request's Origin may connect: our own, those that are configured, and with open access
// anybody's. No Origin means that no browser asks.
func (s *Server) originAllowed(c *fiber.Ctx) bool {
	origin := c.Get(fiber.HeaderOrigin)
	if origin == "" || s.opts.Open && len(s.opts.Origins) == 0 {
		return true
	}
	if s.configuredOrigin(origin) {
		return true
	}
	u, err := url.Parse(origin)
	return err == nil && u.Host != "" && strings.EqualFold(u.Host, s.host(c))
}
