package api

import "testing"

func TestVisitsAreBoundedByAddressAndByPerson(t *testing.T) {
	t.Parallel()
	v := newVisits(100)
	ada, eve := person{"one", "ada"}, person{"one", "eve"}
	for i := range maxPerPerson {
		if first, ok := v.enter("a", ada); !ok || first != (i == 0) {
			t.Fatalf("connection %d: first %v, ok %v", i, first, ok)
		}
	}
	if _, ok := v.enter("b", ada); ok {
		t.Error("one more of the same person is let in, from elsewhere")
	}
	for range 100 - maxPerPerson {
		if _, ok := v.enter("a", person{}); !ok {
			t.Fatal("nobody in particular is let in until the address is full")
		}
	}
	if _, ok := v.enter("a", eve); ok {
		t.Error("one more of the same address is let in")
	}
	v.leave("a", ada)
	if first, ok := v.enter("a", eve); !ok || !first {
		t.Errorf("when one has left: first %v, ok %v", first, ok)
	}
	open := newVisits(0)
	for range 3 * maxPerPerson {
		if _, ok := open.enter("a", ada); !ok {
			t.Fatal("without bounds somebody is refused")
		}
	}
}
