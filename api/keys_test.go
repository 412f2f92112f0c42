package api_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"parley/api"
	"parley/pkg/access"
)

const apiKey = "ats-key-0123456789"

func withKey(o *api.Options) { o.Keys = access.NewKeys([]string{"another-key-12345", apiKey}) }

// With API keys, creating a session needs a key. The holder of a key may list and delete all
// sessions, but not read their content.
func TestAPIKeys(t *testing.T) {
	t.Parallel()
	s := newService(t, withKey)
	create := func(token string) answer { return s.do(t, "POST", "/api/v1/sessions", token, nil) }
	create("").want(t, "create without", 401, "api_key_required")
	create("wrong-key-1234567").want(t, "create with a wrong one", 401, "api_key_invalid")
	a := create(apiKey)
	a.want(t, "create", 201, "")
	made := decode[api.NewSession](t, a)
	create(made.Token).want(t, "create with a participant's token", 401, "api_key_invalid")
	path := "/api/v1/sessions/" + made.ID
	s.do(t, "GET", path, apiKey, nil).want(t, "read with a key", 401, "token_invalid")
	s.do(t, "PATCH", path, apiKey, map[string]string{"title": "x"}).want(t, "change with a key", 401, "token_invalid")
	s.do(t, "GET", path, made.Token, nil).want(t, "read with the token", 200, "")
	s.join(t, made.Invites.Candidate, "Bo") // invites need no key
	s.do(t, "DELETE", path, "wrong-key-1234567", nil).want(t, "delete with a wrong one", 401, "token_invalid")
	s.do(t, "DELETE", path, apiKey, nil).want(t, "delete", 204, "")
	s.do(t, "DELETE", path, apiKey, nil).want(t, "delete twice", 410, "session_gone")
	s.do(t, "DELETE", "/api/v1/sessions/00000000", apiKey, nil).want(t, "delete an unknown session", 404, "session_not_found")
	s.do(t, "DELETE", "/api/v1/sessions/a.b", apiKey, nil).want(t, "delete a bad id", 404, "session_not_found")
	if m := asMap(t, s.do(t, "GET", "/api/v1/config", "", nil).body); m["create"] != "key" {
		t.Errorf("config is %v", m)
	}
	if log := s.log.String(); strings.Contains(log, apiKey) || strings.Contains(log, "wrong-key") {
		t.Error("a key is in the log")
	}
}

