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

// The operations, as shown in the OpenAPI document.
var (
	createOperation = huma.Operation{
		OperationID: "create-session", Method: http.MethodPost, Path: "/api/v1/sessions", DefaultStatus: http.StatusCreated,
		Errors:  []int{429},
		Summary: "Create a session", Tags: []string{"sessions"}, Security: []map[string][]string{{}, {"key": {}}, {"cookie": {}}},
		Description: "All fields are optional, and so is the body. The invite links are shown only in this answer. A service with API keys requires one. " +
			"A service with sign-in requires a signed-in interviewer or an API key.",
	}
	listOperation = huma.Operation{
		OperationID: "list-sessions", Method: http.MethodGet, Path: "/api/v1/sessions",
		Errors:  []int{422, 429},
		Summary: "List all sessions, page by page", Tags: []string{"sessions"}, Security: needsKey,
		Description: "Needs an API key. Ordered by id; with external_id, the newest first.",
	}
	exportOperation = huma.Operation{
		OperationID: "export-session", Method: http.MethodGet, Path: "/api/v1/sessions/{id}/export",
		Errors:  []int{409},
		Summary: "Export a session as a zip", Tags: []string{"sessions"}, Security: needsToken,
		Description: "Contains files, prompt, transcript, runs, participants, session, audit log and the document as a Yjs update. " +
			"Only interviewers get the private notes and the addresses in the log.",
		Responses: map[string]*huma.Response{"200": {
			Description: "The archive", Content: map[string]*huma.MediaType{zipType: {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}},
		}},
	}
	getOperation = huma.Operation{
		OperationID: "get-session", Method: http.MethodGet, Path: "/api/v1/sessions/{id}",
		Summary: "Read a session", Tags: []string{"sessions"}, Security: needsToken,
		Description: "code and language belong to the file main of the live document. Participants in the lobby do not see the code. " +
			"If code_truncated is true, the code is not whole; the export is.",
	}
	patchOperation = huma.Operation{
		OperationID: "update-session", Method: http.MethodPatch, Path: "/api/v1/sessions/{id}",
		Errors:  []int{409},
		Summary: "Change a session", Tags: []string{"sessions"}, Security: needsToken,
		Description: "Interviewers may change title, status, admission, external_id, metadata and call_url. The status only moves forward: waiting, active, ended. " +
			"Participants with write access may change code and language of the file main. The code is applied to the live document as a minimal edit.",
	}
	deleteOperation = huma.Operation{
		OperationID: "delete-session", Method: http.MethodDelete, Path: "/api/v1/sessions/{id}", DefaultStatus: http.StatusNoContent,
		Errors:  []int{429},
		Summary: "Delete a session and all its data", Tags: []string{"sessions"}, Security: []map[string][]string{{"token": {}}, {"key": {}}},
		Description: "Needs the token of an interviewer, or an API key.",
	}
	putCodeOperation = huma.Operation{
		OperationID: "put-code", Method: http.MethodPut, Path: "/api/v1/sessions/{id}/code",
		Errors:  []int{409},
		Summary: "Set the text of a file", Tags: []string{"sessions"}, Security: needsToken,
		Description: "Needs write access. The text is applied to the live document as a minimal edit, so cursors in unchanged text do not move. " +
			"The answer shows the file main, even if another file was set.",
	}
	joinOperation = huma.Operation{
		OperationID: "join", Method: http.MethodPost, Path: "/api/v1/join",
		Errors:  []int{403, 404, 409, 410, 429},
		Summary: "Join with an invite code", Tags: []string{"participants"},
	}
	lookAtInviteOperation = huma.Operation{
		OperationID: "look-at-invite", Method: http.MethodPost, Path: "/api/v1/join/preview",
		Errors:  []int{403, 404, 410, 429},
		Summary: "See what an invite code leads to", Tags: []string{"participants"},
		Description: "This call does not join. A code that opens nothing counts as a wrong guess.",
	}
	joinSessionOperation = huma.Operation{
		OperationID: "join-session", Method: http.MethodPost, Path: "/api/v1/sessions/{id}/join",
		Errors:  []int{403, 409, 429},
		Summary: "Join a session", Tags: []string{"participants"},
		Description: "Needs an invite code of this session. With open access, the code is optional.",
	}
	participantsOperation = huma.Operation{
		OperationID: "list-participants", Method: http.MethodGet, Path: "/api/v1/sessions/{id}/participants",
		Summary: "List the participants", Tags: []string{"participants"}, Security: needsToken,
	}
	patchParticipantOperation = huma.Operation{
		OperationID: "update-participant", Method: http.MethodPatch, Path: "/api/v1/sessions/{id}/participants/{pid}",
		Errors:  []int{409},
		Summary: "Change name, colour or role", Tags: []string{"participants"}, Security: needsToken,
		Description: "Participants change their own name and colour. Interviewers change role and admission. The change applies at once, also to live connections.",
	}
	removeParticipantOperation = huma.Operation{
		OperationID: "remove-participant", Method: http.MethodDelete, Path: "/api/v1/sessions/{id}/participants/{pid}", DefaultStatus: http.StatusNoContent,
		Summary: "Remove a participant, or leave", Tags: []string{"participants"}, Security: needsToken,
		Description: "Interviewers may remove anyone, and participants may remove themselves. The connections of the participant close and the token becomes void. When an interviewer removes somebody, those who join later wait in the lobby, until the link of that role is renewed or the admission is set. When the removed person is an interviewer, the link for interviewers becomes void instead.",
	}
	renewInviteOperation = huma.Operation{
		OperationID: "renew-invite", Method: http.MethodPost, Path: "/api/v1/sessions/{id}/invites/{role}", DefaultStatus: http.StatusCreated,
		Summary: "Make a new invite link for a role", Tags: []string{"participants"}, Security: needsToken,
		Description: "Needs the token of an interviewer. The previous link of the role becomes void. Participants who joined with it stay.",
	}
	configOperation = huma.Operation{
		OperationID: "get-config", Method: http.MethodGet, Path: "/api/v1/config",
		Summary: "Read the settings that a client needs", Tags: []string{"service"},
	}
	healthOperation = huma.Operation{
		OperationID: "get-health", Method: http.MethodGet, Path: "/api/v1/health",
		Summary: "Check whether the service is alive", Tags: []string{"service"},
	}

	needsToken = []map[string][]string{{"token": {}}}
	needsKey   = []map[string][]string{{"key": {}}}
)

