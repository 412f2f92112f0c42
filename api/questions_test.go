package api_test

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/fasthttp/websocket"

	"parley/api"
	"parley/crdt"
	"parley/pkg/access"
	"parley/pkg/protocol"
	"parley/pkg/question"
	"parley/pkg/relay"
	"parley/pkg/session"
)

// Words that stand in one place each of the question of these tests.
const (
	inGuide  = "GUIDEWORD"
	inHidden = "HIDDENWORD"
	inPart2  = "PARTTWOWORD"
	inPart3  = "PARTTHREEWORD"
)

// bank returns a bank with a question whose secrets are words of their own.
func bank(t *testing.T) *question.Bank {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"question.yaml":        "title: Secrets\nparts: [First, " + inPart2 + " title, Third]\n",
		"prompt.md":            "# Secrets\n\nFirst part.\n",
		"prompt.2.md":          inPart2 + "\n",
		"prompt.3.md":          inPart3 + "\n",
		"guide.md":             inGuide + "\n",
		"tests.yaml":           "- {name: shown, input: '1', expected: '2'}\n- {name: code, code: {python: assert 1}}\n- {name: " + inHidden + " name, input: " + inHidden + " in, expected: " + inHidden + " out, hidden: true}\n",
		"files/python/main.py": "print(2)\n",
		"files/python/data.md": "data\n",
		"files/go/main.go":     "package main\n",
	} {
		name = filepath.Join(dir, "secrets", name)
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	b, err := question.Open(dir, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.Close() })
	return b
}

func withBank(t *testing.T) func(*api.Options) {
	b := bank(t)
	return func(o *api.Options) { o.Questions = b }
}

