package api

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/gofiber/fiber/v2"

	"parley/pkg/access"
	"parley/pkg/relay"
	"parley/pkg/session"
	"parley/pkg/trace"
)

// anonymous is the caller without a token. With open access, anyone may do anything.
var anonymous = session.Participant{Role: access.Interviewer}

// issue returns a token for p that expires with the session.
func (s *Server) issue(sess session.Session, p session.Participant) (string, error) {
	return s.opts.Tokens.Issue(access.Claims{Session: string(sess.ID), Participant: string(p.ID), Expires: sess.ExpiresAt})
}

// find returns the session with that id. With open access, an unknown session is created.
func (s *Server) find(ctx context.Context, id session.ID) (session.Session, error) {
	if s.opts.Open {
		return s.opts.Sessions.Open(ctx, id)
	}
	return s.opts.Sessions.Get(ctx, id)
}

// enter returns the session of a request and the participant who asks. An unknown or deleted
// session is reported before a bad token, because an id is no secret and a token ends with its
// session.
func (s *Server) enter(ctx context.Context, in *InSession) (session.Session, session.Participant, error) {
	id, err := session.ParseID(in.ID)
	if err != nil {
		return session.Session{}, session.Participant{}, err
	}
	sess, err := s.opts.Sessions.Get(ctx, id)
	if err != nil {
		return session.Session{}, session.Participant{}, err
	}
	caller, err := s.callerOf(sess, bearer(in.Authorization))
	return sess, caller, err
}

// bearer returns the token of an Authorization header, or "" if there is none.
func bearer(header string) string {
	scheme, token, _ := strings.Cut(header, " ")
	if !strings.EqualFold(scheme, "bearer") {
		return ""
	}
	return strings.TrimSpace(token)
}

// callerOf returns the participant that a token stands for, with the current state of the session's
// record. With open access, a caller without a valid token is anonymous.
func (s *Server) callerOf(sess session.Session, token string) (session.Participant, error) {
	p, err := s.participantOf(sess, token)
	if err != nil && s.opts.Open {
		return anonymous, nil
	}
	return p, err
}

func (s *Server) participantOf(sess session.Session, token string) (session.Participant, error) {
	if token == "" {
		return session.Participant{}, errTokenRequired
	}
	claims, err := s.opts.Tokens.Verify(token, string(sess.ID))
	if err != nil {
		return session.Participant{}, err
	}
	p, err := sess.Participant(session.ParticipantID(claims.Participant))
	if err != nil {
		// A 401, not the 404 of an unknown participant.
		return session.Participant{}, fmt.Errorf("%w: %w", access.ErrBadToken, errRemoved)
	}
	return p, nil
}

// authorise checks the caller of a websocket handshake, see SocketHandler.
func (s *Server) authorise(c *fiber.Ctx) (relay.RoomID, relay.Grant, error) {
	ctx, cancel := context.WithTimeout(c.UserContext(), handleTimeout)
	defer cancel()
	return s.admit(ctx, handshake{
		session: c.Params("id"), doc: c.Params("doc"), token: c.Query("token"), ack: c.Query("ack") == "1",
	})
}

// handshake holds the parameters of a websocket handshake.
type handshake struct {
	session string // from the path, unchecked
	doc     string // from the path; "" for the main document
	token   string
	ack     bool
}

// admit decides about a handshake. It returns the room and the rights of the caller, or a
// *relay.ClosedError with the close code and reason.
func (s *Server) admit(ctx context.Context, h handshake) (relay.RoomID, relay.Grant, error) {
	id, err := session.ParseID(h.session)
	if err != nil {
		return relay.RoomID{}, relay.Grant{}, refusal(err)
	}
	sess, err := s.find(ctx, id)
	if err != nil {
		return relay.RoomID{}, relay.Grant{}, refusal(err)
	}
	caller, err := s.callerOf(sess, h.token)
	if err != nil {
		return relay.RoomID{}, relay.Grant{}, refusal(err)
	}
	grant, err := s.grant(sess, caller, h.doc)
	if err != nil {
		return relay.RoomID{}, relay.Grant{}, refusal(err)
	}
	grant.Ack = h.ack
	grant.Confirm = s.confirm(id, h.doc, grant)
	return relay.RoomID{Session: string(sess.ID), Doc: h.doc}, grant, nil
}

// grant returns the current rights of a participant in a document.
func (s *Server) grant(sess session.Session, caller session.Participant, doc string) (relay.Grant, error) {
	if err := s.mayOpen(caller, doc); err != nil {
		return relay.Grant{}, err
	}
	return relay.Grant{
		Participant: string(caller.ID), Role: string(caller.Role),
		ReadOnly:  sess.Status == session.Ended || !caller.Role.CanWrite() || doc == access.LobbyDoc && !s.opts.Open,
		Exclusive: !s.opts.Open,
		Leads:     caller.Role.CanManage(),
		Veiled:    veiled(caller),
		Open:      s.opts.Open,
		Watched:   doc == "" && caller.ID != "" && sess.Status != session.Ended && traced(sess, trace.File),
		Tag:       tagOf(sess, caller),
		Revision:  sess.Revision,
	}, nil
}

