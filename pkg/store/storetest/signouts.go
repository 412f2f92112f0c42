package storetest

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"parley/pkg/session"
)

// mustSignedOut fails the test unless user was signed out at want, to the millisecond.
func mustSignedOut(t *testing.T, s Store, user string, want time.Time) {
	t.Helper()
	if got, err := s.SignedOut(t.Context(), user); err != nil || !got.Equal(want) {
		t.Fatalf("SignedOut(%s) = %v, %v; want %v", user, got, err, want)
	}
}

func testSignOut(t *testing.T, b Backend) {
	s := b.Open(t)
	ada, bob := strings.Repeat("a", 32), strings.Repeat("a", 31)+"b"
	until := epoch.Add(time.Hour)
	mustSignedOut(t, s, ada, time.Time{})
	for n, step := range []struct{ at, want time.Duration }{{5, 5}, {7, 7}, {6, 7}, {7, 7}} {
		if err := s.SignOut(t.Context(), ada, epoch.Add(step.at*time.Millisecond), until); err != nil {
			t.Fatalf("step %d: SignOut: %v", n, err)
		}
		mustSignedOut(t, s, ada, epoch.Add(step.want*time.Millisecond))
	}
	mustSignedOut(t, s, bob, time.Time{})
	closeStore(t, s)
	s = open(t, b)
	mustSignedOut(t, s, ada, epoch.Add(7*time.Millisecond))
	closeStore(t, s)
	_, readErr := s.SignedOut(t.Context(), ada)
	for name, err := range map[string]error{"SignOut": s.SignOut(t.Context(), ada, epoch, until), "SignedOut": readErr} {
		if !errors.Is(err, session.ErrUnavailable) {
			t.Errorf("%s after Close gave %v, want an error that says the store cannot serve", name, err)
		}
	}
}

// Sign-outs of many at once: the latest stays, and nobody signs out another person.
func testSignOutRace(t *testing.T, b Backend) {
	s := open(t, b)
	var wg sync.WaitGroup
	for n := range 24 {
		wg.Go(func() {
			user, at := fmt.Sprintf("%032x", n%3), epoch.Add(time.Duration(n)*time.Millisecond)
			if err := s.SignOut(t.Context(), user, at, epoch.Add(time.Hour)); err != nil {
				t.Errorf("SignOut: %v", err)
			}
		})
	}
	wg.Wait()
	for n := range 3 {
		mustSignedOut(t, s, fmt.Sprintf("%032x", n), epoch.Add(time.Duration(21+n)*time.Millisecond))
	}
}

// What nobody needs any more goes with a later sign-out, or by itself.
func testSignOutOver(t *testing.T, b Backend) {
	s := b.Open(t)
	const over, later = "0000000000000000000000000000000f", "0000000000000000000000000000000e"
	past := time.Now().Add(-time.Hour).Truncate(time.Millisecond)
	for user, until := range map[string]time.Time{over: past, later: epoch} {
		if err := s.SignOut(t.Context(), user, past, until); err != nil {
			t.Fatalf("SignOut: %v", err)
		}
	}
	if err := s.SignOut(t.Context(), later, epoch, epoch.Add(time.Hour)); err != nil {
		t.Fatalf("SignOut: %v", err)
	}
	mustSignedOut(t, s, over, time.Time{})
	mustSignedOut(t, s, later, epoch)
	closeStore(t, s)
	b.Walk(t, func(key, _ []byte) {
		if strings.Contains(string(key), over) {
			t.Errorf("%q is still kept", key)
		}
	})
}
