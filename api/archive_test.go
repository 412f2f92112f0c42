package api_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"parley/api"
	"parley/pkg/access"
	"parley/pkg/archive"
	"parley/pkg/archive/dirstore"
	"parley/pkg/export"
	"parley/pkg/session"
)

// withArchive gives a service an archive in a directory, and an API key.
func withArchive(t *testing.T, s **service) func(*api.Options) {
	t.Helper()
	objects, err := dirstore.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { objects.Close() })
	return func(o *api.Options) {
		withKey(o)
		now := func() time.Time { return (*s).clock() }
		o.Archive = archive.New(objects, archive.Options{Retention: 24 * time.Hour, Now: now, Logger: slog.New(slog.DiscardHandler)})
	}
}

// archiveAll archives a session as the writer does.
func (s *service) archiveAll(t *testing.T, a *archive.Archive, id string) archive.Sidecar {
	t.Helper()
	sess, err := s.sessions.Stored(t.Context(), session.ID(id))
	if err != nil {
		t.Fatal(err)
	}
	bundle, err := s.server.Bundle(t.Context(), sess)
	if err != nil {
		t.Fatal(err)
	}
	side, err := a.Write(t.Context(), archive.Describe(sess), bundle.Write)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.sessions.NoteArchived(t.Context(), sess.ID, sess.UpdatedAt); err != nil {
		t.Fatal(err)
	}
	return side
}

// gatherWith is gather where creating a session needs a key.
func (s *service) gatherWith(t *testing.T, key string, body any) people {
	t.Helper()
	a := s.do(t, "POST", "/api/v1/sessions", key, body)
	a.want(t, "create", 201, "")
	made := decode[api.NewSession](t, a)
	p := people{id: made.ID, created: made, token: map[string]string{"interviewer": made.Token}, pid: map[string]string{"interviewer": made.Participant.ID}}
	for role, link := range map[string]string{"candidate": made.Invites.Candidate, "observer": made.Invites.Observer} {
		j := s.join(t, link, "The "+role)
		p.token[role], p.pid[role] = j.Token, j.Participant.ID
	}
	return p
}

