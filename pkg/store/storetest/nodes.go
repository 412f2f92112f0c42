package storetest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"parley/pkg/relay"
	"parley/pkg/session"
	"parley/pkg/trace"
)

// Node is a store as one of several nodes uses it.
type Node interface {
	relay.Log
	relay.Bus
}

// TraceNode is a store as one of several nodes traces with it.
type TraceNode interface {
	trace.Store
	Beat(ctx context.Context) (alive map[string]bool, known bool, err error)
}

// RunTraceNodes runs the tests of a trace that several nodes write. fresh returns two nodes over
// one backend, and the id of a session.
func RunTraceNodes(t *testing.T, fresh func(t *testing.T) (a, b TraceNode, id session.ID)) {
	for name, test := range map[string]func(t *testing.T, a, b TraceNode, id session.ID){
		"one stretch of presence for a person on two nodes": testNodeTrace,
		"people who move to and fro at once":                testNodeTraceRace,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a, b, id := fresh(t)
			test(t, a, b, id)
		})
	}
}

// RunNodes runs the tests of a store that several nodes share. fresh returns two nodes over one
// backend, and the id of an empty document in a session that exists.
func RunNodes(t *testing.T, fresh func(t *testing.T) (a, b Node, id relay.RoomID)) {
	for _, tc := range []struct {
		name string
		test func(t *testing.T, a, b Node, id relay.RoomID)
	}{
		{"nodes: an append has to know where the log is", testPosition},
		{"nodes: what is after a position", testNodeSince},
		{"nodes: a compaction has to know the entry it reaches", testNodeCompact},
		{"nodes: positions are compared", testNodeCheck},
		{"nodes: every node hears of every append, in order", testChannel},
		{"nodes: an unknown session", testNodeUnknown},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			a, b, id := fresh(t)
			tc.test(t, a, b, id)
		})
	}
}

func mustAppendAt(t *testing.T, log relay.Log, id relay.RoomID, at relay.Position, entries ...relay.Entry) relay.Position {
	t.Helper()
	end, err := appendAt(log, id, at, relay.Prompt, entries...)
	if err != nil {
		t.Fatalf("append after %+v: %v", at, err)
	}
	return end
}

func testPosition(t *testing.T, a, b Node, id relay.RoomID) {
	first := mustAppendAt(t, a, id, relay.Position{}, entries("e", 0, 2)...)
	if first.Seq != 2 || first.Epoch == 0 || first.ID == (relay.AppendID{}) {
		t.Errorf("the first append ends at %+v", first)
	}
	second := mustAppendAt(t, b, id, first, entry("e", 2))
	if second.Seq != 3 || second.Epoch != first.Epoch || second.ID == first.ID {
		t.Errorf("the second append ends at %+v, the first at %+v", second, first)
	}
	// the node has not heard of the second append yet, which does no harm
	third := mustAppendAt(t, a, id, first, entry("e", 3))
	if third.Seq != 4 {
		t.Errorf("the third append ends at %+v", third)
	}
	for name, at := range map[string]relay.Position{
		"of no log":            {},
		"of another epoch":     {Epoch: first.Epoch ^ 1<<60, Seq: 2, ID: first.ID}, // far from the other epochs
		"with another id":      {Epoch: first.Epoch, Seq: 4, ID: first.ID},
		"after the log's end ": {Epoch: first.Epoch, Seq: 5, ID: third.ID},
	} {
		at := at
		if stored := mustSince(t, a, id, relay.Position{}); at.Epoch == first.Epoch {
			at.Epoch = stored.At.Epoch // a refused append may have changed the epoch
		}
		if _, err := appendAt(a, id, at, relay.Prompt, entry("lost", 0)); !errors.Is(err, relay.ErrStale) {
			t.Errorf("an append after a position %s gave %v, want ErrStale", name, err)
		}
	}
	sameEntries(t, "log", mustSince(t, b, id, relay.Position{}).Entries, entries("e", 0, 4))
}