// confirm returns the check that the relay runs once the connection is registered: does the result
// of the handshake still hold? If only the rights have changed, the client is closed with a code
// that makes it reconnect. Watch runs before the check. Every later change of another node
// therefore reaches Changed, which reviews the connection; every earlier change is visible to the
// check.
func (s *Server) confirm(id session.ID, doc string, was relay.Grant) func(context.Context) error {
	return func(ctx context.Context) error {
		ctx, cancel := context.WithTimeout(ctx, handleTimeout)
		defer cancel()
		if err := s.opts.Nodes.Watch(ctx, id); err != nil {
			return refusal(err)
		}
		sess, err := s.opts.Sessions.Get(ctx, id)
		if err != nil {
			return refusal(err)
		}
		s.tellQuiet(sess)
		return s.holds(sess, doc, was)
	}
}

// holds returns nil if a connection with the rights was may stay, given the current session.
func (s *Server) holds(sess session.Session, doc string, was relay.Grant) error {
	p := anonymous
	if caller := session.ParticipantID(was.Participant); caller != anonymous.ID {
		var err error
		if p, err = sess.Participant(caller); err != nil {
			return refusal(errRemoved)
		}
	}
	is, err := s.grant(sess, p, doc)
	switch {
	case err != nil:
		return refusal(err)
	case is.Role != was.Role || is.ReadOnly != was.ReadOnly || is.Tag != was.Tag:
		return refusal(errChanged)
	}
	return nil
}

// Changed tells the server that another node may have changed a session. sess is the current
// session, or err says why the session cannot be read. Connections that lost their rights are
// closed, as if this node had made the change.
func (s *Server) Changed(id session.ID, sess session.Session, err error) {
	switch {
	case errors.Is(err, session.ErrGone), errors.Is(err, session.ErrNotFound):
		s.opts.Relay.CloseSession(string(id), refusal(err).Code)
	case err != nil:
		s.log.Error("cannot read a session that another node changed", "session", id, "err", err)
	default:
		s.tellQuiet(sess)
		s.opts.Relay.Review(string(id), func(room relay.RoomID, was relay.Grant) error {
			if was.Revision > sess.Revision {
				return nil // the connection is newer than this notice, which may not know it
			}
			return s.holds(sess, room.Doc, was)
		})
	}
}

// tagOf encodes the state that a connection depends on, beside the role and the right to write. A
// participant who connects while the session or the participant waits must reconnect when the wait
// is over.
func tagOf(sess session.Session, caller session.Participant) uint8 {
	tag := map[session.Status]uint8{session.Waiting: 1, session.Active: 2, session.Ended: 3}[sess.Status]
	if caller.MayEnter() {
		tag |= 1 << 7
	}
	return tag
}

// Errors that only a handshake can return.
var (
	errNoDocument = errors.New("no such document")
	errNotStarted = errors.New("not started yet")
	errRemoved    = errors.New("removed from the session")
	errChanged    = errors.New("rights have changed since the handshake")
)

// mayOpen decides who may open a document of a session: the main document, the notes or the lobby.
// Waiting participants may open the lobby only. With open access, other names are allowed too.
func (s *Server) mayOpen(caller session.Participant, doc string) error {
	known := doc == "" || doc == access.NotesDoc || doc == access.LobbyDoc || s.opts.Open && session.ValidName(doc)
	switch {
	case !known:
		return errNoDocument
	case !caller.Role.CanOpen(doc) && !(s.opts.Open && doc != access.NotesDoc):
		return errForbidden
	case !caller.MayEnter() && doc != access.LobbyDoc:
		return errNotStarted
	}
	return nil
}

// reasonNotStarted tells the client that it is in the lobby. The client keeps trying until it is
// admitted.
const reasonNotStarted = "not_started"

// refusal maps an error of admit to a close code and reason.
func refusal(err error) *relay.ClosedError {
	code, reason := relay.CloseUnavailable, ""
	switch {
	case errors.Is(err, errNotStarted):
		reason = reasonNotStarted
	case errors.Is(err, session.ErrNotFound), errors.Is(err, errNoDocument):
		code = relay.CloseNoSession
	case errors.Is(err, session.ErrGone):
		code = relay.CloseGone
	case errors.Is(err, errChanged):
		code = relay.CloseRestart
	case errors.Is(err, errRemoved):
		code = relay.CloseForbidden
	case errors.Is(err, errTokenRequired), errors.Is(err, access.ErrBadToken):
		code = relay.CloseNoToken
	case errors.Is(err, errForbidden):
		code = relay.CloseForbidden
	}
	if reason == "" {
		reason = code.Reason()
	}
	return &relay.ClosedError{Code: code, Reason: reason, Cause: err}
}
