package api

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"parley/pkg/access"
	"parley/pkg/session"
)

// The operations, as the OpenAPI document shows them.
var (
	createOperation = huma.Operation{
		OperationID: "create-session", Method: http.MethodPost, Path: "/api/v1/sessions", DefaultStatus: http.StatusCreated,
		Errors:  []int{429},
		Summary: "Create a session", Tags: []string{"sessions"}, Security: []map[string][]string{{}, {"key": {}}},
		Description: "Every field may be left out, and so may the body. The invite links are told only here. A service that has API keys wants one.",
	}
	listOperation = huma.Operation{
		OperationID: "list-sessions", Method: http.MethodGet, Path: "/api/v1/sessions",
		Errors:  []int{422, 429},
		Summary: "List all sessions, page by page", Tags: []string{"sessions"}, Security: needsKey,
		Description: "For holders of an API key. Ordered by id.",
	}
	exportOperation = huma.Operation{
		OperationID: "export-session", Method: http.MethodGet, Path: "/api/v1/sessions/{id}/export",
		Errors:  []int{409},
		Summary: "Export a session as a zip", Tags: []string{"sessions"}, Security: needsToken,
		Description: "Files, prompt, transcript, runs, participants, session, audit log and the document as a Yjs update. Addresses in the log and the private " +
			"notes are for interviewers alone.",
		Responses: map[string]*huma.Response{"200": {
			Description: "The archive", Content: map[string]*huma.MediaType{zipType: {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}},
		}},
	}
	getOperation = huma.Operation{
		OperationID: "get-session", Method: http.MethodGet, Path: "/api/v1/sessions/{id}",
		Summary: "Read a session", Tags: []string{"sessions"}, Security: needsToken,
		Description: "code and language are those of the file main in the live document; who waits in the lobby does not see the code.",
	}
	patchOperation = huma.Operation{
		OperationID: "update-session", Method: http.MethodPatch, Path: "/api/v1/sessions/{id}",
		Errors:  []int{409},
		Summary: "Change title, status, code or language", Tags: []string{"sessions"}, Security: needsToken,
		Description: "Title, status and admission are for interviewers; the status goes forwards only: waiting, active, ended. Code and language, " +
			"for whoever may write, are those of the file main, applied to the live document as a minimal edit.",
	}
	deleteOperation = huma.Operation{
		OperationID: "delete-session", Method: http.MethodDelete, Path: "/api/v1/sessions/{id}", DefaultStatus: http.StatusNoContent,
		Errors:  []int{429},
		Summary: "Delete a session and all it stored", Tags: []string{"sessions"}, Security: []map[string][]string{{"token": {}}, {"key": {}}},
		Description: "For interviewers, and for holders of an API key.",
	}
	putCodeOperation = huma.Operation{
		OperationID: "put-code", Method: http.MethodPut, Path: "/api/v1/sessions/{id}/code",
		Errors:  []int{409},
		Summary: "Set the text of a file", Tags: []string{"sessions"}, Security: needsToken,
		Description: "For whoever may write. Applied to the live document as a minimal edit: cursors in what stays do not move. " +
			"The answer shows the file main, whichever was set.",
	}
	joinOperation = huma.Operation{
		OperationID: "join", Method: http.MethodPost, Path: "/api/v1/join",
		Errors:  []int{403, 404, 409, 410, 429},
		Summary: "Join by an invite code", Tags: []string{"participants"},
	}
	lookAtInviteOperation = huma.Operation{
		OperationID: "look-at-invite", Method: http.MethodPost, Path: "/api/v1/join/preview",
		Errors:  []int{403, 404, 410, 429},
		Summary: "See what an invite code leads to", Tags: []string{"participants"},
		Description: "Nobody joins by that. Codes that open nothing count as wrong guesses.",
	}
	joinSessionOperation = huma.Operation{
		OperationID: "join-session", Method: http.MethodPost, Path: "/api/v1/sessions/{id}/join",
		Errors:  []int{403, 409, 429},
		Summary: "Join a session", Tags: []string{"participants"},
		Description: "With an invite code of this session; with open access it may be left out.",
	}
	participantsOperation = huma.Operation{
		OperationID: "list-participants", Method: http.MethodGet, Path: "/api/v1/sessions/{id}/participants",
		Summary: "List the participants", Tags: []string{"participants"}, Security: needsToken,
	}
	patchParticipantOperation = huma.Operation{
		OperationID: "update-participant", Method: http.MethodPatch, Path: "/api/v1/sessions/{id}/participants/{pid}",
		Errors:  []int{409},
		Summary: "Change name, colour or role", Tags: []string{"participants"}, Security: needsToken,
		Description: "Name and colour are one's own; role and admission are for interviewers to change. Such a change holds at once, on live connections too.",
	}
	removeParticipantOperation = huma.Operation{
		OperationID: "remove-participant", Method: http.MethodDelete, Path: "/api/v1/sessions/{id}/participants/{pid}", DefaultStatus: http.StatusNoContent,
		Summary: "Remove a participant, or leave", Tags: []string{"participants"}, Security: needsToken,
		Description: "For interviewers, and for oneself. The participant's connections are closed and the token is void.",
	}
	renewInviteOperation = huma.Operation{
		OperationID: "renew-invite", Method: http.MethodPost, Path: "/api/v1/sessions/{id}/invites/{role}", DefaultStatus: http.StatusCreated,
		Summary: "Make a new invite link for a role", Tags: []string{"participants"}, Security: needsToken,
		Description: "For interviewers. The link that the role had is void from then on; who has joined by it stays.",
	}
	configOperation = huma.Operation{
		OperationID: "get-config", Method: http.MethodGet, Path: "/api/v1/config",
		Summary: "What a client needs to know of this service", Tags: []string{"service"},
	}
	healthOperation = huma.Operation{
		OperationID: "get-health", Method: http.MethodGet, Path: "/api/v1/health",
		Summary: "Whether the service is alive", Tags: []string{"service"},
	}

	needsToken = []map[string][]string{{"token": {}}}
	needsKey   = []map[string][]string{{"key": {}}}
)

