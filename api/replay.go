package api

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime/debug"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humafiber"
	"github.com/gofiber/fiber/v2"
	"github.com/klauspost/compress/gzip"

	"parley/pkg/access"
	"parley/pkg/audit"
	"parley/pkg/relay"
	"parley/pkg/session"
	"parley/pkg/timeline"
	"parley/pkg/trace"
)

const timelineType = "application/x-ndjson"

// timeline streams what happened in a session.
func (s *Server) timeline(ctx context.Context, in *timelineInput) (*huma.StreamResponse, error) {
	sess, private, err := s.mayReplay(ctx, &in.InSession)
	if err != nil {
		return nil, err
	}
	address := limitKey(clientOf(ctx))
	// A trace may take many megabytes before it is known how many.
	if err := s.reading.wait(ctx, address, 1); err != nil {
		return nil, err
	}
	defer s.reading.give(address, 1)
	lines, err := s.readTimeline(ctx, sess)
	if err != nil {
		return nil, err
	}
	if lines.Header.Private = private; !private {
		lines = lines.Public()
	}
	size, err := timelineSize(ctx, lines)
	if err != nil {
		return nil, err
	}
	if !s.exports.take(address, size) {
		return nil, errBusy
	}
	return &huma.StreamResponse{Body: func(hc huma.Context) {
		hc.SetHeader("Content-Type", timelineType)
		hc.SetHeader("Vary", "Accept-Encoding")
		zipped := takesCoding(in.Accepts, "gzip")
		if zipped {
			hc.SetHeader("Content-Encoding", "gzip")
		}
		s.sendTimeline(humafiber.Unwrap(hc), lines, zipped, func() { s.exports.give(address, size) })
	}}, nil
}

// eventBytes is about how much an event of the trace takes in memory.
const eventBytes = 256

// zipBytes is about what compressing takes in memory.
const zipBytes = 800 << 10

// timelineSize is how many bytes a timeline counts among the archives under way.
func timelineSize(ctx context.Context, t timeline.Timeline) (int, error) {
	held, err := t.Held(ctx)
	return exportLeast + timeline.MostHeld + zipBytes + held + eventBytes*len(t.Trace), err
}

// sendTimeline writes the timeline in a goroutine that ends with the answer. When a part cannot be
// read, the answer breaks off, so that nobody takes it for complete.
func (s *Server) sendTimeline(c *fiber.Ctx, t timeline.Timeline, zipped bool, done func()) {
	ctx, cancel := context.WithTimeout(context.Background(), exportTimeout)
	r, w := io.Pipe()
	go func() { // ends when all is written or r is closed
		defer done()
		err := errors.New("timeline panicked")
		defer func() {
			if v := recover(); v != nil {
				s.log.Error("timeline panicked", "session", t.Header.Session, "panic", v, "stack", string(debug.Stack()))
			}
			w.CloseWithError(err)
		}()
		if err = s.turns.write(w, func(w io.Writer) error { return writeTimeline(ctx, w, t, zipped) }); err != nil {
			s.log.Debug("timeline not sent", "session", t.Header.Session, "err", err)
		}
	}()
	_ = sendPaced(c, r, -1, exportTimeout, cancel) // never fails
}

func writeTimeline(ctx context.Context, w io.Writer, t timeline.Timeline, zipped bool) error {
	if !zipped {
		return t.Write(ctx, w)
	}
	z, err := gzip.NewWriterLevel(w, zipLevel)
	if err != nil {
		return err
	}
	if err := t.Write(ctx, z); err != nil {
		return err // without the end of the gzip
	}
	return z.Close()
}

// zipLevel takes a fifth of the time of the best compression, for 5 % more bytes.
const zipLevel = 6

// mayReplay returns the session of a request for its timeline, and whether the caller sees private
// lines. A replay token is enough.
func (s *Server) mayReplay(ctx context.Context, in *InSession) (session.Session, bool, error) {
	id, err := session.ParseID(in.ID)
	if err != nil {
		return session.Session{}, false, err
	}
	sess, err := s.opts.Sessions.Get(ctx, id)
	if err != nil {
		return session.Session{}, false, err
	}
	private, err := s.replayRights(sess, bearer(in.Authorization))
	if err == nil && sess.Records() == session.RecordNothing {
		err = session.ErrNotRecorded
	}
	return sess, private, err
}

