package api_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/fasthttp/websocket"

	"parley/api"
	"parley/pkg/protocol"
	"parley/pkg/session"
)

// closeCode reads until the connection ends and returns the close code.
func (c *conn) closeCode(t *testing.T) int {
	t.Helper()
	for {
		_, _, err := c.ws.ReadMessage()
		if closed, ok := err.(*websocket.CloseError); ok {
			return closed.Code
		}
		if err != nil {
			t.Fatalf("the connection ended without a code: %v", err)
		}
	}
}

// waits returns the participants in the lobby, by name.
func (s *service) waits(t *testing.T, id, token string) map[string]bool {
	t.Helper()
	a := s.do(t, "GET", "/api/v1/sessions/"+id+"/participants", token, nil)
	a.want(t, "participants", 200, "")
	waits := map[string]bool{}
	for _, p := range decode[api.ParticipantList](t, a).Participants {
		waits[p.Name] = p.Waiting
	}
	return waits
}

func TestStartLetsEverybodyIn(t *testing.T) {
	t.Parallel()
	s := newService(t, nil)
	p := s.gather(t, map[string]string{"start": "lobby"})
	path := "/api/v1/sessions/" + p.id
	if !p.created.StartedAt.IsZero() || p.created.Admission != session.AdmitAll {
		t.Errorf("prepared: %+v", p.created.Session)
	}
	if got := s.waits(t, p.id, p.token["candidate"]); got["Interviewer"] || !got["The candidate"] || !got["The observer"] {
		t.Errorf("the waiting participants are %v", got)
	}
	lobby := s.dial(t, ws(p.id, "lobby", p.token["candidate"]))
	lobby.expectStep1(t)
	if code := s.knock(t, ws(p.id, "", p.token["candidate"])); code != 4503 {
		t.Errorf("a waiting participant is closed with %d", code)
	}
	s.advance(time.Minute)
	a := s.do(t, "PATCH", path, p.token["interviewer"], map[string]string{"status": "active"})
	a.want(t, "start", 200, "")
	if got := decode[api.Session](t, a); !got.StartedAt.Equal(got.CreatedAt.Add(time.Minute)) || !got.EndedAt.IsZero() {
		t.Errorf("started at %v, created at %v, ended at %v", got.StartedAt, got.CreatedAt, got.EndedAt)
	}
	if code := lobby.closeCode(t); code != 1012 {
		t.Errorf("the start closes a waiting participant with %d, want 1012", code)
	}
	if code := s.knock(t, ws(p.id, "", p.token["candidate"])); code != 0 {
		t.Errorf("after the start the participant is closed with %d", code)
	}
	s.advance(30 * time.Minute)
	a = s.do(t, "PATCH", path, p.token["interviewer"], map[string]string{"status": "ended"})
	if got := decode[api.Session](t, a); !got.EndedAt.Equal(got.StartedAt.Add(30 * time.Minute)) {
		t.Errorf("ended at %v, started at %v", got.EndedAt, got.StartedAt)
	}
}

func TestAdmission(t *testing.T) {
	t.Parallel()
	s := newService(t, nil)
	p := s.gather(t, map[string]string{"start": "lobby", "admission": "ask"})
	path := "/api/v1/sessions/" + p.id
	person := func(role string) string { return path + "/participants/" + p.pid[role] }
	admit := map[string]bool{"waiting": false}

	// An interviewer admits one waiting participant before the start, whose lobby connection
	// closes.
	lobby := s.dial(t, ws(p.id, "lobby", p.token["candidate"]))
	lobby.expectStep1(t)
	s.do(t, "PATCH", person("candidate"), p.token["candidate"], admit).want(t, "admit oneself", 403, "forbidden")
	s.do(t, "PATCH", person("observer"), p.token["candidate"], admit).want(t, "admit another as candidate", 403, "forbidden")
	s.do(t, "PATCH", person("candidate"), p.token["interviewer"], admit).want(t, "admit", 200, "")
	if code := lobby.closeCode(t); code != 1012 {
		t.Errorf("the admission closes the participant with %d, want 1012", code)
	}
	if code := s.knock(t, ws(p.id, "", p.token["candidate"])); code != 0 {
		t.Errorf("the admitted participant is closed with %d", code)
	}
	if code := s.knock(t, ws(p.id, "", p.token["observer"])); code != 4503 {
		t.Errorf("the participant who was not admitted is closed with %d", code)
	}

	// The start admits the others. A later participant waits again, and can be sent back.
	s.do(t, "PATCH", path, p.token["interviewer"], map[string]string{"status": "active"}).want(t, "start", 200, "")
	late := s.join(t, p.created.Invites.Candidate, "Late")
	if got := s.waits(t, p.id, p.token["interviewer"]); got["The observer"] || !got["Late"] || !late.Participant.Waiting || late.Session.Code != "" {
		t.Errorf("after the start: %v, the code that Late sees: %q", got, late.Session.Code)
	}
	s.do(t, "GET", path+"/export", late.Token, nil).want(t, "export from the lobby", 409, "not_started")
	room := s.dial(t, ws(p.id, "", p.token["observer"]))
	room.expectStep1(t)
	s.do(t, "PATCH", person("observer"), p.token["interviewer"], map[string]bool{"waiting": true}).want(t, "send back", 200, "")
	if code := room.closeCode(t); code != 1012 {
		t.Errorf("the participant who is sent back is closed with %d, want 1012", code)
	}
	if code := s.knock(t, ws(p.id, "", p.token["observer"])); code != 4503 {
		t.Errorf("the participant who was sent back is closed with %d", code)
	}

	// The setting applies to participants who join later.
	s.do(t, "PATCH", path, p.token["candidate"], map[string]string{"admission": "open"}).want(t, "open as candidate", 403, "forbidden")
	s.do(t, "PATCH", path, p.token["interviewer"], map[string]string{"admission": "never"}).want(t, "an unknown admission", 422, "invalid_input")
	a := s.do(t, "PATCH", path, p.token["interviewer"], map[string]string{"admission": "open"})
	a.want(t, "open", 200, "")
	if got := decode[api.Session](t, a).Admission; got != session.AdmitAll {
		t.Errorf("admission is %q", got)
	}
	if j := s.join(t, p.created.Invites.Candidate, "Later"); j.Participant.Waiting {
		t.Error("a participant who joins an open session waits")
	}
	if got := s.waits(t, p.id, p.token["interviewer"]); !got["Late"] {
		t.Error("opening the session admitted a waiting participant")
	}
}

