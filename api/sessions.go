package api

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"parley/crdt"
	"parley/pkg/access"
	"parley/pkg/audit"
	"parley/pkg/relay"
	"parley/pkg/session"
	"parley/pkg/trace"
)

func (s *Server) createSession(ctx context.Context, in *createInput) (*createOutput, error) {
	owner, giveBack, err := s.mayCreate(ctx, in.Authorization)
	if err != nil {
		return nil, err
	}
	draft := draftOf(in.Body)
	draft.Base, draft.Creator.User = baseOf(ctx), session.UserID(owner.ID)
	if draft.Creator.Name == "" {
		draft.Creator.Name = owner.ShortName(session.MaxName)
	}
	if err = mayShare(owner, draft.Team); err != nil {
		giveBack()
		return nil, err
	}
	q, err := s.beginWith(in.Body, &draft)
	if err != nil {
		giveBack()
		return nil, err
	}
	made, err := s.opts.Sessions.Create(ctx, draft)
	if err != nil {
		giveBack()
		return nil, err
	}
	if err := s.keepFirst(ctx, made.Session, q); err != nil {
		giveBack()
		return nil, err
	}
	s.note(ctx, made.Creator, audit.Event{Session: string(made.Session.ID), Kind: audit.Created})
	if made.Session.Status == session.Active {
		s.traceOf(made.Session, made.Creator, trace.Event{Kind: trace.Start})
	}
	s.tell(eventCreated, made.Session)
	shown, err := s.show(ctx, made.Session, made.Creator)
	if err != nil {
		return nil, err
	}
	token, err := s.issue(made.Session, made.Creator)
	if err != nil {
		return nil, err
	}
	link := func(role access.Role) string { return inviteLink(ctx, made.Codes[role]) }
	return &createOutput{
		Location: "/api/v1/sessions/" + shown.ID,
		Body: NewSession{
			Session: shown, Token: token, Participant: showParticipant(made.Creator, nil),
			Invites: Invites{Interviewer: link(access.Interviewer), Candidate: link(access.Candidate), Observer: link(access.Observer)},
		},
	}, nil
}

// draftOf returns what a body says of the session to create. Without a body that is nothing.
func draftOf(b *CreateSession) session.Draft {
	if b == nil {
		return session.Draft{}
	}
	return session.Draft{
		Title: b.Title, Language: b.Language, Code: b.Code, Prompt: b.Prompt, Lobby: b.Start == "lobby", Ask: b.Admission == string(session.AdmitAsk),
		Creator: session.Profile{Name: b.Creator.Name, Color: b.Creator.Color},
		Record:  session.Record(b.Record), Replay: session.Replay(b.Replay), RetentionDays: b.RetentionDays,
		Team: b.Team, ExternalID: b.ExternalID, Metadata: b.Metadata.Metadata, CallURL: b.CallURL,
	}
}

func (s *Server) getSession(ctx context.Context, in *InSession) (*sessionOutput, error) {
	sess, caller, err := s.enter(ctx, in)
	if err != nil {
		return nil, err
	}
	return s.answer(ctx, sess, caller)
}

func (s *Server) patchSession(ctx context.Context, in *patchInput) (*sessionOutput, error) {
	sess, caller, err := s.enter(ctx, &in.InSession)
	if err != nil {
		return nil, err
	}
	change, edit := in.parts()
	managing := (change != session.Change{})
	if managing && !caller.Role.CanManage() {
		return nil, errForbidden
	}
	if err := s.mayChangeTeam(ctx, sess, change.Team); err != nil {
		return nil, err
	}
	if err := change.Check(sess); err != nil {
		return nil, err // nothing is edited yet
	}
	if !edit.Empty() {
		if sess, err = s.edit(ctx, sess, caller, edit); err != nil {
			return nil, err
		}
	}
	if managing {
		if sess, err = s.change(ctx, sess, caller, change); err != nil {
			return nil, err
		}
	}
	return s.answer(ctx, sess, caller)
}

// parts splits a PATCH into the change of the record and the edit of the document.
func (in *patchInput) parts() (session.Change, session.Edit) {
	change := session.Change{Title: in.Body.Title, Team: in.Body.Team}
	change.ExternalID, change.CallURL = in.Body.ExternalID, in.Body.CallURL
	if m := in.Body.Metadata; m != nil {
		change.Metadata = &m.Metadata
	}
	if in.Body.Status != nil {
		status := session.Status(*in.Body.Status)
		change.Status = &status
	}
	if in.Body.Admission != nil {
		admission := session.Admission(*in.Body.Admission)
		change.Admission = &admission
	}
	return change, session.Edit{Code: in.Body.Code, Language: in.Body.Language}
}

