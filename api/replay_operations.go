package api

import (
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
)

// The operations of replays, as shown in the OpenAPI document.
var (
	timelineOperation = huma.Operation{
		OperationID: "get-timeline", Method: http.MethodGet, Path: "/api/v1/sessions/{id}/timeline",
		Errors:  []int{409},
		Summary: "Read what happened in a session", Tags: []string{"replay"}, Security: needsToken,
		Description: "One JSON object a line: a header, then every edit (a Yjs update in base64) and every event, in the order of time. " +
			"For interviewers, for the token of a replay link, and from the end on for all participants of a session with replay: all. " +
			"The private notes are never in it. While quiet time lasts, the timeline ends at its beginning.",
		Responses: map[string]*huma.Response{"200": {
			Description: "The timeline", Content: map[string]*huma.MediaType{timelineType: {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}},
		}},
	}
	markOperation = huma.Operation{
		OperationID: "set-mark", Method: http.MethodPost, Path: "/api/v1/sessions/{id}/marks", DefaultStatus: http.StatusCreated,
		Errors:  []int{409, 429},
		Summary: "Mark this moment for the replay", Tags: []string{"replay"}, Security: needsToken,
		Description: "Needs the token of an interviewer, while the interview runs. Only interviewers see marks.",
	}
	quietOperation = huma.Operation{
		OperationID: "start-quiet-time", Method: http.MethodPost, Path: "/api/v1/sessions/{id}/quiet", DefaultStatus: http.StatusOK,
		Errors:  []int{409, 429},
		Summary: "Start a quiet time", Tags: []string{"sessions"}, Security: needsToken,
		Description: "Needs write access, while the interview runs. It takes the place of a quiet time that lasts. " +
			"While it lasts, no answer to interviewers and observers shows what candidates write.",
	}
	endQuietOperation = huma.Operation{
		OperationID: "end-quiet-time", Method: http.MethodDelete, Path: "/api/v1/sessions/{id}/quiet", DefaultStatus: http.StatusOK,
		Errors:  []int{409, 429},
		Summary: "End the quiet time", Tags: []string{"sessions"}, Security: needsToken,
		Description: "For interviewers, and for the participant who started it.",
	}
	replayLinkOperation = huma.Operation{
		OperationID: "renew-replay-link", Method: http.MethodPost, Path: "/api/v1/sessions/{id}/invites/replay", DefaultStatus: http.StatusCreated,
		Errors:  []int{409},
		Summary: "Make a new replay link", Tags: []string{"replay"}, Security: needsToken,
		Description: "Needs the token of an interviewer. The previous replay link becomes void. The link works from the end of the interview on.",
	}
	revokeReplayLinkOperation = huma.Operation{
		OperationID: "revoke-replay-link", Method: http.MethodDelete, Path: "/api/v1/sessions/{id}/invites/replay", DefaultStatus: http.StatusNoContent,
		Summary: "Revoke the replay link", Tags: []string{"replay"}, Security: needsToken,
		Description: "Needs the token of an interviewer. Tokens that the link gave become void too.",
	}
	openReplayOperation = huma.Operation{
		OperationID: "open-replay", Method: http.MethodPost, Path: "/api/v1/replay",
		Errors:  []int{403, 404, 409, 410, 429},
		Summary: "Open a replay link", Tags: []string{"replay"},
		Description: "The token in the answer reads the timeline of the session, and nothing else. A code that opens nothing counts as a wrong guess.",
	}
)

type timelineInput struct {
	InSession
	Accepts string `header:"Accept-Encoding" hidden:"true"`
}

type markInput struct {
	InSession
	Body *SetMark
}

// SetMark is a mark to set.
type SetMark struct {
	Text string `json:"text,omitempty" doc:"At most 200 characters." example:"asked about complexity"`
}

type markOutput struct{ Body Mark }

// Mark is an interviewer's own mark in the timeline.
type Mark struct {
	At   time.Time `json:"at"`
	Text string    `json:"text"`
}

type quietInput struct {
	InSession
	Body *StartQuiet
}

// StartQuiet is a quiet time to start.
type StartQuiet struct {
	Minutes int `json:"minutes,omitempty" minimum:"1" maximum:"30" default:"5"`
}

// Quiet is a stretch in which others do not see the typing live.
type Quiet struct {
	By    string    `json:"by" doc:"The id of the participant who started it." example:"0a1b2c3d4e5f6071"`
	Until time.Time `json:"until"`
}

type replayLinkInput struct {
	InSession
	Body *NewReplayLink
}

// NewReplayLink describes a replay link to make.
type NewReplayLink struct {
	ExpiresIn int64 `json:"expires_in,omitempty" minimum:"0" doc:"Seconds. The default, and the most, is as long as the session is kept." example:"86400"`
	Private   bool  `json:"private,omitempty" doc:"Show what only interviewers see."`
}

type replayLinkOutput struct{ Body ReplayLink }

// ReplayLink is the replay link of a session.
type ReplayLink struct {
	URL       string    `json:"url" example:"https://parley.example/r/0a1b-2c3d-4e5f"`
	ExpiresAt time.Time `json:"expires_at"`
	Private   bool      `json:"private"`
}

type openReplayInput struct{ Body OpenReplay }

// OpenReplay is the code of a replay link.
type OpenReplay struct {
	Code string `json:"code" doc:"The code or the link. Case and hyphens do not matter." example:"0a1b-2c3d-4e5f"`
}

type openReplayOutput struct{ Body Opened }

// Opened is the answer to opening a replay link.
type Opened struct {
	Session Summary `json:"session"`
	Token   string  `json:"token" doc:"Reads the timeline of the session, and nothing else. Send it in the header: Authorization: Bearer TOKEN."`
	Private bool    `json:"private" doc:"Whether what only interviewers see is shown."`
}
