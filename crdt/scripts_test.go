package crdt_test

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"
	"testing"

	"parley/crdt"
)

// script is what one replica did, call by call, and what yjs sent for each transaction of it.
// internal/yjs/scripts.mjs makes it.
type script struct {
	Client string
	Steps  []struct {
		Update []byte // of another replica; nil for a transaction of this one
		Calls  []call
		Sent   []byte
		Events map[string]eventText
	}
	State []byte
}

// call is a local edit as a description.
type call struct {
	Path          []any
	Op            string
	Index, Length int
	Text, Key     string
	Formats       crdt.Attributes
	Embed         any
	Value         json.RawMessage
	Values        []json.RawMessage
}

// TestScripts makes the same local edits as yjs, under the same client id, and demands the same
// update for each transaction, and that observers are told the same. Rules: LOC-1, LOC-2, LOC-4,
// TXN-2, EVT-1, EVT-2, EVT-3, EVT-4, EVT-5.
//
// PARLEY_SEEDS sets how many scripts (80), PARLEY_SEED the first (1), PARLEY_SIZE how many
// transactions each has (40).
func TestScripts(t *testing.T) {
	t.Parallel()
	j := needJudge(t)
	first, seeds, size := envInt("PARLEY_SEED", 1), envInt("PARLEY_SEEDS", 80), envInt("PARLEY_SIZE", 40)
	if testing.Short() {
		seeds = min(seeds, 15)
	}
	run := func(name string, seed int) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			t.Logf("again: PARLEY_SEEDS=1 PARLEY_SEED=%d PARLEY_SIZE=%d go test ./crdt -run TestScripts", seed, size)
			var s script
			if err := j.ask("script", map[string]any{"seed": seed, "size": size}, &s); err != nil {
				t.Fatal(err)
			}
			s.check(t, j)
		})
	}
	run("values_beside_what_was_deleted_at_the_marker", 1952)
	run("values_at_the_start_beside_the_marker", 1950)
	run("a_delete_after_an_embed_in_a_rich_text", 1365)
	for seed := first; seed < first+seeds; seed++ {
		run(fmt.Sprintf("seed_%d", seed), seed)
	}
}

