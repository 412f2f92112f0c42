package crdt_test

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"testing"

	"parley/crdt"
)

// padding follows an update in these tests. It says nothing (UPD-1), but the fast readers need room
// behind a struct.
var padding = make([]byte, 128)

// sameLoad applies an update to empty documents: in the one pass of loadFresh, with and without
// padding, and in the long way, which a listener forces. All outcomes must be equal.
func sameLoad(update []byte, opts ...crdt.Option) error {
	long := crdt.NewDoc(opts...)
	cancel := long.OnUpdate(func([]byte, any) {})
	want := long.ApplyUpdate(update)
	cancel()
	for name, bytes := range map[string][]byte{"as it is": update, "padded": append(update[:len(update):len(update)], padding...)} {
		doc := crdt.NewDoc(opts...)
		doc.Text("text") // a root that is there already
		err := doc.ApplyUpdate(bytes)
		if check := doc.Check(); check != nil {
			return fmt.Errorf("%s: check: %w", name, check)
		}
		if (err == nil) != (want == nil) || (name == "as it is" && fmt.Sprint(err) != fmt.Sprint(want)) {
			if name == "padded" { // what ends too early may go on in the padding
				continue
			}
			return fmt.Errorf("%s: error %v, the long way %v", name, err, want)
		}
		if err := sameDocs(doc, long); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

// sameDocs compares what two documents say.
func sameDocs(doc, want *crdt.Doc) error {
	if doc.HasPending() != want.HasPending() {
		return fmt.Errorf("pending: %t, want %t", doc.HasPending(), want.HasPending())
	}
	got, err := doc.EncodeStateAsUpdate(nil)
	if err != nil {
		return err
	}
	state, err := want.EncodeStateAsUpdate(nil)
	if err != nil {
		return err
	}
	if err := sameBytes("state", got, state); err != nil {
		return err
	}
	want.Text("text")
	if a, b := doc.ToJSON(), want.ToJSON(); !reflect.DeepEqual(a, b) {
		return fmt.Errorf("JSON: %v, want %v", a, b)
	}
	return nil
}

// TestLoad compares the one pass of an empty document with the long way, on updates of the golden
// files that are changed at random. PARLEY_MUTANTS sets how many (4000).
func TestLoad(t *testing.T) {
	t.Parallel()
	sound := soundUpdates(t)
	for i, u := range sound {
		for _, gc := range []bool{true, false} {
			if err := sameLoad(u, crdt.WithGC(gc)); err != nil {
				t.Errorf("golden update %d, gc %t: %v\n%x", i, gc, err, u)
			}
		}
	}
	random := rand.New(rand.NewPCG(1, 2))
	for range envInt("PARLEY_MUTANTS", 4000) {
		u := mutate(random, sound)
		if err := sameLoad(u, crdt.WithGC(random.IntN(2) == 0)); err != nil {
			t.Errorf("%v\n%x", err, u)
		}
	}
}

// TestLoadThenType edits a document that was loaded and one that was not.
func TestLoadThenType(t *testing.T) {
	t.Parallel()
	for _, s := range readTraces(t) {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			list := s.updates(t)
			half := applyAll(t, list[:len(list)/2])
			doc := crdt.NewDoc()
			if err := doc.ApplyUpdate(encode(t, half)); err != nil {
				t.Fatal(err)
			}
			for i, u := range list[len(list)/2:] {
				if err := doc.ApplyUpdate(u); err != nil {
					t.Fatalf("update %d: %v", len(list)/2+i, err)
				}
			}
			if err := doc.Check(); err != nil {
				t.Fatal(err)
			}
			wantSha(t, "state", encode(t, doc), s.ReloadSha256)
		})
	}
}

// FuzzLoad is TestLoad for any bytes.
func FuzzLoad(f *testing.F) {
	for _, u := range goldenUpdates(f) {
		f.Add(u, true)
		f.Add(u, false)
	}
	f.Fuzz(func(t *testing.T, update []byte, gc bool) {
		if err := sameLoad(update, crdt.WithGC(gc)); err != nil {
			t.Fatal(err)
		}
		bounded(t, "ApplyUpdate", len(update), func() { _ = crdt.NewDoc().ApplyUpdate(update) })
	})
}