// handle registers an operation. An error of its handler becomes a problem.
func handle[I, O any](s *Server, api huma.API, op huma.Operation, handler func(context.Context, *I) (*O, error)) {
	op.BodyReadTimeout = -1 // takeBody has read the body already, within readTimeout
	op.MaxBodyBytes = maxBody
	op.Responses = maps.Clone(op.Responses) // huma adds to the map and to each response
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

// headersOf returns the headers that belong to a problem.
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
	ID            string            `json:"id" example:"0a1b2c3d"`
	URL           string            `json:"url" doc:"The page of the session." example:"https://parley.example/s/0a1b2c3d"`
	Title         string            `json:"title"`
	Status        session.Status    `json:"status" enum:"waiting,active,ended"`
	Admission     session.Admission `json:"admission" enum:"open,ask" doc:"With ask, new participants wait in the lobby until an interviewer admits them."`
	Language      string            `json:"language" doc:"The language of the file main." example:"javascript"`
	Code          string            `json:"code" doc:"The current text of the file main, at most 1 MiB as JSON. The export has the whole text."`
	CodeTruncated bool              `json:"code_truncated,omitempty" doc:"The code is cut or left out. It is longer than 1 MiB, or too many answers wait for their readers. Read the session again, or use the export."`
	CreatedAt     time.Time         `json:"created_at"`
	UpdatedAt     time.Time         `json:"updated_at" doc:"When the session's record last changed. Edits of the documents do not count."`
	StartedAt     time.Time         `json:"started_at,omitzero" doc:"When the session became active. Missing before that."`
	EndedAt       time.Time         `json:"ended_at,omitzero" doc:"When the session ended. Missing before that."`
	ExpiresAt     time.Time         `json:"expires_at" doc:"When the session and all its data are deleted."`
	CreatorID     string            `json:"creator_id"`
	Participants  []Participant     `json:"participants"`
	Record        session.Record    `json:"record" enum:"all,edits,nothing" doc:"What is kept for a replay: edits and who was where, edits alone, or nothing."`
	Replay        session.Replay    `json:"replay" enum:"interviewers,all" doc:"Who may replay the interview when it has ended."`
	Quiet         *Quiet            `json:"quiet,omitempty" doc:"The quiet time that lasts now. Missing when there is none."`
	CallURL       string            `json:"call_url,omitempty" doc:"Where the people of the session talk." example:"https://meet.example/abc"`
	Question      *SessionQuestion  `json:"question,omitempty" doc:"The question that is asked now. Missing when there is none."`
	Labels
}