func testNodeSince(t *testing.T, a, b Node, id relay.RoomID) {
	if empty := mustSince(t, a, id, relay.Position{}); !empty.Whole || empty.At != (relay.Position{}) || empty.State != nil || len(empty.Entries) != 0 {
		t.Errorf("a document never written is %+v", empty)
	}
	two := mustAppendAt(t, a, id, relay.Position{}, entries("e", 0, 2)...)
	five := mustAppendAt(t, b, id, two, entries("e", 2, 5)...)
	if got := mustSince(t, a, id, two); got.Whole || got.At != five {
		t.Errorf("after the first append: whole %v, at %+v; want the rest, at %+v", got.Whole, got.At, five)
	} else {
		sameEntries(t, "the rest", got.Entries, entries("e", 2, 5))
	}
	if got := mustSince(t, a, id, five); got.Whole || len(got.Entries) != 0 || got.At != five {
		t.Errorf("after the end: %+v", got)
	}
	for _, at := range []relay.Position{{}, {Epoch: five.Epoch + 1, Seq: 2, ID: two.ID}, {Epoch: five.Epoch, Seq: 2, ID: five.ID}, {Epoch: five.Epoch, Seq: 9, ID: five.ID}} {
		got := mustSince(t, b, id, at)
		if !got.Whole || got.At != five {
			t.Errorf("after %+v: whole %v, at %+v; want everything, at %+v", at, got.Whole, got.At, five)
		}
		sameEntries(t, "everything", got.Entries, entries("e", 0, 5))
	}
	if err := a.Compact(t.Context(), id, []byte("state"), five); err != nil {
		t.Fatal(err)
	}
	if got := mustSince(t, b, id, five); got.Whole || len(got.Entries) != 0 || got.At != five {
		t.Errorf("after a position that was compacted: %+v", got)
	}
	if got := mustSince(t, b, id, two); !got.Whole || string(got.State) != "state" || len(got.Entries) != 0 || got.At != five {
		t.Errorf("after a position before the compaction: %+v", got)
	}
}

func testNodeCompact(t *testing.T, a, b Node, id relay.RoomID) {
	two := mustAppendAt(t, a, id, relay.Position{}, entries("e", 0, 2)...)
	four := mustAppendAt(t, a, id, two, entries("e", 2, 4)...)
	for name, at := range map[string]relay.Position{
		"of another epoch": {Epoch: four.Epoch + 1, Seq: 2, ID: two.ID}, "with another id": {Epoch: four.Epoch, Seq: 2, ID: four.ID},
		"of the future": {Epoch: four.Epoch, Seq: 7, ID: four.ID},
	} {
		if err := b.Compact(t.Context(), id, []byte("wrong"), at); !errors.Is(err, relay.ErrStale) {
			t.Errorf("a compaction to a position %s gave %v, want ErrStale", name, err)
		}
	}
	for _, at := range []relay.Position{two, two, {Epoch: two.Epoch, Seq: 1}} {
		if err := b.Compact(t.Context(), id, []byte("state"), at); err != nil {
			t.Errorf("compaction to %+v: %v", at, err)
		}
	}
	got := mustSince(t, a, id, relay.Position{})
	if string(got.State) != "state" || got.At != four {
		t.Errorf("state %q, at %+v", got.State, got.At)
	}
	sameEntries(t, "log", got.Entries, entries("e", 2, 4))
}

func testNodeCheck(t *testing.T, a, b Node, id relay.RoomID) {
	other := relay.RoomID{Session: id.Session, Doc: "notes"}
	one := mustAppendAt(t, a, id, relay.Position{}, entry("e", 0))
	two := mustAppendAt(t, a, id, one, entry("e", 1))
	for _, tc := range []struct {
		at   relay.Position
		want int
	}{{two, 0}, {one, 1}, {relay.Position{}, 1}, {relay.Position{Epoch: two.Epoch, Seq: 2, ID: one.ID}, 1}} {
		differ, err := b.Check(t.Context(), []relay.Located{{ID: other}, {ID: id, At: tc.at}})
		if err != nil || len(differ) != tc.want || tc.want == 1 && differ[0] != id {
			t.Errorf("check of %+v gave %v, %v; want %d", tc.at, differ, err, tc.want)
		}
	}
}

