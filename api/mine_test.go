package api_test

import (
	"slices"
	"testing"
	"time"

	"parley/api"
)

// mine lists the titles that a person sees.
func (s *service) mine(t *testing.T, query string, headers []string) []string {
	t.Helper()
	titles := []string{}
	for path := "/api/v1/me/sessions?limit=2" + query; path != ""; {
		a := s.do(t, "GET", path, "", nil, headers...)
		a.want(t, "list "+path, 200, "")
		page := decode[api.MyInterviews](t, a)
		for _, item := range page.Items {
			titles = append(titles, item.Title)
		}
		if path = ""; page.Cursor != "" {
			path = "/api/v1/me/sessions?limit=2" + query + "&cursor=" + page.Cursor
		}
	}
	return titles
}

// A person sees the own sessions, those that they lead, and those of their team. Administrators see
// all.
func TestMySessions(t *testing.T) {
	t.Parallel()
	s := byHeader(t, func(o *api.Options) { o.Questions = bank(t) })
	ada := sameOrigin(s.signInAs(t, "ada", "Remote-Groups", "backend"))
	bob := sameOrigin(s.signInAs(t, "bob", "Remote-Groups", "backend"))
	cyn := sameOrigin(s.signInAs(t, "cyn", "Remote-Groups", "admins"))
	create := func(headers []string, body map[string]any) api.NewSession {
		s.advance(time.Second)
		a := s.do(t, "POST", "/api/v1/sessions", "", body, headers...)
		a.want(t, "create", 201, "")
		return decode[api.NewSession](t, a)
	}
	one := create(ada, map[string]any{"title": "One", "external_id": "cand-1"})
	two := create(ada, map[string]any{"title": "Two", "start": "lobby", "question": "secrets", "language": "python"})
	create(bob, map[string]any{"title": "Three", "team": "backend"})
	create(cyn, map[string]any{"title": "Four"})
	s.do(t, "POST", "/api/v1/sessions", "", map[string]any{"team": "admins"}, ada...).want(t, "a team of others", 422, "invalid_input")
	want := func(what, query string, headers []string, titles ...string) {
		t.Helper()
		if got := s.mine(t, query, headers); !slices.Equal(got, titles) {
			t.Errorf("%s: %q, want %q", what, got, titles)
		}
	}
	want("ada", "", ada, "Three", "Two", "One")
	want("bob", "", bob, "Three")
	want("the admin", "", cyn, "Four", "Three", "Two", "One")
	want("prepared", "&state=prepared", ada, "Two")
	want("live", "&state=live", ada, "Three", "One")
	want("search", "&q=CAND", ada, "One")
	want("search for the question", "&q=SECRETS+two", ada, "Two")
	if item := decode[api.MyInterviews](t, s.do(t, "GET", "/api/v1/me/sessions?q=secrets", "", nil, ada...)).Items[0]; item.Question != "Secrets" {
		t.Errorf("the list says the question %q", item.Question)
	}
	s.do(t, "GET", "/api/v1/me/sessions", "", nil).want(t, "nobody", 401, "sign_in_required")
	s.do(t, "GET", "/api/v1/me/sessions?cursor=x", "", nil, ada...).want(t, "a bad cursor", 422, "invalid_input")
	s.do(t, "GET", "/api/v1/me/sessions?state=gone", "", nil, ada...).want(t, "a bad state", 422, "invalid_input")

	// bob leads one session of ada, and loses it when he is removed.
	a := s.do(t, "POST", "/api/v1/join", "", map[string]string{"invite": codeOf(one.Invites.Interviewer), "name": "Bob"}, bob...)
	a.want(t, "lead", 200, "")
	want("bob leads", "", bob, "Three", "One")
	pid := decode[api.Joined](t, a).Participant.ID
	s.do(t, "DELETE", "/api/v1/sessions/"+one.ID+"/participants/"+pid, one.Token, nil).want(t, "remove", 204, "")
	want("bob was removed", "", bob, "Three")

	// Sharing is for the owner.
	share := func(token string, headers []string, team string) answer {
		return s.do(t, "PATCH", "/api/v1/sessions/"+two.ID, token, map[string]any{"team": team}, headers...)
	}
	share(two.Token, nil, "backend").want(t, "share without sign-in", 401, "sign_in_required")
	share(two.Token, bob, "backend").want(t, "share what others own", 403, "forbidden")
	share(two.Token, ada, "admins").want(t, "share with a group of others", 422, "invalid_input")
	share(two.Token, ada, "backend").want(t, "share", 200, "")
	want("bob after sharing", "", bob, "Three", "Two")
	share(two.Token, ada, "").want(t, "share no longer", 200, "")
	want("bob after that", "", bob, "Three")
}

