package relay

import (
	"fmt"
	"testing"
	"time"
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

// A participant who has used up an allowance does not get a full one by bringing many others.
func TestNobodyMakesTheRoomForgetWork(t *testing.T) {
	t.Parallel()
	r, now := &Room{}, time.Unix(0, 0)
	r.workerOf("", 100, now) // nobody in particular, as with open access
	for i := range 2 * maxWorkers {
		now = now.Add(time.Millisecond)
		eve := r.workerOf("eve", 100, now)
		if i > 0 && eve.units != 0 {
			t.Fatalf("after %d others eve has %v units", i, eve.units)
		}
		eve.units, eve.last = 0, now
		r.workerOf(fmt.Sprint("other ", i), 100, now)
	}
	if len(r.workers) > maxWorkers {
		t.Errorf("%d allowances are kept", len(r.workers))
	}
}
