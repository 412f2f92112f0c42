package api_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"parley/api"
	"parley/crdt"
	"parley/pkg/access"
	"parley/pkg/protocol"
	"parley/pkg/session"
	"parley/pkg/timeline"
	"parley/pkg/trace"
)

// line is any line of a timeline but the first.
type line struct {
	T    int64
	By   string
	Doc  string
	K    string
	U    string
	What trace.Kind
	File string
	Line int
	Text string
	About,
	Role,
	Language string
	Until int64
}

// story reads a timeline.
func story(t *testing.T, a answer) (timeline.Header, []line) {
	t.Helper()
	a.want(t, "timeline", 200, "")
	if got := a.header.Get("Content-Type"); got != "application/x-ndjson" {
		t.Errorf("content type %q", got)
	}
	body := a.body
	if a.header.Get("Content-Encoding") == "gzip" {
		z, err := gzip.NewReader(bytes.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		if body, err = io.ReadAll(z); err != nil {
			t.Fatal(err)
		}
	}
	return readStory(t, body)
}

func readStory(t *testing.T, body []byte) (h timeline.Header, lines []line) {
	t.Helper()
	for i, raw := range bytes.SplitAfter(bytes.TrimSuffix(body, []byte("\n")), []byte("\n")) {
		var err error
		if i == 0 {
			err = json.Unmarshal(raw, &h)
		} else {
			var l line
			err = json.Unmarshal(raw, &l)
			lines = append(lines, l)
		}
		if err != nil {
			t.Fatalf("line %d: %v: %s", i, err, raw)
		}
	}
	if !slices.IsSortedFunc(lines, func(a, b line) int { return int(a.T - b.T) }) {
		t.Error("the lines are not in the order of time")
	}
	return h, lines
}

// kinds returns the events of a timeline.
func kinds(lines []line) (all []trace.Kind) {
	for _, l := range lines {
		if l.K == "trace" {
			all = append(all, l.What)
		}
	}
	return all
}

// rebuilt applies all updates of the main document in order.
func rebuilt(t *testing.T, lines []line) *crdt.Doc {
	t.Helper()
	doc := crdt.NewDoc()
	for _, l := range lines {
		if l.K == "trace" {
			continue
		}
		u, err := base64.StdEncoding.DecodeString(l.U)
		if err != nil || l.Doc != "" {
			t.Fatalf("%+v: %v", l, err)
		}
		if err := doc.ApplyUpdate(u); err != nil {
			t.Fatal(err)
		}
	}
	return doc
}

func (s *service) timelineOf(t *testing.T, id, token string) answer {
	t.Helper()
	return s.do(t, "GET", "/api/v1/sessions/"+id+"/timeline", token, nil)
}

func (s *service) end(t *testing.T, id, token string) {
	t.Helper()
	s.do(t, "PATCH", "/api/v1/sessions/"+id, token, map[string]string{"status": "ended"}).want(t, "end", 200, "")
}

// slowTrace holds whoever reads a trace until it is opened.
type slowTrace struct {
	trace.Store
	reading chan struct{}
	opened  chan struct{}
}

func (s *slowTrace) Trace(ctx context.Context, id string) ([]trace.Event, error) {
	s.reading <- struct{}{}
	<-s.opened
	return s.Store.Trace(ctx, id)
}

// A trace may take hundreds of megabytes. However many ask for a timeline or an archive from one
// address, two read at once, and the others wait for their turn.
func TestFewTracesAreReadAtOnce(t *testing.T) {
	t.Parallel()
	slow := &slowTrace{reading: make(chan struct{}, 100), opened: make(chan struct{})}
	s := newService(t, func(o *api.Options) {
		slow.Store = o.History.(trace.Store)
		o.Trace = trace.NewRecorder(slow, o.Sessions.Now, o.Logger)
		t.Cleanup(func() { _ = o.Trace.Close(context.Background()) })
	})
	p := s.gather(t, nil)
	lead, path := p.token["interviewer"], "/api/v1/sessions/"+p.id
	var all sync.WaitGroup
	for i := range 12 {
		what := []string{"/timeline", "/export"}[i%2]
		all.Go(func() { s.do(t, "GET", path+what, lead, nil).want(t, what, 200, "") })
	}
	for range 2 {
		<-slow.reading
	}
	// One more gives up before its turn comes.
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, "GET", s.url+path+"/timeline", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+lead)
	if res, err := http.DefaultClient.Do(req); err == nil {
		res.Body.Close()
		t.Errorf("a timeline beside two was answered with %d", res.StatusCode)
	}
	if more := len(slow.reading); more > 0 {
		t.Errorf("%d more traces are read at once", more)
	}
	close(slow.opened)
	all.Wait()
}