// Participant is a participant as the API shows it.
type Participant struct {
	ID       string      `json:"id"`
	Name     string      `json:"name"`
	Role     access.Role `json:"role" enum:"interviewer,candidate,observer"`
	Color    string      `json:"color" example:"#4f8ff7"`
	JoinedAt time.Time   `json:"joined_at"`
	Online   bool        `json:"online" doc:"Whether the participant has a live connection."`
	Waiting  bool        `json:"waiting" doc:"Whether the participant waits in the lobby."`
}

// Invites are the invite links of a session, one for each role.
type Invites struct {
	Interviewer string `json:"interviewer" example:"https://parley.example/j/0a1b-2c3d-4e5f"`
	Candidate   string `json:"candidate"`
	Observer    string `json:"observer"`
}

// NewSession is the answer to creating a session.
type NewSession struct {
	Session
	Token       string      `json:"token" doc:"The creator's token. Send it in the header: Authorization: Bearer TOKEN."`
	Participant Participant `json:"participant" doc:"The creator."`
	Invites     Invites     `json:"invites"`
}

// Joined is the answer to joining a session.
type Joined struct {
	Session     Session     `json:"session"`
	Participant Participant `json:"participant" doc:"The participant who joined."`
	Token       string      `json:"token" doc:"The participant's token. Send it in the header: Authorization: Bearer TOKEN."`
}

type createInput struct {
	Authorization string `header:"Authorization" hidden:"true"`
	Body          *CreateSession
}

// CreateSession describes a session to create.
type CreateSession struct {
	Title     string  `json:"title,omitempty" doc:"At most 200 characters."`
	Language  string  `json:"language,omitempty" doc:"The id of a language. The default is javascript." example:"python"`
	Code      *string `json:"code,omitempty" doc:"The first text. The default is the starter of the language."`
	Prompt    string  `json:"prompt,omitempty" doc:"The problem statement as Markdown, at most 65536 bytes."`
	Start     string  `json:"start,omitempty" enum:"now,lobby" default:"now" doc:"With lobby, all other participants wait until an interviewer sets the status to active."`
	Admission string  `json:"admission,omitempty" enum:"open,ask" default:"open" doc:"With ask, new participants wait until an interviewer admits them."`
	Record    string  `json:"record,omitempty" enum:"all,edits,nothing" default:"all" doc:"What is kept for a replay: edits and who was where, edits alone, or nothing. It cannot be changed later."`
	Replay    string  `json:"replay,omitempty" enum:"interviewers,all" default:"interviewers" doc:"With all, every participant may replay the interview when it has ended, without the private parts. It cannot be changed later."`
	Creator   Creator `json:"creator,omitempty"`
	// RetentionDays is nil where the service decides.
	RetentionDays *int   `json:"retention_days,omitempty" minimum:"0" maximum:"36500" doc:"How many days after its end the archived interview is deleted. 0: never. The default is that of the service."`
	Question      string `json:"question,omitempty" doc:"The id of a question to begin with. Its problem, files and tests go into the session, in the language that is chosen." example:"meeting-rooms"`

	Team       string   `json:"team,omitempty" doc:"One of the groups of the signed-in person. Its members see the session in their lists."`
	ExternalID string   `json:"external_id,omitempty" doc:"An id of yours, at most 200 characters. Webhooks and lists repeat it." example:"candidate-4711"`
	Metadata   Metadata `json:"metadata,omitzero" doc:"A JSON object of yours, at most 4 KiB. Webhooks and lists repeat it."`
	CallURL    string   `json:"call_url,omitempty" doc:"Where the people of the session talk: http or https, at most 2000 characters." example:"https://meet.example/abc"`
}

