package api

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humafiber"

	"parley/pkg/access"
	"parley/pkg/archive"
	"parley/pkg/audit"
	"parley/pkg/export"
	"parley/pkg/relay"
	"parley/pkg/session"
	"parley/pkg/signin"
)

// Errors about the archive.
var (
	errNoArchive      = errors.New("no archive")
	errNotArchivedYet = errors.New("not archived yet")
)

// archivist is who asks for something archived.
type archivist struct {
	by   session.Participant // empty for an API key and a user
	key  string              // the name of the API key; "" for the others
	user string              // the id of the signed-in user; "" for the others
}

// id returns what tombstones call the archivist: no name of a person.
func (a archivist) id() string {
	switch {
	case a.key != "":
		return "API key " + a.key
	case a.user != "":
		return "user " + a.user
	}
	return string(a.by.ID)
}

// archived returns the sidecar of an interview for a caller who may open it: an API key, the token
// of an interviewer of the session, which for this outlives the session, or a signed-in user.
func (s *Server) archived(ctx context.Context, in *InSession) (archive.Sidecar, archivist, error) {
	if s.opts.Archive == nil {
		return archive.Sidecar{}, archivist{}, errNoArchive
	}
	id, err := session.ParseID(in.ID)
	if err != nil {
		return archive.Sidecar{}, archivist{}, archive.ErrNotFound
	}
	end, token := func(bool) {}, bearer(in.Authorization)
	if u, ok := s.signedIn(ctx); ok && token == "" {
		side, err := s.opts.Archive.Find(ctx, string(id))
		if err == nil && !mayOpenAs(u, side) {
			err = errForbidden
		}
		return side, archivist{user: u.ID}, err
	}
	if s.opts.Keys.Any() {
		if end, err = s.guess(ctx); err != nil {
			return archive.Sidecar{}, archivist{}, err
		}
	}
	name, isKey := s.opts.Keys.Match(token)
	claims, bad := access.Claims{}, error(nil)
	if !isKey {
		claims, bad = s.opts.Tokens.VerifyPast(token, string(id))
	}
	end(bad != nil && token != "") // it may have been a guess at an API key
	switch {
	case isKey:
	case token == "":
		return archive.Sidecar{}, archivist{}, errTokenRequired
	case bad != nil:
		return archive.Sidecar{}, archivist{}, bad
	}
	side, err := s.opts.Archive.Find(ctx, string(id))
	if err != nil || isKey {
		return side, archivist{key: name}, err
	}
	by, err := mayOpen(side, claims.Participant)
	return side, archivist{by: by}, err
}

// mayOpen decides whether a participant may open an archived interview: those who led it may.
func mayOpen(side archive.Sidecar, participant string) (session.Participant, error) {
	for _, p := range side.Participants {
		switch {
		case p.ID != participant:
		case p.Role.CanManage():
			return session.Participant{ID: session.ParticipantID(p.ID), Name: p.Name, Role: p.Role}, nil
		default:
			return session.Participant{}, errForbidden
		}
	}
	return session.Participant{}, fmt.Errorf("%w: %w", access.ErrBadToken, errRemoved)
}

// mayOpenAs decides whether a signed-in user may open an archived interview: its owner, who took
// part as interviewer, the team with which it is shared, and administrators.
func mayOpenAs(u signin.User, side archive.Sidecar) bool {
	led := func(p archive.Person) bool { return p.User == u.ID && p.Role.CanManage() }
	return u.Admin || side.Owner == u.ID || side.Team != "" && slices.Contains(u.Groups, side.Team) || slices.ContainsFunc(side.Participants, led)
}

func (s *Server) listArchive(ctx context.Context, in *listArchiveInput) (*archiveListOutput, error) {
	if s.opts.Archive == nil {
		return nil, errNoArchive
	}
	q := archive.Query{Text: in.Text, From: in.From, To: in.To, Cursor: in.Cursor, Limit: in.Limit}
	if u, ok := s.signedIn(ctx); ok && bearer(in.Authorization) == "" {
		q.May = func(side archive.Sidecar) bool { return mayOpenAs(u, side) }
	} else if _, err := s.keyHolder(ctx, in.Authorization); err != nil {
		return nil, err
	}
	page, next, err := s.opts.Archive.Search(ctx, q)
	if errors.Is(err, archive.ErrCursor) {
		return nil, &session.FieldError{Field: "cursor", Detail: "use the cursor of the previous page"}
	}
	if err != nil {
		return nil, unreached(err)
	}
	out := &archiveListOutput{Body: ArchiveList{Items: make([]Archived, 0, len(page)), Cursor: next}}
	for _, side := range page {
		out.Body.Items = append(out.Body.Items, showArchived(baseOf(ctx), side))
	}
	return out, nil
}

