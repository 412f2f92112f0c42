package crdt_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"unicode/utf16"

	"parley/crdt"
)

// editor is a Go replica that edits at random and exchanges updates with others.
type editor struct {
	doc  *crdt.Doc
	seen map[int]bool // updates of the log that it has
}

// party is some editors, and every update that one of them made, in order.
type party struct {
	random  *rand.Rand
	editors []*editor
	log     [][]byte
}

// newParty starts n editors from a common state, which may be a state of yjs with all kinds of
// content.
func newParty(t *testing.T, random *rand.Rand, n int, base []byte) *party {
	t.Helper()
	p := &party{random: random}
	if base != nil {
		p.log = append(p.log, base)
	}
	for i := range n {
		id := uint64(1000 + i)
		if i%2 == 1 {
			id += 1 << 52 // client ids of 53 bits
		}
		e := &editor{doc: crdt.NewDoc(crdt.WithClientID(id)), seen: map[int]bool{}}
		p.editors = append(p.editors, e)
		e.doc.OnUpdate(func(update []byte, origin any) {
			if origin != "remote" {
				e.seen[len(p.log)] = true
				p.log = append(p.log, slices.Clone(update))
			}
		})
	}
	return p
}

// receive gives an editor some of what it lacks, in any order.
func (p *party) receive(t *testing.T, e *editor, all bool) {
	t.Helper()
	for _, i := range p.random.Perm(len(p.log)) {
		if e.seen[i] || (!all && p.random.IntN(2) == 0) {
			continue
		}
		e.seen[i] = true
		if err := e.doc.ApplyUpdateFrom(p.log[i], "remote"); err != nil {
			t.Fatalf("update %d (%x): %v", i, p.log[i], err)
		}
		if err := e.doc.Check(); err != nil {
			t.Fatalf("after update %d: %v", i, err)
		}
	}
}

var words = []string{"a", "bc", " ", "\n", "ä", "汉字", "😀", "x😀y", "const x = 1;\n", "\ufeff", "\x00", "👩‍👧"}

func (p *party) word() string { return words[p.random.IntN(len(words))] }

// value is a random value that a Map or Array takes: plain ones, nested ones and new shared types.
func (p *party) value(depth int) any {
	numbers := []any{0, 1, -1, 64, math.MaxInt32, math.MinInt32, 1 << 40, -1 << 53, 0.5, 1.1, 1e300, math.Copysign(0, -1), math.Inf(1)}
	switch n := p.random.IntN(12); {
	case n == 0:
		return nil
	case n == 1:
		return p.random.IntN(2) == 0
	case n < 5:
		return numbers[p.random.IntN(len(numbers))]
	case n == 5:
		return []byte(p.word())
	case n == 6 && depth > 0:
		return []any{p.plainValue(), p.plainValue()}
	case n == 7 && depth > 0:
		return map[string]any{"b": p.plainValue(), "a": p.word(), "10": 1}
	case n == 8 && depth > 0:
		return crdt.NewMap()
	case n == 9 && depth > 0:
		return crdt.NewArray(p.plainValue(), p.plainValue())
	case n == 10 && depth > 0:
		return crdt.NewText(p.word())
	}
	return p.word()
}

func (p *party) plainValue() any { return p.value(0) }

// edit makes one random change in a root or in a type inside the map.
func (p *party) edit(e *editor) error {
	keys := []string{"k", "x", "", "ключ"}
	key := keys[p.random.IntN(len(keys))]
	switch p.random.IntN(8) {
	case 0, 1, 2:
		return p.editText(e.doc.Text("text"))
	case 3:
		return e.doc.Map("map").Set(key, p.value(1))
	case 4:
		if p.random.IntN(3) == 0 {
			return e.doc.Map("map").Delete(key)
		}
		return p.editNested(e.doc.Map("map").Get(key))
	case 5:
		if n := e.doc.Array("array").Len(); n > 0 {
			return p.editNested(e.doc.Array("array").Get(p.random.IntN(n)))
		}
	}
	return p.editArray(e.doc.Array("array"))
}

func (p *party) editNested(v any) error {
	switch v := v.(type) {
	case *crdt.Text:
		return p.editText(v)
	case *crdt.Array:
		return p.editArray(v)
	case *crdt.Map:
		return v.Set("nested", p.value(1))
	}
	return nil
}

func (p *party) editText(text *crdt.Text) error {
	n := text.Len()
	if n > 0 && p.random.IntN(3) == 0 {
		at := p.random.IntN(n)
		return text.Delete(at, 1+p.random.IntN(min(6, n-at)))
	}
	if p.random.IntN(3) == 0 {
		return text.Insert(n, p.word()) // typing at the end
	}
	return text.Insert(p.random.IntN(n+1), p.word())
}

func (p *party) editArray(array *crdt.Array) error {
	n := array.Len()
	switch {
	case n > 0 && p.random.IntN(3) == 0:
		at := p.random.IntN(n)
		return array.Delete(at, 1+p.random.IntN(min(4, n-at)))
	case p.random.IntN(2) == 0:
		return array.Push(p.value(1), p.value(1))
	}
	return array.Insert(p.random.IntN(n+1), p.value(1), p.plainValue(), p.plainValue())
}

