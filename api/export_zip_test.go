package api_test

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/fasthttp/websocket"

	"parley/api"
	"parley/crdt"
	"parley/pkg/audit"
	"parley/pkg/webhook"
)

// poll waits until done returns true.
func poll(t *testing.T, what string, done func() bool) {
	t.Helper()
	deadline := time.Now().Add(wait)
	for !done() {
		if time.Now().After(deadline) {
			t.Fatalf("%s: not within %v", what, wait)
		}
		<-time.After(10 * time.Millisecond)
	}
}

// admits reports whether a socket is admitted to its room.
func (s *service) admits(t *testing.T, path string) bool {
	t.Helper()
	conn, _, err := websocket.DefaultDialer.Dial("ws"+strings.TrimPrefix(s.url, "http")+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.SetReadDeadline(time.Now().Add(wait)); err != nil {
		t.Fatal(err)
	}
	_, _, err = conn.ReadMessage()
	return err == nil
}

// unzip returns the files of an exported archive.
func unzip(t *testing.T, a answer) map[string]string {
	t.Helper()
	a.want(t, "export", 200, "")
	if got := a.header.Get("Content-Type"); got != "application/zip" || !strings.Contains(a.header.Get("Content-Disposition"), "attachment") {
		t.Errorf("headers are %v", a.header)
	}
	z, err := zip.NewReader(bytes.NewReader(a.body), int64(len(a.body)))
	if err != nil {
		t.Fatal(err)
	}
	parts := map[string]string{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		parts[f.Name] = string(content)
	}
	return parts
}

// checkManifest fails the test unless the manifest of an archive names every other part.
func checkManifest(t *testing.T, parts map[string]string) {
	t.Helper()
	var m struct {
		Format int
		Files  map[string]string
	}
	if err := json.Unmarshal([]byte(parts["manifest.json"]), &m); err != nil || m.Format != 1 || len(m.Files) != len(parts)-1 {
		t.Fatalf("the manifest is %s, %v", parts["manifest.json"], err)
	}
	for name, want := range m.Files {
		if sum := sha256.Sum256([]byte(parts[name])); hex.EncodeToString(sum[:]) != want {
			t.Errorf("the hash of %s is wrong", name)
		}
	}
}

// The archive has the content of the interview, limited to what the caller's role may see.
func TestExport(t *testing.T) {
	t.Parallel()
	s := newService(t, nil)
	p := s.gather(t, map[string]string{"title": "Backend", "language": "python", "code": "print('é')\n", "start": "lobby"})
	path := "/api/v1/sessions/" + p.id
	s.do(t, "GET", path+"/export", p.token["candidate"], nil).want(t, "before the start", 409, "not_started")
	s.do(t, "PATCH", path, p.token["interviewer"], map[string]string{"status": "active"}).want(t, "start", 200, "")
	c := s.dial(t, ws(p.id, "", p.token["candidate"]))
	c.sync(t)
	c.close()
	for _, change := range []struct {
		method, path, role string
		body               any
	}{
		{"PATCH", "/participants/" + p.pid["observer"], "interviewer", map[string]string{"role": "candidate"}},
		{"PATCH", "/participants/" + p.pid["candidate"], "candidate", map[string]string{"name": "Bo"}},
		{"POST", "/invites/observer", "interviewer", nil},
		{"DELETE", "/participants/" + p.pid["observer"], "interviewer", nil},
		{"PATCH", "", "interviewer", map[string]string{"status": "ended"}},
	} {
		if a := s.do(t, change.method, path+change.path, p.token[change.role], change.body); a.status >= 300 {
			t.Fatalf("%s %s: %s", change.method, change.path, a)
		}
	}
	kindsOf := func(parts map[string]string, name string) (kinds []audit.Kind, addresses int) {
		var events []audit.Event
		if err := json.Unmarshal([]byte(parts[name]), &events); err != nil {
			t.Fatal(err)
		}
		for _, e := range events {
			kinds = append(kinds, e.Kind)
			if e.From == "127.0.0.1" {
				addresses++
			}
		}
		return kinds, addresses
	}
	var parts map[string]string
	poll(t, "the socket is known to have left", func() bool {
		parts = unzip(t, s.do(t, "GET", path+"/export", p.token["interviewer"], nil))
		return strings.Contains(parts["private/audit.json"], `"left"`)
	})
	if parts["files/main.py"] != "print('é')\n" || !strings.Contains(parts["session.json"], `"title": "Backend"`) || !strings.Contains(parts["participants.json"], `"Bo"`) {
		t.Errorf("parts are %v", parts)
	}
	doc := crdt.NewDoc()
	if err := doc.ApplyUpdate([]byte(parts["document.yjs"])); err != nil || doc.Text("file:main").String() != "print('é')\n" {
		t.Errorf("document.yjs: %v", err)
	}
	kinds, addresses := kindsOf(parts, "private/audit.json")
	for _, want := range []audit.Kind{
		audit.Created, audit.Joined, audit.Entered, audit.Left, audit.Renamed, audit.RoleChanged, audit.Removed, audit.InviteRenewed, audit.Started, audit.Ended, audit.Exported,
	} {
		found := false
		for _, k := range kinds {
			found = found || k == want
		}
		if !found {
			t.Errorf("the audit log lacks %s: %v", want, kinds)
		}
		if !strings.Contains(s.log.String(), "event="+string(want)) {
			t.Errorf("the structured log lacks %s", want)
		}
	}
	if addresses != len(kinds) {
		t.Errorf("%d of %d events have an address", addresses, len(kinds))
	}
	if _, addresses := kindsOf(parts, "audit.json"); addresses != 0 {
		t.Error("there are addresses outside of private/")
	}
	hers := unzip(t, s.do(t, "GET", path+"/export", p.token["candidate"], nil))
	for name, content := range hers {
		if strings.HasPrefix(name, "private/") || strings.Contains(content, "127.0.0.1\"") || name == "timeline.jsonl" {
			t.Errorf("a candidate gets %s", name)
		}
	}
	checkManifest(t, hers)
	checkManifest(t, parts)
	if _, lines := readStory(t, []byte(parts["timeline.jsonl"])); rebuilt(t, lines).Text("file:main").String() != "print('é')\n" {
		t.Error("the timeline does not give the document")
	}
	if !strings.Contains(parts["transcript.md"], "The candidate entered the room") && !strings.Contains(parts["transcript.md"], "Bo entered the room") {
		t.Errorf("the transcript is:\n%s", parts["transcript.md"])
	}
	s.do(t, "DELETE", path, p.token["interviewer"], nil).want(t, "delete", 204, "")
	if !strings.Contains(s.log.String(), "event=deleted") {
		t.Error("the log does not record the deletion")
	}
	if events, err := s.store.Events(t.Context(), p.id); err != nil || len(events) != 0 {
		t.Errorf("after the delete the store holds %d events, %v", len(events), err)
	}
}

// The receiver gets signed webhooks about each event, without codes and tokens.
func TestWebhooks(t *testing.T) {
	t.Parallel()
	type hook struct {
		header http.Header
		body   string
	}
	got := make(chan hook, 16)
	receiver := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got <- hook{r.Header, string(body)}
	}))
	t.Cleanup(receiver.Close)
	s := newService(t, func(o *api.Options) {
		var err error
		if o.Webhooks, err = webhook.New(webhook.Options{URL: receiver.URL, Secret: "a secret", Now: time.Now, Logger: o.Logger}); err != nil {
			t.Fatal(err)
		}
	})
	made := s.create(t, map[string]string{"title": "Backend"})
	// Whatever host the others send, the link is that of the creator.
	a := s.do(t, "POST", "/api/v1/join", "", map[string]string{"invite": codeOf(made.Invites.Candidate), "name": "Bo"}, "Host", "evil.example")
	a.want(t, "join", 200, "")
	j := decode[api.Joined](t, a)
	s.do(t, "PATCH", "/api/v1/sessions/"+made.ID, made.Token, map[string]string{"status": "ended"}, "Host", "evil.example").want(t, "end", 200, "")
	s.do(t, "PATCH", "/api/v1/sessions/"+made.ID, made.Token, map[string]string{"status": "ended"}).want(t, "end again", 200, "")
	want := map[string]bool{"session.created": true, "participant.joined": true, "session.ended": true}
	for len(want) > 0 {
		select {
		case h := <-got:
			var body struct {
				Type string
				Data struct {
					Session     api.Summary
					Participant api.Participant
				}
			}
			if err := json.Unmarshal([]byte(h.body), &body); err != nil || !want[body.Type] || body.Data.Session.ID != made.ID || body.Data.Session.URL != made.URL {
				t.Errorf("unexpected: %s, %v", h.body, err)
			}
			delete(want, body.Type)
			if body.Type == "participant.joined" && body.Data.Participant.ID != j.Participant.ID {
				t.Errorf("joined: %s", h.body)
			}
			if h.header.Get("webhook-signature") != webhook.Sign([]byte("a secret"), h.header.Get("webhook-id"), h.header.Get("webhook-timestamp"), []byte(h.body)) {
				t.Error("the signature is wrong")
			}
			for _, secret := range []string{made.Token, j.Token, codeOf(made.Invites.Observer)} {
				if strings.Contains(h.body, secret) {
					t.Errorf("the webhook contains a secret: %s", h.body)
				}
			}
		case <-time.After(wait):
			t.Fatalf("still waiting for %v", want)
		}
	}
	if n := len(got); n != 0 {
		t.Errorf("got %d unexpected webhooks", n)
	}
}
