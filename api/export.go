package api

import (
	"bufio"
	"context"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humafiber"

	"parley/crdt"
	"parley/pkg/access"
	"parley/pkg/audit"
	"parley/pkg/export"
	"parley/pkg/relay"
	"parley/pkg/session"
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
	archive, err := s.archive(ctx, sess, caller)
	if err != nil {
		return nil, err
	}
	return &huma.StreamResponse{Body: func(hc huma.Context) {
		hc.SetHeader("Content-Type", zipType)
		hc.SetHeader("Content-Disposition", fmt.Sprintf("attachment; filename=%q", "parley-"+string(sess.ID)+".zip"))
		humafiber.Unwrap(hc).Context().SetBodyStreamWriter(func(w *bufio.Writer) { s.writeArchive(archive, w) })
	}}, nil
}

const zipType = "application/zip"

// writeArchive runs in a goroutine of Fiber, which ends with the answer. An interrupted archive has
// no zip index, so no reader takes it for complete.
func (s *Server) writeArchive(a export.Archive, w *bufio.Writer) {
	defer func() {
		if v := recover(); v != nil {
			s.log.Error("archive panicked", "session", a.ID, "panic", v, "stack", string(debug.Stack()))
		}
	}()
	if err := a.Write(w); err != nil {
		s.log.Debug("archive not sent", "session", a.ID, "err", err)
	}
}

// archive collects the content of the zip. Only interviewers get the addresses and the notes.
func (s *Server) archive(ctx context.Context, sess session.Session, caller session.Participant) (export.Archive, error) {
	shown, err := s.show(ctx, sess, caller)
	if err != nil {
		return export.Archive{}, err
	}
	var doc export.Document
	var failed error
	err = s.opts.Relay.View(ctx, relay.RoomID{Session: string(sess.ID)}, func(d *crdt.Doc) { doc, failed = export.ReadDocument(d) })
	if err != nil || failed != nil {
		return export.Archive{}, fmt.Errorf("read document: %w", firstOf(err, failed))
	}
	events, err := s.opts.Audit.Events(ctx, string(sess.ID))
	if err != nil {
		return export.Archive{}, err
	}
	if !caller.Role.CanManage() {
		for i := range events {
			events[i].From = ""
		}
	}
	a := export.Archive{
		ID: shown.ID, Title: shown.Title, Status: string(shown.Status), CreatedAt: shown.CreatedAt, ExportedAt: time.Now(),
		Document: doc, Events: events, Session: shown, Participants: shown.Participants,
	}
	if caller.Role.CanManage() {
		notes := relay.RoomID{Session: string(sess.ID), Doc: access.NotesDoc}
		if err := s.opts.Relay.View(ctx, notes, func(d *crdt.Doc) { a.Notes = d.Text(access.NotesDoc).String() }); err != nil {
			return export.Archive{}, fmt.Errorf("read notes: %w", err)
		}
	}
	for _, p := range shown.Participants {
		a.People = append(a.People, export.Person{ID: p.ID, Name: p.Name, Role: string(p.Role), JoinedAt: p.JoinedAt})
	}
	return a, nil
}

func firstOf(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
