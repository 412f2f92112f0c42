package api

import (
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"parley/pkg/scorecard"
)

const whoJudges = "For interviewers, also after the end and, with an archive, after the session has expired. "

// The operations on scorecards and comments.
var (
	scorecardsOperation = huma.Operation{
		OperationID: "list-scorecards", Method: http.MethodGet, Path: "/api/v1/sessions/{id}/scorecards",
		Errors:  []int{409, 429},
		Summary: "Read the scorecards and comments of a session", Tags: []string{"scorecards"}, Security: needsKeyOrToken,
		Description: whoJudges + "What others wrote is in the answer once the own scorecard is submitted. After the end an API key, " +
			"and without a token the signed-in owner or administrator, reads everything.",
	}
	putScorecardOperation = huma.Operation{
		OperationID: "put-scorecard", Method: http.MethodPut, Path: "/api/v1/sessions/{id}/scorecards/me",
		Errors:  []int{409, 413, 429},
		Summary: "Write your scorecard", Tags: []string{"scorecards"}, Security: needsToken,
		Description: whoJudges + "The whole scorecard is written, in place of the version that is named. If another version is there, nothing is written. " +
			"The call may be repeated. A submitted scorecard stays as it is.",
	}
	submitScorecardOperation = huma.Operation{
		OperationID: "submit-scorecard", Method: http.MethodPost, Path: "/api/v1/sessions/{id}/scorecards/me/submit", DefaultStatus: http.StatusOK,
		Errors:  []int{409, 429},
		Summary: "Submit your scorecard", Tags: []string{"scorecards"}, Security: needsToken,
		Description: whoJudges + "It cannot be changed afterwards. From then on you see what the others have submitted, and they see yours once theirs is submitted.",
	}
	commentOperation = huma.Operation{
		OperationID: "add-comment", Method: http.MethodPost, Path: "/api/v1/sessions/{id}/comments", DefaultStatus: http.StatusCreated,
		Errors:  []int{409, 413, 429},
		Summary: "Comment on a moment of the replay", Tags: []string{"scorecards"}, Security: needsToken,
		Description: whoJudges + "Others see it once their own scorecard is submitted. With an id of yours the call may be repeated.",
	}
	removeCommentOperation = huma.Operation{
		OperationID: "remove-comment", Method: http.MethodDelete, Path: "/api/v1/sessions/{id}/comments/{comment}", DefaultStatus: http.StatusNoContent,
		Errors:  []int{409, 429},
		Summary: "Remove a comment of yours", Tags: []string{"scorecards"}, Security: needsToken,
	}
)

type scorecardsOutput struct{ Body Scorecards }

// Scorecards is what a caller may see of what interviewers wrote about a session.
type Scorecards struct {
	Rubric   Rubric          `json:"rubric" doc:"What to look for: the criteria of the questions that were asked, or general ones."`
	Me       *Author         `json:"me,omitempty" doc:"As whom you write. Missing for those who only read."`
	Mine     *Scorecard      `json:"mine,omitempty" doc:"Your own. Missing before you have written one."`
	Others   []Scorecard     `json:"others" doc:"Those of others that you may see."`
	People   []Assessor      `json:"people" doc:"The interviewers, and how far each of them is."`
	Comments []MomentComment `json:"comments" doc:"On moments of the replay, in their order."`
}

// Rubric says what interviewers look for.
type Rubric struct {
	ID       string      `json:"id" example:"general"`
	Title    string      `json:"title"`
	Criteria []Criterion `json:"criteria"`
}

// Criterion is one thing to judge.
type Criterion struct {
	ID     string   `json:"id" example:"code"`
	Title  string   `json:"title"`
	Levels []string `json:"levels" doc:"What 1, 2, 3 and 4 look like. Empty where it is not said."`
}

// Scorecard is what an interviewer thinks of an interview.
type Scorecard struct {
	Author Author `json:"author"`
	ScorecardText
	Version     int64     `json:"version" doc:"Name it in the next change."`
	SavedAt     time.Time `json:"saved_at"`
	SubmittedAt time.Time `json:"submitted_at,omitzero" doc:"Missing in a draft."`
}

// ScorecardText is what an interviewer writes.
type ScorecardText struct {
	Decision scorecard.Decision `json:"decision,omitempty" enum:",strong_no,no,yes,strong_yes,not_assessed" doc:"Empty: not decided yet."`
	Words    string             `json:"words,omitempty" doc:"On the whole interview, at most 10000 characters."`
	Moments  []int64            `json:"moments,omitempty" doc:"Moments of the replay that show it, in milliseconds from its start."`
	Ratings  []Rating           `json:"ratings,omitempty" doc:"At most one for each criterion."`
}