// replayRights decides who may replay a session, and who sees its private lines.
func (s *Server) replayRights(sess session.Session, token string) (private bool, err error) {
	if claims, bad := s.opts.Tokens.VerifyReplay(token, string(sess.ID)); bad == nil {
		err := sess.MayReplay(claims.Link, s.opts.Sessions.Now())
		if errors.Is(err, session.ErrInvite) {
			err = fmt.Errorf("%w: its replay link is void", access.ErrBadToken)
		}
		return sess.ReplayLink.Private, err
	}
	caller, err := s.callerOf(sess, token)
	switch {
	case err != nil:
		return false, err
	case caller.Role.CanManage():
		return true, nil
	case sess.Replays() != session.ReplayAll:
		return false, errForbidden
	case !caller.MayEnter():
		return false, errNotStarted
	case sess.Status != session.Ended:
		return false, session.ErrNotEnded
	}
	return false, nil
}

// readTimeline collects what a timeline is written from. While quiet time lasts, the timeline ends
// at its beginning, because only interviewers read it before the end of the interview.
func (s *Server) readTimeline(ctx context.Context, sess session.Session) (timeline.Timeline, error) {
	events, err := s.opts.Trace.Trace(ctx, string(sess.ID))
	if err != nil {
		return timeline.Timeline{}, err
	}
	h := timeline.Header{
		V: timeline.Version, Session: string(sess.ID), Title: sess.Title, Status: string(sess.Status), Record: string(sess.Records()),
		CreatedAt: timeline.Time(sess.CreatedAt), StartedAt: timeline.Time(sess.StartedAt), EndedAt: timeline.Time(sess.EndedAt),
		Participants: []timeline.Person{},
	}
	for _, p := range sess.Participants {
		h.Participants = append(h.Participants, timeline.Person{ID: string(p.ID), Name: p.Name, Role: string(p.Role), Color: p.Color})
	}
	t := timeline.Timeline{Header: h, Trace: events, History: s.opts.History}
	if s.showQuiet(sess) != nil {
		t.Before = sess.Quiet.Began()
	}
	return t, nil
}

// Bounds of what one participant may do. Each mark is a write to the store, and each change of a
// quiet time makes every node ask again what its connections may see.
const (
	marksPerMinute  = 60
	quietsPerMinute = 20
)

// subjectOf names a participant to a limiter.
func subjectOf(sess session.Session, p session.Participant) string {
	return string(sess.ID) + " " + string(p.ID)
}

// mark sets an interviewer's own mark.
func (s *Server) mark(ctx context.Context, in *markInput) (*markOutput, error) {
	sess, caller, err := s.enter(ctx, &in.InSession)
	switch {
	case err != nil:
		return nil, err
	case !caller.Role.CanManage():
		return nil, errForbidden
	}
	if err := sess.Running(); err != nil {
		return nil, err
	}
	if !traced(sess, trace.Mark) {
		return nil, session.ErrNotRecorded
	}
	text := ""
	if in.Body != nil {
		if text, err = session.CleanMark(in.Body.Text); err != nil {
			return nil, err
		}
	}
	if _, err := limitFor(ctx, s.marks, subjectOf(sess, caller)); err != nil {
		return nil, err
	}
	at, err := s.opts.Trace.Save(ctx, trace.Event{Session: string(sess.ID), By: string(caller.ID), Kind: trace.Mark, Text: text})
	if err != nil {
		return nil, err
	}
	return &markOutput{Body: Mark{At: at, Text: text}}, nil
}

// beQuiet starts a quiet time.
func (s *Server) beQuiet(ctx context.Context, in *quietInput) (*sessionOutput, error) {
	sess, caller, err := s.enter(ctx, &in.InSession)
	if err != nil {
		return nil, err
	}
	if err := mayEdit(sess, caller); err != nil {
		return nil, err
	}
	if _, err := limitFor(ctx, s.quiets, subjectOf(sess, caller)); err != nil {
		return nil, err
	}
	minutes := 0
	if in.Body != nil {
		minutes = in.Body.Minutes
	}
	if sess, err = s.opts.Sessions.BeQuiet(ctx, sess.ID, caller.ID, caller.Role.CanManage(), time.Duration(minutes)*time.Minute); err != nil {
		return nil, err
	}
	s.tellQuiet(sess)
	s.traceOf(sess, caller, trace.Event{Kind: trace.Quiet, Until: sess.Quiet.Until})
	return s.answer(ctx, sess, caller)
}

