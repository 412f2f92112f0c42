package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gofiber/fiber/v2"

	"parley/pkg/access"
	"parley/pkg/archive"
	"parley/pkg/question"
	"parley/pkg/relay"
	"parley/pkg/scorecard"
	"parley/pkg/session"
	"parley/pkg/signin"
)

// Problem is the body of every error, as defined by RFC 9457. Programs switch on Code, people read
// Detail. A Problem never shows inner errors.
type Problem struct {
	Type   string         `json:"type" doc:"Always about:blank: status and code say everything." example:"about:blank"`
	Title  string         `json:"title" doc:"The name of the HTTP status." example:"Not Found"`
	Status int            `json:"status" doc:"The HTTP status." example:"404"`
	Detail string         `json:"detail" doc:"What is wrong and what to do, for people to read." example:"There is no such session. Check the link."`
	Code   string         `json:"code" doc:"What is wrong, for programs to switch on. Codes do not change." example:"session_not_found"`
	Errors []FieldProblem `json:"errors,omitempty" doc:"One entry for each field that is wrong."`
}

// FieldProblem describes one wrong field of a request.
type FieldProblem struct {
	Field  string `json:"field" doc:"The path of the field, such as creator.name" example:"name"`
	Detail string `json:"detail" doc:"What is wrong with the field, for people to read." example:"use at most 40 characters"`
}

// Error returns code and detail.
func (p *Problem) Error() string { return p.Code + ": " + p.Detail }

// GetStatus returns the HTTP status. Huma calls this method.
func (p *Problem) GetStatus() int { return p.Status }

// ContentType returns the media type of problems. Huma calls this method.
func (p *Problem) ContentType(string) string { return problemType }

const problemType = "application/problem+json"

func newProblem(status int, code, detail string) *Problem {
	return &Problem{Type: "about:blank", Title: http.StatusText(status), Status: status, Code: code, Detail: detail}
}

// Errors of this package.
var (
	errTokenRequired  = errors.New("no token")
	errInviteRequired = errors.New("no invite")
	errForbidden      = errors.New("not allowed for this role")
	errUnready        = errors.New("not ready")
)