// change applies c to the record. If the status changes, live connections reconnect.
func (s *Server) change(ctx context.Context, before session.Session, caller session.Participant, c session.Change) (session.Session, error) {
	sess, err := s.opts.Sessions.Change(ctx, before.ID, c)
	if err != nil {
		return session.Session{}, err
	}
	if sess.Status != before.Status {
		// The rights of a connection are fixed when it opens, so clients must reconnect.
		s.opts.Relay.CloseSession(string(sess.ID), relay.CloseRestart)
		s.noteStatus(ctx, sess, caller)
	}
	return sess, nil
}

func (s *Server) deleteSession(ctx context.Context, in *InSession) (*struct{}, error) {
	id, by, err := s.mayDelete(ctx, in)
	if err != nil {
		return nil, err
	}
	if _, err := s.opts.Sessions.Stored(ctx, id); err != nil {
		return nil, err // the archive has a deletion of its own
	}
	return nil, s.erase(ctx, id, by)
}

// mayDelete decides who may delete a session: interviewers of the session and holders of an API
// key.
func (s *Server) mayDelete(ctx context.Context, in *InSession) (session.ID, archivist, error) {
	end := func(bool) {}
	if s.opts.Keys.Any() {
		var err error
		if end, err = s.guess(ctx); err != nil {
			return "", archivist{}, err
		}
		if name, ok := s.opts.Keys.Match(bearer(in.Authorization)); ok {
			end(false)
			id, err := session.ParseID(in.ID)
			return id, archivist{key: name}, err
		}
	}
	sess, caller, err := s.enter(ctx, in)
	end(errors.Is(err, access.ErrBadToken)) // the token may have been a guess at an API key
	if err == nil && !caller.Role.CanManage() {
		err = errForbidden
	}
	return sess.ID, archivist{by: caller}, err
}

func (s *Server) joinByInvite(ctx context.Context, in *joinInput) (*joinOutput, error) {
	return s.tryInvite(ctx, in.Body.Invite, func(code access.Code) (session.Session, session.Participant, error) {
		return s.opts.Sessions.JoinByInvite(ctx, code, s.profileOf(ctx, in.Body.Profile))
	})
}

// lookAtInvite describes the session that a code opens. A client that has sent too many wrong codes
// is refused.
func (s *Server) lookAtInvite(ctx context.Context, in *lookAtInviteInput) (*invitationOutput, error) {
	code, err := access.ParseCode(in.Body.Invite)
	if err != nil {
		return nil, err
	}
	end, err := s.guess(ctx)
	if err != nil {
		return nil, err
	}
	sess, role, err := s.opts.Sessions.Invited(ctx, code)
	end(errors.Is(err, session.ErrInvite))
	if err != nil {
		return nil, err
	}
	host, _ := sess.Participant(sess.Creator) // empty if the creator has left
	return &invitationOutput{Body: Invitation{
		Session: string(sess.ID), Title: sess.Title, Status: sess.Status, Role: role, Host: host.Name,
		Record: sess.Records(), Replay: sess.Replays(), ExpiresAt: sess.ExpiresAt, SignIn: s.asksSignIn(ctx, role),
		Archive: s.opts.Archive != nil, ArchiveSeconds: s.keptSeconds(sess.RetentionDays),
	}}, nil
}

// tryInvite joins with a code, unless the client has sent too many wrong codes.
func (s *Server) tryInvite(ctx context.Context, invite string, join func(access.Code) (session.Session, session.Participant, error)) (*joinOutput, error) {
	code, err := access.ParseCode(invite)
	if err != nil {
		return nil, err // not counted as a guess: a malformed code cannot open anything
	}
	noJoin, err := limit(ctx, s.joins)
	if err != nil {
		return nil, err
	}
	end, err := s.guess(ctx)
	if err != nil {
		noJoin()
		return nil, err
	}
	var sess session.Session
	var caller session.Participant
	if err = s.mayLead(ctx, code); err == nil {
		sess, caller, err = join(code)
	}
	end(errors.Is(err, session.ErrInvite))
	if err != nil {
		noJoin()
		return nil, err
	}
	return s.joined(ctx, sess, caller)
}

func (s *Server) joinSession(ctx context.Context, in *joinSessionInput) (*joinOutput, error) {
	id, err := session.ParseID(in.ID)
	if err != nil {
		return nil, err
	}
	profile := s.profileOf(ctx, in.Body.Profile)
	if in.Body.Invite != "" {
		return s.tryInvite(ctx, in.Body.Invite, func(code access.Code) (session.Session, session.Participant, error) {
			return s.opts.Sessions.Join(ctx, id, code, profile)
		})
	}
	if _, err := s.opts.Sessions.Get(ctx, id); err != nil {
		return nil, err // only a connection makes a room
	}
	if !s.opts.Open {
		return nil, errInviteRequired
	}
	noJoin, err := limit(ctx, s.joins)
	if err != nil {
		return nil, err
	}
	sess, caller, err := s.opts.Sessions.JoinAs(ctx, id, access.Candidate, profile)
	if err != nil {
		noJoin()
		return nil, err
	}
	return s.joined(ctx, sess, caller)
}