// endQuiet ends a quiet time: an interviewer, or who asked for it.
func (s *Server) endQuiet(ctx context.Context, in *InSession) (*sessionOutput, error) {
	sess, caller, err := s.enter(ctx, in)
	if err != nil {
		return nil, err
	}
	if err := mayEdit(sess, caller); err != nil {
		return nil, err
	}
	lasting := s.showQuiet(sess) != nil
	if lasting && !caller.Role.CanManage() && sess.Quiet.By != caller.ID {
		return nil, errForbidden
	}
	if _, err := limitFor(ctx, s.quiets, subjectOf(sess, caller)); err != nil {
		return nil, err
	}
	if sess, err = s.opts.Sessions.EndQuiet(ctx, sess.ID, caller.ID, caller.Role.CanManage()); err != nil {
		return nil, err
	}
	s.tellQuiet(sess)
	if lasting {
		s.traceOf(sess, caller, trace.Event{Kind: trace.Quiet})
	}
	return s.answer(ctx, sess, caller)
}

// tellQuiet tells the relay of the quiet time in the record.
func (s *Server) tellQuiet(sess session.Session) {
	s.opts.Relay.Quiet(string(sess.ID), s.quietOf(sess))
}

// quietOf returns the quiet time in the record. Everybody sees what interviewers write.
func (s *Server) quietOf(sess session.Session) relay.Quiet {
	version := sess.Revision
	if version == 0 { // this store does not count changes, and is the only node's
		version = sess.UpdatedAt.UnixMilli()
	}
	open := map[string]bool{"": s.opts.Open}
	for _, p := range sess.Participants {
		open[string(p.ID)] = p.Role.CanManage()
	}
	return relay.Quiet{Until: sess.Quiet.Until, Open: open, Version: version}
}

// sight returns what a participant sees of the main document.
func (s *Server) sight(sess session.Session, caller session.Participant) relay.Sight {
	return relay.Sight{Shown: !veiled(caller), Quiet: s.quietOf(sess)}
}

// veiled reports whether quiet time is for what a participant writes.
func veiled(p session.Participant) bool { return p.Role == access.Candidate }

// showQuiet returns the quiet time that lasts now, nil when there is none.
func (s *Server) showQuiet(sess session.Session) *Quiet {
	if !sess.Quiet.At(s.opts.Sessions.Now()) {
		return nil
	}
	return &Quiet{By: string(sess.Quiet.By), Until: sess.Quiet.Until}
}

func (s *Server) renewReplayLink(ctx context.Context, in *replayLinkInput) (*replayLinkOutput, error) {
	sess, caller, err := s.enter(ctx, &in.InSession)
	switch {
	case err != nil:
		return nil, err
	case !caller.Role.CanManage():
		return nil, errForbidden
	}
	body := NewReplayLink{}
	if in.Body != nil {
		body = *in.Body
	}
	lasting := time.Duration(min(body.ExpiresIn, maxReplaySeconds)) * time.Second
	code, link, err := s.opts.Sessions.RenewReplayLink(ctx, sess.ID, lasting, body.Private)
	if err != nil {
		return nil, err
	}
	s.note(ctx, caller, audit.Event{Session: string(sess.ID), Kind: audit.InviteRenewed, Detail: "replay"})
	return &replayLinkOutput{Body: ReplayLink{URL: baseOf(ctx) + "/r/" + code.String(), ExpiresAt: link.ExpiresAt, Private: link.Private}}, nil
}

// maxReplaySeconds bounds expires_in, far beyond the life of a session.
const maxReplaySeconds = 100 * 365 * 86400

func (s *Server) revokeReplayLink(ctx context.Context, in *InSession) (*struct{}, error) {
	sess, caller, err := s.enter(ctx, in)
	switch {
	case err != nil:
		return nil, err
	case !caller.Role.CanManage():
		return nil, errForbidden
	}
	return nil, s.opts.Sessions.RevokeReplayLink(ctx, sess.ID)
}

// openReplay gives the token of a replay link.
func (s *Server) openReplay(ctx context.Context, in *openReplayInput) (*openReplayOutput, error) {
	code, err := access.ParseReplayCode(strings.TrimSpace(in.Body.Code))
	if err != nil {
		return nil, err
	}
	end, err := s.guess(ctx)
	if err != nil {
		return nil, err
	}
	sess, err := s.opts.Sessions.ByReplayCode(ctx, code)
	end(errors.Is(err, session.ErrInvite))
	if err != nil {
		return nil, err
	}
	token, err := s.opts.Tokens.IssueReplay(access.ReplayClaims{Session: string(sess.ID), Link: code.Hash(), Expires: sess.ReplayLink.ExpiresAt})
	if err != nil {
		return nil, err
	}
	return &openReplayOutput{Body: Opened{Session: summarise(baseOf(ctx), sess), Token: token, Private: sess.ReplayLink.Private}}, nil
}