// The timeline has every edit and what the API did, and its updates give the document.
func TestTimeline(t *testing.T) {
	t.Parallel()
	s := newService(t, nil)
	p := s.gather(t, map[string]string{"title": "T", "start": "lobby", "code": "a\n", "language": "python"})
	path, lead := "/api/v1/sessions/"+p.id, p.token["interviewer"]
	for _, c := range []struct {
		method, path string
		body         any
	}{
		{"PATCH", "/participants/" + p.pid["observer"], map[string]bool{"waiting": false}},
		{"PATCH", "", map[string]string{"status": "active"}},
		{"PATCH", "/participants/" + p.pid["observer"], map[string]string{"role": "candidate"}},
		{"PUT", "/code", map[string]string{"code": "a\nb\n", "language": "go"}},
		{"POST", "/marks", map[string]string{"text": "a  good\nanswer"}},
		{"POST", "/marks", nil},
		{"POST", "/quiet", map[string]int{"minutes": 3}},
		{"DELETE", "/quiet", nil},
		{"PATCH", "", map[string]string{"status": "ended"}},
	} {
		s.advance(10 * time.Millisecond)
		if a := s.do(t, c.method, path+c.path, lead, c.body); a.status >= 300 {
			t.Fatalf("%s %s: %s", c.method, c.path, a)
		}
	}
	for _, accept := range []string{"", "gzip, br"} {
		h, lines := story(t, s.do(t, "GET", path+"/timeline", lead, nil, "Accept-Encoding", accept))
		if h.V != 1 || h.Session != p.id || h.Title != "T" || h.Status != "ended" || h.Record != "all" || !h.Private || len(h.Participants) != 3 || h.StartedAt == "" || h.EndedAt == "" {
			t.Errorf("header %+v", h)
		}
		want := []trace.Kind{trace.Lobby, trace.Start, trace.Role, trace.Language, trace.Mark, trace.Mark, trace.Quiet, trace.Quiet, trace.End}
		got := kinds(lines)
		if !slices.Equal(got, want) {
			t.Errorf("events %v, want %v", got, want)
		}
		text := fmt.Sprintf("%+v", lines)
		if !strings.Contains(text, "Text:a good answer") || !strings.Contains(text, "Language:go") || !strings.Contains(text, "Role:candidate") {
			t.Errorf("lines are %s", text)
		}
		doc := rebuilt(t, lines)
		state, _ := doc.EncodeStateAsUpdate(nil)
		if stored := unzip(t, s.do(t, "GET", path+"/export", lead, nil))["document.yjs"]; string(state) != stored || doc.Text("file:main").String() != "a\nb\n" {
			t.Error("the updates do not give the document byte for byte")
		}
	}
	s.do(t, "GET", path+"/timeline", p.token["candidate"], nil).want(t, "candidate", 403, "forbidden")
}

