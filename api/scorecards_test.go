package api_test

import (
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"parley/api"
	"parley/pkg/archive"
	"parley/pkg/question"
	"parley/pkg/scorecard"
	"parley/pkg/session"
	"parley/pkg/webhook"
)

const judged = "JUDGEDWORD" // stands in everything that interviewers write in these tests

// judges is a session with two interviewers, a candidate and an observer.
type judges struct {
	people
	path string
}

func (s *service) judges(t *testing.T, body any) judges {
	t.Helper()
	p := s.gather(t, body)
	second := s.join(t, p.created.Invites.Interviewer, "Grace")
	p.token["second"], p.pid["second"] = second.Token, second.Participant.ID
	return judges{p, "/api/v1/sessions/" + p.id}
}

func card(words string, version int64) map[string]any {
	return map[string]any{
		"version": version, "decision": "yes", "words": judged + " " + words, "moments": []int64{1000},
		"ratings": []map[string]any{{"criterion": "code", "level": 3, "evidence": judged + " evidence", "moments": []int64{2000, 1500}}},
	}
}

func (s *service) put(t *testing.T, j judges, who string, body any) api.Scorecard {
	t.Helper()
	a := s.do(t, "PUT", j.path+"/scorecards/me", j.token[who], body)
	a.want(t, who+" writes", 200, "")
	return decode[api.Scorecard](t, a)
}

func (s *service) submit(t *testing.T, j judges, who string, version int64) api.Scorecard {
	t.Helper()
	a := s.do(t, "POST", j.path+"/scorecards/me/submit", j.token[who], map[string]any{"version": version})
	a.want(t, who+" submits", 200, "")
	return decode[api.Scorecard](t, a)
}

func (s *service) scorecards(t *testing.T, j judges, token string) api.Scorecards {
	t.Helper()
	a := s.do(t, "GET", j.path+"/scorecards", token, nil)
	a.want(t, "scorecards", 200, "")
	return decode[api.Scorecards](t, a)
}

// One's own scorecard is written by versions; those of others show when it is submitted.
func TestScorecards(t *testing.T) {
	t.Parallel()
	s := newService(t, nil)
	j := s.judges(t, nil)
	if got := s.scorecards(t, j, j.token["interviewer"]); got.Mine != nil || got.Me.ID != j.pid["interviewer"] || got.Rubric.ID != "general" || len(got.Rubric.Criteria) != 5 || len(got.Rubric.Criteria[0].Levels) != 4 || len(got.People) != 2 {
		t.Errorf("at first %+v", got)
	}
	first := s.put(t, j, "interviewer", card("first", 0))
	if first.Version != 1 || first.Ratings[0].Moments[0] != 1500 || first.Author.ID != j.pid["interviewer"] {
		t.Errorf("first %+v", first)
	}
	s.put(t, j, "interviewer", card("first", 0)) // the same call again
	s.put(t, j, "interviewer", card("second", 1))
	s.do(t, "PUT", j.path+"/scorecards/me", j.token["interviewer"], card("another tab", 1)).want(t, "another tab", 409, "scorecard_changed")
	s.end(t, j.id, j.token["interviewer"])
	s.do(t, "POST", j.path+"/scorecards/me/submit", j.token["second"], map[string]any{"version": 0}).want(t, "nothing", 404, "no_scorecard")
	s.put(t, j, "second", card("of Grace", 0))
	comment := map[string]any{"id": "c1", "moment": 90_000, "text": judged + " of Grace"}
	for range 2 {
		s.do(t, "POST", j.path+"/comments", j.token["second"], comment).want(t, "comment", 201, "")
	}
	s.submit(t, j, "second", 1)
	got := s.scorecards(t, j, j.token["interviewer"])
	if got.Mine.Words != judged+" second" || len(got.Others) != 0 || len(got.Comments) != 0 || got.People[0].State != "draft" || got.People[1].State != "submitted" {
		t.Errorf("before the own one is submitted: %+v", got)
	}
	if got := s.scorecards(t, j, j.token["second"]); len(got.Others) != 0 || len(got.Comments) != 1 {
		t.Errorf("a draft of another: %+v", got)
	}
	s.do(t, "POST", j.path+"/scorecards/me/submit", j.token["interviewer"], map[string]any{"version": 1}).want(t, "an old version", 409, "scorecard_changed")
	done := s.submit(t, j, "interviewer", 2)
	if again := s.submit(t, j, "interviewer", 2); again.SubmittedAt != done.SubmittedAt || done.SubmittedAt.IsZero() {
		t.Errorf("submitted %v and %v", done.SubmittedAt, again.SubmittedAt)
	}
	s.do(t, "PUT", j.path+"/scorecards/me", j.token["interviewer"], card("later", done.Version)).want(t, "change it", 409, "scorecard_submitted")
	if got = s.scorecards(t, j, j.token["interviewer"]); len(got.Others) != 1 || got.Others[0].Words != judged+" of Grace" || len(got.Comments) != 1 {
		t.Errorf("after it is submitted: %+v", got)
	}
	s.do(t, "DELETE", j.path+"/comments/c1", j.token["interviewer"], nil).want(t, "another's comment", 404, "comment_not_found")
	s.do(t, "DELETE", j.path+"/comments/c1", j.token["second"], nil).want(t, "the own comment", 204, "")
	if got = s.scorecards(t, j, j.token["second"]); len(got.Comments) != 0 {
		t.Errorf("comments left: %+v", got.Comments)
	}
}

