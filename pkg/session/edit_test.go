package session_test

import (
	"errors"
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf16"

	"parley/crdt"
	"parley/pkg/access"
	"parley/pkg/session"
)

// docWith returns a document with text in its file main.
func docWith(t *testing.T, text string) *crdt.Doc {
	t.Helper()
	doc := crdt.NewDoc()
	apply(t, doc, session.Edit{Code: &text, Language: ptr("python")})
	return doc
}

func apply(t *testing.T, doc *crdt.Doc, e session.Edit) {
	t.Helper()
	e, err := e.Clean()
	if err != nil {
		t.Fatal(err)
	}
	if err := e.Apply(doc); err != nil {
		t.Fatal(err)
	}
}

// An edit touches only what differs, in whole characters.
func TestEditIsMinimal(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, from, to   string
		deleted, written int // UTF-16 units
	}{
		{"nothing", "abc", "abc", 0, 0},
		{"all new", "", "abc", 0, 3},
		{"all gone", "abc", "", 3, 0},
		{"in the middle", "one two three", "one 2 three", 3, 1},
		{"at the end", "ab", "abc", 0, 1},
		{"at the start", "bc", "abc", 0, 1},
		{"repeated", "aaa", "aaaa", 0, 1},
		{"overlapping ends", "abab", "ab", 2, 0},
		{"one emoji for another of the same high surrogate", "x😀y", "x😁y", 2, 2},
		{"one emoji for another of the same low surrogate", "x😀y", "x🈀y", 2, 2},
		{"line ends", "a\nb\n", "a\r\nb\rc", 1, 2},
		{"not UTF-8", "ab", "a\xffb", 0, 1},
	} {
		doc := docWith(t, tc.from)
		deleted, written := 0, 0
		doc.Text("file:main").Observe(func(e crdt.Event) {
			for _, c := range e.Delta {
				s, _ := c.Insert.(string)
				deleted, written = deleted+c.Delete, written+crdtUnits(s)
			}
		})
		apply(t, doc, session.Edit{Code: &tc.to})
		want := strings.ToValidUTF8(strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(tc.to), "\ufffd")
		if got := mainFile(doc).Code; got != want {
			t.Errorf("%s: text is %q, want %q", tc.name, got, want)
		}
		if deleted > tc.deleted || written > tc.written || strings.ContainsRune(doc.Text("file:main").String(), '\ufffd') != strings.Contains(tc.to, "\xff") {
			t.Errorf("%s: %d units deleted and %d written, want %d and %d", tc.name, deleted, written, tc.deleted, tc.written)
		}
	}
}

func crdtUnits(s string) int { return len(utf16.Encode([]rune(s))) }

// For any two texts, the edit turns one into the other, and the common characters keep their
// identity.
func TestEditOfRandomTexts(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(4, 2))
	alphabet := []rune("ab\n😀😁é中")
	random := func() string {
		out := make([]rune, rng.IntN(12))
		for i := range out {
			out[i] = alphabet[rng.IntN(len(alphabet))]
		}
		return string(out)
	}
	for range 500 {
		from, to := random(), random()
		doc := docWith(t, from)
		other := crdt.NewDoc()
		state, err := doc.EncodeStateAsUpdate(nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := other.ApplyUpdate(state); err != nil {
			t.Fatal(err)
		}
		apply(t, doc, session.Edit{Code: &to})
		if got := mainFile(doc).Code; got != to {
			t.Fatalf("from %q to %q: got %q", from, to, got)
		}
		update, err := doc.EncodeStateAsUpdate(other.EncodeStateVector())
		if err != nil {
			t.Fatal(err)
		}
		if err := other.ApplyUpdate(update); err != nil || mainFile(other).Code != to {
			t.Fatalf("from %q to %q: the other replica reads %q (%v)", from, to, mainFile(other).Code, err)
		}
	}
}

