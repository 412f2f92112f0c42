package api

import (
	"context"
	"errors"
	"time"

	"parley/pkg/session"
	"parley/pkg/signin"
)

// Errors about API keys.
var (
	errKeyRequired = errors.New("no API key")
	errBadKey      = errors.New("unknown API key")
)

// keyHolder returns the name of the API key in an Authorization header. A wrong key counts like a
// wrong invite code.
func (s *Server) keyHolder(ctx context.Context, authorization string) (string, error) {
	key := bearer(authorization)
	if key == "" {
		return "", errKeyRequired
	}
	end, err := s.guess(ctx)
	if err != nil {
		return "", err
	}
	name, ok := s.opts.Keys.Match(key)
	if end(!ok); !ok {
		return "", errBadKey
	}
	return name, nil
}

// mayCreate decides who may create a session, and counts the session. The owner is the person who
// has signed in, or nobody. giveBack is for a session that was not created.
func (s *Server) mayCreate(ctx context.Context, authorization string) (owner signin.User, giveBack func(), err error) {
	counts, subject := s.creates, clientOf(ctx)
	switch {
	case s.opts.SignIn != nil && (!s.opts.Keys.Any() || bearer(authorization) == ""):
		if owner, err = s.mustSignIn(ctx); err != nil {
			return signin.User{}, nil, err
		}
		subject = "user:" + owner.ID
	case s.opts.Keys.Any():
		key, err := s.keyHolder(ctx, authorization)
		if err != nil {
			return signin.User{}, nil, err
		}
		counts, subject = s.keyCreates, key
	}
	giveBack, err = limitFor(ctx, counts, subject)
	return owner, giveBack, err
}

type listInput struct {
	Authorization string `header:"Authorization" hidden:"true"`
	Cursor        string `query:"cursor" doc:"The next_cursor of the previous page. Leave out for the first page."`
	ExternalID    string `query:"external_id" doc:"Only sessions with this external_id, the newest first." example:"candidate-4711"`
	Limit         int    `query:"limit" minimum:"1" maximum:"200" default:"50" doc:"The most sessions on a page."`
}

// Summary is a session in lists and webhooks, without its content and participants.
type Summary struct {
	ID               string         `json:"id" example:"0a1b2c3d"`
	URL              string         `json:"url" example:"https://parley.example/s/0a1b2c3d"`
	Title            string         `json:"title"`
	Status           session.Status `json:"status" enum:"waiting,active,ended"`
	CreatedAt        time.Time      `json:"created_at"`
	UpdatedAt        time.Time      `json:"updated_at"`
	ExpiresAt        time.Time      `json:"expires_at"`
	CreatorID        string         `json:"creator_id"`
	ParticipantCount int            `json:"participant_count"`
	CallURL          string         `json:"call_url,omitempty" doc:"Where the people of the session talk." example:"https://meet.example/abc"`
	Labels
}

type listOutput struct{ Body SessionList }

// SessionList is a page of sessions.
type SessionList struct {
	Sessions   []Summary `json:"sessions"`
	NextCursor string    `json:"next_cursor,omitempty" doc:"The cursor of the next page. Missing on the last page."`
}

func (s *Server) listSessions(ctx context.Context, in *listInput) (*listOutput, error) {
	if _, err := s.keyHolder(ctx, in.Authorization); err != nil {
		return nil, err
	}
	page, next, err := s.pageOf(ctx, in)
	if err != nil {
		return nil, err
	}
	out := &listOutput{}
	out.Body.Sessions, out.Body.NextCursor = make([]Summary, 0, len(page)), next
	for _, sess := range page {
		out.Body.Sessions = append(out.Body.Sessions, summarise(baseOf(ctx), sess))
	}
	return out, nil
}

// errCursor is the answer to a cursor that is not from a former page.
var errCursor = &session.FieldError{Field: "cursor", Detail: "use the cursor that the previous page gave"}

// pageOf returns a page of the list of all sessions, or of the list of an external id.
func (s *Server) pageOf(ctx context.Context, in *listInput) (page []session.Session, next string, err error) {
	if in.ExternalID == "" {
		after := session.ID("")
		if in.Cursor != "" {
			if after, err = session.ParseID(in.Cursor); err != nil {
				return nil, "", errCursor
			}
		}
		page, id, err := s.opts.Sessions.List(ctx, s.opts.Lister, after, in.Limit)
		return page, string(id), err
	}
	id, err := session.CleanExternalID(in.ExternalID)
	if err != nil {
		return nil, "", err
	}
	return s.browse(ctx, []session.Shelf{session.ExternalShelf(id)}, session.Query{Limit: in.Limit}, in.Cursor)
}

// browse returns the page of one or several lists that begins after cursor, and the cursor of the
// next page.
func (s *Server) browse(ctx context.Context, shelves []session.Shelf, q session.Query, cursor string) (page []session.Session, next string, err error) {
	if cursor != "" {
		if q.After, err = session.ParsePlace(cursor); err != nil {
			return nil, "", errCursor
		}
	}
	page, place, err := s.opts.Sessions.Browse(ctx, s.opts.Browser, shelves, q)
	if err == nil && place != (session.Place{}) {
		next = place.String()
	}
	return page, next, err
}

// summarise returns the summary of a session. base is the scheme and host of its link.
func summarise(base string, sess session.Session) Summary {
	return Summary{
		ID: string(sess.ID), URL: pageLink(base, sess.ID), Title: sess.Title, Status: sess.Status, CreatedAt: sess.CreatedAt,
		UpdatedAt: sess.UpdatedAt, ExpiresAt: sess.ExpiresAt, CreatorID: string(sess.Creator), ParticipantCount: len(sess.Participants),
		CallURL: sess.CallURL, Labels: labelsOf(sess),
	}
}

// pageLink returns the URL of a session's page.
func pageLink(base string, id session.ID) string { return base + "/s/" + string(id) }