func TestBadScorecards(t *testing.T) {
	t.Parallel()
	s := newService(t, nil)
	j := s.judges(t, nil)
	for name, body := range map[string]map[string]any{
		"decision": {"decision": "maybe"}, "level": {"ratings": []any{map[string]any{"criterion": "code", "level": 5}}},
		"criterion": {"ratings": []any{map[string]any{"criterion": "charm"}}}, "words": {"words": strings.Repeat("x", scorecard.MaxWords+1)},
		"moment": {"moments": []int64{-1}}, "version": {"version": -1}, "field": {"total": 4},
	} {
		s.do(t, "PUT", j.path+"/scorecards/me", j.token["interviewer"], body).want(t, name, 422, "invalid_input")
	}
	evidence := []map[string]any{}
	for _, c := range s.scorecards(t, j, j.token["interviewer"]).Rubric.Criteria {
		evidence = append(evidence, map[string]any{"criterion": c.ID, "evidence": strings.Repeat("🙂", scorecard.MaxEvidence)})
	}
	s.do(t, "PUT", j.path+"/scorecards/me", j.token["interviewer"], map[string]any{"ratings": evidence}).want(t, "too much", 413, "too_much_written")
	s.put(t, j, "interviewer", map[string]any{"words": "no decision"})
	s.do(t, "POST", j.path+"/scorecards/me/submit", j.token["interviewer"], map[string]any{"version": 1}).want(t, "undecided", 422, "invalid_input")
	s.do(t, "POST", j.path+"/comments", j.token["interviewer"], map[string]any{"moment": 1, "text": " "}).want(t, "empty", 422, "invalid_input")
}

