package api_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"parley/api"
	"parley/crdt"
	"parley/pkg/relay"
	"parley/pkg/session"
)

func TestCreateEmptyAndReadBack(t *testing.T) {
	t.Parallel()
	s := newService(t, nil)
	for _, path := range []string{"/api/sessions/", "/api/sessions", "/api/v1/sessions/", "/api/v1/sessions"} {
		a := s.do(t, "POST", path, "", nil)
		a.want(t, "POST "+path, 201, "")
		made := decode[api.NewSession](t, a)
		if !regexp.MustCompile(`^[0-9a-f]{8}$`).MatchString(made.ID) || made.Token == "" || made.Status != session.Active || made.Language != "javascript" || made.Code == "" {
			t.Errorf("POST %s gave %s", path, a)
		}
		if got, want := a.header.Get("Location"), "/api/v1/sessions/"+made.ID; got != want {
			t.Errorf("Location %q, want %q", got, want)
		}
		if made.URL != s.url+"/s/"+made.ID || made.CreatorID != made.Participant.ID || made.Participant.Role != "interviewer" {
			t.Errorf("POST %s gave %s", path, a)
		}
		for _, link := range []string{made.Invites.Interviewer, made.Invites.Candidate, made.Invites.Observer} {
			if !regexp.MustCompile(`^` + regexp.QuoteMeta(s.url) + `/j/([0-9a-hjkmnp-tv-z]{4}-){2}[0-9a-hjkmnp-tv-z]{4}$`).MatchString(link) {
				t.Errorf("invite link %q", link)
			}
		}
		for _, back := range []string{path + "/" + made.ID, path + "/" + made.ID + "/"} {
			back = strings.ReplaceAll(back, "//", "/")
			got := s.do(t, "GET", back, made.Token, nil)
			got.want(t, "GET "+back, 200, "")
			if shown, want := asMap(t, got.body), shownPart(t, a.body); fmt.Sprint(shown) != fmt.Sprint(want) {
				t.Errorf("GET %s gave\n%v, want\n%v", back, shown, want)
			}
		}
	}
}

func asMap(t *testing.T, raw []byte) map[string]any {
	t.Helper()
	var m map[string]any
	if err := json.Unmarshal(raw, &m); err != nil {
		t.Fatal(err)
	}
	return m
}

// shownPart is the answer of a create, without the fields that only the creator gets.
func shownPart(t *testing.T, raw []byte) map[string]any {
	t.Helper()
	m := asMap(t, raw)
	for _, k := range []string{"token", "participant", "invites"} {
		delete(m, k)
	}
	return m
}

// The names of the fields are a contract.
func TestFieldNames(t *testing.T) {
	t.Parallel()
	s := newService(t, nil)
	a := s.do(t, "POST", "/api/v1/sessions", "", map[string]any{
		"title": "Backend", "language": "python", "code": "print(1)\r\n", "start": "lobby",
		"creator": map[string]string{"name": "Ada", "color": "#ABCDEF"},
	})
	a.want(t, "create", 201, "")
	m := asMap(t, a.body)
	for key, want := range map[string]any{
		"title": "Backend", "language": "python", "code": "print(1)\n", "status": "waiting",
	} {
		if m[key] != want {
			t.Errorf("%s is %v, want %v", key, m[key], want)
		}
	}
	keys := func(v any) []string {
		var out []string
		for k := range v.(map[string]any) {
			out = append(out, k)
		}
		slices.Sort(out)
		return out
	}
	sessionKeys := []string{"admission", "code", "created_at", "creator_id", "expires_at", "id", "language", "participants", "record", "replay", "status", "title", "updated_at", "url"}
	personKeys := []string{"color", "id", "joined_at", "name", "online", "role", "waiting"}
	if got, want := keys(m), append(slices.Clone(sessionKeys), "invites", "participant", "token"); fmt.Sprint(got) != fmt.Sprint(sorted(want)) {
		t.Errorf("create has %v, want %v", got, sorted(want))
	}
	if got := keys(m["participant"]); fmt.Sprint(got) != fmt.Sprint(personKeys) {
		t.Errorf("participant has %v, want %v", got, personKeys)
	}
	if p := m["participant"].(map[string]any); p["name"] != "Ada" || p["color"] != "#abcdef" {
		t.Errorf("participant is %v", p)
	}
	made := decode[api.NewSession](t, a)
	j := s.do(t, "POST", "/api/v1/join", "", map[string]string{"invite": codeOf(made.Invites.Observer), "name": "Bo"})
	j.want(t, "join", 200, "")
	jm := asMap(t, j.body)
	if got := keys(jm); fmt.Sprint(got) != "[participant session token]" {
		t.Errorf("join has %v", got)
	}
	if got := keys(jm["session"]); fmt.Sprint(got) != fmt.Sprint(sessionKeys) {
		t.Errorf("session has %v, want %v", got, sessionKeys)
	}
}