// What is kept, and who may replay, is chosen at the creation.
func TestRecordAndReplay(t *testing.T) {
	t.Parallel()
	s := newService(t, nil)
	s.do(t, "POST", "/api/v1/sessions", "", map[string]string{"record": "some"}).want(t, "record", 422, "invalid_input")
	s.do(t, "POST", "/api/v1/sessions", "", map[string]string{"replay": "some"}).want(t, "replay", 422, "invalid_input")

	none := s.gather(t, map[string]string{"record": "nothing", "replay": "all"})
	lead := none.token["interviewer"]
	s.timelineOf(t, none.id, lead).want(t, "not recorded", 409, "not_recorded")
	s.do(t, "POST", "/api/v1/sessions/"+none.id+"/marks", lead, nil).want(t, "mark", 409, "not_recorded")
	s.do(t, "POST", "/api/v1/sessions/"+none.id+"/invites/replay", lead, nil).want(t, "link", 409, "not_recorded")
	if events, err := s.store.Trace(t.Context(), none.id); err != nil || len(events) != 0 {
		t.Errorf("a trace of a session that is not recorded: %v, %v", events, err)
	}

	both := s.gather(t, map[string]string{"record": "edits", "replay": "all"})
	path := "/api/v1/sessions/" + both.id
	s.do(t, "PATCH", path+"/participants/"+both.pid["observer"], both.token["interviewer"], map[string]bool{"waiting": true}).want(t, "send back", 200, "")
	s.do(t, "POST", path+"/marks", both.token["interviewer"], nil).want(t, "mark", 201, "")
	s.timelineOf(t, both.id, both.token["candidate"]).want(t, "before the end", 409, "not_ended")
	s.timelineOf(t, both.id, both.token["observer"]).want(t, "from the lobby", 409, "not_started")
	s.end(t, both.id, both.token["interviewer"])
	h, lines := story(t, s.timelineOf(t, both.id, both.token["candidate"]))
	if got := kinds(lines); h.Private || !slices.Equal(got, []trace.Kind{trace.Start, trace.End}) {
		t.Errorf("a candidate sees %v, private %v", got, h.Private)
	}
	if _, lines = story(t, s.timelineOf(t, both.id, both.token["interviewer"])); !slices.Equal(kinds(lines), []trace.Kind{trace.Start, trace.Mark, trace.End}) {
		t.Errorf("an interviewer sees %v", kinds(lines))
	}
	invitation := decode[api.Invitation](t, s.do(t, "POST", "/api/v1/join/preview", "", map[string]string{"invite": both.created.Invites.Candidate}))
	if invitation.Record != session.RecordEdits || invitation.Replay != session.ReplayAll || !invitation.ExpiresAt.Equal(both.created.ExpiresAt) {
		t.Errorf("the invitation says %+v", invitation)
	}
}

// A replay link opens one timeline from the end on, and no other door.
func TestReplayLink(t *testing.T) {
	t.Parallel()
	s := newService(t, nil)
	p := s.gather(t, nil)
	path, lead := "/api/v1/sessions/"+p.id, p.token["interviewer"]
	s.do(t, "POST", path+"/marks", lead, nil).want(t, "mark", 201, "")
	link := func(body any) api.ReplayLink {
		a := s.do(t, "POST", path+"/invites/replay", lead, body)
		a.want(t, "link", 201, "")
		return decode[api.ReplayLink](t, a)
	}
	use := func(url string) answer {
		return s.do(t, "POST", "/api/v1/replay", "", map[string]string{"code": url})
	}
	first := link(nil)
	if !first.ExpiresAt.Equal(p.created.ExpiresAt) || first.Private || !strings.Contains(first.URL, "/r/") {
		t.Errorf("link %+v", first)
	}
	use(first.URL).want(t, "before the end", 409, "not_ended")
	s.end(t, p.id, lead)
	opened := decode[api.Opened](t, use(codeOf(first.URL)))
	if opened.Session.ID != p.id || opened.Private {
		t.Errorf("opened %+v", opened)
	}
	if h, lines := story(t, s.timelineOf(t, p.id, opened.Token)); h.Private || slices.Contains(kinds(lines), trace.Mark) {
		t.Error("a plain link shows private lines")
	}
	s.tryOtherDoors(t, p, opened.Token)

	// The code joins nothing, and invites replay nothing.
	s.do(t, "POST", "/api/v1/join", "", map[string]string{"invite": codeOf(first.URL), "name": "x"}).want(t, "join", 403, "invite_invalid")
	use(codeOf(p.created.Invites.Interviewer)).want(t, "an invite", 403, "invite_invalid")
	use("nonsense").want(t, "nonsense", 403, "invite_invalid")

	second := link(map[string]any{"expires_in": 60, "private": true})
	use(first.URL).want(t, "the link before", 403, "invite_invalid")
	s.timelineOf(t, p.id, opened.Token).want(t, "the token of the link before", 401, "token_invalid")
	opened = decode[api.Opened](t, use(second.URL))
	if h, lines := story(t, s.timelineOf(t, p.id, opened.Token)); !opened.Private || !h.Private || !slices.Contains(kinds(lines), trace.Mark) {
		t.Error("a private link shows no private lines")
	}
	s.advance(61 * time.Second)
	use(second.URL).want(t, "expired", 410, "link_expired")
	s.timelineOf(t, p.id, opened.Token).want(t, "expired token", 401, "token_invalid")

	third := link(nil)
	opened = decode[api.Opened](t, use(third.URL))
	s.do(t, "DELETE", path+"/invites/replay", lead, nil).want(t, "revoke", 204, "")
	use(third.URL).want(t, "revoked", 403, "invite_invalid")
	s.timelineOf(t, p.id, opened.Token).want(t, "revoked token", 401, "token_invalid")
}