// Creator is the name and colour of the person who creates a session.
type Creator struct {
	Name  string `json:"name,omitempty" doc:"At most 40 characters."`
	Color string `json:"color,omitempty" example:"#4f8ff7"`
}

type createOutput struct {
	Location string `header:"Location"`
	Body     NewSession
}

// InSession is the input that all operations on one session share.
type InSession struct {
	ID            string `path:"id" example:"0a1b2c3d"`
	Authorization string `header:"Authorization" hidden:"true"`
}

type sessionOutput struct{ Body Session }

type patchInput struct {
	InSession
	Body UpdateSession
}

// UpdateSession is a change of a session. Missing fields keep their value.
type UpdateSession struct {
	Title     *string `json:"title,omitempty" doc:"At most 200 characters."`
	Status    *string `json:"status,omitempty" enum:"waiting,active,ended"`
	Admission *string `json:"admission,omitempty" enum:"open,ask" doc:"Applies to participants who join later."`
	Language  *string `json:"language,omitempty" doc:"The id of a language." example:"python"`
	Code      *string `json:"code,omitempty" doc:"The new text of the file main. Line ends become LF."`

	Team       *string   `json:"team,omitempty" doc:"Share the session with one of your groups: its members see the session in their lists. Only the signed-in owner may do that. An empty text ends it."`
	ExternalID *string   `json:"external_id,omitempty" doc:"An id of yours, at most 200 characters. An empty text removes it."`
	Metadata   *Metadata `json:"metadata,omitempty" doc:"A JSON object of yours, at most 4 KiB. It replaces the former one, and {} removes it."`
	CallURL    *string   `json:"call_url,omitempty" doc:"Where the people of the session talk: http or https, at most 2000 characters. An empty text removes it."`
}

type putCodeInput struct {
	InSession
	Body PutCode
}

// PutCode is the new text of a file.
type PutCode struct {
	Code     string  `json:"code" doc:"The whole new text. Line ends become LF."`
	Language *string `json:"language,omitempty" doc:"The id of a language." example:"python"`
	File     string  `json:"file,omitempty" doc:"The id of a file of the session. The default is main." example:"main"`
}

// InParticipant is the input that all operations on one participant share.
type InParticipant struct {
	InSession
	PID string `path:"pid" example:"0a1b2c3d4e5f6071"`
}

type patchParticipantInput struct {
	InParticipant
	Body UpdateParticipant
}

// UpdateParticipant is a change of a participant. Missing fields keep their value.
type UpdateParticipant struct {
	Name    *string `json:"name,omitempty" doc:"At most 40 characters."`
	Color   *string `json:"color,omitempty" example:"#4f8ff7"`
	Role    *string `json:"role,omitempty" enum:"interviewer,candidate,observer"`
	Waiting *bool   `json:"waiting,omitempty" doc:"false admits the participant from the lobby, true sends the participant back to the lobby."`
}

type participantOutput struct{ Body Participant }

type renewInviteInput struct {
	InSession
	Role string `path:"role" enum:"interviewer,candidate,observer"`
}

type inviteOutput struct{ Body Invite }

// Invite is the invite link of a role.
type Invite struct {
	Role access.Role `json:"role" enum:"interviewer,candidate,observer"`
	URL  string      `json:"url" example:"https://parley.example/j/0a1b-2c3d-4e5f"`
}

