package api_test

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fasthttp/websocket"

	"parley/api"
	"parley/crdt"
	"parley/pkg/protocol"
	"parley/pkg/session"
)

// wait limits how long a test waits for a socket.
const wait = 10 * time.Second

// conn is a websocket of a test, with its own replica.
type conn struct {
	ws  *websocket.Conn
	doc *crdt.Doc
}

// dial opens a websocket. A failed handshake fails the test.
func (s *service) dial(t *testing.T, path string, headers ...string) *conn {
	t.Helper()
	h := http.Header{}
	for i := 0; i+1 < len(headers); i += 2 {
		h.Set(headers[i], headers[i+1])
	}
	ws, _, err := websocket.DefaultDialer.Dial("ws"+strings.TrimPrefix(s.url, "http")+path, h)
	if err != nil {
		t.Fatalf("dial %s: %v", path, err)
	}
	c := &conn{ws: ws, doc: crdt.NewDoc()}
	t.Cleanup(c.close)
	if err := ws.SetReadDeadline(time.Now().Add(wait)); err != nil {
		t.Fatal(err)
	}
	return c
}

func (c *conn) close() { c.ws.Close() }

// next reads one message.
func (c *conn) next(t *testing.T) protocol.Message {
	t.Helper()
	_, frame, err := c.ws.ReadMessage()
	if err != nil {
		t.Fatalf("read: %v", err)
	}
	m, err := protocol.Decode(frame)
	if err != nil {
		t.Fatalf("decode %x: %v", frame, err)
	}
	return m
}

func (c *conn) expectStep1(t *testing.T) {
	t.Helper()
	if m := c.next(t); m.Type != protocol.TypeSync || m.Step != protocol.Step1 {
		t.Fatalf("the first message is %+v, want step 1", m)
	}
}

// sync requests the missing updates and waits for them.
func (c *conn) sync(t *testing.T) {
	t.Helper()
	c.send(t, protocol.AppendStep1(nil, c.doc.EncodeStateVector()))
	for {
		if m := c.next(t); m.Type == protocol.TypeSync && m.Step == protocol.Step2 {
			if err := c.doc.ApplyUpdate(m.Body); err != nil {
				t.Fatal(err)
			}
			return
		}
	}
}

func (c *conn) send(t *testing.T, frame []byte) {
	t.Helper()
	if err := c.ws.WriteMessage(websocket.BinaryMessage, frame); err != nil {
		t.Fatal(err)
	}
}

// typeText puts text at the start of the main file and sends it.
func (c *conn) typeText(t *testing.T, text string) {
	t.Helper()
	var update []byte
	defer c.doc.OnUpdate(func(u []byte, _ any) { update = u })()
	if err := c.doc.Text("file:main").Insert(0, text); err != nil {
		t.Fatal(err)
	}
	c.send(t, protocol.AppendUpdate(nil, update))
}

// until reads messages until done returns true.
func (c *conn) until(t *testing.T, done func(protocol.Message) bool) {
	t.Helper()
	for !done(c.next(t)) {
	}
}

// expectClose connects, expects a close with that code, and returns the reason.
func (s *service) expectClose(t *testing.T, path string, code int) string {
	t.Helper()
	return s.dial(t, path).closedWith(t, code)
}

func (c *conn) closedWith(t *testing.T, code int) string {
	t.Helper()
	for {
		_, _, err := c.ws.ReadMessage()
		var closed *websocket.CloseError
		switch {
		case err == nil:
			continue
		case errors.As(err, &closed) && closed.Code == code:
			return closed.Text
		default:
			t.Fatalf("the socket ended with %v, want code %d", err, code)
		}
	}
}

func ws(id, doc, token string) string {
	path := "/ws/sessions/" + id
	if doc != "" {
		path += "/" + doc
	}
	if token != "" {
		path += "?token=" + token
	}
	return path
}

