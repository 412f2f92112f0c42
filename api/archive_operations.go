package api

import (
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"parley/pkg/access"
	"parley/pkg/archive"
	"parley/pkg/session"
)

var needsKeyOrToken = []map[string][]string{{"token": {}}, {"key": {}}}

const whoArchive = "Needs an API key, the token of an interviewer of the session, which here is valid after the session has expired too, " +
	"or a signed-in owner, interviewer, member of its team or administrator."

var (
	listArchiveOperation = huma.Operation{
		OperationID: "list-archive", Method: http.MethodGet, Path: "/api/v1/archive",
		Errors:  []int{404, 422, 429},
		Summary: "Search the archived interviews", Tags: []string{"archive"}, Security: needsKey,
		Description: "Needs an API key, or somebody who is signed in and then finds what they may open. The newest interview comes first.",
	}
	getArchivedOperation = huma.Operation{
		OperationID: "get-archived", Method: http.MethodGet, Path: "/api/v1/archive/{id}",
		Errors:  []int{429},
		Summary: "Read what is known of an archived interview", Tags: []string{"archive"}, Security: needsKeyOrToken, Description: whoArchive,
	}
	bundleOperation = huma.Operation{
		OperationID: "get-archived-bundle", Method: http.MethodGet, Path: "/api/v1/archive/{id}/bundle",
		Errors:  []int{409, 429},
		Summary: "Download an archived interview", Tags: []string{"archive"}, Security: needsKeyOrToken,
		Description: "The same zip as an export, with the private parts. A bundle that was changed since it was written is refused. " + whoArchive,
		Responses: map[string]*huma.Response{"200": {
			Description: "The bundle", Content: map[string]*huma.MediaType{zipType: {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}},
		}},
	}
	patchArchivedOperation = huma.Operation{
		OperationID: "keep-archived", Method: http.MethodPatch, Path: "/api/v1/archive/{id}",
		Errors:  []int{429},
		Summary: "Hold an archived interview, or change how long it is kept", Tags: []string{"archive"}, Security: needsKeyOrToken, Description: whoArchive,
	}
	deleteArchivedOperation = huma.Operation{
		OperationID: "delete-archived", Method: http.MethodDelete, Path: "/api/v1/archive/{id}", DefaultStatus: http.StatusNoContent,
		Errors:  []int{409, 429},
		Summary: "Delete an interview for good", Tags: []string{"archive"}, Security: needsKeyOrToken,
		Description: "Removes bundle, sidecar and what is still live. For seven days the answer is 410 then. A held interview is not deleted. " + whoArchive,
	}
	forgetOperation = huma.Operation{
		OperationID: "forget-participant", Method: http.MethodPost, Path: "/api/v1/archive/{id}/participants/{pid}/forget", DefaultStatus: http.StatusOK,
		Errors:  []int{409, 429},
		Summary: "Forget who a participant was", Tags: []string{"archive"}, Security: needsKeyOrToken,
		Description: "Gives the participant a neutral name in bundle and sidecar, and removes their addresses. " +
			"What people wrote into files, notes and marks stays as it is. What is still live is deleted. " + whoArchive,
	}
)

type listArchiveInput struct {
	Authorization string    `header:"Authorization" hidden:"true"`
	Text          string    `query:"q" maxLength:"200" doc:"Words that occur in title, people, question, external id or id."`
	From          time.Time `query:"from" doc:"Only interviews that ended at this time or later."`
	To            time.Time `query:"to" doc:"Only interviews that ended before this time."`
	Cursor        string    `query:"cursor" doc:"The cursor of the previous page. Leave out for the first page."`
	Limit         int       `query:"limit" minimum:"1" maximum:"200" default:"50" doc:"The most interviews on a page."`
}

type archiveListOutput struct{ Body ArchiveList }

// ArchiveList is a page of archived interviews.
type ArchiveList struct {
	Items  []Archived `json:"items"`
	Cursor string     `json:"cursor,omitempty" doc:"The cursor of the next page. Missing on the last page."`
}

type archivedOutput struct{ Body Archived }

