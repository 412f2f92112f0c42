package session

import (
	"context"
	"fmt"
	"time"
)

// ArchiveGrace is how long a session that has expired stays in its store at most, while it waits
// for its archive.
const ArchiveGrace = 7 * 24 * time.Hour

// MaxRetentionDays bounds RetentionDays, far beyond what a law asks for.
const MaxRetentionDays = 36_500

// Archived says what of a session the archive has.
type Archived struct {
	// Of is the UpdatedAt of the record that was archived. Whoever adds something to a session that
	// has ended moves UpdatedAt, and so asks for a new bundle.
	Of time.Time `json:"of"`
	At time.Time `json:"at"`
}

// Archives reports whether a session is archived at all: it began, and is no room of open access.
func (s *Session) Archives() bool { return !s.AdHoc && s.Status != Waiting }

// AwaitsArchive reports whether the archive lacks the session as it is at now. An interview that
// still runs is not awaited.
func (s *Session) AwaitsArchive(now time.Time) bool {
	return s.Archives() && (s.Status == Ended || s.Expired(now)) && !s.Archived.Of.Equal(s.UpdatedAt)
}

// Stored returns the session as its store has it, expired or not.
func (s *Service) Stored(ctx context.Context, id ID) (Session, error) {
	sess, err := s.store.Get(ctx, id)
	if err != nil {
		return Session{}, fmt.Errorf("get session %s: %w", id, err)
	}
	return sess, nil
}

// EndExpired ends a session that has expired while it ran. From then on its store refuses edits.
func (s *Service) EndExpired(ctx context.Context, id ID) (Session, error) {
	sess, err := s.store.Update(ctx, id, func(sess *Session) error {
		if now := s.clock(); sess.Expired(now) && sess.Status == Active {
			sess.Status, sess.UpdatedAt = Ended, now
			sess.reached(sess.ExpiresAt)
		}
		return nil
	})
	if err != nil {
		return Session{}, fmt.Errorf("end expired session %s: %w", id, err)
	}
	return sess, nil
}

// NoteArchived notes that the archive has the session as it was at of, the UpdatedAt of its record
// then. The result is the session as it is now.
func (s *Service) NoteArchived(ctx context.Context, id ID, of time.Time) (Session, error) {
	sess, err := s.store.Update(ctx, id, func(sess *Session) error {
		sess.Archived = Archived{Of: of, At: s.clock()}
		return nil
	})
	if err != nil {
		return Session{}, fmt.Errorf("note the archive of session %s: %w", id, err)
	}
	return sess, nil
}

// Touch notes that something was added to a session that is not in its record, so that it is
// archived again.
func (s *Service) Touch(ctx context.Context, id ID) (Session, error) {
	return s.keep(ctx, id, func(*Session) {})
}

// Keep sets how long the archived interview is kept, and whether it is held. nil leaves a field as
// it is.
func (s *Service) Keep(ctx context.Context, id ID, days *int, hold *bool) (Session, error) {
	if err := CheckRetention(days); err != nil {
		return Session{}, err
	}
	return s.keep(ctx, id, func(sess *Session) {
		if days != nil {
			sess.RetentionDays = days
		}
		if hold != nil {
			sess.Hold = *hold
		}
	})
}

// CheckRetention returns a *FieldError for a retention that no session may have. nil and 0 are
// valid.
func CheckRetention(days *int) error {
	if days != nil && (*days < 0 || *days > MaxRetentionDays) {
		return &FieldError{Field: "retention_days", Detail: fmt.Sprintf("use 0 (for ever) to %d", MaxRetentionDays)}
	}
	return nil
}

// keep changes a session, expired or not, and moves UpdatedAt.
func (s *Service) keep(ctx context.Context, id ID, change func(*Session)) (Session, error) {
	sess, err := s.store.Update(ctx, id, func(sess *Session) error {
		change(sess)
		sess.touch(s.clock())
		return nil
	})
	if err != nil {
		return Session{}, fmt.Errorf("change session %s: %w", id, err)
	}
	return sess, nil
}

// touch moves UpdatedAt forward, also within the millisecond of the last change. So the archive
// gets what has changed.
func (s *Session) touch(now time.Time) {
	if !now.After(s.UpdatedAt) {
		now = s.UpdatedAt.Add(time.Millisecond)
	}
	s.UpdatedAt = now
}
