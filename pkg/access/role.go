package access

import "fmt"

// Role is the role of a participant in one session.
type Role string

const (
	Interviewer Role = "interviewer" // may do everything, and sees the private notes
	Candidate   Role = "candidate"   // may write in the main document
	Observer    Role = "observer"    // may only read
)

// The documents of a session beside the main document.
const (
	NotesDoc = "notes" // for interviewers only
	// LobbyDoc is always empty. Its awareness shows who waits and who can admit them.
	LobbyDoc = "lobby"
)

// Roles returns all roles, in the order in which the client shows them.
func Roles() []Role { return []Role{Interviewer, Candidate, Observer} }

// ParseRole returns the role with that name, or ErrBadRole.
func ParseRole(s string) (Role, error) {
	switch r := Role(s); r {
	case Interviewer, Candidate, Observer:
		return r, nil
	}
	return "", fmt.Errorf("%w %q", ErrBadRole, s)
}

// CanWrite reports whether the role may change a document that it may open.
func (r Role) CanWrite() bool { return r == Interviewer || r == Candidate }

// CanManage reports whether the role may change the session itself: its title, status and
// participants.
func (r Role) CanManage() bool { return r == Interviewer }

// CanOpen reports whether the role may open a document of its session. "" is the main document.
func (r Role) CanOpen(doc string) bool {
	switch r {
	case Interviewer:
		return true
	case Candidate, Observer:
		return doc == "" || doc == LobbyDoc
	}
	return false
}
