package api_test

import (
	"strings"
	"testing"

	"parley/api"
	"parley/pkg/protocol"
)

// A text set over the API reaches a live editor as a minimal edit, and what the editor typed itself
// stays.
func TestPutCodeReachesLiveEditors(t *testing.T) {
	t.Parallel()
	s := newService(t, nil)
	p := s.gather(t, map[string]string{"code": "head\nbody\ntail\n"})
	path := "/api/v1/sessions/" + p.id
	c := s.dial(t, ws(p.id, "", p.token["candidate"]))
	c.sync(t)
	text := c.doc.Text("file:main")
	at, err := text.RelativePosition(12, 0) // within the word "tail"
	if err != nil {
		t.Fatal(err)
	}
	a := s.do(t, "PUT", path+"/code", p.token["candidate"], map[string]string{"code": "head\r\nlonger body\r\ntail\r\n", "language": "python"})
	a.want(t, "put", 200, "")
	if got := decode[api.Session](t, a); got.Code != "head\nlonger body\ntail\n" || got.Language != "python" {
		t.Errorf("the answer is %s", a)
	}
	c.until(t, func(m protocol.Message) bool {
		return m.Type == protocol.TypeSync && m.Step == protocol.Update && c.doc.ApplyUpdate(m.Body) == nil
	})
	if got := text.String(); got != "head\nlonger body\ntail\n" {
		t.Errorf("the editor reads %q", got)
	}
	if _, index, ok := c.doc.Resolve(at); !ok || index != 12+len("longer ") {
		t.Errorf("the cursor moved to %d, %v", index, ok)
	}
	s.do(t, "PATCH", path, p.token["candidate"], map[string]string{"code": "short", "language": "go"}).want(t, "patch", 200, "")
	got := decode[api.Session](t, s.do(t, "GET", path, p.token["observer"], nil))
	if got.Code != "short" || got.Language != "go" || !got.UpdatedAt.Equal(s.clock()) {
		t.Errorf("read back: %+v", got)
	}
}

func TestPutCodeRefusals(t *testing.T) {
	t.Parallel()
	s := newService(t, nil)
	p, lobby := s.gather(t, nil), s.gather(t, map[string]string{"start": "lobby"})
	path := "/api/v1/sessions/" + p.id
	put := func(what, path, token string, body any, status int, code string) {
		t.Helper()
		s.do(t, "PUT", path+"/code", token, body).want(t, what, status, code)
	}
	put("an unknown file", path, p.token["candidate"], map[string]string{"code": "x", "file": "nope"}, 404, "file_not_found")
	put("a bad file", path, p.token["candidate"], map[string]string{"code": "x", "file": "a/b"}, 422, "invalid_input")
	put("no code", path, p.token["candidate"], map[string]string{}, 422, "invalid_input")
	put("a bad language", path, p.token["candidate"], map[string]string{"code": "x", "language": "a b"}, 422, "invalid_input")
	put("too much", path, p.token["candidate"], map[string]string{"code": strings.Repeat("x", 600<<10)}, 422, "invalid_input")
	lobbyPath := "/api/v1/sessions/" + lobby.id
	put("the lobby, as candidate", lobbyPath, lobby.token["candidate"], map[string]string{"code": "x"}, 409, "not_started")
	put("the lobby, as interviewer", lobbyPath, lobby.token["interviewer"], map[string]string{"code": "x"}, 200, "")
	// A refused PATCH changes nothing, not even the valid fields.
	s.do(t, "PATCH", path, p.token["interviewer"], map[string]string{"code": "new", "title": strings.Repeat("x", 201)}).want(t, "half a patch", 422, "invalid_input")
	s.do(t, "PATCH", path, p.token["candidate"], map[string]string{"code": "new", "title": "mine"}).want(t, "half a patch", 403, "forbidden")
	if got := decode[api.Session](t, s.do(t, "GET", path, p.token["candidate"], nil)); got.Code == "new" {
		t.Error("a refused patch changed the code")
	}
	s.do(t, "PATCH", path, p.token["interviewer"], map[string]string{"code": "last words", "status": "ended"}).want(t, "end with a last edit", 200, "")
	put("after the end", path, p.token["interviewer"], map[string]string{"code": "x"}, 409, "session_ended")
}

// A change of role applies at once: the live connection closes, and the next one has the new
// rights.
func TestRoleReachesLiveSockets(t *testing.T) {
	t.Parallel()
	s := newService(t, nil)
	p := s.gather(t, map[string]string{"code": ""})
	person := "/api/v1/sessions/" + p.id + "/participants/" + p.pid["candidate"]
	c, bystander := s.dial(t, ws(p.id, "", p.token["candidate"])), s.dial(t, ws(p.id, "", p.token["observer"]))
	c.sync(t)
	bystander.sync(t)
	a := s.do(t, "PATCH", person, p.token["candidate"], map[string]string{"name": "Bob", "color": "#010203"})
	a.want(t, "rename", 200, "")
	if got := decode[api.Participant](t, a); got.Name != "Bob" || got.Color != "#010203" || !got.Online {
		t.Errorf("renamed: %s", a)
	}
	c.sync(t) // a new name does not close connections
	s.do(t, "PATCH", person, p.token["interviewer"], map[string]string{"role": "observer"}).want(t, "role", 200, "")
	c.closedWith(t, 1012)
	c = s.dial(t, ws(p.id, "", p.token["candidate"]))
	c.sync(t)
	c.typeText(t, "not any more")
	c.until(t, func(m protocol.Message) bool { return m.Type == protocol.TypeAuth })
	s.do(t, "PUT", "/api/v1/sessions/"+p.id+"/code", p.token["candidate"], map[string]string{"code": "x"}).want(t, "put as observer", 403, "forbidden")
	s.do(t, "DELETE", person, p.token["interviewer"], nil).want(t, "remove", 204, "")
	c.closedWith(t, 4403)
	s.expectClose(t, ws(p.id, "", p.token["candidate"]), 4403)
	s.do(t, "GET", "/api/v1/sessions/"+p.id, p.token["candidate"], nil).want(t, "removed", 401, "token_invalid")
	bystander.sync(t) // the others stayed connected
}

