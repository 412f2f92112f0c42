package access

import "errors"

var (
	// ErrBadInvite says that a text is not spelled like an invite code.
	ErrBadInvite = errors.New("not an invite code")
	// ErrBadToken says that a token is malformed, expired, signed with another key or for another session.
	ErrBadToken = errors.New("invalid token")
	// ErrBadRole says that a text names no role.
	ErrBadRole = errors.New("unknown role")
)
