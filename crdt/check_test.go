package crdt_test

import (
	"testing"

	"parley/crdt"
)

// TestCheckFindsFaults damages a sound document in one place at a time: CHK-1.
func TestCheckFindsFaults(t *testing.T) {
	t.Parallel()
	for name, damage := range crdt.Damages {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			doc := crdt.NewDoc(crdt.WithClientID(1))
			for _, edit := range []func() error{
				func() error { return doc.Text("text").Insert(0, "hello") },
				func() error { return doc.Text("text").Insert(2, "é") },
				func() error { return doc.Text("text").Delete(4, 1) },
				func() error { return doc.Array("array").Push(1, "two") },
				func() error { return doc.Map("map").Set("k", crdt.NewText("x")) },
			} {
				if err := edit(); err != nil {
					t.Fatal(err)
				}
			}
			if err := doc.Check(); err != nil {
				t.Fatalf("before the damage: %v", err)
			}
			damage(doc)
			if err := doc.Check(); err == nil {
				t.Error("Check finds nothing")
			}
		})
	}
}
