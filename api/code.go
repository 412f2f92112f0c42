package api

import (
	"context"

	"parley/crdt"
	"parley/pkg/relay"
	"parley/pkg/session"
	"parley/pkg/trace"
)

func (s *Server) putCode(ctx context.Context, in *putCodeInput) (*sessionOutput, error) {
	sess, caller, err := s.enter(ctx, &in.InSession)
	if err != nil {
		return nil, err
	}
	edit := session.Edit{File: in.Body.File, Code: &in.Body.Code, Language: in.Body.Language}
	if sess, err = s.edit(ctx, sess, caller, edit); err != nil {
		return nil, err
	}
	return s.answer(ctx, sess, caller)
}

// edit applies e to the live document, if caller may write there now. The room sees the edit like
// any other edit.
func (s *Server) edit(ctx context.Context, sess session.Session, caller session.Participant, e session.Edit) (session.Session, error) {
	if err := mayEdit(sess, caller); err != nil {
		return session.Session{}, err
	}
	e, err := e.Clean()
	if err != nil {
		return session.Session{}, err
	}
	if sess, err = s.opts.Sessions.BeginEdit(ctx, sess.ID); err != nil {
		return session.Session{}, err
	}
	err = s.opts.Relay.Edit(ctx, relay.RoomID{Session: string(sess.ID)}, string(caller.ID), func(d *crdt.Doc) error { return e.Apply(d) })
	if err == nil && e.Language != nil {
		s.traceOf(sess, caller, trace.Event{Kind: trace.Language, Language: *e.Language, File: e.File})
	}
	return sess, err
}

// mayEdit decides who may write in the main document, by the same rules as the websocket.
func mayEdit(sess session.Session, caller session.Participant) error {
	switch {
	case !caller.Role.CanWrite():
		return errForbidden
	case !caller.MayEnter():
		return errNotStarted
	case sess.Status == session.Ended:
		return session.ErrEnded
	}
	return nil
}