// domainProblems maps errors to problems. The first entry that errors.Is matches wins. Any other
// error is an internal error.
var domainProblems = []struct {
	err    error
	status int
	code   string
	detail string
}{
	// Before ErrBadToken, which is the cause of some.
	{errSignInRequired, 401, "sign_in_required", "Interviewers sign in first: open /auth/login in a browser. Programs send an API key."},
	{errSignInOff, 401, "sign_in_off", "This service has no sign-in. Its operator can turn it on with --sign-in."},
	{errCrossSite, 403, "cross_site_request", "This request came from a page of another site. Open this service itself and try again there."},
	{errNotAdmin, 403, "not_admin", "Only an administrator of this service may do this."},
	{errPlainHTTP, 400, "sign_in_needs_https", "Signing in needs HTTPS. Open this service by its https:// address."},
	{errNotByProxy, 401, "sign_in_not_by_proxy", "The sign-in did not come through the proxy that signs people in. Its operator finds the reason in the log."},
	{signin.ErrLogin, 400, "sign_in_expired", "This sign-in is over its time, or another one has begun since. Sign in again."},
	{signin.ErrNotAllowed, 403, "sign_in_not_allowed", "You are in none of the groups that may interview here. Ask the operator of this service."},
	{signin.ErrGroups, 403, "sign_in_not_allowed", "The sign-in provider does not say your groups. Ask the operator of this service."},
	{signin.ErrDeclined, 403, "sign_in_declined", "The sign-in was cancelled, or the provider did not allow it."},
	{signin.ErrProviderAway, 503, "sign_in_provider_away", "The sign-in provider does not answer. Interviews that run go on. Try again in a moment."},
	{signin.ErrProvider, 502, "sign_in_failed", "The answer of the sign-in provider is not valid. Try again. If it happens again, its operator finds the reason in the log."},
	{session.ErrNotFound, 404, "session_not_found", "There is no such session. Check the link."},
	{relay.ErrNoSession, 404, "session_not_found", "There is no such session. Check the link."},
	{session.ErrGone, 410, "session_gone", "This session was deleted or has expired. Its content is gone."},
	{session.ErrLinkExpired, 410, "link_expired", "This replay link is over its time. Ask for a new one."},
	{errNoArchive, 404, "archive_off", "This service keeps no archive."},
	{archive.ErrNotFound, 404, "not_archived", "There is no such interview in the archive."},
	{archive.ErrGone, 410, "session_gone", "This interview was deleted. Its content is gone."},
	{archive.ErrHeld, 409, "held", "This interview is held, so it is not deleted. End the hold first."},
	{errNotArchivedYet, 409, "not_archived_yet", "The archive does not have this interview as it is now. Try again in a moment."},
	{archive.ErrBadSidecar, 500, "archive_damaged", "The archive's note on this interview cannot be read."},
	{errArchiveAway, 503, "archive_unavailable", "The archive cannot be reached. Nothing is lost. Try again in a moment."},
	{session.ErrNoParticipant, 404, "participant_not_found", "There is no such participant in this session."},
	{session.ErrInvite, 403, "invite_invalid", "This invite code is unknown or was replaced. Ask for a new link."},
	{access.ErrBadInvite, 403, "invite_invalid", "This is not an invite code. A code has 12 letters and digits: xxxx-xxxx-xxxx."},
	{errInviteRequired, 403, "invite_required", "Joining this session needs an invite code."},
	{session.ErrFull, 409, "session_full", fmt.Sprintf("This session already has %d participants, the most that are allowed.", session.MaxParticipants)},
	{session.ErrTransition, 409, "status_conflict", "The session cannot go back to that status."},
	{relay.ErrReadOnly, 409, "session_ended", "The interview has ended. It can only be read."},
	{session.ErrEnded, 409, "session_ended", "The interview has ended. It can only be read."},
	{session.ErrNotEnded, 409, "not_ended", "The interview has not ended yet. It can be replayed from its end on."},
	{session.ErrQuietRefused, 409, "quiet_refused", "An interviewer has just ended quiet time. Ask them to start it again."},
	{session.ErrNotRecorded, 409, "not_recorded", "This interview is not recorded. There is nothing to replay."},
	{session.ErrNotStarted, 409, "not_started", "The interview has not started yet. Wait until an interviewer starts it."},
	{errNotStarted, 409, "not_started", "The interview has not started yet. Wait until an interviewer starts it."},
	{question.ErrNotFound, 404, "question_not_found", "There is no such question here. GET /questions lists them."},
	{session.ErrNoQuestion, 404, "no_question", "No question was asked in this session, or another one is asked now."},
	{session.ErrNoPart, 409, "no_such_part", "Parts are revealed one after the other. Read the guide to see which one is next."},
	{session.ErrManyQuestions, 409, "many_questions", fmt.Sprintf("This session already has %d questions, the most that are allowed.", session.MaxQuestions)},
	{scorecard.ErrChanged, 409, "scorecard_changed", "Your scorecard was changed meanwhile, perhaps in another tab. Read it again."},
	{scorecard.ErrSubmitted, 409, "scorecard_submitted", "Your scorecard is submitted and stays as it is. Add a comment instead."},
	{scorecard.ErrNoCard, 404, "no_scorecard", "You have not written a scorecard yet."},
	{scorecard.ErrNoComment, 404, "comment_not_found", "You have no such comment in this session."},
	{scorecard.ErrFull, 413, "too_much_written", fmt.Sprintf("A scorecard, and all your comments together, may have %d KiB each, and there may be %d comments. Write less.", scorecard.MaxPaper>>10, scorecard.MaxComments)},
	{errSeenLater, 409, "not_ended", "The interview has not ended yet. Its scorecards can be read here from its end on."},
	{session.ErrNoFile, 404, "file_not_found", "There is no such file in this session."},
	{session.ErrLastInterviewer, 409, "last_interviewer", "This is the only interviewer. Make another participant interviewer first."},
	{session.ErrClaimed, 409, "already_claimed", "This token belongs to somebody else who signed in. Sign in as that person."},
	{access.ErrBadRole, 422, "invalid_input", "The role must be interviewer, candidate or observer."},
	{relay.ErrDocTooLarge, 413, "document_too_large", "The document would be larger than this service allows."},
	{relay.ErrNotStored, 503, "not_stored", "The change was made but is not stored yet. Read the session again to check it."},
	{errKeyRequired, 401, "api_key_required", "Send an API key of this service in the header: Authorization: Bearer KEY."},
	{errBadKey, 401, "api_key_invalid", "This service does not know this API key. Check the key."},
	{errTokenRequired, 401, "token_required", "Send the token from the join answer in the header: Authorization: Bearer TOKEN."},
	{access.ErrBadToken, 401, "token_invalid", "The token is not valid for this session or has expired. Join again."},
	{errForbidden, 403, "forbidden", "Your role in this session does not allow this."},
	{errBusy, 503, "busy", "Too many large requests are under way. Try again in a moment."},
	{errUnready, 503, "not_ready", "This node cannot serve requests right now. Try another node."},
	{session.ErrUnavailable, 503, "store_unavailable", "The service cannot reach its store. Stored data is safe. Try again in a moment."},
	{relay.ErrDraining, 503, "restarting", "The service is restarting. Try again in a moment."},
	{context.DeadlineExceeded, 503, "timeout", "The service took too long to answer. Try again."},
	{context.Canceled, 503, "timeout", "The request was cancelled. Try again."},
}

