package relay

import (
	"fmt"
	"testing"
)

// A participant who brings more client ids than a room remembers loses ids of their own. Nobody
// else loses any.
func TestNobodyMakesTheRoomForgetOthers(t *testing.T) {
	t.Parallel()
	k := newClaims()
	k.remember(1, "ada")
	for i := range uint64(3 * maxRemembered) {
		k.remember(100+i, fmt.Sprint("eve ", i%40)) // of many names
	}
	k.remember(1, "ada")
	if len(k.owner) > maxRemembered || k.owner[1] != "ada" {
		t.Errorf("%d ids are remembered, ada's id is that of %q", len(k.owner), k.owner[1])
	}
	n := 0
	for participant, ids := range k.owned {
		for _, id := range ids {
			if n++; k.owner[id] != participant {
				t.Fatalf("id %d stands under %q and %q", id, participant, k.owner[id])
			}
		}
	}
	if n != len(k.owner) {
		t.Errorf("%d ids stand under their participants, %d in all", n, len(k.owner))
	}
}
