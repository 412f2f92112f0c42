package api

import (
	"context"

	"parley/pkg/access"
	"parley/pkg/audit"
	"parley/pkg/relay"
	"parley/pkg/session"
)

func (s *Server) listParticipants(ctx context.Context, in *InSession) (*participantsOutput, error) {
	sess, _, err := s.enter(ctx, in)
	if err != nil {
		return nil, err
	}
	out := &participantsOutput{}
	out.Body.Participants = s.people(ctx, sess)
	return out, nil
}

func (s *Server) patchParticipant(ctx context.Context, in *patchParticipantInput) (*participantOutput, error) {
	sess, caller, err := s.enter(ctx, &in.InSession)
	if err != nil {
		return nil, err
	}
	target, err := sess.Participant(session.ParticipantID(in.PID))
	if err != nil {
		return nil, err
	}
	if err := s.mayChange(caller, target, in); err != nil {
		return nil, err
	}
	change := session.ParticipantChange{Name: in.Body.Name, Color: in.Body.Color, Waits: in.Body.Waiting}
	if in.Body.Role != nil {
		role, err := access.ParseRole(*in.Body.Role)
		if err != nil {
			return nil, err
		}
		change.Role = &role
	}
	sess, changed, err := s.opts.Sessions.ChangeParticipant(ctx, sess.ID, target.ID, change)
	if err != nil {
		return nil, err
	}
	s.notePerson(ctx, sess, caller, target, changed)
	if changed.Role != target.Role || changed.MayEnter() != target.MayEnter() {
		// The rights of a connection are fixed when it opens, so the participant must reconnect.
		s.opts.Relay.CloseParticipant(string(sess.ID), string(changed.ID), relay.CloseRestart)
	}
	return &participantOutput{Body: showParticipant(changed, s.opts.Nodes.Online(ctx, sess.ID))}, nil
}

// mayChange decides who may change a participant. Participants change their own name and colour.
// Interviewers change role and admission.
func (s *Server) mayChange(caller, target session.Participant, in *patchParticipantInput) error {
	appearance := in.Body.Name != nil || in.Body.Color != nil
	self := caller.ID == target.ID || s.opts.Open && caller.ID == anonymous.ID
	switch {
	case (in.Body.Role != nil || in.Body.Waiting != nil) && !caller.Role.CanManage(), appearance && !self, !self && !caller.Role.CanManage():
		return errForbidden
	}
	return nil
}

func (s *Server) removeParticipant(ctx context.Context, in *InParticipant) (*struct{}, error) {
	sess, caller, err := s.enter(ctx, &in.InSession)
	if err != nil {
		return nil, err
	}
	target := session.ParticipantID(in.PID)
	if caller.ID != target && !caller.Role.CanManage() {
		return nil, errForbidden
	}
	_, removed, err := s.opts.Sessions.Remove(ctx, sess.ID, target)
	if err != nil {
		return nil, err
	}
	s.note(ctx, caller, audit.Event{Session: string(sess.ID), Kind: audit.Removed, About: string(removed.ID), Detail: removed.Name + ", " + string(removed.Role)})
	s.opts.Relay.CloseParticipant(string(sess.ID), in.PID, relay.CloseForbidden)
	return nil, nil
}

func (s *Server) renewInvite(ctx context.Context, in *renewInviteInput) (*inviteOutput, error) {
	sess, caller, err := s.enter(ctx, &in.InSession)
	if err != nil {
		return nil, err
	}
	if !caller.Role.CanManage() {
		return nil, errForbidden
	}
	role, err := access.ParseRole(in.Role)
	if err != nil {
		return nil, err
	}
	code, err := s.opts.Sessions.RenewInvite(ctx, sess.ID, role)
	if err != nil {
		return nil, err
	}
	s.note(ctx, caller, audit.Event{Session: string(sess.ID), Kind: audit.InviteRenewed, Detail: string(role)})
	out := &inviteOutput{}
	out.Body.Role, out.Body.URL = role, inviteLink(ctx, code)
	return out, nil
}

// inviteLink returns the join URL of a code.
func inviteLink(ctx context.Context, code access.Code) string {
	return baseOf(ctx) + "/j/" + code.String()
}

func (s *Server) people(ctx context.Context, sess session.Session) []Participant {
	online := s.opts.Nodes.Online(ctx, sess.ID)
	people := make([]Participant, 0, len(sess.Participants))
	for _, p := range sess.Participants {
		people = append(people, showParticipant(p, online))
	}
	return people
}

// showParticipant returns p as the API shows it. online holds the participants with a live
// connection.
func showParticipant(p session.Participant, online map[string]bool) Participant {
	return Participant{
		ID: string(p.ID), Name: p.Name, Role: p.Role, Color: p.Color, JoinedAt: p.JoinedAt, Online: online[string(p.ID)],
		Waiting: !p.MayEnter(),
	}
}