// frameworkProblems maps a status to a problem, for errors that Fiber or huma finds before a
// handler runs.
var frameworkProblems = map[int]struct{ code, detail string }{
	400: {"bad_request", "The request could not be read."},
	403: {"origin_not_allowed", "Pages of this origin may not connect here."},
	404: {"not_found", "This address does not exist. Check it."},
	405: {"method_not_allowed", "This address does not support that method."},
	406: {"not_acceptable", "Answers are JSON. Accept application/json."},
	408: {"timeout", "The request took too long to arrive."},
	413: {"body_too_large", "The request body is too large."},
	415: {"unsupported_media_type", "Send JSON, with Content-Type: application/json."},
	422: {"invalid_input", "Some fields are missing or not valid."},
	426: {"upgrade_required", "This address accepts only websocket connections."},
	431: {"headers_too_large", "The request headers are too large."},
}

// Codes of problems that are in neither table.
const (
	codeRateLimited   = "rate_limited"
	codeInternal      = "internal"
	codeBundleChanged = "bundle_changed"
)

// problemCodes returns every code that a problem can have, sorted.
func problemCodes() []string {
	codes := []string{codeRateLimited, codeInternal, codeBundleChanged}
	for _, d := range domainProblems {
		codes = append(codes, d.code)
	}
	for _, f := range frameworkProblems {
		codes = append(codes, f.code)
	}
	slices.Sort(codes)
	return slices.Compact(codes)
}

// problemOf returns the problem that the client sees for err.
func problemOf(err error) *Problem {
	if p := (*Problem)(nil); errors.As(err, &p) {
		return p
	}
	if f := (*session.FieldError)(nil); errors.As(err, &f) {
		p := frameworkProblem(422)
		p.Errors = []FieldProblem{{Field: f.Field, Detail: f.Detail}}
		return p
	}
	if c := (*archive.ChangedError)(nil); errors.As(err, &c) {
		return newProblem(409, codeBundleChanged, fmt.Sprintf(
			"The bundle of this interview was changed after it was archived, so it is not shown. Its SHA-256 is %s; %s was archived.", c.Got, c.Want))
	}
	if l := (*limitedError)(nil); errors.As(err, &l) {
		return newProblem(429, codeRateLimited, "Too many requests from your address. Try again in "+l.retryAfter()+" seconds.")
	}
	for _, d := range domainProblems {
		if errors.Is(err, d.err) {
			return newProblem(d.status, d.code, d.detail)
		}
	}
	if f := (*fiber.Error)(nil); errors.As(err, &f) {
		return frameworkProblem(f.Code)
	}
	return frameworkProblem(500)
}

func frameworkProblem(status int) *Problem {
	if f, ok := frameworkProblems[status]; ok {
		return newProblem(status, f.code, f.detail)
	}
	if status >= 400 && status < 500 {
		return newProblem(status, "bad_request", frameworkProblems[400].detail)
	}
	return newProblem(500, codeInternal, "The service failed to handle the request. Try again.")
}

// Huma makes its errors through this variable, for the whole process. No other package uses huma.
func init() {
	huma.NewError = func(status int, _ string, errs ...error) huma.StatusError {
		p := frameworkProblem(status)
		for _, err := range errs {
			if d := (huma.ErrorDetailer)(nil); p.Status < 500 && errors.As(err, &d) {
				detail := d.ErrorDetail()
				p.Errors = append(p.Errors, FieldProblem{Field: strings.TrimPrefix(detail.Location, "body."), Detail: detail.Message})
			}
		}
		return p
	}
}

// writeError is Fiber's error handler, for all routes outside of huma.
func (s *Server) writeError(c *fiber.Ctx, err error) error {
	p := problemOf(err)
	s.logInternal(c.UserContext(), p, err)
	if p.Status == 404 && wantsPage(c) {
		return notFoundPage(c)
	}
	body, failed := json.Marshal(p)
	if failed != nil {
		return fmt.Errorf("encode problem: %w", failed)
	}
	c.Status(p.Status)
	for name, values := range headersOf(p, err) {
		c.Set(name, values[0])
	}
	c.Set(fiber.HeaderContentType, problemType)
	c.Set(fiber.HeaderCacheControl, "no-store")
	return c.Send(body)
}

// logInternal logs the inner error, which the client does not see.
func (s *Server) logInternal(ctx context.Context, p *Problem, err error) {
	if p.Status >= 500 && !errors.Is(err, context.Canceled) {
		s.log.ErrorContext(ctx, "request failed", "request", requestID(ctx), "code", p.Code, "err", err)
	}
}
