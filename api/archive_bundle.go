package api

import (
	"context"
	"io"

	"parley/pkg/access"
	"parley/pkg/archive"
	"parley/pkg/session"
)

// archiver stands for the archive: an interviewer who sees everything. Nobody has its id.
var archiver = session.Participant{ID: "archive", Role: access.Interviewer}

// Bundle returns what is archived of a session that has ended: what an interviewer would export. As
// long as nothing is added to the session, its bytes are the same each time.
func (s *Server) Bundle(ctx context.Context, sess session.Session) (archive.Bundle, error) {
	base := sess.Base
	if s.opts.PublicURL != "" {
		base = s.opts.PublicURL
	}
	ctx = context.WithValue(ctx, baseKey{}, base)
	zip, _, err := s.archive(ctx, sess, archiver)
	if err != nil {
		return archive.Bundle{}, err
	}
	zip.ExportedAt = sess.UpdatedAt
	shown, _ := zip.Session.(Session)
	for i := range shown.Participants { // who is connected just now is no part of the interview
		shown.Participants[i].Online = false
	}
	zip.Session, zip.Participants = shown, shown.Participants
	return archive.Bundle{
		Language: shown.Language,
		Write:    func(ctx context.Context, w io.Writer) error { return zip.Write(ctx, w) },
	}, nil
}
