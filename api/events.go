package api

import (
	"context"

	"parley/pkg/audit"
	"parley/pkg/session"
	"parley/pkg/trace"
)

// Events that webhooks send.
const (
	eventCreated = "session.created"
	eventJoined  = "participant.joined"
	eventEnded   = "session.ended"
	eventExpired = "session.expired"
)

// note records an event of the caller in the audit log. It sets By, Name and From of e.
func (s *Server) note(ctx context.Context, caller session.Participant, e audit.Event) {
	e.By, e.Name, e.From = string(caller.ID), caller.Name, clientOf(ctx)
	s.opts.Audit.Note(e)
}

// traced reports whether the session keeps events of the kind.
func traced(sess session.Session, kind trace.Kind) bool {
	switch sess.Records() {
	case session.RecordNothing:
		return false
	case session.RecordEdits:
		return !kind.OfPresence()
	}
	return true
}

// traceOf notes an event of the caller in the trace, if the session keeps such events.
func (s *Server) traceOf(sess session.Session, caller session.Participant, e trace.Event) {
	if traced(sess, e.Kind) {
		e.Session, e.By = string(sess.ID), string(caller.ID)
		s.opts.Trace.Note(e)
	}
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
func (s *Server) tell(event string, sess session.Session) {
	s.opts.Webhooks.Send(event, sessionEvent{s.told(sess)})
}

// TellExpired sends the webhook of a session that has expired, with the session as it was. Of a
// session whose record could not be read, it has the id alone.
func (s *Server) TellExpired(sess session.Session) {
	if sess.CreatedAt.IsZero() {
		var event struct {
			Session struct {
				ID session.ID `json:"id"`
			} `json:"session"`
		}
		event.Session.ID = sess.ID
		s.opts.Webhooks.Send(eventExpired, event)
		return
	}
	s.tell(eventExpired, sess)
}

// told returns the summary of a session for webhooks. Its link has the public URL, or else the
// address that the creator used: others may send any host.
func (s *Server) told(sess session.Session) Summary {
	if s.opts.PublicURL != "" {
		return summarise(s.opts.PublicURL, sess)
	}
	return summarise(sess.Base, sess)
}

// noteStatus records and sends the new status of a session.
func (s *Server) noteStatus(ctx context.Context, sess session.Session, caller session.Participant) {
	switch sess.Status {
	case session.Active:
		s.note(ctx, caller, audit.Event{Session: string(sess.ID), Kind: audit.Started})
		s.traceOf(sess, caller, trace.Event{Kind: trace.Start})
	case session.Ended:
		s.note(ctx, caller, audit.Event{Session: string(sess.ID), Kind: audit.Ended})
		s.traceOf(sess, caller, trace.Event{Kind: trace.End})
		s.tell(eventEnded, sess)
		s.opts.Archiver.Want(sess.ID)
	}
}

// notePerson records the changes of a participant.
func (s *Server) notePerson(ctx context.Context, sess session.Session, by, was, is session.Participant) {
	id := sess.ID
	if was.Name != is.Name {
		s.note(ctx, by, audit.Event{Session: string(id), Kind: audit.Renamed, About: string(is.ID), Detail: was.Name + " to " + is.Name})
	}
	if was.MayEnter() != is.MayEnter() && was.Role == is.Role {
		kind := audit.Admitted
		if !is.MayEnter() {
			kind = audit.SentBack
		}
		s.traceOf(sess, by, trace.Event{Kind: trace.Lobby, About: string(is.ID), In: is.MayEnter()})
		s.note(ctx, by, audit.Event{Session: string(id), Kind: kind, About: string(is.ID), Detail: is.Name})
	}
	if was.Role != is.Role {
		s.traceOf(sess, by, trace.Event{Kind: trace.Role, About: string(is.ID), Role: string(is.Role)})
		s.note(ctx, by, audit.Event{Session: string(id), Kind: audit.RoleChanged, About: string(is.ID), Detail: string(was.Role) + " to " + string(is.Role)})
	}
}