func (s *script) check(t *testing.T, j *judge) {
	t.Helper()
	client, err := strconv.ParseUint(s.Client, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	// One replica has observers, which changes how it commits. The other one only sends.
	seen, plainDoc := crdt.NewDoc(crdt.WithClientID(client)), crdt.NewDoc(crdt.WithClientID(client))
	for name := range rootKinds {
		openRoot(seen, name)
		openRoot(plainDoc, name)
	}
	w := watch(t, seen)
	var sent []byte
	plainDoc.OnUpdate(func(update []byte, _ any) { sent = update })
	for i, step := range s.Steps {
		if step.Update != nil {
			w.local, w.origin = false, nil
			if err := errors.Join(apply(seen, step.Update), apply(plainDoc, step.Update)); err != nil {
				t.Fatal(err)
			}
			continue
		}
		w.clear()
		w.local, w.origin = true, "script"
		sent = nil
		before := encode(t, seen)
		for _, doc := range []*crdt.Doc{seen, plainDoc} {
			doc.Transact("script", func() { perform(t, doc, step.Calls) })
			if err := doc.Check(); err != nil {
				t.Fatalf("check after step %d: %v", i, err)
			}
		}
		w.compare(t, fmt.Sprintf("step %d", i), step.Events)
		for who, update := range map[string][]byte{"observed": w.sent, "not observed": sent} {
			if err := sameBytes(fmt.Sprintf("update of step %d, %s", i, who), update, step.Sent); err != nil {
				t.Errorf("%v\n%s", err, strings.Join(j.explain(update, step.Sent), "\nwant:\n"))
			}
		}
		if t.Failed() {
			calls, _ := json.Marshal(step.Calls)
			t.Fatalf("calls: %s\nbefore:\n%s", calls, j.explain(before)[0])
		}
	}
	for _, doc := range []*crdt.Doc{seen, plainDoc} {
		if err := sameBytes("state after all", encode(t, doc), s.State); err != nil {
			t.Error(err)
		}
	}
}

func perform(t *testing.T, doc *crdt.Doc, calls []call) {
	t.Helper()
	for _, c := range calls {
		if err := c.on(find(t, doc, c.Path)); err != nil {
			t.Errorf("%s at %v: %v", c.Op, c.Path, err)
		}
	}
}

// The methods of shared types that scripts call.
type (
	textual interface {
		Insert(int, string) error
		InsertWith(int, string, crdt.Attributes) error
		InsertEmbed(int, any, crdt.Attributes) error
		Format(int, int, crdt.Attributes) error
	}
	deleter interface{ Delete(int, int) error }
	lister  interface {
		Insert(int, ...any) error
	}
	attributed interface {
		SetAttribute(string, any) error
		RemoveAttribute(string) error
	}
)

// on makes the call on the type that it is for.
func (c *call) on(at any) error {
	value, values, err := c.made()
	if err != nil {
		return err
	}
	switch c.Op {
	case "insert":
		return at.(textual).Insert(c.Index, c.Text)
	case "insertWith":
		return at.(textual).InsertWith(c.Index, c.Text, c.Formats)
	case "embed":
		return at.(textual).InsertEmbed(c.Index, c.Embed, c.Formats)
	case "embedType":
		return at.(textual).InsertEmbed(c.Index, value, c.Formats)
	case "format":
		return at.(textual).Format(c.Index, c.Length, c.Formats)
	case "delete":
		return at.(deleter).Delete(c.Index, c.Length)
	case "insertValues":
		return at.(lister).Insert(c.Index, values...)
	case "push":
		return at.(*crdt.Array).Push(values...)
	case "set":
		if m, ok := at.(*crdt.Map); ok {
			return m.Set(c.Key, value)
		}
		return at.(attributed).SetAttribute(c.Key, value)
	case "unset":
		if m, ok := at.(*crdt.Map); ok {
			return m.Delete(c.Key)
		}
		return at.(attributed).RemoveAttribute(c.Key)
	}
	return fmt.Errorf("no such call: %s", c.Op)
}

func (c *call) made() (value any, values []any, err error) {
	if c.Value != nil {
		if value, err = makeValue(c.Value); err != nil {
			return nil, nil, err
		}
	}
	values, err = makeValues(c.Values)
	return value, values, err
}

// described is a value that JSON lacks.
type described struct {
	Bits, BigInt *string
	Undefined    bool
	Bytes        *string
	List         []json.RawMessage
	Entries      []json.RawMessage
	GUID         string
	Options      []json.RawMessage
	Type, Text   string
	Values       []json.RawMessage
}

// makeValue makes a value of its description.
func makeValue(text json.RawMessage) (any, error) {
	if len(text) == 0 || text[0] != '{' {
		var v any
		return v, json.Unmarshal(text, &v)
	}
	var d described
	if err := json.Unmarshal(text, &d); err != nil {
		return nil, err
	}
	switch {
	case d.Bits != nil:
		bits, err := strconv.ParseUint(*d.Bits, 10, 64)
		return math.Float64frombits(bits), err
	case d.BigInt != nil:
		n, _ := new(big.Int).SetString(*d.BigInt, 10)
		return n, nil
	case d.Undefined:
		return crdt.Undefined{}, nil
	case d.Bytes != nil:
		return hex.DecodeString(*d.Bytes)
	case d.List != nil:
		return makeValues(d.List)
	case d.Entries != nil:
		return makeEntries(d.Entries)
	case d.GUID != "":
		options, err := makeEntries(d.Options)
		return &crdt.Subdoc{GUID: d.GUID, Options: options}, err
	}
	return d.makeType()
}

func (d *described) makeType() (any, error) {
	switch d.Type {
	case "text":
		return crdt.NewText(d.Text), nil
	case "xmltext":
		return crdt.NewXMLText(d.Text), nil
	case "element":
		return crdt.NewXMLElement(d.Text), nil
	case "array":
		values, err := makeValues(d.Values)
		return crdt.NewArray(values...), err
	}
	m := crdt.NewMap()
	for _, pair := range d.Values {
		key, value, err := makePair(pair)
		if err := errors.Join(err, m.Set(key, value)); err != nil {
			return nil, err
		}
	}
	return m, nil
}

func makeValues(list []json.RawMessage) ([]any, error) {
	out := make([]any, len(list))
	for i, text := range list {
		v, err := makeValue(text)
		if err != nil {
			return nil, err
		}
		out[i] = v
	}
	return out, nil
}

func makeEntries(pairs []json.RawMessage) (map[string]any, error) {
	out := map[string]any{}
	for _, pair := range pairs {
		key, value, err := makePair(pair)
		if err != nil {
			return nil, err
		}
		out[key] = value
	}
	return out, nil
}

func makePair(pair json.RawMessage) (key string, value any, err error) {
	var parts [2]json.RawMessage
	if err := json.Unmarshal(pair, &parts); err != nil {
		return "", nil, err
	}
	if err := json.Unmarshal(parts[0], &key); err != nil {
		return "", nil, err
	}
	value, err = makeValue(parts[1])
	return key, value, err
}
