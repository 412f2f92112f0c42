package api

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"parley/pkg/access"
	"parley/pkg/archive"
	"parley/pkg/audit"
	"parley/pkg/session"
	"parley/pkg/signin"
)

var (
	listMineOperation = huma.Operation{
		OperationID: "list-my-sessions", Method: http.MethodGet, Path: "/api/v1/me/sessions",
		Errors:  []int{422},
		Summary: "List and search your interviews", Tags: []string{"people"}, Security: needsSignIn,
		Description: "The sessions that the signed-in person owns or took part in as interviewer, and those that are shared with " +
			"one of the person's groups. Administrators see all. The newest comes first. What is archived has a list of its own: " +
			"an interview that has ended is in both until its session expires.",
	}
	claimOperation = huma.Operation{
		OperationID: "claim-session", Method: http.MethodPost, Path: "/api/v1/me/sessions", DefaultStatus: http.StatusOK,
		Errors:  []int{403, 404, 409, 410, 422},
		Summary: "Take a session into your list", Tags: []string{"people"}, Security: needsSignIn,
		Description: "For sessions that were made before the service had sign-in, or without it. Needs the token of an interviewer. " +
			"The creator of a session becomes its owner.",
	}
	openMineOperation = huma.Operation{
		OperationID: "open-my-session", Method: http.MethodPost, Path: "/api/v1/me/sessions/{id}/open", DefaultStatus: http.StatusOK,
		Errors:  []int{409, 422, 429},
		Summary: "Get a token for a session of your list", Tags: []string{"people"}, Security: needsSignIn,
		Description: "Gives the person's own participant again, from any browser. " +
			"A person who has none yet joins as interviewer, as others see.",
	}
)

type listMineInput struct {
	State  string `query:"state" enum:"live,prepared,ended,archived" doc:"The default is live, prepared and ended."`
	Text   string `query:"q" maxLength:"200" doc:"Words that each occur in the title, a question, a name or the external_id."`
	Cursor string `query:"cursor" doc:"The cursor of the previous page. Leave out for the first page."`
	Limit  int    `query:"limit" minimum:"1" maximum:"200" default:"50" doc:"The most interviews on a page."`
}

type listMineOutput struct{ Body MyInterviews }

// MyInterviews is a page of the interviews of a person.
type MyInterviews struct {
	Items  []MyInterview `json:"items"`
	Cursor string        `json:"cursor,omitempty" doc:"The cursor of the next page. Missing on the last page."`
}

// MyInterview is an interview in the list of a person.
type MyInterview struct {
	ID        string         `json:"id" example:"0a1b2c3d"`
	URL       string         `json:"url" example:"https://parley.example/s/0a1b2c3d"`
	Title     string         `json:"title"`
	Status    session.Status `json:"status" enum:"waiting,active,ended"`
	CreatedAt time.Time      `json:"created_at"`
	StartedAt time.Time      `json:"started_at,omitzero" doc:"Missing before the start."`
	EndedAt   time.Time      `json:"ended_at,omitzero" doc:"Missing before the end."`
	ExpiresAt time.Time      `json:"expires_at,omitzero" doc:"When the session is deleted. What is archived stays longer. Missing in the list of what is archived."`
	Record    session.Record `json:"record" enum:"all,edits,nothing"`
	People    []MyPerson     `json:"people"`
	CallURL   string         `json:"call_url,omitempty"`
	Team      string         `json:"team,omitempty" doc:"The group with which the owner shares the session."`
	Mine      bool           `json:"mine" doc:"Whether you own the session."`
	Question  string         `json:"question,omitempty" doc:"The title of the question that was asked last. Missing when there was none."`
	Archived  bool           `json:"archived" doc:"Whether the archive has the interview."`
	Hold      bool           `json:"hold" doc:"A held interview is not deleted from the archive."`
	// DeleteAfter is known of what is archived.
	DeleteAfter time.Time `json:"delete_after,omitzero" doc:"When the archived interview is deleted, unless it is held. Missing: never, or not archived yet."`
	Labels
}

