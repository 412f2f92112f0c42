package crdt_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"testing"
	"unicode/utf16"

	"parley/crdt"
)

// positioned is what every shared type has in common.
type positioned interface {
	RelativePosition(index, assoc int) (crdt.RelativePosition, error)
}

// positionCase is what yjs says of positions in a document and in what it is after more edits.
type positionCase struct {
	Base, Update []byte
	Positions    []struct {
		Path          []any // nil: of an ID that may be anything
		Index, Assoc  int
		Encoded       []byte
		JSON          string
		Before, After *resolved
	}
}

// resolved is where a position is. Start is the encoded position of the start of its type, nil when
// the type was deleted.
type resolved struct {
	Start        []byte
	Index, Assoc int
}

// TestPositions compares relative positions with those of yjs: how they are made, written and read,
// and where they are before and after random edits. Rules: POS-1, POS-2, POS-3, POS-4.
//
// PARLEY_SEEDS sets how many cases (60), PARLEY_SEED the first (1).
func TestPositions(t *testing.T) {
	t.Parallel()
	j := needJudge(t)
	first, seeds := envInt("PARLEY_SEED", 1), envInt("PARLEY_SEEDS", 60)
	if testing.Short() {
		seeds = min(seeds, 15)
	}
	for seed := first; seed < first+seeds; seed++ {
		t.Run(fmt.Sprintf("seed_%d", seed), func(t *testing.T) {
			t.Parallel()
			var c positionCase
			if err := j.ask("positions", map[string]any{"seed": seed, "size": 40}, &c); err != nil {
				t.Fatal(err)
			}
			c.check(t)
		})
	}
}

func (c *positionCase) check(t *testing.T) {
	t.Helper()
	doc := crdt.NewDoc()
	for name := range rootKinds {
		openRoot(doc, name)
	}
	if err := apply(doc, c.Base); err != nil {
		t.Fatal(err)
	}
	for i, p := range c.Positions {
		what := fmt.Sprintf("position %d, %v at %d by %d, %s", i, p.Path, p.Index, p.Assoc, p.JSON)
		if p.Path != nil {
			made, err := find(t, doc, p.Path).RelativePosition(p.Index, p.Assoc)
			if err != nil {
				t.Fatalf("%s: %v", what, err)
			}
			if err := sameBytes(what, made.Encode(), p.Encoded); err != nil {
				t.Error(err)
			}
			checkPositionJSON(t, what, made, p.JSON)
		}
		checkResolved(t, what, doc, p.Encoded, p.Before)
	}
	if err := apply(doc, c.Update); err != nil {
		t.Fatal(err)
	}
	for i, p := range c.Positions {
		checkResolved(t, fmt.Sprintf("position %d, %s, after edits", i, p.JSON), doc, p.Encoded, p.After)
	}
}

func checkPositionJSON(t *testing.T, what string, p crdt.RelativePosition, want string) {
	t.Helper()
	text, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	var got, wanted any
	if err := errors.Join(json.Unmarshal(text, &got), json.Unmarshal([]byte(want), &wanted)); err != nil {
		t.Fatal(err)
	}
	// yjs leaves out a root whose name is empty, and loses a position that nothing else names. Here
	// the name is written. Rule: POS-4.
	unnamed := p.Item == nil && p.Root != nil && *p.Root == ""
	if fmt.Sprint(got) != fmt.Sprint(wanted) && !unnamed {
		t.Errorf("%s: JSON %s", what, text)
	}
	var back crdt.RelativePosition
	if err := json.Unmarshal(text, &back); err != nil {
		t.Fatalf("%s: %v", what, err)
	}
	if err := sameBytes(what+" by way of JSON", back.Encode(), p.Encode()); err != nil {
		t.Error(err)
	}
}

