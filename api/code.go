package api

import (
	"context"

	"parley/crdt"
	"parley/pkg/relay"
	"parley/pkg/session"
)

func (s *Server) putCode(ctx context.Context, in *putCodeInput) (*sessionOutput, error) {
	sess, who, err := s.enter(ctx, &in.InSession)
	if err != nil {
		return nil, err
	}
	edit := session.Edit{File: in.Body.File, Code: &in.Body.Code, Language: in.Body.Language}
	if sess, err = s.edit(ctx, sess, who, edit); err != nil {
		return nil, err
	}
	return s.answer(ctx, sess, who)
}

// edit applies e to the live document, if who may write there now. The room sees the edit like any
// other edit.
func (s *Server) edit(ctx context.Context, sess session.Session, who session.Participant, e session.Edit) (session.Session, error) {
	if err := mayEdit(sess, who); err != nil {
		return session.Session{}, err
	}
	e, err := e.Clean()
	if err != nil {
		return session.Session{}, err
	}
	if sess, err = s.opts.Sessions.BeginEdit(ctx, sess.ID); err != nil {
		return session.Session{}, err
	}
	return sess, s.opts.Relay.Edit(ctx, relay.RoomID{Session: string(sess.ID)}, string(who.ID), func(d *crdt.Doc) error { return e.Apply(d) })
}

// mayEdit decides who may write in the main document, by the same rules as the websocket.
func mayEdit(sess session.Session, who session.Participant) error {
	switch {
	case !who.Role.CanWrite():
		return errForbidden
	case !who.MayEnter():
		return errNotStarted
	case sess.Status == session.Ended:
		return session.ErrEnded
	}
	return nil
}