// MyPerson is somebody who was in an interview.
type MyPerson struct {
	Name string      `json:"name"`
	Role access.Role `json:"role" enum:"interviewer,candidate,observer"`
}

// stateArchived is the state of the list that is read from the archive.
const stateArchived = "archived"

// statusOf maps the other states of the list to the status of a session.
var statusOf = map[string]session.Status{"live": session.Active, "prepared": session.Waiting, "ended": session.Ended}

func (s *Server) listMine(ctx context.Context, in *listMineInput) (*listMineOutput, error) {
	user, err := s.mustSignIn(ctx)
	if err != nil {
		return nil, err
	}
	if in.State == stateArchived {
		return s.listMyArchive(ctx, in, user)
	}
	q := session.Query{Status: statusOf[in.State], Words: session.WordsOf(in.Text), Limit: in.Limit}
	page, next, err := s.browse(ctx, shelvesOf(user), q, in.Cursor)
	if err != nil {
		return nil, err
	}
	out := &listMineOutput{Body: MyInterviews{Items: make([]MyInterview, 0, len(page)), Cursor: next}}
	for _, sess := range page {
		out.Body.Items = append(out.Body.Items, s.showMine(ctx, sess, user))
	}
	return out, nil
}

// listMyArchive lists what of the archive a person may open. A service without an archive has
// nothing there.
func (s *Server) listMyArchive(ctx context.Context, in *listMineInput, user signin.User) (*listMineOutput, error) {
	out := &listMineOutput{Body: MyInterviews{Items: []MyInterview{}}}
	if s.opts.Archive == nil {
		return out, nil
	}
	may := func(side archive.Sidecar) bool { return mayOpenAs(user, side) }
	page, next, err := s.opts.Archive.Search(ctx, archive.Query{Text: in.Text, May: may, Cursor: in.Cursor, Limit: in.Limit})
	switch {
	case errors.Is(err, archive.ErrCursor):
		return nil, errCursor
	case err != nil:
		return nil, unreached(err)
	}
	out.Body.Cursor = next
	for _, side := range page {
		out.Body.Items = append(out.Body.Items, showMyArchived(baseOf(ctx), side, user))
	}
	return out, nil
}

// shelvesOf returns the lists that a person sees.
func shelvesOf(user signin.User) []session.Shelf {
	if user.Admin {
		return []session.Shelf{session.AllShelf}
	}
	shelves := []session.Shelf{session.UserShelf(session.UserID(user.ID))}
	for _, group := range user.Groups {
		shelves = append(shelves, session.TeamShelf(group))
	}
	return shelves
}

// mayShare returns an error for a team that is none of the person's groups.
func mayShare(user signin.User, team string) error {
	if team != "" && !slices.Contains(user.Groups, team) {
		return &session.FieldError{Field: "team", Detail: "use one of your own groups, or leave it out"}
	}
	return nil
}

// mayChangeTeam decides who may share a session: its owner, with a group of the owner.
func (s *Server) mayChangeTeam(ctx context.Context, sess session.Session, team *string) error {
	if team == nil || *team == sess.Team {
		return nil
	}
	user, err := s.mustSignIn(ctx)
	switch {
	case err != nil:
		return err
	case session.UserID(user.ID) != sess.Owner:
		return errForbidden
	}
	return mayShare(user, *team)
}

func (s *Server) showMine(ctx context.Context, sess session.Session, user signin.User) MyInterview {
	shown := MyInterview{
		ID: string(sess.ID), URL: pageLink(baseOf(ctx), sess.ID), Title: sess.Title, Status: sess.Status,
		CreatedAt: sess.CreatedAt, StartedAt: sess.StartedAt, EndedAt: sess.EndedAt, ExpiresAt: sess.ExpiresAt, Record: sess.Records(),
		People: make([]MyPerson, 0, len(sess.Participants)), CallURL: sess.CallURL, Team: sess.Team,
		Mine: string(sess.Owner) == user.ID, Labels: labelsOf(sess), Archived: !sess.Archived.At.IsZero(), Hold: sess.Hold,
	}
	if asked, ok := sess.Current(); ok {
		shown.Question = asked.Title
	}
	if s.opts.Archive != nil && shown.Archived {
		if keep := s.keptSeconds(sess.RetentionDays); keep > 0 {
			shown.DeleteAfter = sess.EndedAt.Add(time.Duration(keep) * time.Second).UTC()
		}
	}
	for _, p := range sess.Participants {
		shown.People = append(shown.People, MyPerson{Name: p.Name, Role: p.Role})
	}
	return shown
}

