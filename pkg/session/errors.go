package session

import "errors"

var (
	// ErrNotFound says that there is no such session, and none that ended lately.
	ErrNotFound = errors.New("session not found")
	// ErrGone says that the session was deleted or has expired within the last week.
	ErrGone = errors.New("session gone")
	// ErrExists says that the id is taken, by a session or by one that is gone.
	ErrExists = errors.New("session id taken")
	// ErrInvite says that an invite code opens nothing: unknown, revoked or of another session.
	ErrInvite = errors.New("invite not valid")
	// ErrNoParticipant says that the session has no such participant (any more).
	ErrNoParticipant = errors.New("participant not found")
	// ErrFull says that the session has MaxParticipants already.
	ErrFull = errors.New("session full")
	// ErrTransition says that a session cannot go from its status to the one asked for.
	ErrTransition = errors.New("status cannot change that way")
	// ErrEnded says that the session is over and can only be read.
	ErrEnded = errors.New("session has ended")
	// ErrNoFile says that the session has no file of that id.
	ErrNoFile = errors.New("file not found")
	// ErrUnavailable says that the store cannot serve right now: it is away, or takes no writes. Asking again later may do; what was
	// to be written may have been written or not.
	ErrUnavailable = errors.New("store unavailable")
	// ErrLastInterviewer says that the session would be left to nobody who leads it.
	ErrLastInterviewer = errors.New("last interviewer")
)

// FieldError says which field of what was handed in is wrong, and what to do about it.
type FieldError struct {
	Field  string // as spelled in JSON
	Detail string // a sentence for the person who filled it in
}

// Error gives field and detail.
func (e *FieldError) Error() string { return e.Field + ": " + e.Detail }

// Unavailable marks an error of a store as ErrUnavailable; it reads as before.
func Unavailable(err error) error {
	if err == nil || errors.Is(err, ErrUnavailable) {
		return err
	}
	return &unavailableError{err}
}

type unavailableError struct{ cause error }

func (e *unavailableError) Error() string        { return e.cause.Error() }
func (e *unavailableError) Unwrap() error        { return e.cause }
func (e *unavailableError) Is(target error) bool { return target == ErrUnavailable }
