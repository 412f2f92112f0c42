package session_test

import (
	"encoding/json"
	"errors"
	"os"
	"strings"
	"testing"

	"parley/pkg/access"
	"parley/pkg/session"
)

// Who was sent back to the lobby does not get in through the same link, not even after leaving.
// Others wait as well, until an interviewer settles it.
func TestSentBackStaysOut(t *testing.T) {
	t.Parallel()
	back, in := true, false
	open := session.AdmitAll
	for name, settle := range map[string]func(w *world, id session.ID, p session.ParticipantID) error{
		"admitted": func(w *world, id session.ID, p session.ParticipantID) error {
			_, _, err := w.ChangeParticipant(t.Context(), id, p, session.ParticipantChange{Waits: &in})
			return err
		},
		"admission set": func(w *world, id session.ID, _ session.ParticipantID) error {
			_, err := w.Change(t.Context(), id, session.Change{Admission: &open})
			return err
		},
		"a new link": func(w *world, id session.ID, _ session.ParticipantID) error {
			_, err := w.RenewInvite(t.Context(), id, access.Candidate)
			return err
		},
	} {
		w := newWorld(t)
		id := w.mustCreate(t, session.Draft{}).Session.ID
		join := func(role access.Role) session.Participant {
			t.Helper()
			_, p, err := w.JoinAs(t.Context(), id, role, session.Profile{Name: "x"})
			if err != nil {
				t.Fatal(err)
			}
			return p
		}
		first := join(access.Candidate)
		if _, _, err := w.ChangeParticipant(t.Context(), id, first.ID, session.ParticipantChange{Waits: &back}); err != nil {
			t.Fatal(err)
		}
		if name != "admitted" { // leaving settles nothing
			if _, _, err := w.Leave(t.Context(), id, first.ID); err != nil {
				t.Fatal(err)
			}
		}
		if p := join(access.Observer); p.MayEnter() {
			t.Errorf("%s: the same person comes in with a new name", name)
		} else if _, _, err := w.Leave(t.Context(), id, p.ID); err != nil {
			t.Fatal(err)
		}
		if !join(access.Interviewer).MayEnter() {
			t.Errorf("%s: an interviewer waits", name)
		}
		if err := settle(w, id, first.ID); err != nil {
			t.Fatal(err)
		}
		if !join(access.Candidate).MayEnter() {
			t.Errorf("%s: a candidate still waits", name)
		}
	}
}

// Who was removed does not get in again through a link that opened the door before, whoever else
// comes and goes. Who left may come back.
func TestRemovedStaysOut(t *testing.T) {
	t.Parallel()
	open, in := session.AdmitAll, false
	for name, settle := range map[string]func(w *world, id session.ID) error{
		"admission set": func(w *world, id session.ID) error {
			_, err := w.Change(t.Context(), id, session.Change{Admission: &open})
			return err
		},
		"a new link": func(w *world, id session.ID) error {
			_, err := w.RenewInvite(t.Context(), id, access.Candidate)
			return err
		},
	} {
		w := newWorld(t)
		made := w.mustCreate(t, session.Draft{})
		id := made.Session.ID
		join := func(role access.Role) (session.Participant, error) {
			t.Helper()
			_, p, err := w.Join(t.Context(), id, made.Codes[role], session.Profile{Name: "x"})
			return p, err
		}
		first, err := join(access.Candidate)
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := w.Leave(t.Context(), id, first.ID); err != nil {
			t.Fatal(err)
		}
		if first, err = join(access.Candidate); err != nil || !first.MayEnter() {
			t.Fatalf("who left does not come back: %v, %v", first, err)
		}
		if _, _, err := w.Remove(t.Context(), id, first.ID); err != nil {
			t.Fatal(err)
		}
		again, err := join(access.Candidate)
		if err != nil || again.MayEnter() {
			t.Errorf("%s: the removed person is in again: %v, %v", name, again, err)
		}
		if _, _, err := w.ChangeParticipant(t.Context(), id, again.ID, session.ParticipantChange{Waits: &in}); err != nil {
			t.Fatal(err)
		}
		if p, err := join(access.Observer); err != nil || p.MayEnter() {
			t.Errorf("%s: after somebody was let in the door is open: %v, %v", name, p, err)
		}
		if _, err := w.RenewInvite(t.Context(), id, access.Observer); err != nil {
			t.Fatal(err)
		}
		if p, err := join(access.Candidate); err != nil || p.MayEnter() {
			t.Errorf("%s: the new link of another role opens the door: %v, %v", name, p, err)
		}
		if err := settle(w, id); err != nil {
			t.Fatal(err)
		}
		if _, p, err := w.JoinAs(t.Context(), id, access.Candidate, session.Profile{Name: "x"}); err != nil || !p.MayEnter() {
			t.Errorf("%s: a candidate still waits: %v, %v", name, p, err)
		}
	}
}

