package api

import "testing"

func TestVisitsAreBoundedByAddressAndByPerson(t *testing.T) {
	t.Parallel()
	v := newVisits(100)
	ada, eve := person{"one", "ada"}, person{"one", "eve"}
	for i := range maxPerPerson {
		if first, ok := v.enter("a", ada, maxPerPerson); !ok || first != (i == 0) {
			t.Fatalf("connection %d: first %v, ok %v", i, first, ok)
		}
	}
	if _, ok := v.enter("b", ada, maxPerPerson); ok {
		t.Error("a connection above the limit of the person is admitted from another address")
	}
	for range 100 - maxPerPerson {
		if _, ok := v.enter("a", person{}, maxPerPerson); !ok {
			t.Fatal("a connection without a participant is refused below the limit of the address")
		}
	}
	if _, ok := v.enter("a", eve, maxPerPerson); ok {
		t.Error("a connection above the limit of the address is admitted")
	}
	v.leave("a", ada)
	if first, ok := v.enter("a", eve, maxPerPerson); !ok || !first {
		t.Errorf("after a connection has left: first %v, ok %v", first, ok)
	}
	open := newVisits(0)
	for range 3 * maxPerPerson {
		if _, ok := open.enter("a", ada, maxPerPerson); !ok {
			t.Fatal("a connection is refused without limits")
		}
	}
}
