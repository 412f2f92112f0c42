package api

import (
	"bytes"
	"net"
	"net/netip"
	"net/url"
	"strings"

	"github.com/gofiber/fiber/v2"
)

// trusts reports whether ip belongs to a proxy whose headers are trusted.
func (s *Server) trusts(ip net.IP) bool {
	for _, n := range s.opts.Proxies {
		if n.Contains(ip) {
			return true
		}
	}
	return false
}

// clientIP returns the address of the client: the nearest address that is no trusted proxy. The
// client itself may have written everything further left in X-Forwarded-For, so nothing there
// counts.
func (s *Server) clientIP(c *fiber.Ctx) string {
	ip := c.Context().RemoteIP()
	if !s.trusts(ip) {
		return ip.String()
	}
	// A proxy may add its entry as a further line, so all lines count, in their order.
	lines := c.Context().Request.Header.PeekAll(fiber.HeaderXForwardedFor)
	hops := strings.Split(string(bytes.Join(lines, []byte(","))), ",")
	for i := len(hops) - 1; i >= 0; i-- {
		hop := parseHop(hops[i])
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

// parseHop returns the address of an entry in X-Forwarded-For, or nil. Some proxies add the port of
// the client, and some write IPv6 in brackets or in quotes.
func parseHop(hop string) net.IP {
	hop = strings.Trim(strings.TrimSpace(hop), `"`)
	if withPort, err := netip.ParseAddrPort(hop); err == nil {
		return addressOf(withPort.Addr())
	}
	if inner, ok := strings.CutPrefix(hop, "["); ok {
		hop = strings.TrimSuffix(inner, "]")
	}
	addr, err := netip.ParseAddr(hop)
	if err != nil {
		return nil
	}
	return addressOf(addr)
}

// addressOf returns addr without its zone, which only its own machine understands.
func addressOf(addr netip.Addr) net.IP { return net.IP(addr.Unmap().WithZone("").AsSlice()) }

// forwarded returns the first entry of a header that only trusted proxies may set: what the browser
// used. The result is "" for other peers.
func (s *Server) forwarded(c *fiber.Ctx, header string) string {
	if !s.trusts(c.Context().RemoteIP()) {
		return ""
	}
	first, _, _ := strings.Cut(c.Get(header), ",")
	return strings.TrimSpace(first)
}

// host returns the host that the browser asked for, with the port. The result is "" if the host has
// characters that do not belong into a host.
func (s *Server) host(c *fiber.Ctx) string {
	host := string(c.Context().Host())
	if fwd := s.forwarded(c, fiber.HeaderXForwardedHost); fwd != "" {
		host = fwd
	}
	for _, b := range []byte(host) {
		switch {
		case b >= 'a' && b <= 'z', b >= 'A' && b <= 'Z', b >= '0' && b <= '9', strings.IndexByte(".-:[]_", b) >= 0:
		default:
			return "" // the host goes into links and policies: refuse all other characters
		}
	}
	return host
}

// scheme returns the scheme that the browser used.
func (s *Server) scheme(c *fiber.Ctx) string {
	if c.Context().IsTLS() || strings.EqualFold(s.forwarded(c, fiber.HeaderXForwardedProto), "https") {
		return "https"
	}
	return "http"
}

// base returns the scheme and host of links.
func (s *Server) base(c *fiber.Ctx) string {
	if s.opts.PublicURL != "" {
		return s.opts.PublicURL
	}
	scheme := s.scheme(c)
	return scheme + "://" + withoutPort(scheme, s.host(c))
}

// withoutPort returns host without the port that scheme has by default.
func withoutPort(scheme, host string) string {
	switch scheme {
	case "https":
		return strings.TrimSuffix(host, ":443")
	case "http":
		return strings.TrimSuffix(host, ":80")
	}
	return host
}

// policyHosts returns the hosts whose pages may use the sandbox, for a policy: that of the public
// URL, and that of the request. A proxy may have put the name of a container in place of the
// latter.
func (s *Server) policyHosts(c *fiber.Ctx) []string {
	var hosts []string
	if u, err := url.Parse(s.opts.PublicURL); err == nil && u.Host != "" {
		hosts = append(hosts, u.Host)
	}
	if host := s.host(c); host != "" && (len(hosts) == 0 || !strings.EqualFold(host, hosts[0])) {
		hosts = append(hosts, host)
	}
	return hosts
}

// originAllowed reports whether a page of the request's Origin may connect. Allowed are the own
// origin and the configured origins. With open access and no configured origins, every origin is
// allowed. A request without Origin does not come from a browser and is allowed.
func (s *Server) originAllowed(c *fiber.Ctx) bool {
	origin := c.Get(fiber.HeaderOrigin)
	if origin == "" || s.opts.Open && len(s.opts.Origins) == 0 {
		return true
	}
	return s.configuredOrigin(origin) || originIs(origin, s.host(c))
}

// originIs reports whether origin is a page of host. Browsers leave the default port out of an
// origin; proxies may put it into a host.
func originIs(origin, host string) bool {
	u, err := url.Parse(origin)
	return err == nil && u.Host != "" && strings.EqualFold(withoutPort(u.Scheme, u.Host), withoutPort(u.Scheme, host))
}