// Interviewers never wait. So their link is void when one of them was removed or made something
// else, until there is a new one.
func TestAFormerInterviewerDoesNotComeBackByTheLink(t *testing.T) {
	t.Parallel()
	observer := access.Observer
	for name, former := range map[string]func(w *world, id session.ID, p session.ParticipantID) error{
		"removed": func(w *world, id session.ID, p session.ParticipantID) error {
			_, _, err := w.Remove(t.Context(), id, p)
			return err
		},
		"made an observer": func(w *world, id session.ID, p session.ParticipantID) error {
			_, _, err := w.ChangeParticipant(t.Context(), id, p, session.ParticipantChange{Role: &observer})
			return err
		},
	} {
		w := newWorld(t)
		made := w.mustCreate(t, session.Draft{})
		id, code := made.Session.ID, made.Codes[access.Interviewer]
		_, second, err := w.Join(t.Context(), id, code, session.Profile{Name: "x"})
		if err != nil {
			t.Fatal(err)
		}
		if err := former(w, id, second.ID); err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if _, _, err := w.JoinByInvite(t.Context(), code, session.Profile{Name: "x"}); !errors.Is(err, session.ErrInvite) {
				t.Errorf("%s: the old link gives %v", name, err)
			}
			if code, err = w.RenewInvite(t.Context(), id, access.Interviewer); err != nil {
				t.Fatal(err)
			}
			if _, p, err := w.JoinByInvite(t.Context(), code, session.Profile{Name: "x"}); err != nil || !p.MayEnter() {
				t.Errorf("%s: the new link gives %v, %v", name, p, err)
			}
			code = made.Codes[access.Interviewer]
		}
		if _, p, err := w.Join(t.Context(), id, made.Codes[access.Candidate], session.Profile{Name: "x"}); err != nil || !p.MayEnter() {
			t.Errorf("%s: candidates wait: %v, %v", name, p, err)
		}
	}
}

// A name has something to see. What looks like a blank is one.
func TestNamesCanBeSeen(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.mustCreate(t, session.Draft{}).Session.ID
	var names struct {
		Unseen  []string          `json:"nobody can see"`
		Becomes map[string]string `json:"becomes"`
	}
	table, err := os.ReadFile("testdata/names.json") // the client has the same test
	if err == nil {
		err = json.Unmarshal(table, &names)
	}
	if err != nil || len(names.Unseen) == 0 || len(names.Becomes) == 0 {
		t.Fatal("no table of names:", err)
	}
	for _, name := range names.Unseen {
		if _, _, err := w.JoinAs(t.Context(), id, access.Observer, session.Profile{Name: name}); err == nil {
			t.Errorf("%+q passes as a name", name)
		}
	}
	for name, want := range names.Becomes {
		_, p, err := w.JoinAs(t.Context(), id, access.Observer, session.Profile{Name: name})
		if err != nil || p.Name != want {
			t.Errorf("%+q becomes %+q, %v", name, p.Name, err)
		}
	}
}

// Colours of CSS become #rrggbb.
func TestColorsOfCSS(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for in, want := range map[string]string{
		"#ABCDEF": "#abcdef", "#abc": "#aabbcc", "#abcd": "#aabbcc", "#aabbccdd": "#aabbcc", " teal ": "#008080", "RebeccaPurple": "#663399",
		"rgb(255, 0, 128)": "#ff0080", "rgb(255 0 128 / 50%)": "#ff0080", "rgba(255,0,128,0.5)": "#ff0080", "rgb(100%, 0%, 50%)": "#ff0080", "rgb(300, -5, 0)": "#ff0000",
		"hsl(250, 84%, 54%)": "#4827ec", "hsl(0, 100%, 50%)": "#ff0000", "hsl(120deg 100% 25%)": "#008000", "hsl(0.5turn 100% 50%)": "#00ffff", "hsl(-120, 100%, 50%)": "#0000ff",
		"hsla(480, 100%, 50%, .3)": "#00ff00", "hsl(0 0% 100%)": "#ffffff", "hsl(210, 150%, -10%)": "#000000",
	} {
		made, err := w.Create(t.Context(), session.Draft{Creator: session.Profile{Name: "x", Color: in}})
		if err != nil || made.Creator.Color != want {
			t.Errorf("%q becomes %q, %v; want %q", in, made.Creator.Color, err, want)
		}
	}
	for _, in := range []string{
		"transparent", "currentcolor", "nocolor", "#ab", "#abcde", "#ggg", "#+12345", "rgb(1,2)", "rgb(1,2,3,4,5)", "rgb(a,b,c)", "rgb(1,2,3", "hsl(nan,1%,1%)",
		"hsl(10%,1%,1%)", "url(x)", "rgb(1,2,3);}", "rgb(0x10,2,3)", "#" + strings.Repeat("a", 100), "hsl(" + strings.Repeat("1", 400) + ",1%,1%)", "rgb(1_0,2,3)",
	} {
		if made, err := w.Create(t.Context(), session.Draft{Creator: session.Profile{Name: "x", Color: in}}); err == nil {
			t.Errorf("%q becomes %q, want an error", in, made.Creator.Color)
		}
	}
}
