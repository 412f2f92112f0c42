package storetest

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"parley/pkg/relay"
)

func mustOwners(t *testing.T, s Store, id relay.RoomID) map[uint64]string {
	t.Helper()
	owners, err := s.Owners(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	all := map[uint64]string{}
	for _, o := range owners {
		all[o.Client] = o.Participant
	}
	return all
}

// Client ids have owners beyond compactions and restarts, until their session is deleted.
func testOwners(t *testing.T, b Backend) {
	s := b.Open(t)
	mustCreate(t, s, "aaaa0001", nil)
	id := relay.RoomID{Session: "aaaa0001"}
	if got := mustOwners(t, s, id); len(got) != 0 {
		t.Errorf("a new document has owners: %v", got)
	}
	const large = 1<<53 - 1
	keep := func(id relay.RoomID, owners ...relay.Owner) {
		if err := s.KeepOwners(t.Context(), id, owners); err != nil {
			t.Fatal(err)
		}
	}
	keep(id, relay.Owner{Client: 1, Participant: "p-ada"}, relay.Owner{Client: large, Participant: "p-bob"})
	keep(id, relay.Owner{Client: 1, Participant: "p-eve"}, relay.Owner{Client: 2, Participant: "p-eve"})
	keep(relay.RoomID{Session: "aaaa0001", Doc: "notes"}, relay.Owner{Client: 1, Participant: "p-eve"})
	at := mustAppend(t, s, id, entry("a", 1))
	if err := s.Compact(t.Context(), id, []byte("state"), at); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = b.Open(t)
	want := map[uint64]string{1: "p-ada", large: "p-bob", 2: "p-eve"}
	if got := mustOwners(t, s, id); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("owners %v, want %v", got, want)
	}
	if got := mustOwners(t, s, relay.RoomID{Session: "aaaa0001", Doc: "notes"}); len(got) != 1 || got[1] != "p-eve" {
		t.Errorf("owners of another document: %v", got)
	}
	unknown := relay.RoomID{Session: "aaaa0002"}
	if err := s.KeepOwners(t.Context(), unknown, []relay.Owner{{Client: 1, Participant: "x"}}); !errors.Is(err, relay.ErrNoSession) {
		t.Errorf("KeepOwners of an unknown session = %v", err)
	}
	if _, err := s.Owners(t.Context(), unknown); !errors.Is(err, relay.ErrNoSession) {
		t.Errorf("Owners of an unknown session = %v", err)
	}
	if err := s.Delete(t.Context(), "aaaa0001", epoch); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	b.Walk(t, func(key, _ []byte) {
		if strings.Contains(string(key), "p-ada") {
			t.Errorf("%q is left after its session", key)
		}
	})
}

// Of one participant the newest ids are kept, and nobody makes the store forget the ids of others.
func testOwnersBound(t *testing.T, b Backend) {
	s := b.Open(t)
	mustCreate(t, s, "aaaa0001", nil)
	id := relay.RoomID{Session: "aaaa0001"}
	owners := []relay.Owner{{Client: 1, Participant: "p-ada"}}
	for n := range uint64(3 * relay.MaxOwned) {
		owners = append(owners, relay.Owner{Client: 100 + n, Participant: "p-eve"})
	}
	for part := range slices.Chunk(owners, 50) {
		if err := s.KeepOwners(t.Context(), id, part); err != nil {
			t.Fatal(err)
		}
	}
	got := mustOwners(t, s, id)
	if len(got) != relay.MaxOwned+1 || got[1] != "p-ada" || got[100+3*relay.MaxOwned-1] != "p-eve" {
		t.Errorf("%d owners are kept: %v", len(got), got)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}