func TestPeopleRefusals(t *testing.T) {
	t.Parallel()
	s := newService(t, nil)
	p := s.gather(t, nil)
	base := "/api/v1/sessions/" + p.id
	person := func(role string) string { return base + "/participants/" + p.pid[role] }
	for _, tc := range []struct {
		what, method, path, role string
		body                     any
		status                   int
		code                     string
	}{
		{"one's own role", "PATCH", person("candidate"), "candidate", map[string]string{"role": "interviewer"}, 403, "forbidden"},
		{"another's name", "PATCH", person("candidate"), "observer", map[string]string{"name": "x"}, 403, "forbidden"},
		{"another's name, as interviewer", "PATCH", person("candidate"), "interviewer", map[string]string{"name": "x"}, 403, "forbidden"},
		{"the last interviewer's role", "PATCH", person("interviewer"), "interviewer", map[string]string{"role": "observer"}, 409, "last_interviewer"},
		{"an unknown role", "PATCH", person("candidate"), "interviewer", map[string]string{"role": "king"}, 422, "invalid_input"},
		{"nobody", "PATCH", base + "/participants/nobody", "interviewer", map[string]string{"role": "observer"}, 404, "participant_not_found"},
		{"an empty name", "PATCH", person("candidate"), "candidate", map[string]string{"name": " "}, 422, "invalid_input"},
		{"removing another", "DELETE", person("observer"), "candidate", nil, 403, "forbidden"},
		{"removing nobody", "DELETE", base + "/participants/nobody", "interviewer", nil, 404, "participant_not_found"},
		{"an invite, as candidate", "POST", base + "/invites/interviewer", "candidate", nil, 403, "forbidden"},
		{"an invite for nothing", "POST", base + "/invites/king", "interviewer", nil, 422, "invalid_input"},
		{"leaving", "DELETE", person("observer"), "observer", nil, 204, ""},
	} {
		s.do(t, tc.method, tc.path, p.token[tc.role], tc.body).want(t, tc.what, tc.status, tc.code)
	}
}

func TestRenewedInvite(t *testing.T) {
	t.Parallel()
	s := newService(t, nil)
	p := s.gather(t, nil)
	a := s.do(t, "POST", "/api/v1/sessions/"+p.id+"/invites/candidate", p.token["interviewer"], nil)
	a.want(t, "renew", 201, "")
	link := decode[struct{ Role, URL string }](t, a)
	if link.Role != "candidate" || !strings.HasPrefix(link.URL, s.url+"/j/") {
		t.Errorf("the new link is %s", a)
	}
	s.do(t, "POST", "/api/v1/join", "", map[string]string{"invite": codeOf(p.created.Invites.Candidate), "name": "x"}).want(t, "old", 403, "invite_invalid")
	if j := s.join(t, link.URL, "x"); j.Participant.Role != "candidate" {
		t.Errorf("joined as %s", j.Participant.Role)
	}
	s.do(t, "GET", "/api/v1/sessions/"+p.id, p.token["candidate"], nil).want(t, "a participant who joined with the old link", 200, "")
	log := s.log.String()
	for _, secret := range []string{codeOf(link.URL), p.token["interviewer"], codeOf(p.created.Invites.Observer)} {
		if strings.Contains(log, secret) || strings.Contains(log, strings.ReplaceAll(secret, "-", "")) {
			t.Errorf("the log holds %q", secret)
		}
	}
}

// A right that is lost between the handshake and the room is noticed, in each of the ways to lose
// it.
func TestRightsLostDuringTheHandshake(t *testing.T) {
	t.Parallel()
	s := newService(t, nil)
	p := s.gather(t, nil)
	member := api.NewMember(s.server, p.id, p.token["candidate"])
	for _, tc := range []struct {
		what, method, path string
		body               any
		code               int
	}{
		{"nothing", "GET", "", nil, 0},
		{"role", "PATCH", "/participants/" + p.pid["candidate"], map[string]string{"role": "observer"}, 1012},
		{"removed", "DELETE", "/participants/" + p.pid["candidate"], nil, 4403},
		{"deleted", "DELETE", "", nil, 4410},
	} {
		s.do(t, tc.method, "/api/v1/sessions/"+p.id+tc.path, p.token["interviewer"], tc.body)
		if got := member.Confirm(t.Context()); got != tc.code {
			t.Errorf("%s: closed with %d, want %d", tc.what, got, tc.code)
		}
	}
}
