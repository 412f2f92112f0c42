package crdt_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"parley/crdt"
)

// TestListenersMayEdit edits in an observer and in a listener. Everybody is told of the first
// transaction before anybody is told of one that was made meanwhile. Rule: TXN-3.
func TestListenersMayEdit(t *testing.T) {
	t.Parallel()
	doc := crdt.NewDoc(crdt.WithClientID(1))
	text, seen := doc.Text("text"), doc.Map("seen")
	var told []string
	var updates [][]byte
	text.Observe(func(e crdt.Event) {
		told = append(told, fmt.Sprintf("text %v by %v", e.Delta, e.Origin))
		if e.Origin == "person" {
			if err := text.Insert(0, "é"); err != nil {
				t.Error(err)
			}
			if err := text.Delete(text.Len()-1, 1); err != nil {
				t.Error(err)
			}
		}
	})
	doc.Observe(func(events []crdt.Event) { told = append(told, fmt.Sprintf("%d events", len(events))) })
	doc.OnUpdate(func(u []byte, origin any) {
		told = append(told, fmt.Sprintf("update by %v", origin))
		updates = append(updates, u)
		if seen.Len() == 0 {
			doc.Transact("listener", func() {
				if err := seen.Set("k", 1); err != nil {
					t.Error(err)
				}
			})
		}
	})
	doc.OnUpdate(func(u []byte, origin any) { told = append(told, fmt.Sprintf("%d bytes", len(u))) })

	doc.Transact("person", func() {
		if err := text.Insert(0, "hello"); err != nil {
			t.Error(err)
		}
	})
	want := strings.Join([]string{
		"text [{0 0 hello map[]}] by person", "1 events", "update by person", "18 bytes",
		"text [{0 0 é map[]}] by <nil>", "1 events", "update by <nil>", "11 bytes",
		"text [{5 0 <nil> map[]} {0 1 <nil> map[]}] by <nil>", "1 events", "update by <nil>", "6 bytes",
		"1 events", "update by listener", "17 bytes",
	}, "\n")
	if got := strings.Join(told, "\n"); got != want {
		t.Errorf("told\n%s\nwant\n%s", got, want)
	}
	if err := doc.Check(); err != nil {
		t.Error(err)
	}
	copied := crdt.NewDoc()
	for _, u := range updates {
		if err := apply(copied, u); err != nil {
			t.Fatal(err)
		}
	}
	if err := sameBytes("state made of what was sent on", encode(t, copied), encode(t, doc)); err != nil {
		t.Error(err)
	}
}

// listenersCase is what yjs tells of updates while observers and listeners edit the document.
type listenersCase struct {
	Updates [][]byte
	Log     []string
	State   []byte
}

// TestListenersAsYjs makes the edits of internal/yjs/listeners.mjs in observers and listeners. What
// is told, its order, and the state at the end must be those of yjs. Rule: TXN-3.
func TestListenersAsYjs(t *testing.T) {
	t.Parallel()
	j := needJudge(t)
	for seed := range envInt("PARLEY_SEEDS", 60) {
		t.Run(fmt.Sprintf("seed_%d", seed), func(t *testing.T) {
			t.Parallel()
			var c listenersCase
			if err := j.ask("listeners", map[string]any{"seed": seed, "size": 12}, &c); err != nil {
				t.Fatal(err)
			}
			c.check(t)
		})
	}
}

func (c listenersCase) check(t *testing.T) {
	t.Helper()
	doc := crdt.NewDoc(crdt.WithClientID(2))
	text, keys := doc.Text("text"), doc.Map("map")
	must := func(err error) {
		if err != nil {
			t.Error(err)
		}
	}
	var log []string
	var sent [][]byte
	transactions := 0
	doc.Observe(func(events []crdt.Event) {
		log = append(log, toldText(events))
		if transactions++; transactions%3 != 2 {
			return
		}
		doc.Transact("observer", func() { must(text.Insert(0, "r")) })
		if text.Len() > 1 {
			doc.Transact("observer", func() { must(text.Delete(text.Len()-1, 1)) })
		}
	})
	doc.OnUpdate(func(update []byte, origin any) {
		log = append(log, fmt.Sprintf("update by %v", origin))
		if sent = append(sent, update); len(sent)%4 == 2 {
			doc.Transact("listener", func() { must(keys.Set("seen", len(sent))) })
		}
	})
	for _, u := range c.Updates {
		must(doc.ApplyUpdateFrom(u, "wire"))
		must(doc.Check())
	}
	if got, want := strings.Join(log, "\n"), strings.Join(c.Log, "\n"); got != want {
		t.Errorf("told\n%s\nwant\n%s", got, want)
	}
	must(sameBytes("state", encode(t, doc), c.State))
	copied := crdt.NewDoc()
	for _, u := range sent {
		must(apply(copied, u))
	}
	must(sameBytes("state made of what was sent on", encode(t, copied), c.State))
}

// toldText is the events of a transaction as listeners.mjs writes them.
func toldText(events []crdt.Event) string {
	var parts []string
	for _, e := range events {
		if e.Path[0] == "text" {
			parts = append(parts, fmt.Sprintf("text %s", e.Target))
			continue
		}
		var keys []string
		for key, c := range e.Keys {
			keys = append(keys, fmt.Sprintf("%s %s", key, c.Action))
		}
		slices.Sort(keys)
		parts = append(parts, "map "+strings.Join(keys, ", "))
	}
	slices.Sort(parts)
	return fmt.Sprintf("%s by %v", strings.Join(parts, "; "), events[0].Origin)
}