func testChannel(t *testing.T, a, b Node, id relay.RoomID) {
	heardA, heardB := make(chan relay.Message, 16), make(chan relay.Message, 16)
	for s, heard := range map[Node]chan relay.Message{a: heardA, b: heardB} {
		stop, err := s.Subscribe(t.Context(), id, func(m relay.Message) { heard <- m })
		if err != nil {
			t.Fatal(err)
		}
		defer stop()
	}
	two := mustAppendAt(t, a, id, relay.Position{}, entries("e", 0, 2)...)
	three := mustAppendAt(t, b, id, two, entry("e", 2))
	a.Say(id, []byte("hello"))
	if err := a.Compact(t.Context(), id, []byte("state"), two); err != nil {
		t.Fatal(err)
	}
	want := []relay.Message{{Kind: relay.Appended, After: two}, {Kind: relay.Appended, Before: two, After: three}}
	for name, heard := range map[string]chan relay.Message{"a": heardA, "b": heardB} {
		var said, compacted int
		for i, updates := 0, [][]relay.Entry{entries("e", 0, 2), entries("e", 2, 3)}; i < 2 || compacted < 1 || said < 1 && name == "b"; {
			m := <-heard
			switch m.Kind {
			case relay.Said:
				if said++; name == "a" || string(m.Body) != "hello" || m.Own {
					t.Errorf("%s heard %+v", name, m)
				}
			case relay.Compacted:
				if compacted++; m.After.Seq != 2 || m.After.Epoch != two.Epoch {
					t.Errorf("%s heard of a compaction to %+v", name, m.After)
				}
			case relay.Appended:
				own := (name == "a") == (i == 0)
				if m.Before != want[i].Before || m.After != want[i].After || m.Own != own || m.Count != len(updates[i]) {
					t.Errorf("%s heard %+v, want it from %+v to %+v, own %v", name, m, want[i].Before, want[i].After, own)
				}
				if got := len(m.Updates); own && got != 0 || !own && (got != len(updates[i]) || string(m.Updates[0]) != string(updates[i][0].Update) ||
					len(m.By) != got || m.By[0] != updates[i][0].By) {
					t.Errorf("%s heard %d updates, own %v", name, got, own)
				}
				i++
			default:
				t.Fatalf("%s heard %+v", name, m)
			}
		}
	}
}

func testNodeUnknown(t *testing.T, a, _ Node, _ relay.RoomID) {
	id := relay.RoomID{Session: "unknown0"}
	if _, err := a.Since(t.Context(), id, relay.Position{}); !errors.Is(err, relay.ErrNoSession) {
		t.Errorf("Since gave %v, want ErrNoSession", err)
	}
	if _, err := appendAt(a, id, relay.Position{}, relay.Prompt, relay.Entry{Update: []byte("x"), At: time.UnixMilli(1)}); !errors.Is(err, relay.ErrNoSession) {
		t.Errorf("Append gave %v, want ErrNoSession", err)
	}
	if err := a.Compact(t.Context(), id, []byte("x"), relay.Position{Epoch: 1, Seq: 1}); !errors.Is(err, relay.ErrNoSession) {
		t.Errorf("Compact gave %v, want ErrNoSession", err)
	}
}

// beat makes both nodes alive.
func beat(t *testing.T, nodes ...TraceNode) {
	t.Helper()
	for _, n := range nodes {
		if _, _, err := n.Beat(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

func testNodeTrace(t *testing.T, a, b TraceNode, sess session.ID) {
	beat(t, a, b)
	for n, noted := range []struct {
		on   TraceNode
		kind trace.Kind
	}{
		{a, trace.Join}, {b, trace.Join}, {b, trace.File}, {a, trace.Away}, {b, trace.Active}, {b, trace.Leave}, {a, trace.Leave}, {b, trace.Join}, {b, trace.Leave},
	} {
		if err := noted.on.RecordTrace(t.Context(), []trace.Event{happened(sess, noted.kind, "ada", n)}); err != nil {
			t.Fatal(err)
		}
	}
	away := happened(sess, trace.Away, "ada", 5) // when the page in sight was closed
	away.Since = away.At
	want := []trace.Event{
		happened(sess, trace.Join, "ada", 0), happened(sess, trace.File, "ada", 2), happened(sess, trace.Active, "ada", 4), away,
		happened(sess, trace.Leave, "ada", 6), happened(sess, trace.Join, "ada", 7), happened(sess, trace.Leave, "ada", 8),
	}
	for _, n := range []TraceNode{a, b} {
		sameTrace(t, n, sess, want)
	}
}

// Two nodes write at once. Neither step of a person is lost, and each person joins once and leaves
// once.
func testNodeTraceRace(t *testing.T, a, b TraceNode, id session.ID) {
	beat(t, a, b)
	const people = 20
	both := func(kind trace.Kind, at int) {
		var wg sync.WaitGroup
		for _, n := range []TraceNode{a, b} {
			wg.Go(func() {
				for p := range people {
					if err := n.RecordTrace(t.Context(), []trace.Event{happened(id, kind, fmt.Sprint("p", p), at)}); err != nil {
						t.Error(err)
					}
				}
			})
		}
		wg.Wait()
	}
	both(trace.Join, 1)
	both(trace.Leave, 2)
	events, err := a.Trace(t.Context(), string(id))
	if err != nil {
		t.Fatal(err)
	}
	counts := map[string]int{}
	for _, e := range events {
		counts[e.By+" "+string(e.Kind)]++
	}
	for p := range people {
		for _, kind := range []trace.Kind{trace.Join, trace.Leave} {
			if key := fmt.Sprintf("p%d %s", p, kind); counts[key] != 1 {
				t.Errorf("%d of %q", counts[key], key)
			}
		}
	}
}
