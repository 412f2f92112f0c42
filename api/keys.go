package api

import (
	"context"
	"errors"
	"time"

	"parley/pkg/session"
)

// Errors about API keys.
var (
	errKeyRequired = errors.New("no API key")
	errBadKey      = errors.New("unknown API key")
)

// keyHolder gives the name of the API key in an Authorization header. A wrong one counts like a wrong invite code.
func (s *Server) keyHolder(ctx context.Context, authorization string) (string, error) {
	key := bearer(authorization)
	if key == "" {
		return "", errKeyRequired
	}
	if err := limit(ctx, s.guesses); err != nil {
		return "", err
	}
	name, ok := s.opts.Keys.Match(key)
	if !ok {
		s.guesses.take(ctx, clientOf(ctx))
		return "", errBadKey
	}
	return name, nil
}

// mayCreate decides on creating a session, and gives the limit that counts it and for whom.
func (s *Server) mayCreate(ctx context.Context, authorization string) (*limiter, string, error) {
	counts, who := s.creates, clientOf(ctx)
	if s.opts.Keys.Any() {
		key, err := s.keyHolder(ctx, authorization)
		if err != nil {
			return nil, "", err
		}
		counts, who = s.keyCreates, key
	}
	return counts, who, limitFor(ctx, counts, who)
}

type listInput struct {
	Authorization string `header:"Authorization" hidden:"true"`
	Cursor        string `query:"cursor" doc:"next_cursor of the page before; the first page when left out."`
	Limit         int    `query:"limit" minimum:"1" maximum:"200" default:"50" doc:"How many sessions a page holds at most."`
}

// Summary is a session as lists and webhooks show it: without what is in it.
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
}

type listOutput struct{ Body SessionList }

// SessionList is a page of sessions.
type SessionList struct {
	Sessions   []Summary `json:"sessions"`
	NextCursor string    `json:"next_cursor,omitempty" doc:"Where the next page starts; not there on the last."`
}

func (s *Server) listSessions(ctx context.Context, in *listInput) (*listOutput, error) {
	if _, err := s.keyHolder(ctx, in.Authorization); err != nil {
		return nil, err
	}
	after := session.ID("")
	if in.Cursor != "" {
		id, err := session.ParseID(in.Cursor)
		if err != nil {
			return nil, &session.FieldError{Field: "cursor", Detail: "give next_cursor of the page before"}
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
		out.Body.Sessions = append(out.Body.Sessions, summarise(ctx, sess))
	}
	return out, nil
}

func summarise(ctx context.Context, sess session.Session) Summary {
	return Summary{
		ID: string(sess.ID), URL: pageLink(ctx, sess.ID), Title: sess.Title, Status: sess.Status, CreatedAt: sess.CreatedAt,
		UpdatedAt: sess.UpdatedAt, ExpiresAt: sess.ExpiresAt, CreatorID: string(sess.Creator), ParticipantCount: len(sess.Participants),
	}
}

// pageLink gives the address of a session's page.
func pageLink(ctx context.Context, id session.ID) string { return baseOf(ctx) + "/s/" + string(id) }
