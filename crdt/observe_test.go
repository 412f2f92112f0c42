package crdt_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"testing"

	"parley/crdt"
)

// eventCase is what yjs tells of updates that arrive one after the other.
type eventCase []struct {
	Update []byte
	Sent   []byte // what the document sends on, nil for nothing
	Events map[string]eventText
	Lags   bool // yjs leaves waiting what could go in: it tells of it later. Rule: PEN-2
}

// eventText is an event as text: the steps of its delta, and what became of keys.
type eventText struct {
	Delta []string
	Keys  map[string]string
}

// TestEvents compares what observers and listeners are told of updates that arrive with what yjs
// tells: deltas with formats and embeds, keys with their old values, paths, and the bytes of the
// update that is sent on. Rules: EVT-1, EVT-2, EVT-3, EVT-4, EVT-5, TXN-1, TXN-2.
//
// PARLEY_SEEDS sets how many cases (60), PARLEY_SEED the first (1).
func TestEvents(t *testing.T) {
	t.Parallel()
	j := needJudge(t)
	first, seeds := envInt("PARLEY_SEED", 1), envInt("PARLEY_SEEDS", 60)
	size := envInt("PARLEY_SIZE", 25)
	if testing.Short() {
		seeds = min(seeds, 15)
	}
	for seed := first; seed < first+seeds; seed++ {
		t.Run(fmt.Sprintf("seed_%d", seed), func(t *testing.T) {
			t.Parallel()
			t.Logf("again: PARLEY_SEEDS=1 PARLEY_SEED=%d PARLEY_SIZE=%d go test ./crdt -run TestEvents", seed, size)
			var c eventCase
			if err := j.ask("events", map[string]any{"seed": seed, "size": size}, &c); err != nil {
				t.Fatal(err)
			}
			c.check(t, j)
		})
	}
}

func (c eventCase) check(t *testing.T, j *judge) {
	t.Helper()
	doc := crdt.NewDoc()
	for name := range rootKinds {
		openRoot(doc, name)
	}
	w := watch(t, doc)
	for i, s := range c {
		w.clear()
		before := encode(t, doc)
		if err := apply(doc, s.Update); err != nil {
			t.Fatal(err)
		}
		if s.Lags {
			continue
		}
		w.compare(t, fmt.Sprintf("update %d", i), s.Events)
		if err := sameBytes(fmt.Sprintf("what is sent on of update %d", i), w.sent, s.Sent); err != nil {
			t.Errorf("%v\n%s", err, strings.Join(j.explain(w.sent, s.Sent), "\nwant:\n"))
		}
		if t.Failed() {
			t.Fatalf("before:\n%s\nupdate:\n%s", j.explain(before)[0], j.explain(s.Update)[0])
		}
	}
}

// watched collects what a document tells of a transaction.
type watched struct {
	events map[string]eventText
	roots  map[string]eventText // as told to the observers of the roots alone
	sent   []byte
	local  bool
	origin any
}

func (w *watched) clear() {
	w.events, w.roots, w.sent = map[string]eventText{}, map[string]eventText{}, nil
}

func watch(t *testing.T, doc *crdt.Doc) *watched {
	w := &watched{}
	w.clear()
	doc.Observe(func(events []crdt.Event) {
		for _, e := range events {
			w.note(t, w.events, e)
		}
	})
	for name := range rootKinds {
		rootOf(doc, name).(interface {
			Observe(func(crdt.Event)) func()
		}).Observe(func(e crdt.Event) { w.note(t, w.roots, e) })
	}
	doc.OnUpdate(func(update []byte, _ any) { w.sent = update })
	return w
}

func (w *watched) note(t *testing.T, into map[string]eventText, e crdt.Event) {
	text := textOf(e)
	if e.Local != w.local || e.Origin != w.origin {
		t.Errorf("event local %v of %v, want local %v of %v", e.Local, e.Origin, w.local, w.origin)
	}
	if len(text.Delta) > 0 || len(text.Keys) > 0 {
		into[pathText(t, e.Path)] = text
	}
}

