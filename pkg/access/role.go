package access

import "fmt"

// Role is what a participant is in one session.
type Role string

const (
	Interviewer Role = "interviewer" // leads: everything, the private notes too
	Candidate   Role = "candidate"   // writes in the main document
	Observer    Role = "observer"    // reads
)

// The documents of a session beside the main one.
const (
	NotesDoc = "notes" // for interviewers alone
	LobbyDoc = "lobby" // empty for ever; its presence says who waits and who is there to let them in
)

// Roles gives every role, in the order in which people see them.
func Roles() []Role { return []Role{Interviewer, Candidate, Observer} }

// ParseRole gives the role of that name, or ErrBadRole.
func ParseRole(s string) (Role, error) {
	switch r := Role(s); r {
	case Interviewer, Candidate, Observer:
		return r, nil
	}
	return "", fmt.Errorf("%w %q", ErrBadRole, s)
}

// CanWrite reports whether the role may change a document that it may open.
func (r Role) CanWrite() bool { return r == Interviewer || r == Candidate }

// CanManage reports whether the role may change the session itself: its title, its status, its people.
func (r Role) CanManage() bool { return r == Interviewer }

// CanOpen reports whether the role may open a document of its session; "" is the main one.
func (r Role) CanOpen(doc string) bool {
	switch r {
	case Interviewer:
		return true
	case Candidate, Observer:
		return doc == "" || doc == LobbyDoc
	}
	return false
}