func (s *Server) getConfig(context.Context, *struct{}) (*configOutput, error) {
	out := &configOutput{}
	out.Body.Access, out.Body.Version = "invite", s.opts.Version
	if s.opts.Open {
		out.Body.Access = "open"
	}
	out.Body.SessionSeconds = int64(s.opts.Sessions.TTL() / time.Second)
	if s.opts.Archive != nil {
		out.Body.Archive, out.Body.ArchiveSeconds = true, s.keptSeconds(nil)
	}
	switch out.Body.SignIn = s.signInMode(); {
	case s.opts.SignIn != nil:
		out.Body.Create = "sign_in"
	case s.opts.Keys.Any():
		out.Body.Create = "key"
	default:
		out.Body.Create = "anyone"
	}
	return out, nil
}

func (s *Server) getHealth(context.Context, *struct{}) (*healthOutput, error) {
	out := &healthOutput{}
	out.Body.Status, out.Body.Timestamp = "ok", time.Now().UTC()
	return out, nil
}

func (s *Server) answer(ctx context.Context, sess session.Session, caller session.Participant) (*sessionOutput, error) {
	shown, err := s.show(ctx, sess, caller)
	if err != nil {
		return nil, err
	}
	return &sessionOutput{Body: shown}, nil
}

// joined answers a new participant.
func (s *Server) joined(ctx context.Context, sess session.Session, caller session.Participant) (*joinOutput, error) {
	s.note(ctx, caller, audit.Event{Session: string(sess.ID), Kind: audit.Joined, Detail: string(caller.Role)})
	s.opts.Webhooks.Send(eventJoined, joinedEvent{s.told(sess), showParticipant(caller, nil)})
	return s.answerJoined(ctx, sess, caller)
}

// answerJoined gives a participant the own token.
func (s *Server) answerJoined(ctx context.Context, sess session.Session, caller session.Participant) (*joinOutput, error) {
	shown, err := s.show(ctx, sess, caller)
	if err != nil {
		return nil, err
	}
	token, err := s.issue(sess, caller)
	if err != nil {
		return nil, err
	}
	return &joinOutput{Body: Joined{Session: shown, Participant: showParticipant(caller, nil), Token: token}}, nil
}

// show returns the session as caller may see it, with the code of the live document.
func (s *Server) show(ctx context.Context, sess session.Session, caller session.Participant) (Session, error) {
	main, cut, err := s.readMain(ctx, sess, caller)
	if err != nil {
		return Session{}, fmt.Errorf("read document: %w", err)
	}
	admission := sess.Admission
	if admission == "" {
		admission = session.AdmitAll
	}
	shown := Session{
		ID: string(sess.ID), URL: pageLink(baseOf(ctx), sess.ID), Title: sess.Title, Status: sess.Status, Admission: admission,
		Language: main.Language, Code: main.Code, CodeTruncated: cut,
		CreatedAt: sess.CreatedAt, UpdatedAt: sess.UpdatedAt, StartedAt: sess.StartedAt, EndedAt: sess.EndedAt, ExpiresAt: sess.ExpiresAt,
		CreatorID: string(sess.Creator), Participants: s.people(ctx, sess),
		Record: sess.Records(), Replay: sess.Replays(), Quiet: s.showQuiet(sess),
		CallURL: sess.CallURL, Question: showAsked(sess),
	}
	if caller.Role.CanManage() {
		shown.Labels = labelsOf(sess)
	}
	return shown, nil
}

// maxCodeShown limits the code in an answer to this many bytes of JSON. Code that fits into a
// request fits into an answer.
const maxCodeShown = maxBody

// largeText is the length in UTF-16 units from which on reading a text needs a place.
const largeText = 64 << 10

// readMain returns the file main as caller sees it. Who may not enter yet gets no code. cut reports
// that the code is longer than the answer may be. If the answers under way take too much already,
// the code is left out.
func (s *Server) readMain(ctx context.Context, sess session.Session, caller session.Participant) (main session.File, cut bool, err error) {
	limit, length, withCode, as := 0, 0, caller.MayEnter(), s.sight(sess, caller)
	if withCode {
		limit = maxCodeShown
	}
	read := func(most int) error {
		return s.opts.Relay.View(ctx, relay.RoomID{Session: string(sess.ID)}, as, func(d *crdt.Doc) {
			if length = session.MainLen(d); length <= most || !withCode {
				main, cut = session.MainFile(d, limit)
			}
		})
	}
	if err := read(largeText); err != nil {
		return session.File{}, false, err
	}
	if withCode && length > largeText {
		address := limitKey(clientOf(ctx))
		if err := s.reading.wait(ctx, address, 1); err != nil {
			return session.File{}, false, err
		}
		defer s.reading.give(address, 1)
		if err := read(math.MaxInt); err != nil {
			return session.File{}, false, err
		}
	}
	if size := session.JSONSize(main.Code); size > freeAnswer && !claim(ctx, size) {
		main.Code, cut = "", true
	}
	return main, cut && withCode, nil
}
