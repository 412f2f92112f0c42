package session

import "errors"

var (
	// ErrNotFound means that the session does not exist and did not exist within GoneFor.
	ErrNotFound = errors.New("session not found")
	// ErrGone means that the session was deleted or has expired, less than GoneFor ago.
	ErrGone = errors.New("session gone")
	// ErrExists means that the id belongs to a session, or to a session that is gone.
	ErrExists = errors.New("session id taken")
	// ErrInvite means that an invite code is unknown, revoked or of another session.
	ErrInvite = errors.New("invite not valid")
	// ErrLinkExpired means that a replay link was valid once and is over its time.
	ErrLinkExpired = errors.New("replay link expired")
	// ErrNoParticipant means that the session has no such participant, or no longer.
	ErrNoParticipant = errors.New("participant not found")
	// ErrFull means that the session already has MaxParticipants.
	ErrFull = errors.New("session full")
	// ErrTransition means that the session cannot change from its status to the requested one.
	ErrTransition = errors.New("status cannot change that way")
	// ErrEnded means that the session is over and read-only.
	ErrEnded = errors.New("session has ended")
	// ErrNotEnded means that the session must have ended first.
	ErrNotEnded = errors.New("session has not ended")
	// ErrNotStarted means that the session must have started first.
	ErrNotStarted = errors.New("session has not started")
	// ErrQuietRefused means that somebody who leads has just ended a quiet time.
	ErrQuietRefused = errors.New("quiet time was ended by an interviewer")
	// ErrNotRecorded means that the session keeps no timeline.
	ErrNotRecorded = errors.New("session is not recorded")
	// ErrNoFile means that the session has no file with that id.
	ErrNoFile = errors.New("file not found")
	// ErrUnavailable means that the store cannot serve right now: it cannot be reached, or accepts
	// no writes. The caller may try again later. A write may or may not have been made.
	ErrUnavailable = errors.New("store unavailable")
	// ErrSwapped means that a paper is not the one that was read.
	ErrSwapped = errors.New("paper has changed")
	// ErrClaimed means that the participant is another signed-in user.
	ErrClaimed = errors.New("claimed by another user")
	// ErrLastInterviewer means that the change would leave the session without an interviewer.
	ErrLastInterviewer = errors.New("last interviewer")
)

// FieldError describes a wrong input field and what to do about it.
type FieldError struct {
	Field  string // the name in JSON
	Detail string // a sentence for the person who entered the value
}

// Error returns field and detail.
func (e *FieldError) Error() string { return e.Field + ": " + e.Detail }

// Unavailable wraps an error of a store as ErrUnavailable, with the same text.
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