// The rubrics of all questions that were asked are there, whatever becomes of them in the bank.
func TestRubricOfTheQuestion(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		if err := os.MkdirAll(filepath.Join(dir, filepath.Dir(name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("rubrics/sql.yaml", "title: SQL\ncriteria:\n- {id: joins, title: Joins, levels: {1: none, 4: all}}\n")
	write("q/question.yaml", "title: Q\nrubric: sql\n")
	write("q/prompt.md", "# Q\n")
	b, err := question.Open(dir, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.Close() })
	s := newService(t, func(o *api.Options) { o.Questions = b })
	j := s.judges(t, map[string]any{"question": "q"})
	if r := s.scorecards(t, j, j.token["interviewer"]).Rubric; r.ID != "sql" || len(r.Criteria) != 1 || r.Criteria[0].Levels[3] != "all" {
		t.Errorf("the rubric is %+v", r)
	}
	s.put(t, j, "interviewer", map[string]any{"ratings": []any{map[string]any{"criterion": "joins", "level": 4}}})
	write("rubrics/sql.yaml", "title: SQL\ncriteria:\n- {id: keys, title: Keys}\n")
	if err := b.Refresh(); err != nil {
		t.Fatal(err)
	}
	if r := s.scorecards(t, j, j.token["interviewer"]).Rubric; len(r.Criteria) != 2 || r.Criteria[0].ID != "joins" {
		t.Errorf("after a change of the bank it is %+v", r)
	}
	s.put(t, j, "interviewer", map[string]any{"version": 1, "ratings": []any{map[string]any{"criterion": "joins", "level": 3}}})
}

// Nothing of what interviewers write, not even that they have, reaches anybody else: by no answer,
// in no document, in no export, by no token of a replay.
func TestScorecardsAreHidden(t *testing.T) {
	t.Parallel()
	s := newService(t, nil)
	j := s.judges(t, map[string]any{"replay": "all"})
	s.put(t, j, "interviewer", card("x", 0))
	s.do(t, "POST", j.path+"/comments", j.token["interviewer"], map[string]any{"moment": 1, "text": judged}).want(t, "comment", 201, "")
	s.submit(t, j, "interviewer", 1)
	link := decode[api.ReplayLink](t, s.do(t, "POST", j.path+"/invites/replay", j.token["interviewer"], map[string]any{"private": true}))
	look := func() {
		t.Helper()
		for _, role := range []string{"candidate", "observer"} {
			for _, call := range []struct {
				method, path string
				body         any
			}{
				{"GET", "/scorecards", nil}, {"PUT", "/scorecards/me", card("x", 0)}, {"POST", "/scorecards/me/submit", map[string]any{"version": 1}},
				{"POST", "/comments", map[string]any{"moment": 1, "text": "x"}}, {"DELETE", "/comments/c", nil},
			} {
				s.do(t, call.method, j.path+call.path, j.token[role], call.body).want(t, role+" "+call.path, 403, "forbidden")
				s.do(t, call.method, j.path+call.path, "", call.body).want(t, "nobody "+call.path, 401, "token_required")
			}
			for _, at := range []string{"", "/participants", "/guide", "/export", "/timeline"} {
				a := s.do(t, "GET", j.path+at, j.token[role], nil)
				parts := map[string][]byte{at: a.body}
				if at == "/export" {
					parts = unzipped(t, a.body)
				}
				for name, content := range parts {
					if bytes.Contains(content, []byte(judged)) || bytes.Contains(content, []byte("scorecard")) || strings.Contains(name, "private") {
						t.Errorf("%s: %s %s tells of scorecards", role, at, name)
					}
				}
			}
			for _, doc := range []string{"", "lobby"} {
				if bytes.Contains(wholeDocument(t, s, j.id, doc, j.token[role]), []byte(judged)) {
					t.Errorf("%s: document %q has it", role, doc)
				}
			}
		}
	}
	look()
	s.end(t, j.id, j.token["interviewer"])
	look()
	opened := decode[api.Opened](t, s.do(t, "POST", "/api/v1/replay", "", map[string]any{"code": link.URL}))
	s.do(t, "GET", j.path+"/scorecards", opened.Token, nil).want(t, "a replay token", 401, "token_invalid")
	if a := s.do(t, "GET", j.path+"/timeline", opened.Token, nil); a.status != 200 || bytes.Contains(a.body, []byte(judged)) {
		t.Errorf("the timeline of a replay link: %d", a.status)
	}
	export := unzipped(t, s.do(t, "GET", j.path+"/export", j.token["second"], nil).body)
	if content := export["private/scorecards.json"]; bytes.Contains(content, []byte(judged)) || len(content) == 0 {
		t.Errorf("who has not submitted exports %s", content)
	}
	for _, name := range []string{"transcript.md", "audit.json"} {
		if bytes.Contains(export[name], []byte("scorecard")) {
			t.Errorf("the open part %s tells of scorecards", name)
		}
	}
	own := unzipped(t, s.do(t, "GET", j.path+"/export", j.token["interviewer"], nil).body)
	for _, name := range []string{"private/scorecards.json", "private/scorecards.md"} {
		if !bytes.Contains(own[name], []byte(judged)) {
			t.Errorf("the own export has %s in %s", own[name], name)
		}
	}
	if !bytes.Contains(own["private/audit.json"], []byte("scorecard_submitted")) {
		t.Error("the audit log of interviewers says nothing")
	}
}

// With open access people without a token may do much, but judge nobody.
func TestScorecardsOfOpenRooms(t *testing.T) {
	t.Parallel()
	s := newService(t, func(o *api.Options) { o.Open = true })
	j := s.judges(t, nil)
	s.put(t, j, "interviewer", card("x", 0))
	s.submit(t, j, "interviewer", 1)
	s.do(t, "GET", j.path+"/scorecards", "", nil).want(t, "nobody", 401, "token_required")
	s.do(t, "PUT", j.path+"/scorecards/me", "", card("x", 0)).want(t, "nobody", 401, "token_required")
	for name, content := range unzipped(t, s.do(t, "GET", j.path+"/export", "", nil).body) {
		if bytes.Contains(content, []byte(judged)) {
			t.Errorf("everybody's export has it in %s", name)
		}
	}
}

// An API key reads everything from the end on, drafts too, and writes nothing.
func TestScorecardsByKey(t *testing.T) {
	t.Parallel()
	s := newService(t, withKey)
	p := s.gatherWith(t, apiKey, nil)
	j := judges{p, "/api/v1/sessions/" + p.id}
	s.put(t, j, "interviewer", card("x", 0))
	s.do(t, "GET", j.path+"/scorecards", apiKey, nil).want(t, "before the end", 409, "not_ended")
	s.end(t, j.id, j.token["interviewer"])
	if got := s.scorecards(t, j, apiKey); len(got.Others) != 1 || got.Mine != nil || got.Me != nil {
		t.Errorf("a key reads %+v", got)
	}
	s.do(t, "PUT", j.path+"/scorecards/me", apiKey, card("x", 1)).want(t, "write", 403, "forbidden")
	s.do(t, "GET", j.path+"/scorecards", "wrong-key-wrong-key", nil).want(t, "a wrong key", 401, "token_invalid")
}

// A scorecard can be begun, continued and submitted when only the archive has the interview. The
// downloaded bundle has what its reader may see, and the bundle that was written stays as it was.
func TestScorecardsOfTheArchive(t *testing.T) {
	t.Parallel()
	var s *service
	var kept *archive.Archive
	tune := withArchive(t, &s)
	s = newService(t, func(o *api.Options) {
		tune(o)
		kept = o.Archive
	})
	p := s.gatherWith(t, apiKey, nil)
	second := s.join(t, p.created.Invites.Interviewer, "Grace")
	p.token["second"], p.pid["second"] = second.Token, second.Participant.ID
	j := judges{p, "/api/v1/sessions/" + p.id}
	s.end(t, j.id, j.token["interviewer"])
	s.archiveAll(t, kept, j.id)
	s.put(t, j, "interviewer", card("BEFORE", 0))
	if sess, err := s.sessions.Stored(t.Context(), session.ID(j.id)); err != nil || !sess.AwaitsArchive(s.clock()) {
		t.Errorf("what was written after the end is not archived: %v", err)
	}
	s.advance(sessionTTL + time.Minute)
	s.do(t, "GET", j.path+"/scorecards", j.token["second"], nil).want(t, "not archived yet", 409, "not_archived_yet")
	side := s.archiveAll(t, kept, j.id)
	if got := s.scorecards(t, j, j.token["second"]); got.Mine != nil || len(got.Others) != 0 || got.People[0].State != "draft" || len(got.Rubric.Criteria) != 5 {
		t.Errorf("Grace reads %+v", got)
	}
	bundle := func(token string) string {
		t.Helper()
		a := s.do(t, "GET", "/api/v1/archive/"+j.id+"/bundle", token, nil)
		a.want(t, "bundle", 200, "")
		parts := unzipped(t, a.body)
		return string(parts["private/scorecards.json"]) + string(parts["private/scorecards.md"])
	}
	if got := bundle(j.token["second"]); strings.Contains(got, judged) {
		t.Errorf("Grace's bundle has %s", got)
	}
	if got := bundle(apiKey); !strings.Contains(got, "BEFORE") {
		t.Errorf("the whole bundle has %s", got)
	}
	for _, role := range []string{"candidate", "observer"} {
		s.do(t, "GET", j.path+"/scorecards", j.token[role], nil).want(t, role, 403, "forbidden")
		s.do(t, "PUT", j.path+"/scorecards/me", j.token[role], card("x", 0)).want(t, role, 403, "forbidden")
	}
	s.do(t, "GET", j.path+"/scorecards", "", nil).want(t, "nobody", 401, "token_required")
	s.put(t, j, "interviewer", card("AFTER", 1))
	s.put(t, j, "second", card("of Grace", 0))
	s.do(t, "PUT", j.path+"/scorecards/me", j.token["second"], card("another tab", 0)).want(t, "another tab", 409, "scorecard_changed")
	s.submit(t, j, "second", 1)
	s.submit(t, j, "interviewer", 2)
	if got := s.scorecards(t, j, j.token["second"]); len(got.Others) != 1 || got.Others[0].Words != judged+" AFTER" {
		t.Errorf("Grace reads then %+v", got)
	}
	if got := bundle(j.token["interviewer"]); !strings.Contains(got, "of Grace") || !strings.Contains(got, judged+" AFTER") || strings.Contains(got, "BEFORE") {
		t.Errorf("the bundle of who has submitted has %s", got)
	}
	if found, err := kept.Find(t.Context(), j.id); err != nil || found.SHA256 != side.SHA256 {
		t.Errorf("the bundle that was written has changed: %v", err)
	}
	path := fmt.Sprintf("/api/v1/archive/%s/participants/%s/forget", j.id, j.pid["second"])
	s.do(t, "POST", path, apiKey, nil).want(t, "forget", 200, "")
	if got := bundle(apiKey); strings.Contains(got, `"name": "Grace"`) || strings.Contains(got, "## Grace") || !strings.Contains(got, "of Grace") {
		t.Errorf("a forgotten author is in %s", got)
	}
	s.do(t, "DELETE", "/api/v1/archive/"+j.id, apiKey, nil).want(t, "delete", 204, "")
	s.do(t, "GET", j.path+"/scorecards", apiKey, nil).want(t, "deleted", 410, "session_gone")
	if raw, err := kept.Added(t.Context(), side); err != nil || raw != nil {
		t.Errorf("left after the deletion: %s, %v", raw, err)
	}
}

// A submitted scorecard is told once, without what it says.
func TestScorecardWebhook(t *testing.T) {
	t.Parallel()
	got := make(chan string, 32)
	receiver := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got <- string(body)
	}))
	t.Cleanup(receiver.Close)
	s := newService(t, func(o *api.Options) {
		var err error
		if o.Webhooks, err = webhook.New(webhook.Options{URL: receiver.URL, Now: time.Now, Logger: o.Logger}); err != nil {
			t.Fatal(err)
		}
	})
	j := s.judges(t, map[string]any{"title": "T"})
	s.put(t, j, "interviewer", card("x", 0))
	for range 2 {
		s.submit(t, j, "interviewer", 1)
	}
	s.end(t, j.id, j.token["interviewer"]) // sent last, so everything before it is there or missing
	told := 0
	for done := false; !done || told == 0; {
		select {
		case body := <-got:
			done = done || strings.Contains(body, "session.ended")
			if !strings.Contains(body, api.EventSubmitted) {
				continue
			}
			told++
			if strings.Contains(body, judged) || strings.Contains(body, "yes") || !strings.Contains(body, j.pid["interviewer"]) {
				t.Errorf("told %s", body)
			}
		case <-time.After(wait):
			t.Fatal("nothing was told")
		}
	}
	if told != 1 {
		t.Errorf("told %d times", told)
	}
}

