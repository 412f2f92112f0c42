package api

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humafiber"

	"parley/pkg/archive"
	"parley/pkg/audit"
	"parley/pkg/export"
	"parley/pkg/scorecard"
	"parley/pkg/session"
)

// oldBook returns the book of an interview that only the archive has: what was added since, else
// what its bundle has.
func (s *Server) oldBook(ctx context.Context, side archive.Sidecar) (b scorecard.Book, err error) {
	raw, err := s.opts.Archive.Added(ctx, side)
	switch {
	case err != nil:
		return b, unreached(err)
	case raw != nil:
		b, err = scorecard.Parse(raw)
	default:
		err = s.withBundle(ctx, side, func(r io.Reader) error {
			b, err = export.Scorecards(r)
			return err
		})
	}
	if err != nil {
		return b, unreached(err)
	}
	if len(b.Rubric.Criteria) == 0 {
		b.Extend(s.generalRubric())
	}
	return b, nil
}

// withBundle calls do with the bundle of an archived interview, while there is memory for it.
func (s *Server) withBundle(ctx context.Context, side archive.Sidecar, do func(io.Reader) error) error {
	size, address := int(exportFactor*side.Bytes+exportLeast), limitKey(clientOf(ctx))
	if !s.exports.take(address, size) {
		return errBusy
	}
	defer s.exports.give(address, size)
	r, err := s.opts.Archive.Open(ctx, side)
	if err != nil {
		return err
	}
	return errors.Join(do(r), r.Close())
}

// changeOld changes the book of an interview that only the archive has. One change at a time is
// made, over all nodes.
func (s *Server) changeOld(ctx context.Context, side archive.Sidecar, change func(*scorecard.Book) error) error {
	select {
	case s.adding <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-s.adding }()
	return s.opts.Archiver.Alone(ctx, session.ID(side.ID), func(ctx context.Context) error {
		b, err := s.oldBook(ctx, side)
		if err != nil {
			return err
		}
		if err := change(&b); err != nil {
			return err
		}
		raw, err := b.Encode()
		if err != nil {
			return err
		}
		return unreached(s.opts.Archive.Add(ctx, side, raw))
	})
}

// forgetAuthor gives somebody another name in what was added to an archived interview.
func (s *Server) forgetAuthor(ctx context.Context, side archive.Sidecar, participant, name string) error {
	raw, err := s.opts.Archive.Added(ctx, side)
	if err != nil || raw == nil {
		return err
	}
	return s.changeOld(ctx, side, func(b *scorecard.Book) error {
		b.Forget(participant, name)
		return nil
	})
}

// seenBook returns what an archivist may see of the book of an archived interview, and whether the
// bundle has just that.
func (s *Server) seenBook(ctx context.Context, side archive.Sidecar, by archivist) (b scorecard.Book, same bool, err error) {
	person, all := reader(side, by, s.admin(ctx, by))
	raw, err := s.opts.Archive.Added(ctx, side)
	if err != nil || raw == nil && all {
		return b, true, err
	}
	if b, err = s.oldBook(ctx, side); err != nil || all {
		return b, false, err
	}
	return b.For(person), len(b.Cards) == 0 && len(b.Comments) == 0, nil
}

// sendBundleWith sends a bundle with another book in it.
func (s *Server) sendBundleWith(ctx context.Context, side archive.Sidecar, by archivist, b scorecard.Book) (*huma.StreamResponse, error) {
	size, address := int(exportFactor*side.Bytes+exportLeast), limitKey(clientOf(ctx))
	if !s.exports.take(address, size) {
		return nil, errBusy
	}
	free := func() { s.exports.give(address, size) }
	r, err := s.opts.Archive.Open(ctx, side)
	if err != nil {
		free()
		return nil, unreached(err)
	}
	var content bytes.Buffer
	if err := errors.Join(export.ReplaceScorecards(ctx, r, &content, b), r.Close()); err != nil {
		free()
		return nil, unreached(err)
	}
	s.note(ctx, by.by, audit.Event{Session: side.ID, Kind: audit.Exported, Detail: "archived bundle"})
	return &huma.StreamResponse{Body: func(hc huma.Context) {
		hc.SetHeader("Content-Type", zipType)
		hc.SetHeader("Content-Disposition", fmt.Sprintf("attachment; filename=%q", "parley-"+side.ID+".zip"))
		_ = sendPaced(humafiber.Unwrap(hc), &content, content.Len(), exportTimeout, free) // never fails
	}}, nil
}

// summariseArchived returns the summary of an interview that only the archive has.
func summariseArchived(base string, side archive.Sidecar) Summary {
	return Summary{
		ID: side.ID, URL: pageLink(base, session.ID(side.ID)), Title: side.Title, Status: session.Ended, CreatedAt: side.CreatedAt,
		CreatorID: side.CreatorID, ParticipantCount: len(side.Participants), CallURL: side.CallURL,
		Labels: Labels{Owner: session.UserID(side.Owner), ExternalID: side.ExternalID, Metadata: Metadata{session.Metadata(side.Metadata)}},
	}
}