func sorted(s []string) []string {
	slices.Sort(s)
	return s
}

func TestJoin(t *testing.T) {
	t.Parallel()
	s := newService(t, nil)
	made, other := s.create(t, nil), s.create(t, nil)
	code := codeOf(made.Invites.Candidate)
	for _, spelled := range []string{code, strings.ToUpper(code), strings.ReplaceAll(code, "-", ""), " " + code + " ",
		made.Invites.Candidate, " " + made.Invites.Candidate + "/\n", made.Invites.Candidate + "?utm_source=mail#top", "/j/" + code,
	} {
		for _, path := range []string{"/api/v1/join", "/api/join/", "/api/v1/sessions/" + made.ID + "/join", "/api/sessions/" + made.ID + "/join/"} {
			a := s.do(t, "POST", path, "", map[string]string{"invite": spelled, "name": "Bo", "color": "#00ff00"})
			a.want(t, "POST "+path, 200, "")
			j := decode[api.Joined](t, a)
			if j.Session.ID != made.ID || j.Participant.Role != "candidate" || j.Participant.Name != "Bo" || j.Participant.Color != "#00ff00" {
				t.Errorf("POST %s gave %s", path, a)
			}
			s.do(t, "GET", "/api/v1/sessions/"+made.ID, j.Token, nil).want(t, "read with the new token", 200, "")
			s.do(t, "GET", "/api/v1/sessions/"+other.ID, j.Token, nil).want(t, "read another session", 401, "token_invalid")
		}
	}
	inOther := "/api/v1/sessions/" + other.ID + "/join"
	for _, tc := range []struct {
		what, path string
		body       any
		status     int
		code       string
	}{
		{"another session's code", inOther, map[string]string{"invite": code, "name": "Eve"}, 403, "invite_invalid"},
		{"no code", inOther, map[string]string{"name": "Eve"}, 403, "invite_required"},
		{"a made-up code", "/api/v1/join", map[string]string{"invite": "0000-0000-0000", "name": "Eve"}, 403, "invite_invalid"},
		{"not a code", "/api/v1/join", map[string]string{"invite": "hello", "name": "Eve"}, 403, "invite_invalid"},
		{"no name", "/api/v1/join", map[string]string{"invite": code}, 422, "invalid_input"},
		{"an empty name", "/api/v1/join", map[string]string{"invite": code, "name": " \u202e"}, 422, "invalid_input"},
		{"a long name", "/api/v1/join", map[string]string{"invite": code, "name": strings.Repeat("x", 41)}, 422, "invalid_input"},
		{"a bad colour", "/api/v1/join", map[string]string{"invite": code, "name": "Eve", "color": "no colour"}, 422, "invalid_input"},
		{"an unknown session", "/api/v1/sessions/00000000/join", map[string]string{"name": "Eve"}, 404, "session_not_found"},
		{"an unknown session, with a code", "/api/v1/sessions/00000000/join", map[string]string{"invite": code, "name": "Eve"}, 404, "session_not_found"},
	} {
		s.do(t, "POST", tc.path, "", tc.body).want(t, tc.what, tc.status, tc.code)
	}
}

// Every operation on a session, for every kind of caller.
func TestWhoMayWhat(t *testing.T) {
	t.Parallel()
	s := newService(t, nil)
	other := s.create(t, nil)
	doors := []struct {
		method, path string
		body         any
		may          []string
		status       int
	}{
		{"GET", "", nil, []string{"interviewer", "candidate", "observer"}, 200},
		{"GET", "/participants", nil, []string{"interviewer", "candidate", "observer"}, 200},
		{"PATCH", "", map[string]string{"title": "x"}, []string{"interviewer"}, 200},
		{"PATCH", "", map[string]string{"status": "ended"}, []string{"interviewer"}, 200},
		{"DELETE", "", nil, []string{"interviewer"}, 204},
	}
	for _, door := range doors {
		for _, role := range []string{"interviewer", "candidate", "observer"} {
			p := s.gather(t, nil)
			path := "/api/v1/sessions/" + p.id + door.path
			what := fmt.Sprintf("%s %s %v as %s", door.method, door.path, door.body, role)
			s.do(t, door.method, path, "", door.body).want(t, what+" without a token", 401, "token_required")
			s.do(t, door.method, path, "nonsense", door.body).want(t, what+" with nonsense", 401, "token_invalid")
			s.do(t, door.method, path, other.Token, door.body).want(t, what+" with another session's token", 401, "token_invalid")
			if a := s.do(t, door.method, path, "", door.body); a.header.Get("Www-Authenticate") != "Bearer" {
				t.Errorf("%s: 401 does not say how to authenticate", what)
			}
			a := s.do(t, door.method, path, p.token[role], door.body)
			if slices.Contains(door.may, role) {
				a.want(t, what, door.status, "")
			} else {
				a.want(t, what, 403, "forbidden")
			}
		}
	}
}