func (s *Server) getArchived(ctx context.Context, in *InSession) (*archivedOutput, error) {
	side, _, err := s.archived(ctx, in)
	if err != nil {
		return nil, unreached(err)
	}
	return &archivedOutput{Body: showArchived(baseOf(ctx), side)}, nil
}

// getBundle sends the bundle of an archived interview after it has compared its hash.
func (s *Server) getBundle(ctx context.Context, in *InSession) (*huma.StreamResponse, error) {
	side, by, err := s.archived(ctx, in)
	if err != nil {
		return nil, unreached(err)
	}
	book, same, err := s.seenBook(ctx, side, by)
	if err != nil {
		return nil, unreached(err)
	}
	address := limitKey(clientOf(ctx))
	if !same {
		return s.sendBundleWith(ctx, side, by, book)
	}
	if !s.exports.take(address, exportLeast) {
		return nil, errBusy
	}
	long, cancel := context.WithTimeout(context.WithoutCancel(ctx), exportTimeout)
	body, err := s.opts.Archive.Open(long, side)
	if err != nil {
		cancel()
		s.exports.give(address, exportLeast)
		return nil, unreached(err)
	}
	s.note(ctx, by.by, audit.Event{Session: side.ID, Kind: audit.Exported, Detail: "archived bundle"})
	return &huma.StreamResponse{Body: func(hc huma.Context) {
		hc.SetHeader("Content-Type", zipType)
		hc.SetHeader("Content-Disposition", fmt.Sprintf("attachment; filename=%q", "parley-"+side.ID+".zip"))
		hc.SetHeader("ETag", strconv.Quote(side.SHA256))
		done := func() {
			cancel()
			s.exports.give(address, exportLeast)
		}
		_ = sendPaced(humafiber.Unwrap(hc), body, int(side.Bytes), exportTimeout, done) // never fails
	}}, nil
}

func (s *Server) patchArchived(ctx context.Context, in *patchArchivedInput) (*archivedOutput, error) {
	side, by, err := s.archived(ctx, &in.InSession)
	if err != nil {
		return nil, unreached(err)
	}
	if err := session.CheckRetention(in.Body.RetentionDays); err != nil {
		return nil, err
	}
	// The record, while there is one: a later bundle gets its sidecar from it.
	if _, err := s.opts.Sessions.Keep(ctx, session.ID(side.ID), in.Body.RetentionDays, in.Body.Hold); err != nil && !isGone(err) {
		return nil, err
	}
	side, err = s.opts.Archive.Change(ctx, side.ID, func(side *archive.Sidecar) {
		if in.Body.Hold != nil {
			side.Hold = *in.Body.Hold
		}
		if in.Body.RetentionDays != nil {
			side.RetentionDays = in.Body.RetentionDays
		}
	})
	if err != nil {
		return nil, unreached(err)
	}
	s.note(ctx, by.by, audit.Event{Session: side.ID, Kind: audit.Kept, Detail: keeping(side)})
	return &archivedOutput{Body: showArchived(baseOf(ctx), side)}, nil
}

// keeping says in words how long an interview is kept.
func keeping(side archive.Sidecar) string {
	switch {
	case side.Hold:
		return "held"
	case side.DeleteAfter.IsZero():
		return "for ever"
	}
	return "until " + side.DeleteAfter.Format("2006-01-02")
}

// keptSeconds is how long an archived interview is kept. 0 is for ever, or that there is no
// archive.
func (s *Server) keptSeconds(days *int) int64 {
	switch {
	case s.opts.Archive == nil:
		return 0
	case days != nil:
		return int64(*days) * 86_400
	}
	return int64(s.opts.Archive.Retention() / time.Second)
}

func isGone(err error) bool {
	return errors.Is(err, session.ErrNotFound) || errors.Is(err, session.ErrGone)
}