// The document of the lobby stays empty: it exists for its awareness only.
func TestLobbyTakesNoEdits(t *testing.T) {
	t.Parallel()
	s := newService(t, nil)
	p := s.gather(t, map[string]string{"start": "lobby"})
	writer, reader := s.dial(t, ws(p.id, "lobby", p.token["interviewer"])), s.dial(t, ws(p.id, "lobby", p.token["candidate"]))
	writer.expectStep1(t)
	reader.expectStep1(t)
	if err := writer.doc.Text("file:main").Insert(0, "hidden"); err != nil {
		t.Fatal(err)
	}
	all, err := writer.doc.EncodeStateAsUpdate(nil)
	if err != nil {
		t.Fatal(err)
	}
	writer.send(t, protocol.AppendUpdate(nil, all))
	for m := writer.next(t); m.Type != protocol.TypeAuth; m = writer.next(t) {
	}
	reader.sync(t)
	if got := reader.doc.Text("file:main").String(); got != "" {
		t.Errorf("the lobby holds %q", got)
	}
}

func TestLookAtInvite(t *testing.T) {
	t.Parallel()
	s := newService(t, func(o *api.Options) { o.InviteFailures = 3 })
	made := s.create(t, map[string]any{"title": "Round 2", "start": "lobby", "creator": map[string]string{"name": "Grace"}})
	look := func(invite string) answer {
		return s.do(t, "POST", "/api/v1/join/preview", "", map[string]string{"invite": invite})
	}
	for role, link := range map[string]string{"candidate": made.Invites.Candidate, "interviewer": made.Invites.Interviewer} {
		a := look(codeOf(link))
		a.want(t, "look", 200, "")
		want := api.Invitation{Session: made.ID, Title: "Round 2", Status: session.Waiting, Role: "candidate", Host: "Grace"}
		if got := decode[api.Invitation](t, a); got.Session != want.Session || got.Title != want.Title || got.Status != want.Status ||
			string(got.Role) != role || got.Host != want.Host {
			t.Errorf("look at %s gives %+v", role, got)
		}
	}
	if got := s.waits(t, made.ID, made.Token); len(got) != 1 {
		t.Errorf("looking at an invite made participants: %v", got)
	}
	look("nonsense").want(t, "nonsense", 403, "invite_invalid")
	for range 3 {
		look("0000-0000-0000").want(t, "a wrong code", 403, "invite_invalid")
	}
	look(codeOf(made.Invites.Candidate)).want(t, "after three wrong codes", http.StatusTooManyRequests, "rate_limited")
}

// The initial prompt is in the archive for everyone, the notes are in it for interviewers.
func TestPromptAndNotesInTheArchive(t *testing.T) {
	t.Parallel()
	s := newService(t, nil)
	p := s.gather(t, map[string]string{"prompt": "# Two sums\r\nFind *both*."})
	notes := s.dial(t, ws(p.id, "notes", p.token["interviewer"]))
	notes.expectStep1(t)
	if err := notes.doc.Text("notes").Insert(0, "thinks aloud"); err != nil {
		t.Fatal(err)
	}
	all, err := notes.doc.EncodeStateAsUpdate(nil)
	if err != nil {
		t.Fatal(err)
	}
	notes.send(t, protocol.AppendUpdate(nil, all))
	notes.sync(t) // handled after the update

	export := func(role string) map[string]string {
		return unzip(t, s.do(t, "GET", "/api/v1/sessions/"+p.id+"/export", p.token[role], nil))
	}
	lead, cand := export("interviewer"), export("candidate")
	if want := "# Two sums\nFind *both*."; lead["prompt.md"] != want || cand["prompt.md"] != want {
		t.Errorf("the prompt is %q and %q, want %q", lead["prompt.md"], cand["prompt.md"], want)
	}
	if lead["private/notes.md"] != "thinks aloud" {
		t.Errorf("an interviewer's notes are %q", lead["private/notes.md"])
	}
	for name, content := range cand {
		if name == "private/notes.md" || strings.Contains(content, "thinks aloud") {
			t.Errorf("a candidate gets the notes, in %s", name)
		}
	}
	s.do(t, "POST", "/api/v1/sessions", "", map[string]string{"prompt": strings.Repeat("x", session.MaxPrompt+1)}).
		want(t, "a prompt that is too long", 422, "invalid_input")
}