// TestEditsReachYjs lets Go replicas edit, from an empty document and from a state of yjs. Given
// their updates in any order, yjs must hold what they hold: the same bytes, the same values.
func TestEditsReachYjs(t *testing.T) {
	t.Parallel()
	j := needJudge(t)
	seeds := envInt("PARLEY_SEEDS", 100)
	if testing.Short() {
		seeds = min(seeds, 20)
	}
	first := envInt("PARLEY_SEED", 1)
	for seed := first; seed < first+seeds; seed++ {
		t.Run(fmt.Sprintf("seed_%d", seed), func(t *testing.T) {
			t.Parallel()
			t.Logf("again: PARLEY_SEEDS=1 PARLEY_SEED=%d go test ./crdt -run TestEditsReachYjs", seed)
			random := rand.New(rand.NewPCG(uint64(seed), 2))
			var base []byte
			if random.IntN(2) == 0 {
				var c replicaCase
				if err := j.ask("case", map[string]any{"seed": seed, "size": 20}, &c); err != nil {
					t.Fatal(err)
				}
				base = c.Blobs[c.Final.State]
			}
			p := newParty(t, random, 1+random.IntN(4), base)
			p.run(t, 60)
			p.compare(t, j)
		})
	}
}

// run makes n transactions with some exchange in between, and then gives everything to everybody.
func (p *party) run(t *testing.T, n int) {
	t.Helper()
	for range n {
		e := p.editors[p.random.IntN(len(p.editors))]
		if p.random.IntN(4) == 0 {
			p.receive(t, e, p.random.IntN(2) == 0)
		}
		e.doc.Transact("local", func() {
			for range 1 + p.random.IntN(3) {
				if err := p.edit(e); err != nil {
					t.Errorf("edit: %v", err)
				}
			}
		})
		if err := e.doc.Check(); err != nil {
			t.Fatalf("after an edit: %v", err)
		}
	}
	for _, e := range p.editors {
		p.receive(t, e, true)
	}
}

// compare gives all updates to yjs in a random order and holds every editor to what yjs then has.
func (p *party) compare(t *testing.T, j *judge) {
	t.Helper()
	updates := make([][]byte, 0, len(p.log))
	for _, i := range p.random.Perm(len(p.log)) {
		updates = append(updates, p.log[i])
	}
	var want reading
	names := []string{"text", "map", "array"}
	if err := j.ask("apply", map[string]any{"updates": updates, "names": names}, &want); err != nil {
		t.Fatal(err)
	}
	if want.Pending {
		t.Error("yjs still waits for something")
	}
	for i, e := range p.editors {
		if err := want.compare(e.doc); err != nil {
			text := j.explain(encode(t, e.doc), want.State)
			t.Fatalf("editor %d: %v\ngot:\n%s\nwant:\n%s", i, err, text[0], text[1])
		}
	}
}

// TestTextAgainstModel compares local edits of a text with the same edits of a slice of UTF-16
// units, in which a cut through a surrogate pair leaves U+FFFD on both sides. Rule: CON-4.
func TestTextAgainstModel(t *testing.T) {
	t.Parallel()
	for seed := range uint64(50) {
		random := rand.New(rand.NewPCG(seed, 3))
		p := &party{random: random}
		text := crdt.NewDoc(crdt.WithClientID(1)).Text("text")
		var model []uint16
		for step := range 200 {
			at := random.IntN(len(model) + 1)
			var err error
			if n := random.IntN(len(model) - at + 1); n > 0 && random.IntN(2) == 0 {
				n = min(n, 8)
				tear(model, at)
				tear(model, at+n)
				model = slices.Delete(model, at, at+n)
				err = text.Delete(at, n)
			} else {
				word := p.word()
				tear(model, at)
				model = slices.Insert(model, at, utf16.Encode([]rune(word))...)
				err = text.Insert(at, word)
			}
			if err != nil {
				t.Fatalf("seed %d step %d: %v", seed, step, err)
			}
			if got, want := text.String(), string(utf16.Decode(model)); got != want || text.Len() != len(model) {
				t.Fatalf("seed %d step %d: %d units %q, want %d units %q", seed, step, text.Len(), got, len(model), want)
			}
		}
	}
}

// tear makes the halves of a surrogate pair that is cut at position at into U+FFFD.
func tear(units []uint16, at int) {
	if at > 0 && at < len(units) && units[at-1]&0xfc00 == 0xd800 && units[at]&0xfc00 == 0xdc00 {
		units[at-1], units[at] = 0xfffd, 0xfffd
	}
}

// TestEditsOutOfRange demands that an edit out of range is an error and changes nothing. Rule:
// LOC-3.
func TestEditsOutOfRange(t *testing.T) {
	t.Parallel()
	doc := crdt.NewDoc(crdt.WithClientID(1))
	text, array := doc.Text("text"), doc.Array("array")
	if err := text.Insert(0, "abc"); err != nil {
		t.Fatal(err)
	}
	if err := array.Push(1, 2, 3); err != nil {
		t.Fatal(err)
	}
	before := encode(t, doc)
	for name, edit := range map[string]func() error{
		"insert past the end":         func() error { return text.Insert(4, "x") },
		"insert before the start":     func() error { return text.Insert(-1, "x") },
		"delete past the end":         func() error { return text.Delete(2, 2) },
		"delete before the start":     func() error { return text.Delete(-1, 1) },
		"delete a negative length":    func() error { return text.Delete(1, -1) },
		"insert past the array's end": func() error { return array.Insert(4, 1) },
		"delete past the array's end": func() error { return array.Delete(3, 1) },
		"a value of no kind":          func() error { return array.Push(make(chan int)) },
		"one value of no kind of two": func() error { return array.Push(1, struct{ X int }{1}) },
		"a key with no kind of value": func() error { return doc.Map("map").Set("k", func() {}) },
		"values nested without end":   func() error { return array.Push(deep(100_000)) },
	} {
		if err := edit(); err == nil {
			t.Errorf("%s: no error", name)
		}
		if err := sameBytes(name, encode(t, doc), before); err != nil {
			t.Error(err)
		}
	}
}

func deep(n int) any {
	var v any = 1
	for range n {
		v = []any{v}
	}
	return v
}
