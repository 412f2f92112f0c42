package api_test

import (
	"runtime"
	"strings"
	"testing"
	"time"

	"parley/api"
	"parley/crdt"
)

// catchUp sets the clock of the service to the real one, which the relay goes by, between what was
// and what comes next.
func (s *service) catchUp() {
	pass := func() {
		for from := time.Now(); time.Since(from) < 2*time.Millisecond; {
			runtime.Gosched()
		}
	}
	pass()
	s.mu.Lock()
	s.now = time.Now()
	s.mu.Unlock()
	pass()
}

// No answer to an interviewer or an observer shows what quiet time hides.
func TestQuietTimeHoldsInEveryAnswer(t *testing.T) {
	t.Parallel()
	s := newService(t, nil)
	s.now = time.Now()
	p := s.gather(t, map[string]string{"code": ""})
	path := "/api/v1/sessions/" + p.id
	c := s.dial(t, "/ws/sessions/"+p.id+"?token="+p.token["candidate"])
	c.expectStep1(t)
	c.sync(t)
	c.typeText(t, "before")
	c.sync(t)
	s.catchUp()
	s.do(t, "POST", path+"/quiet", p.token["candidate"], nil).want(t, "quiet", 200, "")
	s.catchUp()
	c.typeText(t, "hidden ")
	c.sync(t)
	s.do(t, "POST", path+"/quiet", p.token["candidate"], nil).want(t, "longer quiet", 200, "")

	// answers gives the code in every answer that has it. The last one puts "lead" into the file.
	answers := func(role string) (codes []string) {
		t.Helper()
		codes = append(codes, decode[api.Session](t, s.do(t, "GET", path, p.token[role], nil)).Code)
		parts := unzip(t, s.do(t, "GET", path+"/export", p.token[role], nil))
		doc := crdt.NewDoc()
		if err := doc.ApplyUpdate([]byte(parts["document.yjs"])); err != nil {
			t.Fatal(err)
		}
		codes = append(codes, doc.Text("file:main").String(), parts["session.json"])
		for name, content := range parts {
			if strings.HasPrefix(name, "files/") || strings.HasSuffix(name, "timeline.jsonl") && content != "" {
				codes = append(codes, content)
			}
		}
		return codes
	}
	for _, role := range []string{"interviewer", "observer"} {
		for _, code := range answers(role) {
			if strings.Contains(code, "hidden") {
				t.Errorf("the %s gets %s", role, code)
			}
		}
	}
	if got := answers("candidate"); got[0] != "hidden before" || got[1] != "hidden before" {
		t.Errorf("the candidate gets %q", got)
	}
	_, lines := story(t, s.timelineOf(t, p.id, p.token["interviewer"]))
	if got := rebuilt(t, lines).Text("file:main").String(); got != "before" {
		t.Errorf("the timeline gives %q: %+v", got, lines)
	}
	if got := decode[api.Session](t, s.do(t, "PUT", path+"/code", p.token["interviewer"], map[string]string{"code": "before lead"})); got.Code != "before lead" {
		t.Errorf("what the interviewer puts is answered with %q", got.Code)
	}
	language := map[string]string{"language": "go"}
	if got := decode[api.Session](t, s.do(t, "PATCH", path, p.token["interviewer"], language)); got.Code != "before lead" || got.Language != "go" {
		t.Errorf("what the interviewer patches is answered with %q in %s", got.Code, got.Language)
	}
	c.sync(t)
	if got := c.doc.Text("file:main").String(); got != "hidden before lead" {
		t.Errorf("the candidate has %q", got)
	}
	// The end of the interview ends the quiet time.
	s.end(t, p.id, p.token["interviewer"])
	_, lines = story(t, s.timelineOf(t, p.id, p.token["interviewer"]))
	if got := rebuilt(t, lines).Text("file:main").String(); got != "hidden before lead" {
		t.Errorf("at the end the timeline gives %q", got)
	}
	if got := answers("observer"); got[0] != "hidden before lead" || got[1] != "hidden before lead" {
		t.Errorf("at the end the observer gets %q", got)
	}
}
