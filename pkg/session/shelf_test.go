package session_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"parley/pkg/access"
	"parley/pkg/session"
)

// The list of an interviewer keeps a session after leaving, and loses it after being removed or
// made a candidate.
func TestUsersTakePart(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	made := w.mustCreate(t, session.Draft{Creator: session.Profile{Name: "Ada", User: "ada"}})
	id := made.Session.ID
	add := func(role access.Role, user session.UserID) session.ParticipantID {
		_, p, err := w.Join(t.Context(), id, made.Codes[role], session.Profile{Name: "X", User: user})
		if err != nil {
			t.Fatal(err)
		}
		return p.ID
	}
	users := func(what string, want ...session.UserID) {
		t.Helper()
		sess, err := w.Get(t.Context(), id)
		if err != nil || !slices.Equal(sess.Users, want) || sess.Owner != "ada" {
			t.Errorf("%s: users %v of owner %q, %v; want %v", what, sess.Users, sess.Owner, err, want)
		}
	}
	left, removed, twice := add(access.Interviewer, "bo"), add(access.Interviewer, "cy"), add(access.Interviewer, "bo")
	candidate := add(access.Candidate, "di")
	users("all came", "ada", "bo", "cy")
	role := func(p session.ParticipantID, r access.Role) {
		if _, _, err := w.ChangeParticipant(t.Context(), id, p, session.ParticipantChange{Role: &r}); err != nil {
			t.Fatal(err)
		}
	}
	role(candidate, access.Interviewer)
	users("a candidate leads now", "ada", "bo", "cy", "di")
	role(candidate, access.Observer)
	users("and no longer", "ada", "bo", "cy")
	for _, gone := range []session.ParticipantID{removed, twice} {
		if _, _, err := w.Remove(t.Context(), id, gone); err != nil {
			t.Fatal(err)
		}
	}
	users("one was removed, one of two connections of another", "ada", "bo")
	if _, _, err := w.Leave(t.Context(), id, left); err != nil {
		t.Fatal(err)
	}
	users("one left", "ada", "bo")
}

func TestClaim(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	made := w.mustCreate(t, session.Draft{})
	id := made.Session.ID
	_, other, err := w.Join(t.Context(), id, made.Codes[access.Interviewer], session.Profile{Name: "Bo"})
	if err != nil {
		t.Fatal(err)
	}
	before, err := w.Get(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	sess, err := w.Claim(t.Context(), id, other.ID, "bo")
	if !sess.UpdatedAt.After(before.UpdatedAt) {
		t.Errorf("claimed at %v, and before at %v: the archive would not learn of it", sess.UpdatedAt, before.UpdatedAt)
	}
	if err != nil || sess.Owner != "" || !slices.Equal(sess.Users, []session.UserID{"bo"}) {
		t.Errorf("who joined claims: owner %q, users %v, %v", sess.Owner, sess.Users, err)
	}
	for range 2 {
		if sess, err = w.Claim(t.Context(), id, made.Creator.ID, "ada"); err != nil || sess.Owner != "ada" || !slices.Equal(sess.Users, []session.UserID{"bo", "ada"}) {
			t.Errorf("the creator claims: owner %q, users %v, %v", sess.Owner, sess.Users, err)
		}
	}
	if _, err := w.Claim(t.Context(), id, made.Creator.ID, "eve"); !errors.Is(err, session.ErrClaimed) {
		t.Errorf("another user claims the same token: %v", err)
	}
	if _, err := w.Claim(t.Context(), id, "0000000000000000", "eve"); !errors.Is(err, session.ErrNoParticipant) {
		t.Errorf("nobody claims: %v", err)
	}
}

// A card is bounded, survives its form, and cuts no character.
func TestCards(t *testing.T) {
	t.Parallel()
	sess := session.Session{ID: "aaaa0001", Title: strings.Repeat("Ä", 200), ExternalID: "X 1", Status: session.Ended}
	sess.Questions = []session.Asked{{Title: "First Question"}, {Title: "Second"}}
	for range 220 {
		sess.Participants = append(sess.Participants, session.Participant{Name: strings.Repeat("é", 40)})
	}
	card := session.CardOf(sess)
	back, ok := session.ParseCard(sess.ID, string(card.Encode()))
	if !ok || back != card || len(card.Words) > 2048 || !utf8.ValidString(card.Words) || !strings.HasPrefix(card.Words, strings.Repeat("ä", 200)+"\nx 1\nfirst question\nsecond\n") {
		t.Errorf("%t, %d bytes of words: %.500q", ok, len(back.Words), back.Words)
	}
}

func FuzzPlace(f *testing.F) {
	f.Add("1764412345678-0a1b2c3d")
	f.Add("-1-a-b")
	f.Fuzz(func(t *testing.T, s string) {
		if p, err := session.ParsePlace(s); err == nil && p.String() != s {
			t.Errorf("%q was read as %q", s, p)
		}
	})
}