func TestEditOfFiles(t *testing.T) {
	t.Parallel()
	doc := docWith(t, "x")
	if f := mainFile(doc); f.Name != "main.py" || f.Language != "python" {
		t.Errorf("the created file is %+v", f)
	}
	apply(t, doc, session.Edit{Language: ptr("go")})
	if f := mainFile(doc); f.Name != "main.go" || f.Language != "go" || f.Code != "x" {
		t.Errorf("in another language the file is %+v", f)
	}
	if e, err := (session.Edit{File: "other", Code: ptr("y")}).Clean(); err != nil || !errors.Is(e.Apply(doc), session.ErrNoFile) {
		t.Errorf("a missing file: %v", err)
	}
	if err := doc.Map("files").Set("other", crdt.NewMap()); err != nil {
		t.Fatal(err)
	}
	apply(t, doc, session.Edit{File: "other", Code: ptr("y"), Language: ptr("Go")})
	if got := doc.Text("file:other").String(); got != "y" || mainFile(doc).Code != "x" {
		t.Errorf("the other file reads %q, main %q", got, mainFile(doc).Code)
	}
	if err := doc.Text("file:main").InsertEmbed(0, map[string]any{"odd": true}, nil); err != nil {
		t.Fatal(err)
	}
	apply(t, doc, session.Edit{Code: ptr("xy")})
	if got := mainFile(doc).Code; got != "xy" || doc.Text("file:main").Len() != 2 {
		t.Errorf("over an embed the text is %q, %d units", got, doc.Text("file:main").Len())
	}
	for _, bad := range []session.Edit{
		{File: "../x", Code: ptr("")}, {Code: ptr(strings.Repeat("x", session.MaxCode+1))}, {Language: ptr("")}, {Language: ptr("no such language")},
	} {
		if _, err := bad.Clean(); !errors.As(err, new(*session.FieldError)) {
			t.Errorf("%+v: %v, want a field error", bad.File, err)
		}
	}
}

func TestParticipants(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	made := w.mustCreate(t, session.Draft{})
	id, lead := made.Session.ID, made.Creator.ID
	_, bo, err := w.JoinByInvite(t.Context(), made.Codes[access.Candidate], session.Profile{Name: "Bo"})
	if err != nil {
		t.Fatal(err)
	}
	change := func(who session.ParticipantID, c session.ParticipantChange) (session.Participant, error) {
		_, p, err := w.ChangeParticipant(t.Context(), id, who, c)
		return p, err
	}
	if p, err := change(bo.ID, session.ParticipantChange{Name: ptr(" Bob\u202e "), Color: ptr("#ABCDEF")}); err != nil || p.Name != "Bob" || p.Color != "#abcdef" || p.Role != access.Candidate {
		t.Errorf("renamed: %+v, %v", p, err)
	}
	if _, err := change(bo.ID, session.ParticipantChange{Name: ptr("")}); !errors.As(err, new(*session.FieldError)) {
		t.Errorf("no name: %v", err)
	}
	if _, err := change("nobody", session.ParticipantChange{}); !errors.Is(err, session.ErrNoParticipant) {
		t.Errorf("nobody: %v", err)
	}
	if _, err := change(lead, session.ParticipantChange{Role: ptr(access.Observer)}); !errors.Is(err, session.ErrLastInterviewer) {
		t.Errorf("the last interviewer steps down: %v", err)
	}
	for _, step := range []struct {
		who  session.ParticipantID
		role access.Role
	}{{bo.ID, access.Interviewer}, {lead, access.Observer}} {
		if p, err := change(step.who, session.ParticipantChange{Role: &step.role}); err != nil || p.Role != step.role {
			t.Errorf("role %s: %+v, %v", step.role, p, err)
		}
	}
	if sess, p, err := w.Remove(t.Context(), id, bo.ID); err != nil || p.ID != bo.ID || len(sess.Participants) != 1 {
		t.Errorf("removed: %+v, %v", p, err)
	}
	if _, _, err := w.Remove(t.Context(), id, bo.ID); !errors.Is(err, session.ErrNoParticipant) {
		t.Errorf("removed twice: %v", err)
	}
	code, err := w.RenewInvite(t.Context(), id, access.Candidate)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := w.JoinByInvite(t.Context(), made.Codes[access.Candidate], session.Profile{Name: "Cy"}); !errors.Is(err, session.ErrInvite) {
		t.Errorf("the old code gave %v", err)
	}
	if _, p, err := w.JoinByInvite(t.Context(), code, session.Profile{Name: "Cy"}); err != nil || p.Role != access.Candidate {
		t.Errorf("the new code gave %+v, %v", p, err)
	}
	if _, err := w.Change(t.Context(), id, session.Change{Status: ptr(session.Ended)}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.BeginEdit(t.Context(), id); !errors.Is(err, session.ErrEnded) {
		t.Errorf("an edit after the end: %v", err)
	}
	w.advance(ttl)
	if _, _, err := w.Remove(t.Context(), id, lead); !errors.Is(err, session.ErrGone) {
		t.Errorf("after expiry: %v", err)
	}
}

// mainFile reads the whole file main.
func mainFile(doc *crdt.Doc) session.File {
	f, _ := session.MainFile(doc, 1<<30)
	return f
}
