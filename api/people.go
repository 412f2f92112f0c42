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
	sess, who, err := s.enter(ctx, &in.InSession)
	if err != nil {
		return nil, err
	}
	target, err := sess.Participant(session.ParticipantID(in.PID))
	if err != nil {
		return nil, err
	}
	if err := s.mayChange(who, target, in); err != nil {
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
	s.notePerson(ctx, sess.ID, who, target, changed)
	if changed.Role != target.Role || changed.MayEnter() != target.MayEnter() {
		// The rights of a connection are fixed when it opens, so the participant must reconnect.
		s.opts.Relay.CloseParticipant(string(sess.ID), string(changed.ID), relay.CloseRestart)
	}
	return &participantOutput{Body: showParticipant(changed, s.opts.Nodes.Online(ctx, sess.ID))}, nil
}

// mayChange decides who may change a participant. Participants change their own name and colour.
// Interviewers change role and admission.
func (s *Server) mayChange(who, target session.Participant, in *patchParticipantInput) error {
	appearance := in.Body.Name != nil || in.Body.Color != nil
	self := who.ID == target.ID || s.opts.Open && who.ID == anonymous.ID
	switch {
	case (in.Body.Role != nil || in.Body.Waiting != nil) && !who.Role.CanManage(), appearance && !self, !self && !who.Role.CanManage():
		return errForbidden
	}
	return nil
}

func (s *Server) removeParticipant(ctx context.Context, in *InParticipant) (*struct{}, error) {
	sess, who, err := s.enter(ctx, &in.InSession)
	if err != nil {
		return nil, err
	}
	target := session.ParticipantID(in.PID)
	if who.ID != target && !who.Role.CanManage() {
		return nil, errForbidden
	}
	_, removed, err := s.opts.Sessions.Remove(ctx, sess.ID, target)
	if err != nil {
		return nil, err
	}
	s.note(ctx, sess.ID, audit.Removed, who, removed.ID, removed.Name+", "+string(removed.Role))
	s.opts.Relay.CloseParticipant(string(sess.ID), in.PID, relay.CloseForbidden)
	return nil, nil
}

func (s *Server) renewInvite(ctx context.Context, in *renewInviteInput) (*inviteOutput, error) {
	sess, who, err := s.enter(ctx, &in.InSession)
	if err != nil {
		return nil, err
	}
	if !who.Role.CanManage() {
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
	s.note(ctx, sess.ID, audit.InviteRenewed, who, "", string(role))
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
