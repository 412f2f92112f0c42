package signin

import (
	"net/url"
	"path"
	"strings"
)

// maxNext limits the address of a page in bytes.
const maxNext = 512

// Next returns the address of a page of this service to show after a sign-in. Everything that is
// no such address gives the home page, so that a link to the sign-in cannot lead elsewhere.
//
// A browser reads //host, /\host and, after it has dropped tabs and line ends, /<tab>/host as
// another host. So only plain characters are allowed, also in their encoded form.
func Next(s string) string {
	const home = "/"
	if s == "" || len(s) > maxNext || s[0] != '/' || strings.HasPrefix(s, "//") {
		return home
	}
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "" || u.Host != "" || u.User != nil || u.Opaque != "" || u.Fragment != "" {
		return home
	}
	if !plainPath(u.Path) || strings.ContainsFunc(s, odd) {
		return home
	}
	if query, err := url.QueryUnescape(u.RawQuery); err != nil || strings.ContainsFunc(query, control) {
		return home
	}
	if u.Path == "/auth" || strings.HasPrefix(u.Path, "/auth/") {
		return home // a sign-in does not lead to a sign-in
	}
	return s
}

// plainPath reports whether a decoded path is one of our own, in its shortest form. So no proxy can
// read another path from it.
func plainPath(p string) bool {
	clean := path.Clean(p)
	return (p == clean || p == clean+"/" && clean != "/") && !strings.ContainsFunc(p, func(r rune) bool { return odd(r) || r == '%' })
}

// odd reports characters that a browser may take for something else in an address.
func odd(r rune) bool { return r <= ' ' || r >= 0x7f || r == '\\' }

func control(r rune) bool { return r < ' ' || r == 0x7f }
