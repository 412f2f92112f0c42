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
	after := session.ID("")
	if in.Cursor != "" {
		id, err := session.ParseID(in.Cursor)
		if err != nil {
			return nil, &session.FieldError{Field: "cursor", Detail: "use the next_cursor of the previous page"}
		}
		after = id
	}
	page, next, err := s.opts.Sessions.List(ctx, s.opts.Lister, after, in.Limit)
	if err != nil {
		return nil, err
	}
	out := &listOutput{}
	out.Body.Sessions, out.Body.NextCursor = make([]Summary, 0, len(page)), string(next)
	for _, sess := range page {
		out.Body.Sessions = append(out.Body.Sessions, summarise(baseOf(ctx), sess))
	}
	return out, nil
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
