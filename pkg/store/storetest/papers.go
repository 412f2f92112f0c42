package storetest

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"parley/pkg/session"
)

// A paper is replaced only as it was read, survives a reopening and goes with its session.
func testPapers(t *testing.T, b Backend) {
	s := b.Open(t)
	mustCreate(t, s, "aaaa0001", nil)
	mustCreate(t, s, "aaaa0002", nil)
	first, large := []byte("first aaaa0001 \x00\xff"), []byte("second aaaa0001 "+strings.Repeat("x", 1<<20))
	swap := func(name string, old, next []byte, want error) {
		t.Helper()
		if err := s.SwapPaper(t.Context(), "aaaa0001", name, old, next); !errors.Is(err, want) {
			t.Fatalf("swap %s: %v, want %v", name, err, want)
		}
	}
	swap("a", []byte{}, first, session.ErrSwapped) // an empty paper is not none
	swap("a", nil, first, nil)
	swap("a", nil, large, session.ErrSwapped)
	swap("a", []byte("other"), large, session.ErrSwapped)
	swap("a", first, large, nil)
	swap("a", first, first, session.ErrSwapped)
	swap("b", nil, []byte{}, nil)
	swap("b", nil, first, session.ErrSwapped)
	swap("gone", nil, first, nil)
	swap("gone", first, nil, nil)
	swap("gone", first, nil, session.ErrSwapped)
	closeStore(t, s)
	s = open(t, b)
	papers, err := s.Papers(t.Context(), "aaaa0001")
	if err != nil || len(papers) != 2 || !bytes.Equal(papers["a"], large) || papers["b"] == nil || len(papers["b"]) != 0 {
		t.Errorf("%d papers, a of %d bytes, %v", len(papers), len(papers["a"]), err)
	}
	if papers, err := s.Papers(t.Context(), "aaaa0002"); err != nil || len(papers) != 0 {
		t.Errorf("the other session has %d papers, %v", len(papers), err)
	}
	if err := s.SwapPaper(t.Context(), "aaaa0003", "a", nil, first); !errors.Is(err, session.ErrNotFound) {
		t.Errorf("a paper for an unknown session: %v, want ErrNotFound", err)
	}
	if err := s.Delete(t.Context(), "aaaa0001", epoch); err != nil {
		t.Fatal(err)
	}
	if err := s.SwapPaper(t.Context(), "aaaa0001", "a", nil, first); !errors.Is(err, session.ErrGone) {
		t.Errorf("a paper for a deleted session: %v, want ErrGone", err)
	}
	if _, err := s.Papers(t.Context(), "aaaa0001"); !errors.Is(err, session.ErrGone) {
		t.Errorf("the papers of a deleted session: %v, want ErrGone", err)
	}
	closeStore(t, s)
	b.Walk(t, func(key, value []byte) {
		if bytes.Contains(value, first) || bytes.Contains(value, []byte("second aaaa0001")) {
			t.Errorf("%q still holds a paper after its session was deleted", key)
		}
	})
}

// Of many who replace the same paper one wins. Those of other names do not get in each other's way.
func testPaperRace(t *testing.T, b Backend) {
	s := open(t, b)
	mustCreate(t, s, "aaaa0001", nil)
	const writers = 8
	won := make([]bool, writers)
	var all sync.WaitGroup
	for n := range writers {
		all.Go(func() {
			own := []byte(fmt.Sprint("paper ", n))
			err := s.SwapPaper(t.Context(), "aaaa0001", "shared", nil, own)
			if won[n] = err == nil; err != nil && !errors.Is(err, session.ErrSwapped) {
				t.Error(err)
			}
			if err := s.SwapPaper(t.Context(), "aaaa0001", fmt.Sprint("own-", n), nil, own); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	papers, err := s.Papers(t.Context(), "aaaa0001")
	if err != nil || len(papers) != writers+1 {
		t.Fatalf("%d papers, %v", len(papers), err)
	}
	winners := 0
	for n, has := range won {
		if has {
			winners++
			if string(papers["shared"]) != fmt.Sprint("paper ", n) {
				t.Errorf("writer %d won, and %q stands there", n, papers["shared"])
			}
		}
	}
	if winners != 1 {
		t.Errorf("%d writers won", winners)
	}
}