func (s *Server) deleteArchived(ctx context.Context, in *InSession) (*struct{}, error) {
	side, by, err := s.archived(ctx, in)
	if err != nil {
		return nil, unreached(err)
	}
	return nil, s.erase(ctx, session.ID(side.ID), by)
}

// erase deletes a session for good: its archive first, so that a failure leaves all of it, then
// what is live. The proof stands in the log, and goes out as a webhook.
func (s *Server) erase(ctx context.Context, id session.ID, by archivist) error {
	was, err := s.opts.Sessions.Stored(ctx, id)
	live := err == nil
	switch {
	case live && was.Hold:
		return archive.ErrHeld
	case !live && !isGone(err):
		return err
	}
	if s.opts.Archive != nil && (!live || was.Status == session.Ended || was.Expired(s.opts.Sessions.Now())) {
		if err := s.opts.Archive.Delete(ctx, archive.Tombstone{ID: string(id), By: by.id(), Why: archive.WhyRequest}); err != nil && !errors.Is(err, archive.ErrGone) {
			return unreached(err)
		}
	}
	if live {
		if err := s.opts.Sessions.Delete(ctx, id); err != nil {
			return err
		}
	}
	s.opts.Relay.CloseSession(string(id), relay.CloseGone)
	s.note(ctx, by.by, audit.Event{Session: string(id), Kind: audit.Deleted, Detail: by.id()})
	s.opts.Webhooks.Send(EventDeleted, NewDeletedEvent(string(id), by.id(), archive.WhyRequest, s.opts.Sessions.Now()))
	return nil
}

// forget removes who a participant was from an archived interview.
func (s *Server) forget(ctx context.Context, in *forgetInput) (*archivedOutput, error) {
	side, by, err := s.archived(ctx, &in.InSession)
	if err != nil {
		return nil, unreached(err)
	}
	name, ok := anonym(side, in.Participant)
	if !ok {
		return nil, session.ErrNoParticipant
	}
	id := session.ID(side.ID)
	live, err := s.opts.Sessions.Stored(ctx, id)
	switch {
	case err != nil && !isGone(err):
		return nil, err
	case err == nil && (live.Status != session.Ended || live.AwaitsArchive(s.opts.Sessions.Now())):
		return nil, errNotArchivedYet
	}
	size, address := int(exportFactor*side.Bytes+exportLeast), limitKey(clientOf(ctx))
	if !s.exports.take(address, size) {
		return nil, errBusy
	}
	defer s.exports.give(address, size)
	side, err = s.opts.Archive.Rewrite(ctx, side.ID, func(side *archive.Sidecar, r io.Reader, w io.Writer) error {
		side.Forget(in.Participant, name)
		return export.Forget(ctx, r, w, in.Participant, name)
	})
	if err != nil {
		return nil, unreached(err)
	}
	if err := s.forgetAuthor(ctx, side, in.Participant, name); err != nil {
		return nil, unreached(err)
	}
	// What is live still knows the person. The archive has all of it.
	if err := s.opts.Sessions.Delete(ctx, id); err != nil && !isGone(err) {
		return nil, err
	}
	s.opts.Relay.CloseSession(string(id), relay.CloseGone)
	s.note(ctx, by.by, audit.Event{Session: side.ID, Kind: audit.Forgotten, About: in.Participant})
	return &archivedOutput{Body: showArchived(baseOf(ctx), side)}, nil
}

// anonym returns the name of a participant who is forgotten.
func anonym(side archive.Sidecar, participant string) (string, bool) {
	candidates, place := 0, -1
	for i, p := range side.Participants {
		if p.Role == access.Candidate {
			candidates++
		}
		if p.ID == participant {
			place = i
		}
	}
	switch {
	case place < 0:
		return "", false
	case side.Participants[place].Role == access.Candidate && candidates == 1:
		return "Candidate", true
	}
	return "Participant " + strconv.Itoa(place+1), true
}

// unreached gives an error of the archive that no table knows the name of a place that is away.
func unreached(err error) error {
	if err == nil || problemOf(err).Code != codeInternal {
		return err
	}
	return fmt.Errorf("%w: %w", errArchiveAway, err)
}

var errArchiveAway = errors.New("the archive cannot be reached")
