package api

import (
	"context"

	"parley/pkg/audit"
	"parley/pkg/session"
)

// Events that webhooks send. The sweeper sends session.expired.
const (
	eventCreated = "session.created"
	eventJoined  = "participant.joined"
	eventEnded   = "session.ended"
)

// note records an event in the audit log. who is the actor. about is the participant who was acted
// on, or "".
func (s *Server) note(ctx context.Context, id session.ID, kind audit.Kind, who session.Participant, about session.ParticipantID, detail string) {
	s.opts.Audit.Note(audit.Event{
		Session: string(id), Kind: kind, By: string(who.ID), Name: who.Name, About: string(about), Detail: detail, From: clientOf(ctx),
	})
}

// sessionEvent is the data of a webhook about a session.
type sessionEvent struct {
	Session Summary `json:"session"`
}

// joinedEvent is the data of a webhook about a new participant.
type joinedEvent struct {
	Session     Summary     `json:"session"`
	Participant Participant `json:"participant"`
}

// tell sends a webhook about a session.
func (s *Server) tell(ctx context.Context, event string, sess session.Session) {
	s.opts.Webhooks.Send(event, sessionEvent{summarise(ctx, sess)})
}

// noteStatus records and sends the new status of a session.
func (s *Server) noteStatus(ctx context.Context, sess session.Session, who session.Participant) {
	switch sess.Status {
	case session.Active:
		s.note(ctx, sess.ID, audit.Started, who, "", "")
	case session.Ended:
		s.note(ctx, sess.ID, audit.Ended, who, "", "")
		s.tell(ctx, eventEnded, sess)
	}
}

// notePerson records the changes of a participant.
func (s *Server) notePerson(ctx context.Context, id session.ID, by, was, is session.Participant) {
	if was.Name != is.Name {
		s.note(ctx, id, audit.Renamed, by, is.ID, was.Name+" to "+is.Name)
	}
	if was.MayEnter() != is.MayEnter() && was.Role == is.Role {
		kind := audit.Admitted
		if !is.MayEnter() {
			kind = audit.SentBack
		}
		s.note(ctx, id, kind, by, is.ID, is.Name)
	}
	if was.Role != is.Role {
		s.note(ctx, id, audit.RoleChanged, by, is.ID, string(was.Role)+" to "+string(is.Role))
	}
}