// Archived is an archived interview, as its sidecar describes it.
type Archived struct {
	ID           string           `json:"id" example:"0a1b2c3d"`
	URL          string           `json:"url" example:"https://parley.example/s/0a1b2c3d"`
	Title        string           `json:"title"`
	CreatorID    string           `json:"creator_id"`
	CreatedAt    time.Time        `json:"created_at"`
	StartedAt    time.Time        `json:"started_at,omitzero"`
	EndedAt      time.Time        `json:"ended_at"`
	Participants []ArchivedPerson `json:"participants"`
	Language     string           `json:"language,omitempty"`
	Record       session.Record   `json:"record" enum:"all,edits,nothing"`
	Replay       session.Replay   `json:"replay" enum:"interviewers,all"`
	Question     string           `json:"question,omitempty" doc:"The title of the question."`
	CallURL      string           `json:"call_url,omitempty"`
	Labels
	ArchivedAt    time.Time `json:"archived_at"`
	Bytes         int64     `json:"bytes" doc:"The size of the bundle."`
	SHA256        string    `json:"sha256" doc:"The SHA-256 of the bundle in hex."`
	RetentionDays *int      `json:"retention_days,omitempty" doc:"How many days after its end the interview is deleted. 0: never. Missing: as the service says."`
	DeleteAfter   time.Time `json:"delete_after,omitzero" doc:"When the interview is deleted, unless it is held. Missing: never."`
	Hold          bool      `json:"hold" doc:"A held interview is not deleted."`
}

// ArchivedPerson is a participant of an archived interview.
type ArchivedPerson struct {
	ID       string      `json:"id" example:"0a1b2c3d4e5f6071"`
	Name     string      `json:"name"`
	Role     access.Role `json:"role" enum:"interviewer,candidate,observer"`
	Color    string      `json:"color" example:"#1f77b4"`
	JoinedAt time.Time   `json:"joined_at"`
}

func showArchived(base string, side archive.Sidecar) Archived {
	shown := Archived{
		ID: side.ID, URL: pageLink(base, session.ID(side.ID)), Title: side.Title, CreatorID: side.CreatorID, CreatedAt: side.CreatedAt,
		StartedAt: side.StartedAt, EndedAt: side.EndedAt, Participants: make([]ArchivedPerson, 0, len(side.Participants)), Language: side.Language,
		Record: session.Record(side.Record), Replay: session.Replay(side.Replay), Question: side.Question, CallURL: side.CallURL,
		Labels:     Labels{Owner: session.UserID(side.Owner), ExternalID: side.ExternalID, Metadata: Metadata{session.Metadata(side.Metadata)}},
		ArchivedAt: side.ArchivedAt, Bytes: side.Bytes, SHA256: side.SHA256, RetentionDays: side.RetentionDays, DeleteAfter: side.DeleteAfter, Hold: side.Hold,
	}
	for _, p := range side.Participants {
		shown.Participants = append(shown.Participants, ArchivedPerson{ID: p.ID, Name: p.Name, Role: p.Role, Color: p.Color, JoinedAt: p.JoinedAt})
	}
	return shown
}

type patchArchivedInput struct {
	InSession
	Body Keep
}

// Keep changes how long an interview is kept. A missing field stays unchanged.
type Keep struct {
	Hold          *bool `json:"hold,omitempty"`
	RetentionDays *int  `json:"retention_days,omitempty" minimum:"0" maximum:"36500" doc:"0: for ever."`
}

type forgetInput struct {
	InSession
	Participant string `path:"pid" example:"0a1b2c3d4e5f6071"`
}

// EventDeleted is the webhook event of a session that is deleted for good.
const EventDeleted = "session.deleted"

// DeletedEvent is the data of that webhook: the proof of the deletion.
type DeletedEvent struct {
	Session DeletedSession `json:"session"`
	At      time.Time      `json:"deleted_at"`
	By      string         `json:"deleted_by"` // a participant's id, or the name of an API key; "" for the retention
	Why     string         `json:"reason"`     // request or retention
}

// DeletedSession is all that is left of a deleted session.
type DeletedSession struct {
	ID string `json:"id"`
}

// NewDeletedEvent returns the data of a webhook about a deletion.
func NewDeletedEvent(id, by, why string, at time.Time) DeletedEvent {
	return DeletedEvent{Session: DeletedSession{ID: id}, At: at, By: by, Why: why}
}
