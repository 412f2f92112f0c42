package signin

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// ErrGroups means that the provider does not say a person's groups in the claims.
var ErrGroups = errors.New("the sign-in provider leaves out the groups")

// maxGroupsRead limits how many groups of a person are read.
const maxGroupsRead = 2000

// userOf returns the person that claims describe, with all their groups.
func (p *Provider) userOf(claims map[string]any) (User, error) {
	// Microsoft Entra ID leaves the groups out when there are more than 200, and says so here.
	if elsewhere, ok := claims["_claim_names"].(map[string]any); ok && len(p.opts.Policy.Groups)+len(p.opts.Policy.Admins) > 0 {
		if _, left := elsewhere[p.opts.GroupsClaim]; left && find(claims, p.opts.GroupsClaim) == nil {
			return User{}, fmt.Errorf("%w: there are too many; have the provider send the groups of this application alone", ErrGroups)
		}
	}
	groups := groupsIn(find(claims, p.opts.GroupsClaim))
	id := UserID(p.opts.Issuer, text(claims, "sub"))
	return newUser(id, text(claims, "email"), groups, text(claims, "name"), text(claims, "preferred_username")), nil
}

// text returns a claim that is a string, or "".
func text(claims map[string]any, name string) string {
	s, _ := claims[name].(string)
	return s
}

// find returns a claim by its name, or by the names on the way to it: realm_access.roles. The
// result is nil if there is none.
func find(claims map[string]any, name string) any {
	if value, ok := claims[name]; ok {
		return value
	}
	first, rest, nested := strings.Cut(name, ".")
	if inner, ok := claims[first].(map[string]any); nested && ok {
		return find(inner, rest)
	}
	return nil
}

// groupsIn reads a list of groups. Some providers send one group as a string, and some send an
// object with the groups as its names.
func groupsIn(value any) (groups []string) {
	switch v := value.(type) {
	case string:
		groups = []string{v}
	case []any:
		for _, g := range v[:min(len(v), maxGroupsRead)] {
			if name, ok := g.(string); ok {
				groups = append(groups, name)
			}
		}
	case map[string]any:
		groups = slices.Sorted(maps.Keys(v))
	}
	return groups
}