// checkResolved reads a position as yjs wrote it, writes it again and resolves it.
func checkResolved(t *testing.T, what string, doc *crdt.Doc, encoded []byte, want *resolved) {
	t.Helper()
	p, err := crdt.DecodeRelativePosition(encoded)
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
	if err := sameBytes(what+" read and written", p.Encode(), encoded); err != nil {
		t.Error(err)
	}
	target, index, ok := doc.Resolve(p)
	if ok != (want != nil) {
		t.Errorf("%s: resolved %v, want %v", what, ok, want)
		return
	}
	if !ok {
		return
	}
	start, err := target.(positioned).RelativePosition(0, -1)
	switch {
	case index != want.Index || p.Assoc != want.Assoc:
		t.Errorf("%s: at %d by %d, want %d by %d", what, index, p.Assoc, want.Index, want.Assoc)
	case want.Start == nil && !errors.Is(err, crdt.ErrDeleted):
		t.Errorf("%s: of a type that was not deleted (%v)", what, err)
	case want.Start != nil && err != nil:
		t.Errorf("%s: of a type: %v", what, err)
	case want.Start != nil:
		if err := sameBytes(what+": its type", start.Encode(), want.Start); err != nil {
			t.Error(err)
		}
	}
}

// find follows a path of a root's name, keys and indexes to a shared type.
func find(t *testing.T, doc *crdt.Doc, path []any) positioned {
	t.Helper()
	at := rootOf(doc, path[0].(string))
	for _, step := range path[1:] {
		switch step := step.(type) {
		case string:
			at = entryOf(at, step)
		case float64:
			at = elementOf(at, int(step))
		}
	}
	found, ok := at.(positioned)
	if !ok {
		t.Fatalf("nothing at %q: %T", path, at)
	}
	return found
}

func rootOf(doc *crdt.Doc, name string) any {
	switch rootKinds[name] {
	case "text":
		return doc.Text(name)
	case "map":
		return doc.Map(name)
	case "array":
		return doc.Array(name)
	}
	return doc.XMLFragment(name)
}

func entryOf(v any, key string) any {
	switch v := v.(type) {
	case *crdt.Map:
		return v.Get(key)
	case *crdt.XMLElement:
		return v.Attribute(key)
	}
	return nil
}

func elementOf(v any, index int) any {
	switch v := v.(type) {
	case *crdt.Array:
		return v.Get(index)
	case interface{ Get(int) any }:
		return v.Get(index)
	case interface{ Delta() []crdt.Op }:
		at := 0
		for _, op := range v.Delta() {
			if s, ok := op.Insert.(string); ok {
				at += len(utf16.Encode([]rune(s)))
				continue
			}
			if at == index {
				return op.Insert
			}
			at++
		}
	}
	return nil
}

// FuzzRelativePosition: any bytes are a position or an error; a position is written as it can be
// read, and resolved without a panic.
func FuzzRelativePosition(f *testing.F) {
	doc := crdt.NewDoc(crdt.WithClientID(1))
	text := doc.Text("text")
	if err := errors.Join(text.Insert(0, "a😀b"), text.Delete(1, 2), doc.Map("map").Set("k", crdt.NewText("x"))); err != nil {
		f.Fatal(err)
	}
	for i := range 3 {
		for _, assoc := range []int{-1, 0, 1 << 30} {
			p, err := text.RelativePosition(min(i, text.Len()), assoc)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(p.Encode())
		}
	}
	f.Add([]byte{2, 1, 4, 0})
	f.Add([]byte{2, 1, 4})
	f.Add([]byte{0, 0xff, 0xff, 0xff, 0xff, 0x0f, 3, 0x7f})
	f.Fuzz(func(t *testing.T, b []byte) {
		p, err := crdt.DecodeRelativePosition(b)
		if err != nil {
			var decode *crdt.DecodeError
			if !errors.As(err, &decode) {
				t.Fatalf("%T: %v", err, err)
			}
			return
		}
		again, err := crdt.DecodeRelativePosition(p.Encode())
		if err != nil {
			t.Fatalf("%x became %x: %v", b, p.Encode(), err)
		}
		if diff := sameBytes("read again", again.Encode(), p.Encode()); diff != nil {
			t.Fatal(diff)
		}
		if target, index, ok := doc.Resolve(p); ok && (target == nil || index < 0) {
			t.Fatalf("%x is at %d of %v", b, index, target)
		}
		if err := doc.Check(); err != nil {
			t.Fatal(err)
		}
	})
}