// tryOtherDoors uses a replay token everywhere, and in the place of a participant's token.
func (s *service) tryOtherDoors(t *testing.T, p people, token string) {
	t.Helper()
	for _, r := range rows {
		if r.path == "/timeline" {
			continue
		}
		path := "/api/v1/sessions/" + p.id + strings.ReplaceAll(r.path, "{pid}", p.pid["candidate"])
		s.do(t, r.method, path, token, r.body).want(t, r.name, 401, "token_invalid")
	}
	for _, doc := range []string{"", "notes", "lobby", "board"} {
		if got := s.knock(t, ws(p.id, doc, token)); got != 4401 {
			t.Errorf("socket %q: %d", doc, got)
		}
	}
	other := s.create(t, nil)
	s.timelineOf(t, other.ID, token).want(t, "another session", 401, "token_invalid")
	forged, err := s.tokens.Issue(access.Claims{Session: "replay:" + p.id, Participant: p.pid["interviewer"], Expires: p.created.ExpiresAt})
	if err != nil {
		t.Fatal(err)
	}
	s.timelineOf(t, p.id, forged).want(t, "a token without the link", 401, "token_invalid")
}

// Presence becomes events of the participant who published it, and nothing else does.
func TestNobodyForgesTheTrace(t *testing.T) {
	t.Parallel()
	s := newService(t, nil)
	p := s.gather(t, nil)
	path, cand := "/api/v1/sessions/"+p.id, p.token["candidate"]
	for _, door := range []string{"/trace", "/timeline", "/marks", "/events"} {
		for _, method := range []string{"POST", "PUT", "PATCH", "DELETE"} {
			body := `{"t":1,"by":"` + p.pid["interviewer"] + `","k":"trace","what":"away"}`
			if a := s.do(t, method, path+door, cand, body); a.status < 400 {
				t.Errorf("%s %s: %s", method, door, a)
			}
		}
	}
	c := s.dial(t, ws(p.id, "", cand))
	c.sync(t)
	state := map[string]any{
		"user": map[string]string{"id": p.pid["candidate"]}, "file": "main", "view": 12, "activity": "active",
		"what": "mark", "by": p.pid["interviewer"], "t": 1, "k": "trace", "text": "forged",
	}
	raw, err := json.Marshal(state)
	if err != nil {
		t.Fatal(err)
	}
	c.send(t, protocol.AppendAwareness(nil, protocol.AppendAwarenessUpdate(nil, protocol.AwarenessEntry{Client: 7, Clock: 1, State: raw})))
	poll(t, "the place of the candidate is known", func() bool {
		_, lines := story(t, s.timelineOf(t, p.id, p.token["interviewer"]))
		for _, l := range lines {
			if l.K == "trace" && l.What != trace.Start && l.By != p.pid["candidate"] || l.What == trace.Mark || l.T < p.created.CreatedAt.UnixMilli() {
				t.Fatalf("forged: %+v", l)
			}
		}
		return slices.ContainsFunc(lines, func(l line) bool { return l.What == trace.File && l.File == "main" && l.Line == 12 })
	})
	c.close()
}

