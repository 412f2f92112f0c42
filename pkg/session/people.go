package session

import (
	"context"
	"fmt"
	"slices"

	"parley/pkg/access"
)

// ParticipantChange is what may change of a participant; nil leaves a thing as it is.
type ParticipantChange struct {
	Name  *string
	Color *string // "" takes one from the palette
	Role  *access.Role
	Waits *bool // false admits, true sends back into the lobby
}

// ChangeParticipant applies c to a participant. A *FieldError says what is not fit; ErrLastInterviewer that nobody else leads the session.
func (s *Service) ChangeParticipant(ctx context.Context, id ID, who ParticipantID, c ParticipantChange) (Session, Participant, error) {
	var changed Participant
	sess, err := s.store.Update(ctx, id, func(sess *Session) error {
		now := s.clock()
		if sess.Expired(now) {
			return ErrGone
		}
		i, err := sess.indexOf(who)
		if err != nil {
			return err
		}
		p := sess.Participants[i]
		if changed, err = c.applyTo(p, sess); err != nil {
			return err
		}
		if changed != p {
			sess.Participants[i], sess.UpdatedAt = changed, now
		}
		return nil
	})
	if err != nil {
		return Session{}, Participant{}, fmt.Errorf("change participant of session %s: %w", id, err)
	}
	return sess, changed, nil
}

// applyTo gives p with c brought into it.
func (c ParticipantChange) applyTo(p Participant, sess *Session) (_ Participant, err error) {
	if c.Name != nil {
		if p.Name, err = cleanName("name", *c.Name); err != nil {
			return p, err
		}
	}
	if c.Color != nil {
		if p.Color, err = cleanColor("color", *c.Color, sess.Participants); err != nil {
			return p, err
		}
	}
	if c.Role != nil {
		if !c.Role.CanManage() && sess.onlyInterviewer(p.ID) {
			return p, ErrLastInterviewer
		}
		p.Role = *c.Role
	}
	if c.Waits != nil {
		p.Waits = *c.Waits
	}
	return p, nil
}

// Remove takes a participant out of the session; the token is void from then on. An interviewer may be the last to leave: the
// interviewers' link still lets one in.
func (s *Service) Remove(ctx context.Context, id ID, who ParticipantID) (Session, Participant, error) {
	var removed Participant
	sess, err := s.store.Update(ctx, id, func(sess *Session) error {
		now := s.clock()
		if sess.Expired(now) {
			return ErrGone
		}
		i, err := sess.indexOf(who)
		if err != nil {
			return err
		}
		removed = sess.Participants[i]
		sess.Participants, sess.UpdatedAt = slices.Delete(sess.Participants, i, i+1), now
		return nil
	})
	if err != nil {
		return Session{}, Participant{}, fmt.Errorf("remove participant of session %s: %w", id, err)
	}
	return sess, removed, nil
}

// RenewInvite gives a new code for a role; the old one opens nothing from then on.
func (s *Service) RenewInvite(ctx context.Context, id ID, role access.Role) (access.Code, error) {
	code := access.NewCode()
	_, err := s.store.Update(ctx, id, func(sess *Session) error {
		now := s.clock()
		if sess.Expired(now) {
			return ErrGone
		}
		sess.Invites[role], sess.UpdatedAt = code.Hash(), now
		return nil
	})
	if err != nil {
		return "", fmt.Errorf("renew invite of session %s: %w", id, err)
	}
	return code, nil
}

// BeginEdit says that a document of the session is about to be edited by somebody without an editor. ErrEnded when the session is
// read-only: the record is asked, so that this holds on every node.
func (s *Service) BeginEdit(ctx context.Context, id ID) (Session, error) {
	sess, err := s.store.Update(ctx, id, func(sess *Session) error {
		now := s.clock()
		switch {
		case sess.Expired(now):
			return ErrGone
		case sess.Status == Ended:
			return ErrEnded
		}
		sess.UpdatedAt = now
		return nil
	})
	if err != nil {
		return Session{}, fmt.Errorf("edit session %s: %w", id, err)
	}
	return sess, nil
}

func (s *Session) indexOf(id ParticipantID) (int, error) {
	i := slices.IndexFunc(s.Participants, func(p Participant) bool { return p.ID == id })
	if i < 0 {
		return 0, ErrNoParticipant
	}
	return i, nil
}

// onlyInterviewer reports whether id leads the session and nobody else does.
func (s *Session) onlyInterviewer(id ParticipantID) bool {
	leads, others := false, false
	for _, p := range s.Participants {
		if p.Role.CanManage() {
			leads, others = leads || p.ID == id, others || p.ID != id
		}
	}
	return leads && !others
}