func TestSocketRefusals(t *testing.T) {
	t.Parallel()
	s := newService(t, nil)
	p, other, deleted := s.gather(t, nil), s.create(t, nil), s.create(t, nil)
	s.do(t, "DELETE", "/api/v1/sessions/"+deleted.ID, deleted.Token, nil).want(t, "delete", 204, "")
	lobby := s.gather(t, map[string]string{"start": "lobby"})
	for _, tc := range []struct {
		what, path string
		code       int
	}{
		{"no token", ws(p.id, "", ""), 4401},
		{"no good token", ws(p.id, "", "nonsense"), 4401},
		{"another session's token", ws(p.id, "", other.Token), 4401},
		{"an unknown session", ws("00000000", "", other.Token), 4404},
		{"a name that is no id", ws("a.b", "", other.Token), 4404},
		{"a deleted session", ws(deleted.ID, "", deleted.Token), 4410},
		{"an unknown document", ws(p.id, "other", p.token["interviewer"]), 4404},
		{"the notes, as candidate", ws(p.id, "notes", p.token["candidate"]), 4403},
		{"the notes, as observer", ws(p.id, "notes", p.token["observer"]), 4403},
		{"the lobby, as candidate", ws(lobby.id, "", lobby.token["candidate"]), 4503},
		{"the lobby, as observer", ws(lobby.id, "", lobby.token["observer"]), 4503},
	} {
		reason := s.expectClose(t, tc.path, tc.code)
		if reason == "" || tc.code == 4503 && reason != "not_started" {
			t.Errorf("%s: reason %q", tc.what, reason)
		}
	}
	s.advance(sessionTTL)
	s.expectClose(t, ws(p.id, "", p.token["interviewer"]), 4410)
}

func TestSocketAdmits(t *testing.T) {
	t.Parallel()
	s := newService(t, nil)
	p, lobby := s.gather(t, nil), s.gather(t, map[string]string{"start": "lobby"})
	for _, path := range []string{
		ws(p.id, "", p.token["interviewer"]), ws(p.id, "", p.token["candidate"]), ws(p.id, "", p.token["observer"]),
		ws(p.id, "notes", p.token["interviewer"]), ws(lobby.id, "", lobby.token["interviewer"]),
		"/ws/sessions/" + p.id + "/?token=" + p.token["candidate"],
	} {
		c := s.dial(t, path)
		c.expectStep1(t)
		c.sync(t)
		if main, _ := session.MainFile(c.doc, 1<<30); strings.Contains(path, "notes") != (main.Code == "") {
			t.Errorf("%s holds %q", path[:30], main.Code)
		}
	}
	got := decode[struct{ Participants []api.Participant }](t, s.do(t, "GET", "/api/v1/sessions/"+p.id+"/participants", p.token["observer"], nil))
	for _, who := range got.Participants {
		if !who.Online {
			t.Errorf("%s is connected but not shown online", who.Role)
		}
	}
	if len(got.Participants) != 3 {
		t.Errorf("participants are %+v", got)
	}
}

// An edit reaches the other participant and the API. An edit of an observer reaches nobody.
func TestSocketRights(t *testing.T) {
	t.Parallel()
	s := newService(t, nil)
	p := s.gather(t, map[string]string{"code": ""})
	candidate, observer := s.dial(t, ws(p.id, "", p.token["candidate"])), s.dial(t, ws(p.id, "", p.token["observer"]))
	candidate.sync(t)
	observer.sync(t)
	observer.typeText(t, "graffiti")
	observer.until(t, func(m protocol.Message) bool { return m.Type == protocol.TypeAuth })
	candidate.typeText(t, "solution")
	observer.until(t, func(m protocol.Message) bool { return m.Type == protocol.TypeSync && m.Step == protocol.Update })
	got := decode[api.Session](t, s.do(t, "GET", "/api/v1/sessions/"+p.id, p.token["observer"], nil))
	if got.Code != "solution" {
		t.Errorf("code is %q", got.Code)
	}
}