// compare demands the events of yjs, and that the observer of each root was told those of its root.
func (w *watched) compare(t *testing.T, what string, want map[string]eventText) {
	t.Helper()
	all := maps.Clone(want)
	maps.Copy(all, w.events)
	for _, path := range slices.Sorted(maps.Keys(all)) {
		got, ok := w.events[path]
		wanted, due := want[path]
		switch {
		case ok != due:
			t.Errorf("%s: event at %s: %v, want %v: %v %v", what, path, ok, due, got, wanted)
		case !slices.Equal(got.Delta, wanted.Delta):
			t.Errorf("%s: delta at %s\n got %s\nwant %s", what, path, strings.Join(got.Delta, ", "), strings.Join(wanted.Delta, ", "))
		case !maps.Equal(got.Keys, wanted.Keys):
			t.Errorf("%s: keys at %s\n got %v\nwant %v", what, path, got.Keys, wanted.Keys)
		}
	}
	for name := range rootKinds {
		path := pathText(t, []any{name})
		if fmt.Sprint(w.roots[path]) != fmt.Sprint(w.events[path]) {
			t.Errorf("%s: the observer of %q was told %v, that of the document %v", what, name, w.roots[path], w.events[path])
		}
	}
}

func pathText(t *testing.T, path []any) string {
	t.Helper()
	parts := make([]string, len(path))
	for i, p := range path {
		if s, ok := p.(string); ok {
			parts[i] = quote(s)
			continue
		}
		text, err := json.Marshal(p)
		if err != nil {
			t.Fatal(err)
		}
		parts[i] = string(text)
	}
	return "[" + strings.Join(parts, ",") + "]"
}

func textOf(e crdt.Event) eventText {
	var out eventText
	for _, c := range e.Delta {
		out.Delta = append(out.Delta, changeText(c))
	}
	for key, c := range e.Keys {
		if out.Keys == nil {
			out.Keys = map[string]string{}
		}
		text := string(c.Action)
		if c.Action != crdt.Added {
			text += " " + valueText(c.OldValue)
		}
		out.Keys[key] = text
	}
	return out
}

func changeText(c crdt.Change) string {
	attributes := ""
	if len(c.Attributes) > 0 {
		attributes = " " + plain(map[string]any(c.Attributes))
	}
	switch {
	case c.Retain > 0:
		return fmt.Sprintf("retain %d%s", c.Retain, attributes)
	case c.Delete > 0:
		return fmt.Sprintf("delete %d", c.Delete)
	}
	values := []any{c.Insert}
	if list, ok := c.Insert.([]any); ok && attributes == "" {
		values = list
	}
	parts := make([]string, len(values))
	for i, v := range values {
		parts[i] = valueText(v)
	}
	return "insert " + strings.Join(parts, " ") + attributes
}

// valueText is a value in an event: shared types by kind, subdocuments by guid, the rest as plain
// writes it.
func valueText(v any) string {
	switch v := v.(type) {
	case crdt.Undefined:
		return "<undefined>"
	case *crdt.Subdoc:
		return "<doc " + v.GUID + ">"
	case *crdt.Text:
		return "<YText>"
	case *crdt.Map:
		return "<YMap>"
	case *crdt.Array:
		return "<YArray>"
	case *crdt.XMLFragment:
		return "<YXmlFragment>"
	case *crdt.XMLElement:
		return "<YXmlElement>"
	case *crdt.XMLText:
		return "<YXmlText>"
	}
	return plain(jsonValue(v))
}

// jsonValue does what JSON.stringify does: undefined is null in a list and absent from an object,
// NaN and infinities are null.
func jsonValue(v any) any {
	switch v := v.(type) {
	case crdt.Undefined:
		return nil
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return nil
		}
	case []any:
		out := make([]any, len(v))
		for i, e := range v {
			out[i] = jsonValue(e)
		}
		return out
	case map[string]any:
		out := map[string]any{}
		for k, e := range v {
			if _, ok := e.(crdt.Undefined); !ok {
				out[k] = jsonValue(e)
			}
		}
		return out
	}
	return v
}