func TestQuietTime(t *testing.T) {
	t.Parallel()
	s := newService(t, nil)
	p := s.gather(t, nil)
	path := "/api/v1/sessions/" + p.id
	sess := decode[api.Session](t, s.do(t, "POST", path+"/quiet", p.token["candidate"], nil))
	if sess.Quiet == nil || sess.Quiet.By != p.pid["candidate"] || !sess.Quiet.Until.Equal(s.clock().Add(5*time.Minute)) {
		t.Errorf("quiet is %+v", sess.Quiet)
	}
	for _, minutes := range []int{-1, 31} {
		s.do(t, "POST", path+"/quiet", p.token["candidate"], map[string]int{"minutes": minutes}).want(t, "minutes", 422, "invalid_input")
	}
	s.advance(5 * time.Minute)
	if sess = decode[api.Session](t, s.do(t, "GET", path, p.token["candidate"], nil)); sess.Quiet != nil {
		t.Errorf("after its time quiet is %+v", sess.Quiet)
	}
	s.do(t, "POST", path+"/quiet", p.token["interviewer"], nil).want(t, "by the interviewer", 200, "")
	s.do(t, "DELETE", path+"/quiet", p.token["candidate"], nil).want(t, "end that of another", 403, "forbidden")
	if sess = decode[api.Session](t, s.do(t, "DELETE", path+"/quiet", p.token["interviewer"], nil)); sess.Quiet != nil {
		t.Errorf("after the end quiet is %+v", sess.Quiet)
	}
	// Who is refused cannot hide the typing again at once.
	s.do(t, "POST", path+"/quiet", p.token["candidate"], nil).want(t, "own ended before", 200, "")
	s.do(t, "DELETE", path+"/quiet", p.token["candidate"], nil).want(t, "end one's own", 200, "")
	s.do(t, "POST", path+"/quiet", p.token["candidate"], nil).want(t, "again", 200, "")
	s.do(t, "DELETE", path+"/quiet", p.token["interviewer"], nil).want(t, "refuse", 200, "")
	s.do(t, "POST", path+"/quiet", p.token["candidate"], nil).want(t, "refused", 409, "quiet_refused")
	s.do(t, "DELETE", path+"/quiet", p.token["candidate"], nil).want(t, "end none", 200, "")
	s.do(t, "POST", path+"/quiet", p.token["candidate"], nil).want(t, "still refused", 409, "quiet_refused")
	s.do(t, "POST", path+"/quiet", p.token["interviewer"], nil).want(t, "the interviewer starts one", 200, "")
	s.advance(5 * time.Minute)
	s.do(t, "POST", path+"/quiet", p.token["candidate"], nil).want(t, "later", 200, "")
}

// During quiet time an interviewer does not see what the candidate types. The end shows all of it.
func TestQuietTimeHidesTypingFromTheOthers(t *testing.T) {
	t.Parallel()
	s := newService(t, nil)
	s.now = time.Now() // the relay ends a quiet time by the real clock
	p := s.gather(t, map[string]string{"code": ""})
	dial := func(role string) *conn {
		c := s.dial(t, "/ws/sessions/"+p.id+"?token="+p.token[role])
		c.expectStep1(t)
		c.sync(t)
		return c
	}
	lead, candidate := dial("interviewer"), dial("candidate")
	s.do(t, "POST", "/api/v1/sessions/"+p.id+"/quiet", p.token["candidate"], nil).want(t, "quiet", 200, "")
	candidate.typeText(t, "hidden")
	candidate.sync(t)
	lead.sync(t)
	if got := lead.doc.Text("file:main").String(); got != "" {
		t.Errorf("the interviewer sees %q during quiet time", got)
	}
	lead.typeText(t, "open ")
	lead.sync(t)
	candidate.sync(t)
	s.do(t, "DELETE", "/api/v1/sessions/"+p.id+"/quiet", p.token["candidate"], nil).want(t, "end", 200, "")
	lead.sync(t)
	if got, want := lead.doc.Text("file:main").String(), candidate.doc.Text("file:main").String(); got != want || len(got) != len("open hidden") {
		t.Errorf("after quiet time the interviewer has %q, the candidate %q", got, want)
	}
}

// One participant who floods a session with marks or quiet times is stopped, and nobody else is.
func TestMarksAndQuietTimesAreBounded(t *testing.T) {
	t.Parallel()
	s := newService(t, nil)
	sess := s.gather(t, nil)
	path := "/api/v1/sessions/" + sess.id
	lead, cand := sess.token["interviewer"], sess.token["candidate"]
	// refusedAt returns how many calls were answered before one was refused. The allowance grows
	// while the calls are made.
	refusedAt := func(perMinute int, call func() answer) int {
		t.Helper()
		begun := time.Now()
		for n := 0; ; n++ {
			if more := int(time.Since(begun).Minutes() * float64(perMinute)); n > perMinute+more+1 {
				t.Fatalf("%d calls are answered, of %d a minute", n, perMinute)
			}
			if call().status == 429 {
				return n
			}
		}
	}
	if n := refusedAt(api.MarksPerMinute, func() answer { return s.do(t, "POST", path+"/marks", lead, nil) }); n < api.MarksPerMinute {
		t.Errorf("mark %d is refused", n)
	}
	methods := 0
	if n := refusedAt(api.QuietsPerMinute, func() answer {
		methods++
		return s.do(t, []string{"DELETE", "POST"}[methods%2], path+"/quiet", cand, nil)
	}); n < api.QuietsPerMinute {
		t.Errorf("quiet time %d is refused", n)
	}
	s.do(t, "POST", path+"/quiet", lead, nil).want(t, "the interviewer's", 200, "")
}
