package access

import "errors"

var (
	// ErrBadInvite means that a text does not have the form of an invite code.
	ErrBadInvite = errors.New("not an invite code")
	// ErrBadToken means that a token is malformed, expired, signed with another key or issued for
	// another session.
	ErrBadToken = errors.New("invalid token")
	// ErrBadRole means that a text is not the name of a role.
	ErrBadRole = errors.New("unknown role")
)
