package api

import (
	"context"

	"github.com/danielgtaylor/huma/v2"

	"parley/pkg/session"
)

// Labels are what a session means to others. Only interviewers and API keys see them.
type Labels struct {
	Owner      session.UserID `json:"owner,omitempty" doc:"The id of the signed-in user who made or claimed the session. No request can set it."`
	ExternalID string         `json:"external_id,omitempty" doc:"The id of another service." example:"candidate-4711"`
	Metadata   Metadata       `json:"metadata,omitzero" doc:"A JSON object of another service."`
}

func labelsOf(sess session.Session) Labels {
	return Labels{Owner: sess.Owner, ExternalID: sess.ExternalID, Metadata: Metadata{sess.Metadata}}
}

// Metadata is session.Metadata with its schema.
type Metadata struct{ session.Metadata }

// Schema returns the schema of any JSON object. Huma calls this method.
func (Metadata) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeObject, AdditionalProperties: true}
}

// profileOf returns the profile of whoever sends the request.
func (s *Server) profileOf(ctx context.Context, p Profile) session.Profile {
	user, _ := s.signedIn(ctx)
	return session.Profile{Name: p.Name, Color: p.Color, User: session.UserID(user.ID)}
}
