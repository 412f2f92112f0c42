package crdt_test

import (
	"runtime"
	"testing"

	"parley/crdt"
)

// A call may allocate a fixed part, for tables of some initial size, and a part in proportion to
// the bytes that it was given and that the document held. Two bytes can be a struct (a GC), which
// takes some 60 bytes of the arena and more in the tables, and slices double when they grow.
const (
	allocFixed   = 256 << 10
	allocPerByte = 256
)

// allocated runs f and returns the bytes that it allocated. Fuzz targets run one at a time in a
// process, so nothing else is counted.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

func bounded(t *testing.T, what string, size int, f func()) {
	t.Helper()
	if n := allocated(f); n > allocFixed+allocPerByte*uint64(size) {
		t.Errorf("%s of %d bytes allocated %d", what, size, n)
	}
}

// goldenUpdates are all byte strings of the golden files, refused ones too.
func goldenUpdates(tb testing.TB) [][]byte {
	tb.Helper()
	var out [][]byte
	for _, c := range readGolden(tb) {
		for _, s := range c.Steps {
			out = append(out, s.Update)
			if s.State != nil {
				out = append(out, s.State)
			}
		}
		for _, m := range c.Merges {
			out = append(out, m.Out)
		}
		for _, list := range [][]hexBytes{c.Refused, c.MergeRefused, c.Kept, c.Stricter} {
			out = append(out, plainBytes(list)...)
		}
	}
	return out
}

// FuzzApplyUpdate: for any two byte strings applied one after the other there is no panic and no
// allocation out of proportion; a refusal changes nothing; what is taken leaves a sound document
// whose bytes can be loaded again.
func FuzzApplyUpdate(f *testing.F) {
	list := goldenUpdates(f)
	for i, u := range list {
		f.Add([]byte{0, 0}, u)
		f.Add(list[(i*7)%len(list)], u)
	}
	f.Fuzz(func(t *testing.T, first, second []byte) {
		doc := crdt.NewDoc()
		_ = doc.ApplyUpdate(first) // refused or not, the second meets what it leaves
		before := encode(t, doc)
		var err error
		bounded(t, "ApplyUpdate", len(first)+len(second), func() { err = doc.ApplyUpdate(second) })
		if check := doc.Check(); check != nil {
			t.Fatalf("check: %v", check)
		}
		after := encode(t, doc)
		if err != nil {
			if diff := sameBytes("state after the refusal", after, before); diff != nil {
				t.Fatal(diff)
			}
			return
		}
		reloads(t, doc, after)
	})
}

// reloads demands that a state can be loaded, and that the loaded document knows at least as much.
func reloads(t *testing.T, doc *crdt.Doc, state []byte) {
	t.Helper()
	fresh := crdt.NewDoc()
	if err := fresh.ApplyUpdate(state); err != nil {
		t.Fatalf("own state %x is refused: %v", state, err)
	}
	if err := fresh.Check(); err != nil {
		t.Fatalf("check after reload: %v", err)
	}
	if !doc.HasPending() {
		if err := sameBytes("state vector after reload", fresh.EncodeStateVector(), doc.EncodeStateVector()); err != nil {
			t.Fatal(err)
		}
	}
	_ = doc.ToJSON()
	again := encode(t, fresh)
	third := crdt.NewDoc()
	if err := third.ApplyUpdate(again); err != nil {
		t.Fatalf("state %x after reload is refused: %v", again, err)
	}
}

// FuzzMergeUpdates: no panic, no allocation out of proportion, and a result that reads as an
// update.
func FuzzMergeUpdates(f *testing.F) {
	list := goldenUpdates(f)
	for i, u := range list {
		f.Add(u, list[(i*11)%len(list)], list[(i*5)%len(list)])
	}
	f.Fuzz(func(t *testing.T, a, b, c []byte) {
		var merged []byte
		var err error
		bounded(t, "MergeUpdates", len(a)+len(b)+len(c), func() { merged, err = crdt.MergeUpdates(a, b, c) })
		if err == nil {
			readable(t, merged)
		}
	})
}

// FuzzDiffUpdate: as FuzzMergeUpdates, of an update and a state vector.
func FuzzDiffUpdate(f *testing.F) {
	vectors := [][]byte{{0}, {1, 1, 1}, {2, 7, 3, 1, 2}, {1, 3, 2}}
	for i, u := range goldenUpdates(f) {
		f.Add(u, vectors[i%len(vectors)])
	}
	f.Fuzz(func(t *testing.T, update, vector []byte) {
		var diff []byte
		var err error
		bounded(t, "DiffUpdate", len(update)+len(vector), func() { diff, err = crdt.DiffUpdate(update, vector) })
		if err == nil {
			readable(t, diff)
		}
	})
}

// readable demands that every reader of updates takes what the engine wrote.
func readable(t *testing.T, update []byte) {
	t.Helper()
	if _, err := crdt.EncodeStateVectorFromUpdate(update); err != nil {
		t.Fatalf("state vector of %x: %v", update, err)
	}
	if _, err := crdt.MergeUpdates(update, update); err != nil {
		t.Fatalf("merge %x: %v", update, err)
	}
	if _, err := crdt.UpdateClients(update); err != nil {
		t.Fatalf("clients of %x: %v", update, err)
	}
	if _, _, err := crdt.UpdateLength(update); err != nil {
		t.Fatalf("length of %x: %v", update, err)
	}
	doc := crdt.NewDoc()
	if err := doc.ApplyUpdate(update); err != nil {
		t.Fatalf("apply %x: %v", update, err)
	}
	if err := doc.Check(); err != nil {
		t.Fatalf("check: %v", err)
	}
}

// FuzzStateVector: any bytes as a state vector, and as an update whose state vector is asked for.
func FuzzStateVector(f *testing.F) {
	doc := crdt.NewDoc(crdt.WithClientID(1))
	if err := doc.Text("text").Insert(0, "a😀b"); err != nil {
		f.Fatal(err)
	}
	f.Add([]byte{0})
	f.Add([]byte{1, 1, 2})
	f.Add([]byte{0xff, 0xff, 0xff, 0xff, 0x0f, 1, 1})
	for _, u := range goldenUpdates(f) {
		f.Add(u)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		bounded(t, "reading", 3*len(b), func() {
			_, _ = crdt.ReadStateVector(b)
			_, _ = crdt.EncodeStateVectorFromUpdate(b)
			_, _ = crdt.UpdateClients(b)
		})
		bounded(t, "counting", 3*len(b), func() { _, _, _ = crdt.UpdateLength(b) })
		vector, vectorErr := crdt.ReadStateVector(b)
		state, err := doc.EncodeStateAsUpdate(b)
		if (err == nil) != (vectorErr == nil) {
			t.Fatalf("ReadStateVector: %v, EncodeStateAsUpdate: %v", vectorErr, err)
		}
		if err == nil {
			readable(t, state)
		}
		if len(vector) > len(b) {
			t.Fatalf("%d entries out of %d bytes", len(vector), len(b))
		}
	})
}
