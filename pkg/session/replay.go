package session

import (
	"context"
	"errors"
	"fmt"
	"time"

	"parley/pkg/access"
)

// Record is how much of an interview is kept for a replay.
type Record string

const (
	// RecordAll keeps the edits and the trace.
	RecordAll Record = "all"
	// RecordEdits keeps the edits, but not who was where and when.
	RecordEdits Record = "edits"
	// RecordNothing keeps the documents alone. There is no replay.
	RecordNothing Record = "nothing"
)

// Replay is who may replay an interview that has ended.
type Replay string

const (
	// ReplayInterviewers is the default.
	ReplayInterviewers Replay = "interviewers"
	ReplayAll          Replay = "all" // every participant, without the private parts
)

// Bounds of a quiet time.
const (
	MaxQuiet     = 30 * time.Minute
	defaultQuiet = 5 * time.Minute
	refusedQuiet = 5 * time.Minute // how long nobody can ask again but those who lead
)

// Quiet is a stretch in which others do not see the typing live.
type Quiet struct {
	By    ParticipantID `json:"by"`
	Until time.Time     `json:"until"`
	Since time.Time     `json:"since,omitzero"` // zero: an older version began it
	// Refused is when somebody who leads ended the quiet time of another. Nothing lasts then.
	Refused time.Time `json:"refused,omitzero"`
}

// Began returns when the quiet time began, or a time before that.
func (q Quiet) Began() time.Time {
	if q.Since.IsZero() {
		return q.Until.Add(-MaxQuiet)
	}
	return q.Since
}

// At reports whether the quiet time lasts at now.
func (q Quiet) At(now time.Time) bool { return now.Before(q.Until) }

// ReplayLink describes a replay link.
type ReplayLink struct {
	ExpiresAt time.Time `json:"expires_at"`
	Private   bool      `json:"private,omitempty"` // shows what only interviewers see
}

// Records returns how much of the session is kept.
func (s *Session) Records() Record {
	if s.Record == "" {
		return RecordAll
	}
	return s.Record
}

// Replays returns who may replay the session.
func (s *Session) Replays() Replay {
	if s.Replay == "" {
		return ReplayInterviewers
	}
	return s.Replay
}

func cleanRecord(r Record) (Record, error) {
	switch r {
	case "", RecordAll, RecordEdits, RecordNothing:
		return r, nil
	}
	return "", &FieldError{Field: "record", Detail: "use all, edits or nothing"}
}

func cleanReplay(r Replay) (Replay, error) {
	switch r {
	case "", ReplayInterviewers, ReplayAll:
		return r, nil
	}
	return "", &FieldError{Field: "replay", Detail: "use interviewers or all"}
}

// BeQuiet starts a quiet time of by, in place of one that lasts. d 0 means five minutes. When
// somebody who leads has just ended one, only those who lead can start another: ErrQuietRefused.
func (s *Service) BeQuiet(ctx context.Context, id ID, by ParticipantID, lead bool, d time.Duration) (Session, error) {
	if d == 0 {
		d = defaultQuiet
	}
	if d < time.Minute || d > MaxQuiet {
		return Session{}, &FieldError{Field: "minutes", Detail: fmt.Sprintf("use 1 to %d", MaxQuiet/time.Minute)}
	}
	return s.setQuiet(ctx, id, func(now time.Time, was Quiet) (Quiet, error) {
		if !lead && !was.Refused.IsZero() && now.Before(was.Refused.Add(refusedQuiet)) {
			return was, ErrQuietRefused
		}
		next := Quiet{By: by, Until: now.Add(d), Since: now}
		if was.At(now) {
			next.Since = was.Began() // what was hidden stays hidden
		}
		return next, nil
	})
}

// EndQuiet ends the quiet time of a session, if there is one. lead says whether by leads.
func (s *Service) EndQuiet(ctx context.Context, id ID, by ParticipantID, lead bool) (Session, error) {
	return s.setQuiet(ctx, id, func(now time.Time, was Quiet) (Quiet, error) {
		switch {
		case !was.At(now):
			return Quiet{Refused: was.Refused}, nil
		case lead && was.By != by:
			return Quiet{Refused: now}, nil
		}
		return Quiet{}, nil
	})
}