// When a session ends, live connections reconnect and may only read. When a session is deleted,
// they are closed for good.
func TestStatusReachesLiveSockets(t *testing.T) {
	t.Parallel()
	s := newService(t, nil)
	p := s.gather(t, map[string]string{"code": ""})
	path := "/api/v1/sessions/" + p.id
	c := s.dial(t, ws(p.id, "", p.token["candidate"]))
	c.sync(t)
	s.do(t, "PATCH", path, p.token["interviewer"], map[string]string{"title": "new"}).want(t, "title", 200, "")
	c.sync(t) // a new title does not close connections
	s.do(t, "PATCH", path, p.token["interviewer"], map[string]string{"status": "ended"}).want(t, "end", 200, "")
	c.closedWith(t, 1012)
	for _, role := range []string{"candidate", "interviewer"} {
		c = s.dial(t, ws(p.id, "", p.token[role]))
		c.sync(t)
		c.typeText(t, "too late")
		c.until(t, func(m protocol.Message) bool { return m.Type == protocol.TypeAuth })
	}
	s.do(t, "DELETE", path, p.token["interviewer"], nil).want(t, "delete", 204, "")
	c.closedWith(t, 4410)
	s.do(t, "GET", path, p.token["interviewer"], nil).want(t, "read", 410, "session_gone")
}

// Only a client that asks for saved messages gets them, and a saved message covers only stored
// updates.
func TestSavedMessages(t *testing.T) {
	t.Parallel()
	s := newService(t, nil)
	p := s.gather(t, map[string]string{"code": ""})
	c := s.dial(t, ws(p.id, "", p.token["candidate"])+"&ack=1")
	c.sync(t)
	c.typeText(t, "kept")
	c.until(t, func(m protocol.Message) bool {
		if m.Type != protocol.TypeSaved {
			return false
		}
		sv, err := crdt.ReadStateVector(m.Body)
		return err == nil && sv[c.doc.ClientID()] == 4
	})
	if err := s.store.Ping(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// With open access, a plain client may connect to any name. It finds an empty document that it may
// edit.
func TestOpenAccessSockets(t *testing.T) {
	t.Parallel()
	s := newService(t, open)
	a, b := s.dial(t, "/ws/sessions/my-room_1"), s.dial(t, "/ws/sessions/my-room_1", "Origin", "https://elsewhere.example")
	a.sync(t)
	if got := a.doc.ToJSON(); len(got) != 0 {
		t.Errorf("a new room holds %v", got)
	}
	b.sync(t)
	a.typeText(t, "hello")
	b.until(t, func(m protocol.Message) bool {
		return m.Type == protocol.TypeSync && m.Step == protocol.Update && b.doc.ApplyUpdate(m.Body) == nil
	})
	if got := b.doc.Text("file:main").String(); got != "hello" {
		t.Errorf("the other client reads %q", got)
	}
	for _, doc := range []string{"notes", "whiteboard"} {
		s.dial(t, ws("my-room_1", doc, "nonsense")).expectStep1(t)
	}
	s.expectClose(t, ws("a.b", "", ""), 4404)
	room := decode[api.Session](t, s.do(t, "GET", "/api/v1/sessions/my-room_1", "", nil))
	if room.ID != "my-room_1" || room.Code != "hello" {
		t.Errorf("the API shows %+v", room)
	}
}

// Pages of the own origin and of configured origins may connect. Pages of other origins may not.
func TestSocketOrigin(t *testing.T) {
	t.Parallel()
	s := newService(t, func(o *api.Options) {
		o.Origins, o.PublicURL = []string{"https://ats.example"}, "https://parley.example"
	})
	made := s.create(t, nil)
	allowed := []string{"", s.url, "https://ats.example", "https://parley.example"}
	for _, origin := range append(slices.Clone(allowed), "https://evil.example", "null", "https://ats.example.evil.example", "file://") {
		h := http.Header{}
		if origin != "" {
			h.Set("Origin", origin)
		}
		conn, res, err := websocket.DefaultDialer.Dial("ws"+strings.TrimPrefix(s.url, "http")+ws(made.ID, "", made.Token), h)
		got := fmt.Sprint(err)
		if res != nil {
			got = fmt.Sprint(res.StatusCode)
		}
		if conn != nil {
			conn.Close()
		}
		if want := map[bool]string{true: "101", false: "403"}[slices.Contains(allowed, origin)]; got != want {
			t.Errorf("origin %q gave %s, want %s", origin, got, want)
		}
	}
}
