package signin

import (
	"errors"
	"fmt"
	"net"
	"net/textproto"
	"slices"
	"strings"
)

// Headers names the headers by which a proxy says who is signed in.
type Headers struct {
	User   string // required
	Name   string
	Email  string
	Groups string // separated by commas
	Policy Policy
}

// Presets are the headers of well-known proxies.
var Presets = map[string]Headers{
	"authelia":     {User: "Remote-User", Name: "Remote-Name", Email: "Remote-Email", Groups: "Remote-Groups"},
	"oauth2-proxy": {User: "X-Auth-Request-User", Name: "X-Auth-Request-Preferred-Username", Email: "X-Auth-Request-Email", Groups: "X-Auth-Request-Groups"},
}

// headerIssuer stands for the proxy in the id of a user. It is no web address, so no provider has
// it.
const headerIssuer = "header"

// Check finds names that cannot be headers, and names that two fields share.
func (h Headers) Check() error {
	seen := map[string]bool{}
	for _, name := range []string{h.User, h.Name, h.Email, h.Groups} {
		canonical := textproto.CanonicalMIMEHeaderKey(name)
		switch {
		case name == "":
			continue
		case strings.ContainsFunc(name, func(r rune) bool {
			return r != '-' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
		}):
			return fmt.Errorf("%q is no name of a header; use letters, digits and hyphens", name)
		case seen[canonical]:
			return fmt.Errorf("%q has two meanings", name)
		}
		seen[canonical] = true
	}
	if h.User == "" {
		return errors.New("there is no header with the user")
	}
	return nil
}

// Read returns the person that the headers name. values returns all values of a header. The error
// is ErrNotSignedIn when the user is missing, or when a header comes twice: then one of them may
// be the client's own.
func (h Headers) Read(values func(name string) []string) (User, error) {
	var said [4]string
	for i, name := range []string{h.User, h.Name, h.Email, h.Groups} {
		if name == "" {
			continue
		}
		got := values(name)
		if len(got) > 1 {
			return User{}, fmt.Errorf("%w: the header %s comes %d times", ErrNotSignedIn, name, len(got))
		}
		if len(got) == 1 {
			said[i] = strings.TrimSpace(got[0])
		}
	}
	if said[0] == "" {
		return User{}, fmt.Errorf("%w: the header %s is missing", ErrNotSignedIn, h.User)
	}
	var groups []string
	for g := range strings.SplitSeq(said[3], ",") {
		if g = strings.TrimSpace(g); g != "" && len(groups) < maxGroupsRead {
			groups = append(groups, g)
		}
	}
	u, allowed := h.Policy.Apply(newUser(UserID(headerIssuer, said[0]), said[2], groups, said[1], said[0]))
	if !allowed {
		return User{}, fmt.Errorf("%w: user %s", ErrNotAllowed, u.ID)
	}
	return u, nil
}

// The widest networks of proxies that a header is believed from: the largest private ones.
const (
	widestIPv4 = 8 // 10.0.0.0/8
	widestIPv6 = 7 // fc00::/7
)

// CheckProxies returns an error unless the networks are a few machines. Whoever can connect from
// one of them can be anybody.
func CheckProxies(proxies []*net.IPNet) error {
	if len(proxies) == 0 {
		return errors.New("no proxy is trusted")
	}
	if i := slices.IndexFunc(proxies, tooWide); i >= 0 {
		return fmt.Errorf("%s is wider than any private network", proxies[i])
	}
	return nil
}

// tooWide reports whether n has more addresses than the largest private network. An IPv4 network
// may be written as IPv6: ::ffff:0:0/96 is all of IPv4.
func tooWide(n *net.IPNet) bool {
	ones, bits := n.Mask.Size()
	if bits == 128 && n.IP.To4() != nil {
		return ones-96 < widestIPv4
	}
	if bits == 32 {
		return ones < widestIPv4
	}
	return ones < widestIPv6
}