// The token of a removed participant is refused, though its signature is valid.
func TestRemovedParticipant(t *testing.T) {
	t.Parallel()
	s := newService(t, nil)
	p := s.gather(t, nil)
	if _, err := s.store.Update(t.Context(), session.ID(p.id), func(sess *session.Session) error {
		sess.Participants = slices.DeleteFunc(sess.Participants, func(x session.Participant) bool { return string(x.ID) == p.pid["candidate"] })
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	s.do(t, "GET", "/api/v1/sessions/"+p.id, p.token["candidate"], nil).want(t, "removed", 401, "token_invalid")
	s.do(t, "GET", "/api/v1/sessions/"+p.id, p.token["observer"], nil).want(t, "another", 200, "")
}

func TestLobbyHidesTheCode(t *testing.T) {
	t.Parallel()
	s := newService(t, nil)
	p := s.gather(t, map[string]string{"start": "lobby", "code": "the task"})
	path := "/api/v1/sessions/" + p.id
	see := func(role string) string {
		t.Helper()
		a := s.do(t, "GET", path, p.token[role], nil)
		a.want(t, role, 200, "")
		return decode[api.Session](t, a).Code
	}
	if see("candidate") != "" || see("observer") != "" || see("interviewer") != "the task" {
		t.Error("before the start only the interviewer sees the code")
	}
	s.do(t, "PATCH", path, p.token["interviewer"], map[string]string{"status": "active"}).want(t, "start", 200, "")
	if see("candidate") != "the task" || see("observer") != "the task" {
		t.Error("after the start everybody sees the code")
	}
	s.do(t, "PATCH", path, p.token["interviewer"], map[string]string{"status": "waiting"}).want(t, "back", 409, "status_conflict")
	s.do(t, "PATCH", path, p.token["interviewer"], map[string]string{"status": "paused"}).want(t, "unknown", 422, "invalid_input")
	s.do(t, "PATCH", path, p.token["interviewer"], map[string]string{"title": strings.Repeat("x", 201)}).want(t, "title", 422, "invalid_input")
}

// The API shows the live document.
func TestCodeIsLive(t *testing.T) {
	t.Parallel()
	s := newService(t, nil)
	made := s.create(t, map[string]string{"code": "one"})
	err := s.relay.Edit(t.Context(), relay.RoomID{Session: made.ID}, "", func(d *crdt.Doc) error {
		entry, ok := d.Map("files").Get("main").(*crdt.Map)
		if !ok {
			return errors.New("no file main")
		}
		return errors.Join(d.Text("file:main").Insert(3, " two"), entry.Set("language", "python"))
	})
	if err != nil {
		t.Fatal(err)
	}
	got := decode[api.Session](t, s.do(t, "GET", "/api/v1/sessions/"+made.ID, made.Token, nil))
	if got.Code != "one two" || got.Language != "python" {
		t.Errorf("code %q, language %q", got.Code, got.Language)
	}
}

func TestDeletedAndExpired(t *testing.T) {
	t.Parallel()
	s := newService(t, nil)
	deleted, expired := s.create(t, nil), s.create(t, nil)
	s.do(t, "DELETE", "/api/v1/sessions/"+deleted.ID, deleted.Token, nil).want(t, "delete", 204, "")
	gone := func(when string, made api.NewSession, status int, code string) {
		t.Helper()
		for _, token := range []string{made.Token, ""} {
			s.do(t, "GET", "/api/sessions/"+made.ID, token, nil).want(t, when+": read", status, code)
			s.do(t, "GET", "/api/v1/sessions/"+made.ID+"/participants", token, nil).want(t, when+": participants", status, code)
		}
		s.do(t, "POST", "/api/v1/sessions/"+made.ID+"/join", "", map[string]string{"name": "x"}).want(t, when+": join", status, code)
		byCode := map[string]string{"name": "x", "invite": made.Invites.Candidate}
		if status == 404 {
			status, code = 403, "invite_invalid" // nobody knows any longer what the code was of
		}
		s.do(t, "POST", "/api/v1/join", "", byCode).want(t, when+": join by the code", status, code)
		s.do(t, "POST", "/api/v1/join/preview", "", map[string]string{"invite": made.Invites.Candidate}).want(t, when+": look at the code", status, code)
	}
	gone("deleted", deleted, 410, "session_gone")
	s.advance(sessionTTL)
	gone("expired, not swept", expired, 410, "session_gone")
	sweep := func() {
		t.Helper()
		if err := s.sessions.Sweep(t.Context(), s.store, nil, func(session.Session) {}); err != nil {
			t.Fatal(err)
		}
	}
	sweep()
	gone("expired, swept", expired, 410, "session_gone")
	s.advance(session.GoneFor)
	sweep()
	gone("a week later", expired, 404, "session_not_found")
	gone("a week later", deleted, 404, "session_not_found")
}

func TestOpenAccess(t *testing.T) {
	t.Parallel()
	s := newService(t, open)
	made := s.create(t, nil)
	path := "/api/v1/sessions/" + made.ID
	s.do(t, "GET", path, "", nil).want(t, "read without a token", 200, "")
	s.do(t, "GET", path, "nonsense", nil).want(t, "read with nonsense", 200, "")
	s.do(t, "GET", path+"/participants", "", nil).want(t, "participants", 200, "")
	a := s.do(t, "POST", path+"/join", "", map[string]string{"name": "Bo"})
	a.want(t, "join without an invite", 200, "")
	if j := decode[api.Joined](t, a); j.Token == "" || j.Participant.Name != "Bo" || j.Session.ID != made.ID {
		t.Errorf("join gave %s", a)
	}
	a = s.do(t, "POST", path+"/join", "", map[string]string{"name": "Cy", "invite": codeOf(made.Invites.Observer)})
	a.want(t, "join with an invite", 200, "")
	if j := decode[api.Joined](t, a); j.Participant.Role != "observer" {
		t.Errorf("join with an observer's invite gave %s", a)
	}
	s.do(t, "GET", "/api/v1/sessions/never-seen", "", nil).want(t, "an unknown room", 404, "session_not_found")
	s.do(t, "POST", "/api/v1/sessions/my-room/join", "", map[string]string{"name": "Bo"}).want(t, "join an unknown room", 404, "session_not_found")
	c := s.dial(t, "/ws/sessions/my-room")
	c.expectStep1(t)
	c.close()
	s.do(t, "POST", "/api/v1/sessions/my-room/join", "", map[string]string{"name": "Bo"}).want(t, "join a room that a connection made", 200, "")
	room := decode[api.Session](t, s.do(t, "GET", "/api/v1/sessions/my-room", "", nil))
	if room.ID != "my-room" || room.Code != "" || len(room.Participants) != 1 {
		t.Errorf("the room is %+v", room)
	}
	s.do(t, "PATCH", path, "", map[string]string{"status": "ended"}).want(t, "end", 200, "")
	s.do(t, "DELETE", path, "", nil).want(t, "delete", 204, "")
	if got := string(s.do(t, "GET", "/api/v1/config", "", nil).body); !strings.Contains(got, `"access":"open"`) {
		t.Errorf("config is %s", got)
	}
}

func TestServiceCalls(t *testing.T) {
	t.Parallel()
	s := newService(t, nil)
	for _, path := range []string{"/api/v1/health", "/api/health/"} {
		a := s.do(t, "GET", path, "", nil)
		a.want(t, path, 200, "")
		m := asMap(t, a.body)
		stamp, err := time.Parse(time.RFC3339Nano, fmt.Sprint(m["timestamp"]))
		if m["status"] != "ok" || err != nil || stamp.Before(time.Now().Add(-time.Minute)) {
			t.Errorf("%s gave %s", path, a)
		}
	}
	if m := asMap(t, s.do(t, "GET", "/api/v1/config", "", nil).body); m["access"] != "invite" || m["version"] != "test" || m["create"] != "anyone" || m["session_seconds"] != sessionTTL.Seconds() || m["archive"] != false || m["archive_seconds"] != 0.0 || m["sign_in"] != "none" || len(m) != 7 {
		t.Errorf("config is %v", m)
	}
	s.do(t, "GET", "/healthz", "", nil).want(t, "healthz", 200, "")
	s.do(t, "GET", "/readyz", "", nil).want(t, "readyz", 200, "")
	s.server.BeginDrain()
	s.do(t, "GET", "/readyz", "", nil).want(t, "readyz while draining", 503, "not_ready")
	s.do(t, "GET", "/healthz", "", nil).want(t, "healthz while draining", 200, "")
}
