package crdt_test

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"parley/crdt"
)

// hexBytes are bytes that a golden file writes as hex.
type hexBytes []byte

func (b *hexBytes) UnmarshalText(text []byte) error {
	raw, err := hex.DecodeString(string(text))
	*b = raw
	return err
}

// goldenCase is one rule or edge of the format, with what yjs makes of it. internal/yjs/golden.mjs
// writes it.
type goldenCase struct {
	name  string
	About string
	GC    bool
	Steps []struct { // applied one after the other to one document
		Update, State, Vector hexBytes
		Pending               bool
		JSON                  map[string]string
	}
	Encodes      []struct{ Vector, Out hexBytes } // of the document after the steps
	Merges       []goldenMerge
	Diffs        []struct{ Update, Vector, Out hexBytes }
	Vectors      []struct{ Update, Out hexBytes }
	Refused      []hexBytes // by yjs and by the engine
	MergeRefused []hexBytes // by mergeUpdates of both
	Kept         []hexBytes // states that the engine writes as received, though yjs would spell them otherwise
	Stricter     []hexBytes // taken by yjs, refused by the engine on purpose
}

type goldenMerge struct {
	Inputs []hexBytes
	Out    hexBytes
}

func readGolden(t testing.TB) []goldenCase {
	t.Helper()
	files, err := filepath.Glob("testdata/golden/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("golden files: %d found, %v", len(files), err)
	}
	cases := make([]goldenCase, len(files))
	for i, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(raw, &cases[i]); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		cases[i].name = strings.TrimSuffix(filepath.Base(file), ".json")
	}
	return cases
}

// TestGolden holds the engine to what yjs 13.6.33 was seen to do. The name of a case begins with
// the rules of SPEC.md that it proves.
func TestGolden(t *testing.T) {
	t.Parallel()
	for _, c := range readGolden(t) {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			t.Log(c.About)
			c.testSteps(t)
			c.testBytes(t)
			c.testRefusals(t)
			c.testKept(t)
		})
	}
}

func (c *goldenCase) testSteps(t *testing.T) {
	doc := crdt.NewDoc(crdt.WithGC(c.GC))
	for i, s := range c.Steps {
		if err := apply(doc, s.Update); err != nil {
			t.Fatalf("step %d, apply %x: %v", i, s.Update, err)
		}
		if s.State == nil {
			continue // a quiet step
		}
		want := reading{State: s.State, Vector: s.Vector, Pending: s.Pending, JSON: s.JSON}
		if err := want.compare(doc); err != nil {
			t.Fatalf("after step %d (%x): %v", i, s.Update, err)
		}
		fresh := crdt.NewDoc(crdt.WithGC(c.GC))
		if err := apply(fresh, s.State); err != nil {
			t.Fatalf("reload after step %d: %v", i, err)
		}
		if err := want.compare(fresh); err != nil {
			t.Fatalf("reloaded after step %d: %v", i, err)
		}
	}
	for _, e := range c.Encodes {
		got, err := doc.EncodeStateAsUpdate(e.Vector)
		if err != nil {
			t.Errorf("encode for %x: %v", e.Vector, err)
		} else if err := sameBytes(fmt.Sprintf("state for %x", []byte(e.Vector)), got, e.Out); err != nil {
			t.Error(err)
		}
	}
}

func (c *goldenCase) testBytes(t *testing.T) {
	report := func(what string, got, want []byte, err error) {
		t.Helper()
		if err != nil {
			t.Errorf("%s: %v", what, err)
		} else if err := sameBytes(what, got, want); err != nil {
			t.Error(err)
		}
	}
	for _, m := range c.Merges {
		got, err := crdt.MergeUpdates(plainBytes(m.Inputs)...)
		report(fmt.Sprintf("merge of %x", m.Inputs), got, m.Out, err)
	}
	for _, d := range c.Diffs {
		got, err := crdt.DiffUpdate(d.Update, d.Vector)
		report(fmt.Sprintf("diff of %x by %x", d.Update, d.Vector), got, d.Out, err)
	}
	for _, v := range c.Vectors {
		got, err := crdt.EncodeStateVectorFromUpdate(v.Update)
		report(fmt.Sprintf("state vector of %x", v.Update), got, v.Out, err)
	}
}

// testRefusals demands an error and an untouched document, empty or not.
func (c *goldenCase) testRefusals(t *testing.T) {
	for _, u := range append(c.Refused, c.Stricter...) {
		for _, text := range []string{"", "some text"} {
			doc := crdt.NewDoc(crdt.WithClientID(1 << 40))
			if err := doc.Text("text").Insert(0, text); err != nil {
				t.Fatal(err)
			}
			if err := refused(doc, u); err != nil {
				t.Errorf("%x: %v", u, err)
			}
		}
	}
	for _, u := range c.MergeRefused {
		if out, err := crdt.MergeUpdates(u, u); err == nil {
			t.Errorf("merge of %x twice: no error, but %x", u, out)
		}
	}
}

// refused returns an error when doc takes the update, or refuses it and is changed.
func refused(doc *crdt.Doc, update []byte) error {
	before, err := doc.EncodeStateAsUpdate(nil)
	if err != nil {
		return err
	}
	if err := doc.ApplyUpdate(update); err == nil {
		return fmt.Errorf("taken, should be refused")
	}
	after, err := doc.EncodeStateAsUpdate(nil)
	if err != nil {
		return err
	}
	if err := doc.Check(); err != nil {
		return err
	}
	return sameBytes("state after the refusal", after, before)
}

func (c *goldenCase) testKept(t *testing.T) {
	for _, u := range c.Kept {
		doc := crdt.NewDoc()
		if err := apply(doc, u); err != nil {
			t.Errorf("apply %x: %v", u, err)
			continue
		}
		got, err := doc.EncodeStateAsUpdate(nil)
		if err != nil {
			t.Error(err)
		} else if err := sameBytes("state", got, u); err != nil {
			t.Error(err)
		}
	}
}

func plainBytes(list []hexBytes) [][]byte {
	out := make([][]byte, len(list))
	for i, b := range list {
		out[i] = b
	}
	return out
}