// handle registers an operation. What its handler gives as an error becomes a problem.
func handle[I, O any](s *Server, api huma.API, op huma.Operation, handler func(context.Context, *I) (*O, error)) {
	op.BodyReadTimeout = -1 // the body was read before, within readTimeout
	op.MaxBodyBytes = maxBody
	op.Responses = maps.Clone(op.Responses) // huma adds to it, and to each
	for status, response := range op.Responses {
		own := *response
		op.Responses[status] = &own
	}
	declareErrors(&op)
	huma.Register(api, op, func(ctx context.Context, in *I) (*O, error) {
		out, err := handler(ctx, in)
		if err == nil {
			return out, nil
		}
		p := problemOf(err)
		s.logInternal(ctx, p, err)
		return nil, huma.ErrorWithHeaders(p, headersOf(p, err))
	})
}

// headersOf gives the headers that go with some problems.
func headersOf(p *Problem, err error) http.Header {
	if l := (*limitedError)(nil); errors.As(err, &l) {
		return http.Header{"Retry-After": {l.retryAfter()}}
	}
	switch p.Status {
	case http.StatusServiceUnavailable:
		return http.Header{"Retry-After": {"1"}}
	case http.StatusUnauthorized:
		return http.Header{"WWW-Authenticate": {"Bearer"}}
	}
	return nil
}