// A list leads back into its sessions from any browser, and only into those.
func TestOpenMySession(t *testing.T) {
	t.Parallel()
	s := byHeader(t, nil)
	ada, bob := sameOrigin(s.signInAs(t, "ada")), sameOrigin(s.signInAs(t, "bob"))
	cyn := sameOrigin(s.signInAs(t, "cyn", "Remote-Groups", "admins"))
	a := s.do(t, "POST", "/api/v1/sessions", "", nil, ada...)
	a.want(t, "create", 201, "")
	made := decode[api.NewSession](t, a)
	open := func(headers ...string) answer {
		return s.do(t, "POST", "/api/v1/me/sessions/"+made.ID+"/open", "", nil, headers...)
	}
	open().want(t, "nobody", 401, "sign_in_required")
	open(bob...).want(t, "somebody else", 403, "forbidden")
	a = open(ada...)
	a.want(t, "the owner", 200, "")
	if again := decode[api.Joined](t, a); again.Participant.ID != made.Participant.ID || len(again.Session.Participants) != 1 {
		t.Errorf("the owner is %+v", again)
	}
	for range 2 {
		a = open(cyn...)
		a.want(t, "an administrator", 200, "")
		if j := decode[api.Joined](t, a); j.Participant.Role != "interviewer" || len(j.Session.Participants) != 2 {
			t.Errorf("an administrator joins as %+v", j)
		}
	}
	s.do(t, "POST", "/api/v1/me/sessions/"+made.ID+"/open", "", nil, "Cookie", ada[1], "Sec-Fetch-Site", "cross-site").want(t, "another page", 403, "cross_site_request")
}

func TestClaimSession(t *testing.T) {
	t.Parallel()
	s := byHeader(t, withKey)
	a := s.do(t, "POST", "/api/v1/sessions", apiKey, map[string]string{"title": "From before"})
	a.want(t, "create", 201, "")
	made := decode[api.NewSession](t, a)
	candidate := s.join(t, made.Invites.Candidate, "Bo")
	ada, bob := sameOrigin(s.signInAs(t, "ada")), sameOrigin(s.signInAs(t, "bob"))
	claim := func(id, token string, headers []string) answer {
		return s.do(t, "POST", "/api/v1/me/sessions", "", map[string]string{"session": id, "token": token}, headers...)
	}
	claim(made.ID, made.Token, nil).want(t, "without sign-in", 401, "sign_in_required")
	claim(made.ID, candidate.Token, ada).want(t, "a candidate's token", 403, "forbidden")
	claim(made.ID, "x", ada).want(t, "no token", 401, "token_invalid")
	claim("00000000", made.Token, ada).want(t, "another session", 404, "session_not_found")
	a = claim(made.ID, made.Token, ada)
	a.want(t, "claim", 200, "")
	if m := decode[api.MyInterview](t, a); !m.Mine || m.Title != "From before" {
		t.Errorf("claimed %+v", m)
	}
	claim(made.ID, made.Token, bob).want(t, "claim what is claimed", 409, "already_claimed")
	if got := s.mine(t, "", ada); !slices.Equal(got, []string{"From before"}) {
		t.Errorf("the list has %q", got)
	}
	if got := s.mine(t, "", bob); len(got) != 0 {
		t.Errorf("the other list has %q", got)
	}
}
