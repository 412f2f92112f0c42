package api_test

import (
	"slices"
	"testing"
	"time"

	"parley/api"
	"parley/pkg/archive"
	"parley/pkg/session"
)

// The list of what is archived has what a person may open, and goes on when the sessions are gone.
func TestMyArchivedInterviews(t *testing.T) {
	t.Parallel()
	var s *service
	var kept *archive.Archive
	tune := withArchive(t, &s)
	s = byHeader(t, func(o *api.Options) {
		tune(o)
		kept = o.Archive
	})
	ada := sameOrigin(s.signInAs(t, "ada", "Remote-Groups", "backend"))
	bob := sameOrigin(s.signInAs(t, "bob", "Remote-Groups", "backend"))
	cyn := sameOrigin(s.signInAs(t, "cyn", "Remote-Groups", "admins"))
	over := func(headers []string, body map[string]any) string {
		t.Helper()
		s.advance(time.Second)
		a := s.do(t, "POST", "/api/v1/sessions", "", body, headers...)
		a.want(t, "create", 201, "")
		made := decode[api.NewSession](t, a)
		s.advance(time.Second)
		s.end(t, made.ID, made.Token)
		s.archiveAll(t, kept, made.ID)
		return made.ID
	}
	one := over(ada, map[string]any{"title": "One", "external_id": "cand-1"})
	over(bob, map[string]any{"title": "Two", "team": "backend"})
	over(cyn, map[string]any{"title": "Three"})
	s.do(t, "POST", "/api/v1/sessions", "", map[string]any{"title": "Live"}, ada...).want(t, "create", 201, "")
	want := func(what, query string, headers []string, titles ...string) {
		t.Helper()
		if got := s.mine(t, query, headers); !slices.Equal(got, titles) {
			t.Errorf("%s: %q, want %q", what, got, titles)
		}
	}
	item := func(query string) api.MyInterview {
		t.Helper()
		page := decode[api.MyInterviews](t, s.do(t, "GET", "/api/v1/me/sessions?q=cand-1"+query, "", nil, ada...))
		if len(page.Items) != 1 {
			t.Fatalf("%s finds %d", query, len(page.Items))
		}
		return page.Items[0]
	}
	stored, archived := item("&state=ended"), item("&state=archived")
	if !stored.Archived || !stored.DeleteAfter.Equal(archived.DeleteAfter) || !stored.EndedAt.Equal(archived.EndedAt) {
		t.Errorf("ended %+v, archived %+v", stored, archived)
	}
	if archived.ID != one || !archived.Mine || !archived.Archived || archived.DeleteAfter.IsZero() || !archived.ExpiresAt.IsZero() || archived.Status != session.Ended {
		t.Errorf("archived %+v", archived)
	}
	want("ada", "&state=archived", ada, "Two", "One")
	want("bob", "&state=archived", bob, "Two")
	want("the admin", "&state=archived", cyn, "Three", "Two", "One")
	want("search", "&state=archived&q=CAND", ada, "One")
	s.do(t, "GET", "/api/v1/me/sessions?state=archived", "", nil).want(t, "nobody", 401, "sign_in_required")
	s.do(t, "GET", "/api/v1/me/sessions?state=archived&cursor=x", "", nil, ada...).want(t, "cursor", 422, "invalid_input")

	s.do(t, "PATCH", "/api/v1/archive/"+one, "", map[string]any{"hold": true}, ada...).want(t, "hold", 200, "")
	if stored, archived = item("&state=ended"), item("&state=archived"); !stored.Hold || !archived.Hold {
		t.Errorf("held: ended %v, archived %v", stored.Hold, archived.Hold)
	}
	s.do(t, "DELETE", "/api/v1/archive/"+one, "", nil, ada...).want(t, "delete what is held", 409, "held")
	s.do(t, "PATCH", "/api/v1/archive/"+one, "", map[string]any{"hold": false}, ada...).want(t, "hold no longer", 200, "")
	s.advance(sessionTTL + time.Minute)
	ada = sameOrigin(s.signInAs(t, "ada", "Remote-Groups", "backend"))
	want("no session is left", "", ada)
	want("the archive goes on", "&state=archived", ada, "Two", "One")
	s.do(t, "DELETE", "/api/v1/archive/"+one, "", nil, ada...).want(t, "delete", 204, "")
	want("deleted", "&state=archived", ada, "Two")
}

// A service without an archive lists nothing there.
func TestMyArchiveThatIsOff(t *testing.T) {
	t.Parallel()
	s := byHeader(t, nil)
	if got := s.mine(t, "&state=archived", sameOrigin(s.signInAs(t, "ada"))); len(got) != 0 {
		t.Errorf("the list has %q", got)
	}
}
