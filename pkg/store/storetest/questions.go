package storetest

import (
	"errors"
	"strings"
	"testing"

	"parley/pkg/session"
)

// A copy of a question belongs to its session, survives a reopening and goes with the session.
func testQuestions(t *testing.T, b Backend) {
	s := b.Open(t)
	mustCreate(t, s, "aaaa0001", nil)
	mustCreate(t, s, "aaaa0002", nil)
	// traces looks for what a session wrote under its id.
	first, second := "first aaaa0001 \x00\xff", "second aaaa0001 "+strings.Repeat("x", 1<<20)
	for hash, content := range map[string]string{"0123456789ab": first, "ba9876543210": second} {
		if err := s.KeepQuestion(t.Context(), "aaaa0001", hash, []byte(content)); err != nil {
			t.Fatal(err)
		}
	}
	sameCopy := func(s Store, id session.ID, hash, want string) {
		t.Helper()
		if got, err := s.Question(t.Context(), id, hash); err != nil || string(got) != want || (got == nil) != (want == "") {
			t.Errorf("copy %s of %s has %d bytes, %v; want %d", hash, id, len(got), err, len(want))
		}
	}
	closeStore(t, s)
	s = open(t, b)
	sameCopy(s, "aaaa0001", "0123456789ab", first)
	sameCopy(s, "aaaa0001", "ba9876543210", second)
	sameCopy(s, "aaaa0001", "000000000000", "")
	sameCopy(s, "aaaa0002", "0123456789ab", "")
	if err := s.KeepQuestion(t.Context(), "aaaa0003", "0123456789ab", []byte("x")); !errors.Is(err, session.ErrNotFound) {
		t.Errorf("a copy for an unknown session: %v, want ErrNotFound", err)
	}
	if err := s.Delete(t.Context(), "aaaa0001", epoch); err != nil {
		t.Fatal(err)
	}
	if err := s.KeepQuestion(t.Context(), "aaaa0001", "0123456789ab", []byte("x")); !errors.Is(err, session.ErrGone) {
		t.Errorf("a copy for a deleted session: %v, want ErrGone", err)
	}
	if _, err := s.Question(t.Context(), "aaaa0001", "0123456789ab"); !errors.Is(err, session.ErrGone) {
		t.Errorf("the copy of a deleted session: %v, want ErrGone", err)
	}
	closeStore(t, s)
	b.Walk(t, func(key, value []byte) {
		if strings.Contains(string(value), first) || strings.Contains(string(value), "second aaaa0001") {
			t.Errorf("%q still holds a copy after its session was deleted", key)
		}
	})
}