// showMyArchived shows an archived interview as the other lists show theirs.
func showMyArchived(base string, side archive.Sidecar, user signin.User) MyInterview {
	shown := MyInterview{
		ID: side.ID, URL: pageLink(base, session.ID(side.ID)), Title: side.Title, Status: session.Ended,
		CreatedAt: side.CreatedAt, StartedAt: side.StartedAt, EndedAt: side.EndedAt, Record: session.Record(side.Record),
		People: make([]MyPerson, 0, len(side.Participants)), CallURL: side.CallURL, Team: side.Team, Question: side.Question,
		Mine:     side.Owner != "" && side.Owner == user.ID,
		Labels:   Labels{Owner: session.UserID(side.Owner), ExternalID: side.ExternalID, Metadata: Metadata{session.Metadata(side.Metadata)}},
		Archived: true, Hold: side.Hold, DeleteAfter: side.DeleteAfter,
	}
	for _, p := range side.Participants {
		shown.People = append(shown.People, MyPerson{Name: p.Name, Role: p.Role})
	}
	return shown
}

type claimInput struct{ Body ClaimSession }

// ClaimSession proves that a person led a session.
type ClaimSession struct {
	Session string `json:"session" doc:"The id of the session." example:"0a1b2c3d"`
	Token   string `json:"token" doc:"The token of an interviewer of the session."`
}

type claimOutput struct{ Body MyInterview }

func (s *Server) claimSession(ctx context.Context, in *claimInput) (*claimOutput, error) {
	user, err := s.mustSignIn(ctx)
	if err != nil {
		return nil, err
	}
	id, err := session.ParseID(in.Body.Session)
	if err != nil {
		return nil, err
	}
	sess, err := s.opts.Sessions.Get(ctx, id)
	if err != nil {
		return nil, err
	}
	caller, err := s.participantOf(sess, in.Body.Token)
	if err == nil && !caller.Role.CanManage() {
		err = errForbidden
	}
	if err != nil {
		return nil, err
	}
	if sess, err = s.opts.Sessions.Claim(ctx, id, caller.ID, session.UserID(user.ID)); err != nil {
		return nil, err
	}
	return &claimOutput{Body: s.showMine(ctx, sess, user)}, nil
}

type openMineInput struct {
	ID string `path:"id" example:"0a1b2c3d"`
}

// openMine gives a signed-in person the token of the own participant, so that a list leads back
// into its sessions from any browser.
func (s *Server) openMine(ctx context.Context, in *openMineInput) (*joinOutput, error) {
	user, err := s.mustSignIn(ctx)
	if err != nil {
		return nil, err
	}
	id, err := session.ParseID(in.ID)
	if err != nil {
		return nil, err
	}
	sess, err := s.opts.Sessions.Get(ctx, id)
	if err != nil {
		return nil, err
	}
	if !slices.ContainsFunc(shelvesOf(user), sess.On) {
		return nil, errForbidden
	}
	own := func(p session.Participant) bool {
		return string(p.User) == user.ID && p.Role.CanManage()
	}
	if i := slices.IndexFunc(sess.Participants, own); i >= 0 {
		s.note(ctx, sess.Participants[i], audit.Event{Session: string(id), Kind: audit.Joined, Detail: "again, signed in"})
		return s.answerJoined(ctx, sess, sess.Participants[i])
	}
	noJoin, err := limit(ctx, s.joins)
	if err != nil {
		return nil, err
	}
	profile := session.Profile{Name: user.ShortName(session.MaxName), User: session.UserID(user.ID)}
	sess, caller, err := s.opts.Sessions.JoinAs(ctx, id, access.Interviewer, profile)
	if err != nil {
		noJoin()
		return nil, err
	}
	return s.joined(ctx, sess, caller)
}