// Session is a session as the API shows it.
type Session struct {
	ID           string            `json:"id" example:"0a1b2c3d"`
	URL          string            `json:"url" doc:"The page of the session." example:"https://parley.example/s/0a1b2c3d"`
	Title        string            `json:"title"`
	Status       session.Status    `json:"status" enum:"waiting,active,ended"`
	Admission    session.Admission `json:"admission" enum:"open,ask" doc:"With ask, whoever joins waits in the lobby until an interviewer admits them."`
	Language     string            `json:"language" doc:"The language of the file main." example:"javascript"`
	Code         string            `json:"code" doc:"The text of the file main, as it is now."`
	CreatedAt    time.Time         `json:"created_at"`
	UpdatedAt    time.Time         `json:"updated_at" doc:"When the session's record changed last; edits of its documents do not count."`
	StartedAt    time.Time         `json:"started_at,omitzero" doc:"When it became active; missing before."`
	EndedAt      time.Time         `json:"ended_at,omitzero" doc:"Missing before."`
	ExpiresAt    time.Time         `json:"expires_at" doc:"From then on it is gone, with all it stored."`
	CreatorID    string            `json:"creator_id"`
	Participants []Participant     `json:"participants"`
}

// Participant is a participant as the API shows it.
type Participant struct {
	ID       string      `json:"id"`
	Name     string      `json:"name"`
	Role     access.Role `json:"role" enum:"interviewer,candidate,observer"`
	Color    string      `json:"color" example:"#4f8ff7"`
	JoinedAt time.Time   `json:"joined_at"`
	Online   bool        `json:"online" doc:"Whether the participant has a live connection."`
	Waiting  bool        `json:"waiting" doc:"Whether the participant is in the lobby and has to wait there."`
}

// Invites are the links by which others join.
type Invites struct {
	Interviewer string `json:"interviewer" example:"https://parley.example/j/0a1b-2c3d-4e5f"`
	Candidate   string `json:"candidate"`
	Observer    string `json:"observer"`
}

// NewSession is what creating a session gives.
type NewSession struct {
	Session
	Token       string      `json:"token" doc:"The creator's token; send it as Authorization: Bearer."`
	Participant Participant `json:"participant" doc:"The creator."`
	Invites     Invites     `json:"invites"`
}

// Joined is what joining gives.
type Joined struct {
	Session     Session     `json:"session"`
	Participant Participant `json:"participant" doc:"Who joined."`
	Token       string      `json:"token" doc:"The participant's token; send it as Authorization: Bearer."`
}

type createInput struct {
	Authorization string `header:"Authorization" hidden:"true"`
	Body          *CreateSession
}

// CreateSession is what a session is made of.
type CreateSession struct {
	Title     string  `json:"title,omitempty" doc:"At most 200 characters."`
	Language  string  `json:"language,omitempty" doc:"The id of a language; javascript when left out." example:"python"`
	Code      *string `json:"code,omitempty" doc:"The first text; the language's starter when left out."`
	Prompt    string  `json:"prompt,omitempty" doc:"The problem statement, Markdown; at most 65536 bytes."`
	Start     string  `json:"start,omitempty" enum:"now,lobby" default:"now" doc:"With lobby, others wait until an interviewer sets the status active."`
	Admission string  `json:"admission,omitempty" enum:"open,ask" default:"open" doc:"With ask, whoever joins later waits until an interviewer admits them."`
	Creator   Creator `json:"creator,omitempty"`
}

// Creator is how whoever creates a session wants to appear.
type Creator struct {
	Name  string `json:"name,omitempty" doc:"At most 40 characters."`
	Color string `json:"color,omitempty" example:"#4f8ff7"`
}

type createOutput struct {
	Location string `header:"Location"`
	Body     NewSession
}

// InSession is what the operations of one session take.
type InSession struct {
	ID            string `path:"id" example:"0a1b2c3d"`
	Authorization string `header:"Authorization" hidden:"true"`
}

type sessionOutput struct{ Body Session }

type patchInput struct {
	InSession
	Body UpdateSession
}

// UpdateSession is what may change of a session; what is left out stays.
type UpdateSession struct {
	Title     *string `json:"title,omitempty" doc:"At most 200 characters."`
	Status    *string `json:"status,omitempty" enum:"waiting,active,ended"`
	Admission *string `json:"admission,omitempty" enum:"open,ask" doc:"Holds for whoever joins from then on."`
	Language  *string `json:"language,omitempty" doc:"The id of a language." example:"python"`
	Code      *string `json:"code,omitempty" doc:"The new text of the file main; line ends become LF."`
}