// The signed-in owner and administrators read everything without a token, from the end on. A person
// who took part writes with the cookie too, as the same interviewer. Others of the team do neither.
func TestScorecardsBySignIn(t *testing.T) {
	t.Parallel()
	s := byHeader(t, nil)
	user := func(name, groups string) []string { return sameOrigin(s.signInAs(t, name, "Remote-Groups", groups)) }
	ada, bob, cyn, dan := user("ada", "team"), user("bob", "team"), user("cyn", "admins"), user("dan", "team")
	a := s.do(t, "POST", "/api/v1/sessions", "", map[string]any{"team": "team"}, ada...)
	a.want(t, "create", 201, "")
	made := decode[api.NewSession](t, a)
	path := "/api/v1/sessions/" + made.ID
	a = s.do(t, "POST", "/api/v1/join", "", map[string]string{"invite": codeOf(made.Invites.Interviewer), "name": "Bob"}, bob...)
	a.want(t, "join", 200, "")
	joined := decode[api.Joined](t, a)
	s.do(t, "PUT", path+"/scorecards/me", joined.Token, card("of Bob", 0)).want(t, "write by token", 200, "")
	s.do(t, "PUT", path+"/scorecards/me", "", card("of Bob again", 1), bob...).want(t, "write by cookie", 200, "")
	s.do(t, "PUT", path+"/scorecards/me", "", card("x", 0), "Cookie", bob[1]).want(t, "from another site", 403, "cross_site_request")
	read := func(name string, headers []string, others int) {
		t.Helper()
		a := s.do(t, "GET", path+"/scorecards", "", nil, headers...)
		a.want(t, name, 200, "")
		if got := decode[api.Scorecards](t, a); len(got.Others) != others {
			t.Errorf("%s reads %+v", name, got)
		}
	}
	read("the owner before the end", ada, 0)
	s.do(t, "GET", path+"/scorecards", "", nil, cyn...).want(t, "an administrator before the end", 403, "forbidden")
	s.end(t, made.ID, made.Token)
	read("the owner", ada, 1)
	read("an administrator", cyn, 1)
	read("Bob", bob, 0)
	s.do(t, "GET", path+"/scorecards", "", nil, dan...).want(t, "the team", 403, "forbidden")
	s.do(t, "PUT", path+"/scorecards/me", "", card("x", 0), cyn...).want(t, "an administrator writes", 403, "forbidden")
	a = s.do(t, "GET", path+"/scorecards", made.Token, nil, ada...)
	if got := decode[api.Scorecards](t, a); len(got.Others) != 0 {
		t.Errorf("with the token of an interviewer the owner reads %+v", got)
	}
}