func (s *Service) setQuiet(ctx context.Context, id ID, next func(now time.Time, was Quiet) (Quiet, error)) (Session, error) {
	sess, err := s.store.Update(ctx, id, func(sess *Session) error {
		now := s.clock()
		if sess.Expired(now) {
			return ErrGone
		}
		if err := sess.Running(); err != nil {
			return err
		}
		q, err := next(now, sess.Quiet)
		if err != nil {
			return err
		}
		if q != sess.Quiet {
			sess.Quiet, sess.UpdatedAt = q, now
		}
		return nil
	})
	if err != nil {
		return Session{}, fmt.Errorf("quiet time of session %s: %w", id, err)
	}
	return sess, nil
}

// Running returns nil while the interview runs, else ErrNotStarted or ErrEnded.
func (s *Session) Running() error {
	switch s.Status {
	case Waiting:
		return ErrNotStarted
	case Ended:
		return ErrEnded
	}
	return nil
}

// RenewReplayLink returns a new code for the replay of a session. The previous code becomes void.
// The link is valid for lasting, at most as long as the session; 0 means as long as the session.
func (s *Service) RenewReplayLink(ctx context.Context, id ID, lasting time.Duration, private bool) (access.ReplayCode, ReplayLink, error) {
	if lasting < 0 {
		return "", ReplayLink{}, &FieldError{Field: "expires_in", Detail: "use a number of seconds above 0"}
	}
	code := access.NewReplayCode()
	sess, err := s.store.Update(ctx, id, func(sess *Session) error {
		now := s.clock()
		switch {
		case sess.Expired(now):
			return ErrGone
		case sess.Records() == RecordNothing:
			return ErrNotRecorded
		}
		sess.ReplayLink = ReplayLink{ExpiresAt: sess.ExpiresAt, Private: private}
		if ends := now.Add(lasting); lasting > 0 && ends.Before(sess.ExpiresAt) {
			sess.ReplayLink.ExpiresAt = ends
		}
		sess.Invites[access.ReplayLink], sess.UpdatedAt = code.Hash(), now
		return nil
	})
	if err != nil {
		return "", ReplayLink{}, fmt.Errorf("renew replay link of session %s: %w", id, err)
	}
	return code, sess.ReplayLink, nil
}

// RevokeReplayLink makes the replay link of a session void, if there is one.
func (s *Service) RevokeReplayLink(ctx context.Context, id ID) error {
	_, err := s.store.Update(ctx, id, func(sess *Session) error {
		now := s.clock()
		if sess.Expired(now) {
			return ErrGone
		}
		if _, held := sess.Invites[access.ReplayLink]; held {
			delete(sess.Invites, access.ReplayLink)
			sess.ReplayLink, sess.UpdatedAt = ReplayLink{}, now
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("revoke replay link of session %s: %w", id, err)
	}
	return nil
}

// ByReplayCode returns the session that a replay code opens. The session has ended.
func (s *Service) ByReplayCode(ctx context.Context, code access.ReplayCode) (Session, error) {
	id, err := s.store.ByInvite(ctx, code.Hash())
	if errors.Is(err, ErrNotFound) {
		err = ErrInvite
	}
	if err != nil {
		return Session{}, fmt.Errorf("look up replay link: %w", err)
	}
	sess, err := s.Get(ctx, id)
	if err != nil {
		return Session{}, err
	}
	if err := sess.MayReplay(code.Hash(), s.now()); err != nil {
		return Session{}, fmt.Errorf("look up replay link: %w", err)
	}
	return sess, nil
}

// MayReplay returns why the replay link with that hash does not open the session at now: ErrInvite
// when it is void, ErrLinkExpired when it is over its time, ErrNotEnded before the end. It is nil
// when the link opens the session.
func (s *Session) MayReplay(hash access.Hash, now time.Time) error {
	held, ok := s.Invites[access.ReplayLink]
	switch {
	case !ok || !held.Equal(hash):
		return ErrInvite
	case !now.Before(s.ReplayLink.ExpiresAt):
		return ErrLinkExpired
	case s.Status != Ended:
		return ErrNotEnded
	}
	return nil
}
