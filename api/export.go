package api

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"runtime/debug"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humafiber"
	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"parley/crdt"
	"parley/pkg/access"
	"parley/pkg/audit"
	"parley/pkg/export"
	"parley/pkg/relay"
	"parley/pkg/session"
)

// Bounds of the archives under way. An archive that is written holds some exportFactor times the
// bytes of its document.
const (
	exportTimeout = 10 * time.Minute // to send an archive
	exportFactor  = 5
	exportLeast   = 64 << 10  // bytes that every archive counts
	exportsEach   = 104 << 20 // bytes of the archives for one address
	exportsInAll  = 256 << 20
)

// exportSession streams the archive of a session.
func (s *Server) exportSession(ctx context.Context, in *InSession) (*huma.StreamResponse, error) {
	sess, caller, err := s.enter(ctx, in)
	if err != nil {
		return nil, err
	}
	if !caller.MayEnter() {
		return nil, errNotStarted
	}
	s.note(ctx, caller, audit.Event{Session: string(sess.ID), Kind: audit.Exported})
	address := limitKey(clientOf(ctx))
	archive, held, err := s.archive(ctx, sess, caller)
	if err != nil {
		return nil, err
	}
	size := exportLeast + exportFactor*len(archive.Document.Update) + len(archive.Notes) + held
	if !s.exports.take(address, size) {
		return nil, errBusy
	}
	return &huma.StreamResponse{Body: func(hc huma.Context) {
		hc.SetHeader("Content-Type", zipType)
		hc.SetHeader("Content-Disposition", fmt.Sprintf("attachment; filename=%q", "parley-"+string(sess.ID)+".zip"))
		s.sendArchive(humafiber.Unwrap(hc), archive, func() { s.exports.give(address, size) })
	}}, nil
}

const zipType = "application/zip"

// sendArchive writes the archive in a goroutine that ends with the answer: when its client leaves,
// ctx ends and the reader is closed. An interrupted archive has no zip index, so no reader takes it
// for complete. done is called when the archive is no longer needed.
func (s *Server) sendArchive(c *fiber.Ctx, a export.Archive, done func()) {
	ctx, cancel := context.WithTimeout(context.Background(), exportTimeout)
	body := fasthttp.NewStreamReader(func(w *bufio.Writer) {
		defer done()
		defer func() {
			if v := recover(); v != nil {
				s.log.Error("archive panicked", "session", a.ID, "panic", v, "stack", string(debug.Stack()))
			}
		}()
		if err := s.turns.write(w, func(w io.Writer) error { return a.Write(ctx, w) }); err != nil {
			s.log.Debug("archive not sent", "session", a.ID, "err", err)
		}
	})
	_ = sendPaced(c, body, -1, exportTimeout, cancel) // never fails
}

// archive collects the content of the zip, and what its timeline takes in memory while it is
// written. Only interviewers get what is private.
func (s *Server) archive(ctx context.Context, sess session.Session, caller session.Participant) (a export.Archive, held int, err error) {
	if a, err = s.archiveParts(ctx, sess, caller); err != nil {
		return a, 0, err
	}
	if sess.Records() == session.RecordNothing || !caller.Role.CanManage() && (sess.Replays() != session.ReplayAll || sess.Status != session.Ended) {
		return a, 0, nil
	}
	address := limitKey(clientOf(ctx))
	if err := s.reading.wait(ctx, address, 1); err != nil {
		return a, 0, err
	}
	defer s.reading.give(address, 1)
	lines, err := s.readTimeline(ctx, sess)
	if err != nil {
		return a, 0, err
	}
	a.Timeline = func(ctx context.Context, w io.Writer, private bool) error {
		if private {
			return lines.Private().Write(ctx, w)
		}
		return lines.Public().Write(ctx, w)
	}
	held, err = timelineSize(ctx, lines)
	return a, held, err
}

// archiveParts is archive without the timeline.
func (s *Server) archiveParts(ctx context.Context, sess session.Session, caller session.Participant) (export.Archive, error) {
	shown, err := s.show(ctx, sess, caller)
	if err != nil {
		return export.Archive{}, err
	}
	address := limitKey(clientOf(ctx))
	if err := s.reading.wait(ctx, address, 1); err != nil {
		return export.Archive{}, err
	}
	defer s.reading.give(address, 1)
	// A document may hold 100,000 entries, and the room must not wait for the reading of them all.
	copied, err := s.opts.Relay.Copy(ctx, relay.RoomID{Session: string(sess.ID)}, s.sight(sess, caller))
	if err != nil {
		return export.Archive{}, fmt.Errorf("read document: %w", err)
	}
	doc, err := export.ReadDocument(copied)
	if err != nil {
		return export.Archive{}, fmt.Errorf("read document: %w", err)
	}
	events, err := s.opts.Audit.Events(ctx, string(sess.ID))
	if err != nil {
		return export.Archive{}, err
	}
	a := export.Archive{
		ID: shown.ID, Title: shown.Title, Status: string(shown.Status), CreatedAt: shown.CreatedAt, ExportedAt: time.Now(),
		Document: doc, Events: events, Session: shown, Participants: shown.Participants, Private: caller.Role.CanManage(),
	}
	if caller.Role.CanManage() {
		notes := relay.RoomID{Session: string(sess.ID), Doc: access.NotesDoc}
		if err := s.opts.Relay.View(ctx, notes, relay.Sight{}, func(d *crdt.Doc) { a.Notes = d.Text(access.NotesDoc).String() }); err != nil {
			return export.Archive{}, fmt.Errorf("read notes: %w", err)
		}
	}
	if caller.Role.CanManage() {
		if a.Questions, err = s.askedFiles(ctx, sess); err != nil {
			return export.Archive{}, err
		}
		if a.Scorecards, err = s.bookOf(ctx, sess, caller); err != nil {
			return export.Archive{}, err
		}
	}
	for _, p := range shown.Participants {
		a.People = append(a.People, export.Person{ID: p.ID, Name: p.Name, Role: string(p.Role), JoinedAt: p.JoinedAt})
	}
	return a, nil
}