func TestListSessions(t *testing.T) {
	t.Parallel()
	s := newService(t, withKey)
	var want []string
	for range 5 {
		a := s.do(t, "POST", "/api/v1/sessions", apiKey, map[string]string{"title": "T", "code": "secret code"})
		want = append(want, decode[api.NewSession](t, a).ID)
	}
	slices.Sort(want)
	type page struct {
		Sessions   []map[string]any
		NextCursor string `json:"next_cursor"`
	}
	var got []string
	for query := "?limit=2"; query != ""; {
		a := s.do(t, "GET", "/api/v1/sessions"+query, apiKey, nil)
		a.want(t, "list "+query, 200, "")
		if strings.Contains(string(a.body), "secret code") || strings.Contains(string(a.body), "invites") {
			t.Errorf("the list shows too much: %s", a)
		}
		p := decode[page](t, a)
		for _, m := range p.Sessions {
			got = append(got, fmt.Sprint(m["id"]))
			if m["title"] != "T" || m["status"] != "active" || m["participant_count"] != 1.0 || m["url"] != s.url+"/s/"+fmt.Sprint(m["id"]) {
				t.Errorf("an entry is %v", m)
			}
		}
		if query = ""; p.NextCursor != "" {
			query = "?limit=2&cursor=" + p.NextCursor
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("listed %v, want %v", got, want)
	}
	for _, tc := range []struct {
		what, query, token string
		status             int
		code               string
	}{
		{"no key", "", "", 401, "api_key_required"},
		{"a wrong key", "", "wrong-key-1234567", 401, "api_key_invalid"},
		{"a bad cursor", "?cursor=a.b", apiKey, 422, "invalid_input"},
		{"no sessions asked for", "?limit=0", apiKey, 422, "invalid_input"},
		{"too many asked for", "?limit=201", apiKey, 422, "invalid_input"},
		{"not a number", "?limit=x", apiKey, 422, "invalid_input"},
	} {
		s.do(t, "GET", "/api/v1/sessions"+tc.query, tc.token, nil).want(t, tc.what, tc.status, tc.code)
	}
	s.advance(sessionTTL)
	if p := decode[page](t, s.do(t, "GET", "/api/v1/sessions", apiKey, nil)); len(p.Sessions) != 0 || p.NextCursor != "" {
		t.Errorf("expired sessions are listed: %+v", p)
	}
	none := newService(t, open)
	none.do(t, "GET", "/api/v1/sessions", apiKey, nil).want(t, "a service without keys", 401, "api_key_invalid")
}

// Wrong keys count like wrong invite codes on every route that takes a key. Each key has its own
// create limit.
func TestKeyRates(t *testing.T) {
	t.Parallel()
	s := newService(t, func(o *api.Options) {
		withKey(o)
		o.InviteFailures, o.CreateRate, o.KeyCreateRate = 3, 1, 2
	})
	for range 2 {
		s.do(t, "POST", "/api/v1/sessions", apiKey, nil).want(t, "create", 201, "")
	}
	s.do(t, "POST", "/api/v1/sessions", apiKey, nil).want(t, "a third", 429, "rate_limited")
	a := s.do(t, "POST", "/api/v1/sessions", "another-key-12345", nil)
	a.want(t, "another key", 201, "")
	path := "/api/v1/sessions/" + decode[api.NewSession](t, a).ID
	s.do(t, "POST", "/api/v1/sessions", "guess-1", nil).want(t, "guess 1", 401, "api_key_invalid")
	s.do(t, "GET", "/api/v1/sessions", "guess-2", nil).want(t, "guess 2", 401, "api_key_invalid")
	s.do(t, "DELETE", path, "guess-3", nil).want(t, "guess 3", 401, "token_invalid")
	for _, method := range []string{"GET", "POST"} {
		s.do(t, method, "/api/v1/sessions", apiKey, nil).want(t, method+" after that", 429, "rate_limited")
	}
	s.do(t, "DELETE", path, apiKey, nil).want(t, "delete after that", 429, "rate_limited")
}

func TestJoinRate(t *testing.T) {
	t.Parallel()
	s := newService(t, func(o *api.Options) { o.JoinRate = 2 })
	made := s.create(t, nil)
	for range 2 {
		s.join(t, made.Invites.Candidate, "Bo")
	}
	body := map[string]string{"invite": codeOf(made.Invites.Candidate), "name": "Bo"}
	s.do(t, "POST", "/api/v1/join", "", body).want(t, "a third", 429, "rate_limited")
	s.do(t, "POST", "/api/v1/sessions/"+made.ID+"/join", "", body).want(t, "with the session id", 429, "rate_limited")
}

// The number of sockets of one address is limited, refused sockets included. A closed socket frees
// its place.
func TestConnectionsPerAddress(t *testing.T) {
	t.Parallel()
	s := newService(t, func(o *api.Options) { o.MaxConns = 2 })
	p := s.gather(t, nil)
	first, second := s.dial(t, ws(p.id, "", p.token["candidate"])), s.dial(t, ws(p.id, "", p.token["observer"]))
	first.sync(t)
	second.sync(t)
	if reason := s.expectClose(t, ws(p.id, "", p.token["interviewer"]), 4529); reason == "" {
		t.Error("no reason is given")
	}
	second.sync(t)
	first.close()
	poll(t, "the place is free again", func() bool {
		return len(decode[struct{ Participants []api.Participant }](t, s.do(t, "GET", "/api/v1/sessions/"+p.id+"/participants", p.token["observer"], nil)).Participants) == 3 &&
			s.admits(t, ws(p.id, "", p.token["interviewer"]))
	})
}

// Only pages of the configured origins may use the API.
func TestCORS(t *testing.T) {
	t.Parallel()
	s := newService(t, func(o *api.Options) {
		o.Origins, o.PublicURL = []string{"https://ats.example"}, "https://parley.example"
	})
	for origin, allowed := range map[string]bool{
		"https://ats.example": true, "https://parley.example": true, "https://evil.example": false, "null": false,
		"http://ats.example": false, "https://ats.example.evil.example": false, "https://ats.example:444": false,
	} {
		want := ""
		if allowed {
			want = origin
		}
		a := s.do(t, "POST", "/api/v1/sessions", "", nil, "Origin", origin)
		a.want(t, origin, 201, "")
		if got := a.header.Get("Access-Control-Allow-Origin"); got != want || !strings.Contains(a.header.Get("Vary"), "Origin") || a.header.Get("Access-Control-Allow-Credentials") != "" {
			t.Errorf("%s: headers are %v", origin, a.header)
		}
		pre := s.do(t, "OPTIONS", "/api/v1/sessions/0a1b2c3d/code", "", nil, "Origin", origin, "Access-Control-Request-Method", "PUT")
		if got := pre.header.Get("Access-Control-Allow-Origin"); got != want || allowed != (pre.status == 204) || allowed != strings.Contains(pre.header.Get("Access-Control-Allow-Methods"), "PUT") {
			t.Errorf("%s: preflight gave %s, %v", origin, pre, pre.header)
		}
	}
	if a := s.do(t, "GET", "/healthz", "", nil, "Origin", "https://ats.example"); a.header.Get("Access-Control-Allow-Origin") != "" {
		t.Error("pages of other origins may read outside of the API")
	}
	if a := newService(t, open).do(t, "GET", "/api/v1/health", "", nil, "Origin", "https://evil.example"); a.header.Get("Access-Control-Allow-Origin") != "" {
		t.Error("open access lets every page use the API")
	}
}

// A participant who does not lead has fewer connections than an interviewer, so that the others
// find a place.
func TestConnectionsPerParticipant(t *testing.T) {
	t.Parallel()
	s := newService(t, func(o *api.Options) { o.MaxConns = 1000 })
	p := s.gather(t, nil)
	for role, most := range map[string]int{"candidate": 24, "interviewer": 64} {
		for range most {
			s.dial(t, ws(p.id, "lobby", p.token[role])).sync(t)
		}
		s.expectClose(t, ws(p.id, "lobby", p.token[role]), 4529)
	}
}
