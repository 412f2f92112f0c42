package crdt_test

import (
	"slices"
	"testing"

	"parley/crdt"
)

func TestSizeCountsWhatFewBytesCanMake(t *testing.T) {
	t.Parallel()
	a := crdt.NewDoc(crdt.WithClientID(1))
	var updates [][]byte
	defer a.OnUpdate(func(u []byte, _ any) { updates = append(updates, u) })()
	for _, name := range []string{"b", "a"} {
		if err := a.Text(name).Insert(0, "x"); err != nil {
			t.Fatal(err)
		}
	}
	if got, want := a.Size(), (crdt.Size{Clients: 1, Roots: 2, Items: 2}); got != want {
		t.Errorf("size %+v, want %+v", got, want)
	}
	if got := a.RootNames(); !slices.Equal(got, []string{"b", "a"}) {
		t.Errorf("roots %q", got)
	}
	state, err := a.EncodeStateAsUpdate(nil)
	if err != nil {
		t.Fatal(err)
	}
	for name, update := range map[string][]byte{"both": state, "the second": updates[1]} {
		want := map[string][]string{"both": {"b", "a"}, "the second": {"a"}}[name]
		if got, err := crdt.UpdateRoots(update); err != nil || !slices.Equal(got, want) {
			t.Errorf("roots of %s: %q, %v; want %q", name, got, err, want)
		}
	}
	if _, err := crdt.UpdateRoots(state[:len(state)-3]); err == nil {
		t.Error("half an update has roots")
	}
	if structs, deleted, err := crdt.UpdateLength(state); err != nil || structs != 2 || deleted != 0 {
		t.Errorf("the state has %d structs and %d deleted ranges, %v", structs, deleted, err)
	}
	if _, _, err := crdt.UpdateLength(state[:len(state)-3]); err == nil {
		t.Error("half an update has a length")
	}
	b := crdt.NewDoc(crdt.WithClientID(2))
	if err := b.ApplyUpdate(updates[1]); err != nil {
		t.Fatal(err)
	}
	if got := b.Size(); got.Pending != 1 {
		t.Errorf("with the second update alone: %+v, want something pending", got)
	}
	if err := b.ApplyUpdate(updates[0]); err != nil {
		t.Fatal(err)
	}
	if got, want := b.Size(), a.Size(); got != want {
		t.Errorf("with both: %+v, want %+v", got, want)
	}
}

// Items are counted when they are cut, and no longer when they have been joined again.
func TestSizeCountsItemsInUse(t *testing.T) {
	t.Parallel()
	d := crdt.NewDoc(crdt.WithClientID(1))
	text := d.Text("a")
	if err := text.Insert(0, "abcdefghi"); err != nil {
		t.Fatal(err)
	}
	cut := 0
	for _, at := range []int{1, 2, 3} {
		if err := text.Delete(at, 1); err != nil {
			t.Fatal(err)
		}
		cut = max(cut, d.Size().Items)
	}
	var last []byte
	defer d.OnUpdate(func(u []byte, _ any) { last = u })()
	if err := text.Delete(0, text.Len()); err != nil {
		t.Fatal(err)
	}
	if got := d.Size().Items; cut != 7 || got != 1 {
		t.Errorf("%d items when it was cut, %d in the end; want 7 and 1", cut, got)
	}
	if structs, deleted, err := crdt.UpdateLength(last); err != nil || structs != 0 || deleted != 4 {
		t.Errorf("deleting all has %d structs and %d deleted ranges, %v", structs, deleted, err)
	}
}