// Who has led an interview, or has an API key, may do all with it once it is archived. Nobody else
// may do anything.
func TestArchiveDoors(t *testing.T) {
	t.Parallel()
	var s *service
	var kept *archive.Archive
	tune := withArchive(t, &s)
	s = newService(t, func(o *api.Options) {
		tune(o)
		kept = o.Archive
	})
	p := s.gatherWith(t, apiKey, map[string]string{"title": "T", "code": "a\n"})
	other := s.gatherWith(t, apiKey, nil)
	for _, id := range []string{p.id, other.id} {
		s.end(t, id, map[string]string{p.id: p.token["interviewer"], other.id: other.token["interviewer"]}[id])
		s.archiveAll(t, kept, id)
	}
	claims := func(key []byte, participant string) string {
		tokens, err := access.NewTokens(key, s.clock)
		if err != nil {
			t.Fatal(err)
		}
		token, err := tokens.Issue(access.Claims{Session: p.id, Participant: participant, Expires: p.created.ExpiresAt})
		if err != nil {
			t.Fatal(err)
		}
		return token
	}
	forged, stranger := claims(access.NewSecret(), p.pid["interviewer"]), claims(s.secret, "0000000000000000")
	path := "/api/v1/archive/" + p.id
	operations := []struct {
		method, path string
		body         any
	}{
		{"GET", path, nil}, {"GET", path + "/bundle", nil}, {"PATCH", path, map[string]any{"retention_days": 9}},
		{"POST", path + "/participants/" + p.pid["candidate"] + "/forget", nil}, {"DELETE", path, nil},
	}
	for _, live := range []bool{true, false} {
		if !live {
			s.advance(sessionTTL + time.Minute) // the tokens have expired
		}
		for _, op := range operations {
			for name, c := range map[string]struct {
				token  string
				status int
				code   string
			}{
				"nobody": {"", 401, "token_required"}, "candidate": {p.token["candidate"], 403, "forbidden"}, "observer": {p.token["observer"], 403, "forbidden"},
				"an interviewer elsewhere": {other.token["interviewer"], 401, "token_invalid"}, "a forged token": {forged, 401, "token_invalid"},
				"a token of nobody": {stranger, 401, "token_invalid"}, "a wrong key": {"wrong-key-wrong-key", 401, "token_invalid"},
			} {
				s.do(t, op.method, op.path, c.token, op.body).want(t, fmt.Sprint(name, " ", op.method, " ", op.path, " live ", live), c.status, c.code)
			}
		}
		for _, token := range []string{p.token["interviewer"], apiKey} {
			for _, op := range operations[:3] {
				if a := s.do(t, op.method, op.path, token, op.body); a.status != 200 {
					t.Errorf("%s %s: %s", op.method, op.path, a)
				}
			}
		}
	}
	s.do(t, "GET", "/api/v1/archive", p.token["interviewer"], nil).want(t, "list by token", 401, "api_key_invalid")
	s.do(t, "GET", "/api/v1/archive", "", nil).want(t, "list by nobody", 401, "api_key_required")
	s.do(t, "GET", "/api/v1/archive?cursor=x", apiKey, nil).want(t, "cursor", 422, "invalid_input")
	s.do(t, "GET", "/api/v1/archive?limit=0", apiKey, nil).want(t, "limit", 422, "invalid_input")
	s.do(t, "GET", "/api/v1/archive?from=x", apiKey, nil).want(t, "from", 422, "invalid_input")
	s.do(t, "PATCH", path, apiKey, map[string]any{"retention_days": -1}).want(t, "retention", 422, "invalid_input")
	s.do(t, "GET", "/api/v1/archive/ffffffff", apiKey, nil).want(t, "unknown", 404, "not_archived")
	list := decode[api.ArchiveList](t, s.do(t, "GET", "/api/v1/archive?q=T&limit=1", apiKey, nil))
	if len(list.Items) != 1 || list.Cursor == "" || list.Items[0].Hold {
		t.Errorf("list %+v", list)
	}
	s.do(t, "DELETE", path, p.token["interviewer"], nil).want(t, "delete", 204, "")
	s.do(t, "GET", path, p.token["interviewer"], nil).want(t, "deleted", 410, "session_gone")
	s.do(t, "DELETE", path, apiKey, nil).want(t, "delete again", 410, "session_gone")
	if log := s.log.String(); !strings.Contains(log, "event=deleted") {
		t.Error("the log has no proof of the deletion")
	}
}

// Without an archive every operation says so, and the configuration does.
func TestNoArchive(t *testing.T) {
	t.Parallel()
	s := newService(t, withKey)
	for _, path := range []string{"", "/aaaa0001", "/aaaa0001/bundle"} {
		s.do(t, "GET", "/api/v1/archive"+path, apiKey, nil).want(t, path, 404, "archive_off")
	}
}

// A bundle is an export that an interviewer would get. The same session gives the same bytes.
func TestBundleIsAnExport(t *testing.T) {
	t.Parallel()
	s := newService(t, nil)
	p := s.gather(t, map[string]string{"title": "T", "code": "a\n"})
	s.end(t, p.id, p.token["interviewer"])
	write := func() []byte {
		sess, err := s.sessions.Stored(t.Context(), session.ID(p.id))
		if err != nil {
			t.Fatal(err)
		}
		bundle, err := s.server.Bundle(t.Context(), sess)
		if err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		if err := bundle.Write(t.Context(), &out); err != nil {
			t.Fatal(err)
		}
		return out.Bytes()
	}
	first := write()
	s.advance(time.Minute)
	if again := write(); !bytes.Equal(first, again) {
		t.Error("the same session gives other bytes")
	}
	if err := export.Check(bytes.NewReader(first), int64(len(first))); err != nil {
		t.Error(err)
	}
}