type putCodeInput struct {
	InSession
	Body PutCode
}

// PutCode is the new text of a file.
type PutCode struct {
	Code     string  `json:"code" doc:"The whole new text; line ends become LF."`
	Language *string `json:"language,omitempty" doc:"The id of a language." example:"python"`
	File     string  `json:"file,omitempty" doc:"The id of a file of the session; main when left out." example:"main"`
}

// InParticipant is what the operations of one participant take.
type InParticipant struct {
	InSession
	PID string `path:"pid" example:"0a1b2c3d4e5f6071"`
}

type patchParticipantInput struct {
	InParticipant
	Body UpdateParticipant
}

// UpdateParticipant is what may change of a participant; what is left out stays.
type UpdateParticipant struct {
	Name    *string `json:"name,omitempty" doc:"At most 40 characters."`
	Color   *string `json:"color,omitempty" example:"#4f8ff7"`
	Role    *string `json:"role,omitempty" enum:"interviewer,candidate,observer"`
	Waiting *bool   `json:"waiting,omitempty" doc:"false admits from the lobby, true sends back there."`
}

type participantOutput struct{ Body Participant }

type renewInviteInput struct {
	InSession
	Role string `path:"role" enum:"interviewer,candidate,observer"`
}

type inviteOutput struct{ Body Invite }

// Invite is the link by which others join in a role.
type Invite struct {
	Role access.Role `json:"role" enum:"interviewer,candidate,observer"`
	URL  string      `json:"url" example:"https://parley.example/j/0a1b-2c3d-4e5f"`
}

// Profile is how somebody wants to appear.
type Profile struct {
	Name  string `json:"name" doc:"At most 40 characters." example:"Ada"`
	Color string `json:"color,omitempty" doc:"One is chosen when it is left out." example:"#4f8ff7"`
}

type joinInput struct{ Body Join }

// Join is what joining by a code takes.
type Join struct {
	Profile
	Invite string `json:"invite" doc:"In any case, with or without hyphens." example:"0a1b-2c3d-4e5f"`
}

type lookAtInviteInput struct{ Body LookAtInvite }

// LookAtInvite is a code to be looked at.
type LookAtInvite struct {
	Invite string `json:"invite" doc:"In any case, with or without hyphens." example:"0a1b-2c3d-4e5f"`
}

type invitationOutput struct{ Body Invitation }

// Invitation is what an invite code leads to.
type Invitation struct {
	Session string         `json:"session" doc:"The id of the session." example:"0a1b2c3d"`
	Title   string         `json:"title"`
	Status  session.Status `json:"status" enum:"waiting,active,ended"`
	Role    access.Role    `json:"role" enum:"interviewer,candidate,observer"`
	Host    string         `json:"host" doc:"The name of whoever created the session." example:"Grace"`
}

type joinSessionInput struct {
	ID   string `path:"id" example:"0a1b2c3d"`
	Body JoinSession
}

// JoinSession is what joining a session that is known takes.
type JoinSession struct {
	Profile
	Invite string `json:"invite,omitempty" doc:"In any case, with or without hyphens. Not needed with open access." example:"0a1b-2c3d-4e5f"`
}

type joinOutput struct{ Body Joined }

type participantsOutput struct{ Body ParticipantList }

// ParticipantList is everybody in a session, in the order of joining.
type ParticipantList struct {
	Participants []Participant `json:"participants"`
}

type configOutput struct{ Body Config }

// Config is what a client needs to know of the service.
type Config struct {
	Access  string `json:"access" enum:"invite,open"`
	Version string `json:"version"`
	Create  string `json:"create" enum:"anyone,key" doc:"Who may create sessions: key means whoever holds an API key."`
}

type healthOutput struct{ Body Health }

// Health says that the service is alive.
type Health struct {
	Status    string    `json:"status" enum:"ok"`
	Timestamp time.Time `json:"timestamp"`
}
