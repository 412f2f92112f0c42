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
)

// anonymous is who has shown no token where none is needed: with open access anybody may do anything.
var anonymous = session.Participant{Role: access.Interviewer}

// issue gives p a token that lasts as long as the session.
func (s *Server) issue(sess session.Session, p session.Participant) (string, error) {
	return s.opts.Tokens.Issue(access.Claims{Session: string(sess.ID), Participant: string(p.ID), Expires: sess.ExpiresAt})
}

// find gives the session of that id. With open access an unknown one is made on the spot.
func (s *Server) find(ctx context.Context, id session.ID) (session.Session, error) {
	if s.opts.Open {
		return s.opts.Sessions.Open(ctx, id)
	}
	return s.opts.Sessions.Get(ctx, id)
}

// enter gives the session that a request is about and who asks. That a session is unknown or gone is told before
// anything about tokens: an id is no secret, and a token ends with its session.
func (s *Server) enter(ctx context.Context, in *InSession) (session.Session, session.Participant, error) {
	id, err := session.ParseID(in.ID)
	if err != nil {
		return session.Session{}, session.Participant{}, err
	}
	sess, err := s.opts.Sessions.Get(ctx, id)
	if err != nil {
		return session.Session{}, session.Participant{}, err
	}
	who, err := s.who(sess, bearer(in.Authorization))
	return sess, who, err
}

// bearer gives the token of an Authorization header, "" when it holds none.
func bearer(header string) string {
	scheme, token, _ := strings.Cut(header, " ")
	if !strings.EqualFold(scheme, "bearer") {
		return ""
	}
	return strings.TrimSpace(token)
}

// who gives the participant that a token stands for, as the session's record has it now. With open access everybody else is anonymous.
func (s *Server) who(sess session.Session, token string) (session.Participant, error) {
	p, err := s.known(sess, token)
	if err != nil && s.opts.Open {
		return anonymous, nil
	}
	return p, err
}

func (s *Server) known(sess session.Session, token string) (session.Participant, error) {
	if token == "" {
		return session.Participant{}, errTokenRequired
	}
	claims, err := s.opts.Tokens.Verify(token, string(sess.ID))
	if err != nil {
		return session.Participant{}, err
	}
	p, err := sess.Participant(session.ParticipantID(claims.Participant))
	if err != nil {
		return session.Participant{}, fmt.Errorf("%w: %w", access.ErrBadToken, errRemoved) // not a 404 of the participant
	}
	return p, nil
}

// authorise is the second door of the websocket endpoint, see SocketHandler.
func (s *Server) authorise(c *fiber.Ctx) (relay.RoomID, relay.Grant, error) {
	ctx, cancel := context.WithTimeout(c.UserContext(), handleTimeout)
	defer cancel()
	return s.admit(ctx, knock{
		session: c.Params("id"), doc: c.Params("doc"), token: c.Query("token"), ack: c.Query("ack") == "1",
	})
}

// knock is what a websocket handshake asks for.
type knock struct {
	session string // as in the path, unchecked
	doc     string // as in the path, "" for the main document
	token   string
	ack     bool
}

// admit decides on a handshake: the room and what its owner may do there, or a *relay.ClosedError with the code and
// reason to close with.
func (s *Server) admit(ctx context.Context, k knock) (relay.RoomID, relay.Grant, error) {
	id, err := session.ParseID(k.session)
	if err != nil {
		return relay.RoomID{}, relay.Grant{}, refusal(err)
	}
	sess, err := s.find(ctx, id)
	if err != nil {
		return relay.RoomID{}, relay.Grant{}, refusal(err)
	}
	who, err := s.who(sess, k.token)
	if err != nil {
		return relay.RoomID{}, relay.Grant{}, refusal(err)
	}
	grant, err := s.grant(sess, who, k.doc)
	if err != nil {
		return relay.RoomID{}, relay.Grant{}, refusal(err)
	}
	grant.Ack = k.ack
	grant.Confirm = s.confirm(id, k.doc, grant)
	return relay.RoomID{Session: string(sess.ID), Doc: k.doc}, grant, nil
}

// grant gives what a participant may do in a document as things are now.
func (s *Server) grant(sess session.Session, who session.Participant, doc string) (relay.Grant, error) {
	if err := s.mayOpen(who, doc); err != nil {
		return relay.Grant{}, err
	}
	return relay.Grant{
		Participant: string(who.ID), Role: string(who.Role),
		ReadOnly:  sess.Status == session.Ended || !who.Role.CanWrite() || doc == access.LobbyDoc && !s.opts.Open,
		Exclusive: !s.opts.Open,
		Open:      s.opts.Open,
		Tag:       tagOf(sess, who),
		Revision:  sess.Revision,
	}, nil
}

// confirm gives the question that the relay asks once more when the connection counts: whether what the handshake found still
// holds. If only what is allowed has changed, the client is sent to come again. With other nodes about, what they change from
// now on reaches this one, and Review; so either the question sees a change, or the review finds the connection.
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
		return s.holds(sess, doc, was)
	}
}

// holds says whether a connection may stay with what it was granted, now that the session is as given.
func (s *Server) holds(sess session.Session, doc string, was relay.Grant) error {
	p := anonymous
	if who := session.ParticipantID(was.Participant); who != anonymous.ID {
		var err error
		if p, err = sess.Participant(who); err != nil {
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

// Changed tells the server that another node may have changed a session: it is as given, or cannot be had any more for the reason
// of err. Connections that may not stay as they are end as if the change had been made here.
func (s *Server) Changed(id session.ID, sess session.Session, err error) {
	switch {
	case errors.Is(err, session.ErrGone), errors.Is(err, session.ErrNotFound):
		s.opts.Relay.CloseSession(string(id), refusal(err).Code)
	case err != nil:
		s.log.Error("session changed to something unknown", "session", id, "err", err)
	default:
		s.opts.Relay.Review(string(id), func(room relay.RoomID, was relay.Grant) error {
			if was.Revision > sess.Revision {
				return nil // who has just come may not be in what is told only now
			}
			return s.holds(sess, room.Doc, was)
		})
	}
}

// tagOf stands for what a connection depends on beside role and right to write: whoever comes while a session waits,
// or waits alone, is to come again when that is over.
func tagOf(sess session.Session, who session.Participant) uint8 {
	tag := map[session.Status]uint8{session.Waiting: 1, session.Active: 2, session.Ended: 3}[sess.Status]
	if who.MayEnter() {
		tag |= 1 << 7
	}
	return tag
}

// Errors that only a handshake meets.
var (
	errNoDocument = errors.New("no such document")
	errNotStarted = errors.New("not started yet")
	errRemoved    = errors.New("removed from the session")
	errChanged    = errors.New("rights have changed since the handshake")
)

// mayOpen decides on one document of a session. There are the main one, the notes and the lobby, the only one that is open to who
// waits; with open access, any.
func (s *Server) mayOpen(who session.Participant, doc string) error {
	known := doc == "" || doc == access.NotesDoc || doc == access.LobbyDoc || s.opts.Open && session.ValidName(doc)
	switch {
	case !known:
		return errNoDocument
	case !who.Role.CanOpen(doc) && !(s.opts.Open && doc != access.NotesDoc):
		return errForbidden
	case !who.MayEnter() && doc != access.LobbyDoc:
		return errNotStarted
	}
	return nil
}

// reasonNotStarted tells the client that it is in the lobby: it tries again, and one day gets in.
const reasonNotStarted = "not_started"

// refusal gives the close code and reason of an error of admit.
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