// Rating is what an interviewer saw of one criterion.
type Rating struct {
	Criterion string  `json:"criterion" example:"code"`
	Level     int     `json:"level,omitempty" minimum:"0" maximum:"4" doc:"1 to 4; 0: not assessed."`
	Evidence  string  `json:"evidence,omitempty" doc:"What shows it, at most 4000 characters."`
	Moments   []int64 `json:"moments,omitempty" doc:"Moments of the replay that show it, in milliseconds from its start."`
}

// Author is an interviewer who wrote something, with the name of that time.
type Author struct {
	ID   string `json:"id" example:"0a1b2c3d4e5f6071"`
	Name string `json:"name"`
}

// Assessor is an interviewer and how far the own scorecard is.
type Assessor struct {
	Author
	State string `json:"state" enum:"none,draft,submitted"`
}

type putScorecardInput struct {
	InSession
	Body WriteScorecard
}

// WriteScorecard is a scorecard to write.
type WriteScorecard struct {
	Version int64 `json:"version,omitempty" minimum:"0" doc:"The version that you have read. 0: there was none."`
	ScorecardText
}

type scorecardOutput struct{ Body Scorecard }

type submitScorecardInput struct {
	InSession
	Body SubmitScorecard
}

// SubmitScorecard names the version to submit.
type SubmitScorecard struct {
	Version int64 `json:"version" minimum:"0"`
}

type commentInput struct {
	InSession
	Body WriteComment
}

// WriteComment is a comment to add.
type WriteComment struct {
	ID     string `json:"id,omitempty" doc:"An id of yours, new for each comment: letters, digits, - and _."`
	Moment int64  `json:"moment" minimum:"0" doc:"Milliseconds from the start of the replay."`
	Text   string `json:"text" doc:"At most 2000 characters."`
}

type commentOutput struct{ Body MomentComment }

// MomentComment is a remark of an interviewer on a moment of the replay.
type MomentComment struct {
	ID     string    `json:"id"`
	Author Author    `json:"author"`
	Moment int64     `json:"moment" doc:"Milliseconds from the start of the replay."`
	Text   string    `json:"text"`
	At     time.Time `json:"at" doc:"When it was written."`
}

type removeCommentInput struct {
	InSession
	Comment string `path:"comment" maxLength:"64"`
}

// EventSubmitted is the webhook event of a submitted scorecard.
const EventSubmitted = "scorecard.submitted"

// submittedEvent is the data of that webhook. What was written is no part of it, because a webhook
// may lead into a chat that other interviewers read.
type submittedEvent struct {
	Session   Summary            `json:"session"`
	Scorecard submittedScorecard `json:"scorecard"`
}

type submittedScorecard struct {
	Author      Author    `json:"author"`
	SubmittedAt time.Time `json:"submitted_at"`
}

// draft returns what is written, for package scorecard.
func (t ScorecardText) draft() scorecard.Draft {
	d := scorecard.Draft{Decision: t.Decision, Words: t.Words, Moments: t.Moments}
	for _, r := range t.Ratings {
		d.Ratings = append(d.Ratings, scorecard.Rating(r))
	}
	return d
}

func showCard(c scorecard.Card) Scorecard {
	shown := Scorecard{
		Author: Author(c.Author), Version: c.Version, SavedAt: c.SavedAt, SubmittedAt: c.SubmittedAt,
		ScorecardText: ScorecardText{Decision: c.Decision, Words: c.Words, Moments: c.Moments, Ratings: make([]Rating, 0, len(c.Ratings))},
	}
	for _, r := range c.Ratings {
		shown.Ratings = append(shown.Ratings, Rating(r))
	}
	return shown
}

func showComment(c scorecard.Comment) MomentComment {
	return MomentComment{ID: c.ID, Author: Author(c.Author), Moment: c.Moment, Text: c.Text, At: c.At}
}

// showBook returns a book for a person, who may see all of it.
func showBook(b scorecard.Book, p scorecard.Person) Scorecards {
	shown := Scorecards{
		Rubric: Rubric{ID: b.Rubric.ID, Title: b.Rubric.Title, Criteria: make([]Criterion, 0, len(b.Rubric.Criteria))},
		Others: []Scorecard{}, Comments: make([]MomentComment, 0, len(b.Comments)),
	}
	for _, c := range b.Rubric.Criteria {
		shown.Rubric.Criteria = append(shown.Rubric.Criteria, Criterion{ID: c.ID, Title: c.Title, Levels: c.Levels[:]})
	}
	own, has := b.Own(p)
	if p.ID != "" {
		shown.Me = &Author{ID: p.ID, Name: p.Name}
	}
	if has {
		shown.Me.ID = own.Author.ID
		mine := showCard(own)
		shown.Mine = &mine
	}
	for _, c := range b.Cards {
		if !has || c.Author != own.Author {
			shown.Others = append(shown.Others, showCard(c))
		}
	}
	for _, c := range b.Comments {
		shown.Comments = append(shown.Comments, showComment(c))
	}
	return shown
}