// document returns the document of a session as JSON.
func document(t *testing.T, s *service, id string) (doc struct {
	Prompt string                    `json:"prompt"`
	Files  map[string]map[string]any `json:"files"`
	Tests  []map[string]any          `json:"tests"`
	Texts  map[string]string         `json:"-"`
}) {
	t.Helper()
	var raw []byte
	doc.Texts = map[string]string{}
	err := s.relay.View(t.Context(), relay.RoomID{Session: id}, relay.Sight{}, func(d *crdt.Doc) {
		for _, file := range d.Map("files").Keys() {
			doc.Texts[file] = d.Text("file:" + file).String()
		}
		d.Text("prompt")
		d.Array("tests")
		raw, _ = json.Marshal(d.ToJSON())
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw, &doc); err != nil {
		t.Fatal(err)
	}
	return doc
}

func TestCreateFromAQuestion(t *testing.T) {
	t.Parallel()
	s := newService(t, withBank(t))
	made := s.create(t, map[string]any{"question": "secrets", "language": "python"})
	if made.Title != "Secrets" || made.Language != "python" || made.Code != "print(2)\n" || made.Question == nil || made.Question.ID != "secrets" || !question.ValidHash(made.Question.Hash) {
		t.Fatalf("the session is %+v, its question %+v", made.Session, made.Question)
	}
	doc := document(t, s, made.ID)
	if doc.Prompt != "# Secrets\n\nFirst part.\n" || len(doc.Files) != 2 || doc.Texts["main"] != "print(2)\n" {
		t.Errorf("the document is %+v", doc)
	}
	if len(doc.Tests) != 2 || doc.Tests[0]["expected"] != "2" || doc.Tests[0]["kind"] != "io" || doc.Tests[1]["kind"] != "code" || doc.Tests[1]["expected"] != "assert 1" {
		t.Errorf("the tests are %v", doc.Tests)
	}
	for body, field := range map[string]map[string]any{
		"unknown": {"question": "nothing"}, "with code": {"question": "secrets", "code": "x"}, "with prompt": {"question": "secrets", "prompt": "x"},
	} {
		a := s.do(t, "POST", "/api/v1/sessions", "", field)
		a.want(t, body, 422, "invalid_input")
		if p := decode[api.Problem](t, a); len(p.Errors) != 1 || p.Errors[0].Field != "question" {
			t.Errorf("%s: %s", body, a)
		}
	}
	if other := s.create(t, map[string]any{"question": "secrets", "title": "Mine", "language": "ruby"}); other.Title != "Mine" || other.Language != "ruby" || len(document(t, s, other.ID).Tests) != 1 {
		t.Errorf("a language without files: %+v", other.Session)
	}
}

func TestAskInARunningSession(t *testing.T) {
	t.Parallel()
	s := newService(t, withBank(t))
	p := s.gather(t, map[string]any{"language": "python", "code": "work = 1\n", "prompt": "Old problem"})
	path := "/api/v1/sessions/" + p.id
	ask := map[string]any{"question": "secrets", "language": "python"}
	for role, token := range map[string]string{"candidate": p.token["candidate"], "observer": p.token["observer"]} {
		s.do(t, "POST", path+"/questions", token, ask).want(t, role, 403, "forbidden")
	}
	s.do(t, "GET", path+"/guide", p.token["interviewer"], nil).want(t, "guide", 404, "no_question")
	s.do(t, "POST", path+"/reveal", p.token["interviewer"], nil).want(t, "reveal", 404, "no_question")
	s.do(t, "POST", path+"/questions", p.token["interviewer"], map[string]any{"question": "none"}).want(t, "none", 404, "question_not_found")
	a := s.do(t, "POST", path+"/questions", p.token["interviewer"], ask)
	a.want(t, "ask", 200, "")
	if g := decode[api.Guide](t, a); g.ID != "secrets" || g.Revealed != 1 || !strings.Contains(g.Guide, inGuide) || len(g.TestList) != 3 || g.PartList[0].Revealed != true || g.PartList[1].Revealed {
		t.Errorf("the guide is %+v", g)
	}
	doc := document(t, s, p.id)
	names := map[string]string{} // text by name
	for id, f := range doc.Files {
		names[f["name"].(string)] = doc.Texts[id]
	}
	for name, text := range map[string]string{"main.py": "print(2)\n", "data.md": "data\n", "main-1.py": "work = 1\n", "problem.md": "Old problem"} {
		if names[name] != text {
			t.Errorf("%s has %q, want %q; all: %q", name, names[name], text, names)
		}
	}
	if doc.Files["main"]["name"] != "main-1.py" || doc.Prompt != "# Secrets\n\nFirst part.\n" || len(doc.Tests) != 2 {
		t.Errorf("the document is %+v", doc)
	}
	s.do(t, "POST", path+"/questions", p.token["interviewer"], map[string]any{"question": "secrets", "language": "go"}).want(t, "ask again", 200, "")
	if again := document(t, s, p.id); len(again.Files) != 6 || len(again.Tests) != 1 {
		t.Errorf("asked again there are %d files and %d tests: %+v", len(again.Files), len(again.Tests), again.Files)
	}
	for range session.MaxQuestions - 2 {
		s.do(t, "POST", path+"/questions", p.token["interviewer"], ask).want(t, "ask", 200, "")
	}
	s.do(t, "POST", path+"/questions", p.token["interviewer"], ask).want(t, "one too many", 409, "many_questions")
	s.do(t, "PATCH", path, p.token["interviewer"], map[string]string{"status": "ended"}).want(t, "end", 200, "")
	s.do(t, "POST", path+"/questions", p.token["interviewer"], ask).want(t, "after the end", 409, "session_ended")
	s.do(t, "POST", path+"/reveal", p.token["interviewer"], nil).want(t, "after the end", 409, "session_ended")
	s.do(t, "GET", path+"/guide", p.token["interviewer"], nil).want(t, "the guide stays", 200, "")
}

// A file main that nobody has worked in is used.
func TestAskInAnEmptySession(t *testing.T) {
	t.Parallel()
	s := newService(t, withBank(t))
	made := s.create(t, nil)
	s.do(t, "POST", "/api/v1/sessions/"+made.ID+"/questions", made.Token, map[string]any{"question": "secrets"}).want(t, "ask", 200, "")
	if doc := document(t, s, made.ID); len(doc.Files) != 1 || doc.Files["main"]["name"] != "main.go" || doc.Files["main"]["language"] != "go" {
		t.Errorf("the files are %v", doc.Files)
	}
}

func TestReveal(t *testing.T) {
	t.Parallel()
	s := newService(t, withBank(t))
	p := s.gather(t, map[string]any{"question": "secrets", "language": "python"})
	reveal := func(token string, body any) answer {
		return s.do(t, "POST", "/api/v1/sessions/"+p.id+"/reveal", token, body)
	}
	reveal(p.token["candidate"], nil).want(t, "candidate", 403, "forbidden")
	reveal(p.token["observer"], nil).want(t, "observer", 403, "forbidden")
	reveal(p.token["interviewer"], map[string]int{"part": 3}).want(t, "not the next one", 409, "no_such_part")
	for range 2 { // the same part twice is revealed once
		reveal(p.token["interviewer"], map[string]int{"part": 2}).want(t, "part 2", 200, "")
	}
	if got := document(t, s, p.id).Prompt; got != "# Secrets\n\nFirst part.\n\n"+inPart2+"\n" {
		t.Errorf("the problem is %q", got)
	}
	g := decode[api.Guide](t, reveal(p.token["interviewer"], nil))
	if g.Revealed != 3 || !g.PartList[2].Revealed || strings.Count(document(t, s, p.id).Prompt, inPart3) != 1 {
		t.Errorf("the guide is %+v", g)
	}
	reveal(p.token["interviewer"], nil).want(t, "there is no fourth", 409, "no_such_part")
}

// A change of the bank changes nothing in a session.
func TestASessionKeepsItsQuestion(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	put := func(title string) {
		t.Helper()
		for name, text := range map[string]string{"question.yaml": "title: " + title + "\n", "prompt.md": "# " + title + "\n", "guide.md": title} {
			if err := os.MkdirAll(filepath.Join(dir, "q"), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(dir, "q", name), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	put("Before")
	b, err := question.Open(dir, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.Close() })
	s := newService(t, func(o *api.Options) { o.Questions = b })
	made := s.create(t, map[string]any{"question": "q"})
	put("After")
	if err := b.Refresh(); err != nil {
		t.Fatal(err)
	}
	g := decode[api.Guide](t, s.do(t, "GET", "/api/v1/sessions/"+made.ID+"/guide", made.Token, nil))
	if g.Guide != "Before" || g.Hash != made.Question.Hash {
		t.Errorf("the guide is %+v", g)
	}
	if q := decode[api.Question](t, s.do(t, "GET", "/api/v1/questions/q", made.Token, nil)); q.Guide != "After" || q.Hash == made.Question.Hash {
		t.Errorf("the bank has %+v", q)
	}
}

// Without API keys the bank is open to whoever may create a session; no token of another role opens
// it. With keys it needs one, or the token of an interviewer.
func TestWhoReadsTheBank(t *testing.T) {
	t.Parallel()
	key := strings.Repeat("k", access.MinKey)
	for name, keys := range map[string][]string{"without keys": nil, "with a key": {key}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := bank(t)
			s := newService(t, func(o *api.Options) { o.Questions, o.Keys = b, access.NewKeys(keys) })
			header := []string{}
			if keys != nil {
				header = []string{"Authorization", "Bearer " + key}
			}
			a := s.do(t, "POST", "/api/v1/sessions", "", nil, header...)
			a.want(t, "create", 201, "")
			made := decode[api.NewSession](t, a)
			candidate, observer := s.join(t, made.Invites.Candidate, "C"), s.join(t, made.Invites.Observer, "O")
			for _, path := range []string{"/api/v1/questions", "/api/v1/questions/secrets"} {
				if keys == nil {
					s.do(t, "GET", path, "", nil).want(t, path, 200, "")
				} else {
					s.do(t, "GET", path, "", nil).want(t, path, 401, "api_key_required")
					s.do(t, "GET", path, key, nil).want(t, path, 200, "")
				}
				s.do(t, "GET", path, made.Token, nil).want(t, path, 200, "")
				s.do(t, "GET", path, candidate.Token, nil).want(t, path, 403, "forbidden")
				s.do(t, "GET", path, observer.Token, nil).want(t, path, 403, "forbidden")
				s.do(t, "GET", path, "nonsense", nil).want(t, path, 401, "token_invalid")
			}
			s.do(t, "GET", "/api/v1/questions/none", made.Token, nil).want(t, "none", 404, "question_not_found")
			s.do(t, "GET", "/api/v1/questions/..%2fsecrets", made.Token, nil).want(t, "a path", 404, "")
			list := decode[api.QuestionList](t, s.do(t, "GET", "/api/v1/questions", made.Token, nil))
			if n := len(list.Questions); n != 11 || !slices.ContainsFunc(list.Questions, func(q api.QuestionSummary) bool { return q.ID == "secrets" && q.Parts == 3 && q.Tests == 3 }) {
				t.Errorf("%d questions: %+v", n, list.Questions)
			}
		})
	}
}

// Guide, hidden tests and parts that are not revealed reach no candidate and no observer: not by an
// answer, not in a document, not on the wire, not in an export or a timeline.
func TestSecretsOfAQuestion(t *testing.T) {
	t.Parallel()
	s := newService(t, withBank(t))
	p := s.gather(t, map[string]any{"question": "secrets", "language": "python", "replay": "all"})
	path := "/api/v1/sessions/" + p.id
	s.do(t, "POST", path+"/questions", p.token["interviewer"], map[string]any{"question": "secrets", "language": "go"}).want(t, "ask", 200, "")
	s.do(t, "POST", path+"/reveal", p.token["interviewer"], nil).want(t, "reveal", 200, "")
	secrets := []string{inGuide, inHidden, inPart3}
	clean := func(what string, content []byte) {
		t.Helper()
		for _, secret := range secrets {
			if bytes.Contains(content, []byte(secret)) {
				t.Errorf("%s holds %s", what, secret)
			}
		}
	}
	look := func(role string) {
		t.Helper()
		for _, at := range []string{"", "/participants", "/guide", "/export", "/timeline"} {
			a := s.do(t, "GET", path+at, p.token[role], nil)
			clean(role+" "+at, a.body)
			if at == "/export" {
				for name, content := range unzipped(t, a.body) {
					clean(role+" "+at+" "+name, content)
				}
			}
		}
		for _, bankPath := range []string{"/api/v1/questions", "/api/v1/questions/secrets"} {
			clean(role+" "+bankPath, s.do(t, "GET", bankPath, p.token[role], nil).body)
		}
		for _, doc := range []string{"", "lobby"} {
			clean(role+" document "+doc, wholeDocument(t, s, p.id, doc, p.token[role]))
		}
	}
	look("candidate")
	look("observer")
	if !bytes.Contains(wholeDocument(t, s, p.id, "", p.token["candidate"]), []byte(inPart2)) {
		t.Error("the revealed part is not on the wire, so this test sees nothing")
	}
	export := unzipped(t, s.do(t, "GET", path+"/export", p.token["interviewer"], nil).body)
	private := 0
	for name, content := range export {
		if strings.HasPrefix(name, "private/") {
			private++
		} else {
			clean("the open part "+name, content)
		}
	}
	hash := p.created.Question.Hash
	if got := string(export["private/questions/secrets@"+hash+"/guide.md"]); private == 0 || got != inGuide+"\n" {
		t.Errorf("the guide in the interviewer's archive is %q", got)
	}
	s.do(t, "PATCH", path, p.token["interviewer"], map[string]string{"status": "ended"}).want(t, "end", 200, "")
	look("candidate")
	look("observer")
}

// wholeDocument returns all bytes that a new connection gets of a document.
func wholeDocument(t *testing.T, s *service, id, doc, token string) []byte {
	t.Helper()
	path := "/ws/sessions/" + id
	if doc != "" {
		path += "/" + doc
	}
	conn, _, err := websocket.DefaultDialer.Dial("ws"+strings.TrimPrefix(s.url, "http")+path+"?token="+token, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.WriteMessage(websocket.BinaryMessage, protocol.AppendStep1(nil, []byte{0})); err != nil {
		t.Fatal(err)
	}
	var all []byte
	for {
		frame := read(t, conn)
		all = append(all, frame...)
		if m, err := protocol.Decode(frame); err == nil && m.Type == protocol.TypeSync && m.Step == protocol.Step2 {
			return all
		}
	}
}

func unzipped(t *testing.T, raw []byte) map[string][]byte {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		t.Fatal(err)
	}
	parts := map[string][]byte{}
	for _, f := range z.File {
		in, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		if parts[f.Name], err = io.ReadAll(in); err != nil {
			t.Fatal(err)
		}
	}
	return parts
}
