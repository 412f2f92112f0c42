package session

import (
	"context"
	"fmt"
	"slices"

	"parley/pkg/access"
)

// ParticipantChange is a change of a participant. A nil field stays unchanged.
type ParticipantChange struct {
	Name  *string
	Color *string // "" picks a colour from the palette
	Role  *access.Role
	Waits *bool // false admits the participant, true sends back to the lobby
}

// ChangeParticipant applies c to a participant. A *FieldError describes invalid input.
// ErrLastInterviewer means that the session would have no interviewer.
func (s *Service) ChangeParticipant(ctx context.Context, id ID, participant ParticipantID, c ParticipantChange) (Session, Participant, error) {
	var changed Participant
	sess, err := s.store.Update(ctx, id, func(sess *Session) error {
		now := s.clock()
		if sess.Expired(now) {
			return ErrGone
		}
		i, err := sess.indexOf(participant)
		if err != nil {
			return err
		}
		p := sess.Participants[i]
		if changed, err = c.applyTo(p, sess); err != nil {
			return err
		}
		if changed != p {
			sess.Participants[i], sess.UpdatedAt = changed, now
			sess.settle(p, changed)
		}
		return nil
	})
	if err != nil {
		return Session{}, Participant{}, fmt.Errorf("change participant of session %s: %w", id, err)
	}
	return sess, changed, nil
}

// settle holds the joins when was has been sent back to the lobby, and ends that when nobody waits
// there any more. The link of interviewers becomes void when one of them is none any more.
func (s *Session) settle(was, is Participant) {
	if was.Role.CanManage() && !is.Role.CanManage() {
		s.bar(was.Role)
		s.excluded(is)
	}
	s.tookPart(is)
	switch {
	case was.MayEnter() && !is.MayEnter():
		s.Held = true
	case !was.MayEnter() && is.MayEnter():
		s.Held = s.Held && slices.ContainsFunc(s.Participants, func(p Participant) bool { return !p.MayEnter() })
	}
}

// applyTo returns p with the changes of c.
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

// bar keeps people of a role from coming back by the link that they know. Interviewers never wait,
// so their link becomes void. Everybody else who joins waits until the role has a new link.
func (s *Session) bar(role access.Role) {
	switch {
	case role.CanManage():
		delete(s.Invites, role)
	case !slices.Contains(s.Barred, role):
		s.Barred = append(s.Barred, role)
	}
}

// Remove removes a participant on behalf of somebody else. The participant's token becomes void,
// and the link of the participant's role leads no further than to the lobby. The link of
// interviewers becomes void.
func (s *Service) Remove(ctx context.Context, id ID, participant ParticipantID) (Session, Participant, error) {
	return s.takeOut(ctx, id, participant, func(sess *Session, p Participant) {
		sess.bar(p.Role)
		sess.excluded(p)
	})
}

// Leave removes a participant who wants to go. The participant's token becomes void. The last
// interviewer may leave, because the invite link for interviewers still works.
func (s *Service) Leave(ctx context.Context, id ID, participant ParticipantID) (Session, Participant, error) {
	return s.takeOut(ctx, id, participant, func(*Session, Participant) {})
}

func (s *Service) takeOut(ctx context.Context, id ID, participant ParticipantID, settle func(*Session, Participant)) (Session, Participant, error) {
	var removed Participant
	sess, err := s.store.Update(ctx, id, func(sess *Session) error {
		now := s.clock()
		if sess.Expired(now) {
			return ErrGone
		}
		i, err := sess.indexOf(participant)
		if err != nil {
			return err
		}
		removed = sess.Participants[i]
		sess.Participants, sess.UpdatedAt = slices.Delete(sess.Participants, i, i+1), now
		settle(sess, removed)
		return nil
	})
	if err != nil {
		return Session{}, Participant{}, fmt.Errorf("remove participant of session %s: %w", id, err)
	}
	return sess, removed, nil
}

// RenewInvite returns a new code for a role. The previous code becomes void, and people who join
// need not wait any longer because somebody was sent back.
func (s *Service) RenewInvite(ctx context.Context, id ID, role access.Role) (access.Code, error) {
	code := access.NewCode()
	_, err := s.store.Update(ctx, id, func(sess *Session) error {
		now := s.clock()
		if sess.Expired(now) {
			return ErrGone
		}
		sess.Invites[role], sess.UpdatedAt = code.Hash(), now
		if !role.CanManage() {
			sess.Held = false // nobody in the lobby knows the new link
		}
		sess.Barred = slices.DeleteFunc(sess.Barred, func(r access.Role) bool { return r == role })
		return nil
	})
	if err != nil {
		return "", fmt.Errorf("renew invite of session %s: %w", id, err)
	}
	return code, nil
}

// BeginEdit announces an edit of a document by a caller without an editor. The result is ErrEnded
// if the session is read-only. BeginEdit reads the record in the store, so the result holds on
// every node.
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

// onlyInterviewer reports whether id is the only interviewer of the session.
func (s *Session) onlyInterviewer(id ParticipantID) bool {
	leads, others := false, false
	for _, p := range s.Participants {
		if p.Role.CanManage() {
			leads, others = leads || p.ID == id, others || p.ID != id
		}
	}
	return leads && !others
}