// Profile is the name and colour that a participant chooses.
type Profile struct {
	Name  string `json:"name" doc:"At most 40 characters." example:"Ada"`
	Color string `json:"color,omitempty" doc:"A colour of CSS: #rgb, #rrggbb, rgb(), hsl() or a name. The service chooses a colour if this is left out." example:"#4f8ff7"`
}

type joinInput struct{ Body Join }

// Join is the input for joining with a code.
type Join struct {
	Profile
	Invite string `json:"invite" doc:"The invite code or the invite link. Case and hyphens do not matter." example:"0a1b-2c3d-4e5f"`
}

type lookAtInviteInput struct{ Body LookAtInvite }

// LookAtInvite is an invite code to look up.
type LookAtInvite struct {
	Invite string `json:"invite" doc:"The invite code or the invite link. Case and hyphens do not matter." example:"0a1b-2c3d-4e5f"`
}

type invitationOutput struct{ Body Invitation }

// Invitation describes the session that an invite code opens.
type Invitation struct {
	Session string         `json:"session" doc:"The id of the session." example:"0a1b2c3d"`
	Title   string         `json:"title"`
	Status  session.Status `json:"status" enum:"waiting,active,ended"`
	Role    access.Role    `json:"role" enum:"interviewer,candidate,observer"`
	Host    string         `json:"host" doc:"The name of the creator of the session." example:"Grace"`
	Record  session.Record `json:"record" enum:"all,edits,nothing" doc:"What is kept for a replay."`
	Replay  session.Replay `json:"replay" enum:"interviewers,all" doc:"Who may replay the interview when it has ended."`

	ExpiresAt      time.Time `json:"expires_at" doc:"When the session and all its data are deleted, but for its archive."`
	Archive        bool      `json:"archive" doc:"Whether the interview is archived when it has ended."`
	ArchiveSeconds int64     `json:"archive_seconds" doc:"How long the archived interview is kept from its end, in seconds. 0: for ever." example:"2592000"`
	SignIn         bool      `json:"sign_in,omitempty" doc:"Whether the caller has to sign in at /auth/login before joining. Only the link for interviewers asks for it."`
}

type joinSessionInput struct {
	ID   string `path:"id" example:"0a1b2c3d"`
	Body JoinSession
}

// JoinSession is the input for joining a session of a known id.
type JoinSession struct {
	Profile
	Invite string `json:"invite,omitempty" doc:"The invite code or the invite link. Case and hyphens do not matter. Optional with open access." example:"0a1b-2c3d-4e5f"`
}

type joinOutput struct{ Body Joined }

type participantsOutput struct{ Body ParticipantList }

// ParticipantList holds all participants of a session, in the order of joining.
type ParticipantList struct {
	Participants []Participant `json:"participants"`
}

type configOutput struct{ Body Config }

// Config holds the settings of the service that a client needs.
type Config struct {
	Access  string `json:"access" enum:"invite,open"`
	Version string `json:"version"`
	Create  string `json:"create" enum:"anyone,key,sign_in" doc:"Who may create sessions. key means that creating needs an API key, sign_in that it needs a sign-in or an API key."`
	SignIn  string `json:"sign_in" enum:"none,oidc,header" doc:"How interviewers sign in. They do so at /auth/login."`

	Archive        bool  `json:"archive" doc:"Whether interviews that have ended are archived, so that they can be replayed when their session has expired."`
	ArchiveSeconds int64 `json:"archive_seconds" doc:"How long an archived interview is kept, in seconds. 0: for ever." example:"2592000"`
	SessionSeconds int64 `json:"session_seconds" doc:"How long a new session and all its data are kept, in seconds." example:"86400"`
}

type healthOutput struct{ Body Health }

// Health reports that the service is alive.
type Health struct {
	Status    string    `json:"status" enum:"ok"`
	Timestamp time.Time `json:"timestamp"`
}
