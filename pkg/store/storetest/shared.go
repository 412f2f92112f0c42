package storetest

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"parley/pkg/relay"
)

// RunShared runs what every relay.Shared has to keep. fresh gives two nodes of one, and an empty document of a session that exists.
func RunShared(t *testing.T, fresh func(t *testing.T) (a, b relay.Shared, id relay.RoomID)) {
	for _, tc := range []struct {
		name string
		test func(t *testing.T, a, b relay.Shared, id relay.RoomID)
	}{
		{"shared: an append has to know where the log is", testPosition},
		{"shared: what is behind a position", testSince},
		{"shared: a compaction has to know the entry it reaches", testCompactAt},
		{"shared: positions are compared", testCheck},
		{"shared: every node hears of every append, in order", testChannel},
		{"shared: an unknown session", testSharedUnknown},
		{"shared: what need not be soon", testGathered},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			a, b, id := fresh(t)
			tc.test(t, a, b, id)
		})
	}
}

// appendAt is AppendAt for those who wait.
func appendAt(s relay.Shared, id relay.RoomID, at relay.Position, entries ...relay.Entry) (relay.Position, error) {
	type result struct {
		at  relay.Position
		err error
	}
	told := make(chan result, 1)
	s.AppendAt(id, at, entries, true, func(at relay.Position, err error) { told <- result{at, err} })
	r := <-told
	return r.at, r.err
}

func mustAppendAt(t *testing.T, s relay.Shared, id relay.RoomID, at relay.Position, entries ...relay.Entry) relay.Position {
	t.Helper()
	end, err := appendAt(s, id, at, entries...)
	if err != nil {
		t.Fatalf("append behind %+v: %v", at, err)
	}
	return end
}

func mustSince(t *testing.T, s relay.Shared, id relay.RoomID, at relay.Position) relay.Stored {
	t.Helper()
	stored, err := s.Since(t.Context(), id, at)
	if err != nil {
		t.Fatalf("since %+v: %v", at, err)
	}
	return stored
}

func testPosition(t *testing.T, a, b relay.Shared, id relay.RoomID) {
	first := mustAppendAt(t, a, id, relay.Position{}, entries("e", 0, 2)...)
	if first.Seq != 2 || first.Epoch == 0 || first.Mark == (relay.Mark{}) {
		t.Errorf("the first append ends at %+v", first)
	}
	second := mustAppendAt(t, b, id, first, entry("e", 2))
	if second.Seq != 3 || second.Epoch != first.Epoch || second.Mark == first.Mark {
		t.Errorf("the second append ends at %+v, the first at %+v", second, first)
	}
	third := mustAppendAt(t, a, id, first, entry("e", 3)) // it has not heard of the second yet, which is no harm
	if third.Seq != 4 {
		t.Errorf("the third append ends at %+v", third)
	}
	for name, at := range map[string]relay.Position{
		"of no log":             {},
		"of another epoch":      {Epoch: first.Epoch ^ 1<<60, Seq: 2, Mark: first.Mark}, // far from what the others lead to
		"with another mark":     {Epoch: first.Epoch, Seq: 4, Mark: first.Mark},
		"behind the log's end ": {Epoch: first.Epoch, Seq: 5, Mark: third.Mark},
	} {
		at := at
		if stored := mustSince(t, a, id, relay.Position{}); at.Epoch == first.Epoch {
			at.Epoch = stored.At.Epoch // a refused append may have given the log another
		}
		if _, err := appendAt(a, id, at, entry("lost", 0)); !errors.Is(err, relay.ErrStale) {
			t.Errorf("an append behind a position %s gave %v, want ErrStale", name, err)
		}
	}
	sameEntries(t, "log", mustSince(t, b, id, relay.Position{}).Log, entries("e", 0, 4))
}

func testGathered(t *testing.T, a, b relay.Shared, id relay.RoomID) {
	told := make(chan error, 20)
	for i := range cap(told) {
		one := relay.RoomID{Session: id.Session, Doc: fmt.Sprint(id.Doc, i)}
		a.AppendAt(one, relay.Position{}, entries("e", 0, 3), false, func(at relay.Position, err error) {
			if err == nil && at.Seq != 3 {
				err = fmt.Errorf("the append to %s ends at %+v", one, at)
			}
			told <- err
		})
		if i == cap(told)/2 {
			a.Hurry()
		}
	}
	for range cap(told) {
		if err := <-told; err != nil {
			t.Error(err)
		}
	}
	for i := range cap(told) {
		one := relay.RoomID{Session: id.Session, Doc: fmt.Sprint(id.Doc, i)}
		sameEntries(t, "log", mustSince(t, b, one, relay.Position{}).Log, entries("e", 0, 3))
	}
}

func testSince(t *testing.T, a, b relay.Shared, id relay.RoomID) {
	if empty := mustSince(t, a, id, relay.Position{}); !empty.Whole || empty.At != (relay.Position{}) || empty.State != nil || len(empty.Log) != 0 {
		t.Errorf("a document never written is %+v", empty)
	}
	two := mustAppendAt(t, a, id, relay.Position{}, entries("e", 0, 2)...)
	five := mustAppendAt(t, b, id, two, entries("e", 2, 5)...)
	if got := mustSince(t, a, id, two); got.Whole || got.At != five {
		t.Errorf("behind the first append: whole %v, at %+v; want the rest, at %+v", got.Whole, got.At, five)
	} else {
		sameEntries(t, "the rest", got.Log, entries("e", 2, 5))
	}
	if got := mustSince(t, a, id, five); got.Whole || len(got.Log) != 0 || got.At != five {
		t.Errorf("behind the end: %+v", got)
	}
	for _, at := range []relay.Position{{}, {Epoch: five.Epoch + 1, Seq: 2, Mark: two.Mark}, {Epoch: five.Epoch, Seq: 2, Mark: five.Mark}, {Epoch: five.Epoch, Seq: 9, Mark: five.Mark}} {
		got := mustSince(t, b, id, at)
		if !got.Whole || got.At != five {
			t.Errorf("behind %+v: whole %v, at %+v; want everything, at %+v", at, got.Whole, got.At, five)
		}
		sameEntries(t, "everything", got.Log, entries("e", 0, 5))
	}
	if err := a.CompactAt(t.Context(), id, []byte("state"), five); err != nil {
		t.Fatal(err)
	}
	if got := mustSince(t, b, id, five); got.Whole || len(got.Log) != 0 || got.At != five {
		t.Errorf("behind a position that was compacted: %+v", got)
	}
	if got := mustSince(t, b, id, two); !got.Whole || string(got.State) != "state" || len(got.Log) != 0 || got.At != five {
		t.Errorf("behind a position before the compaction: %+v", got)
	}
}

func testCompactAt(t *testing.T, a, b relay.Shared, id relay.RoomID) {
	two := mustAppendAt(t, a, id, relay.Position{}, entries("e", 0, 2)...)
	four := mustAppendAt(t, a, id, two, entries("e", 2, 4)...)
	for name, at := range map[string]relay.Position{
		"of another epoch": {Epoch: four.Epoch + 1, Seq: 2, Mark: two.Mark}, "with another mark": {Epoch: four.Epoch, Seq: 2, Mark: four.Mark},
		"of the future": {Epoch: four.Epoch, Seq: 7, Mark: four.Mark},
	} {
		if err := b.CompactAt(t.Context(), id, []byte("wrong"), at); !errors.Is(err, relay.ErrStale) {
			t.Errorf("a compaction to a position %s gave %v, want ErrStale", name, err)
		}
	}
	for _, at := range []relay.Position{two, two, {Epoch: two.Epoch, Seq: 1}} {
		if err := b.CompactAt(t.Context(), id, []byte("state"), at); err != nil {
			t.Errorf("compaction to %+v: %v", at, err)
		}
	}
	got := mustSince(t, a, id, relay.Position{})
	if string(got.State) != "state" || got.At != four {
		t.Errorf("state %q, at %+v", got.State, got.At)
	}
	sameEntries(t, "log", got.Log, entries("e", 2, 4))
}

func testCheck(t *testing.T, a, b relay.Shared, id relay.RoomID) {
	other := relay.RoomID{Session: id.Session, Doc: "notes"}
	one := mustAppendAt(t, a, id, relay.Position{}, entry("e", 0))
	two := mustAppendAt(t, a, id, one, entry("e", 1))
	for _, tc := range []struct {
		at   relay.Position
		want int
	}{{two, 0}, {one, 1}, {relay.Position{}, 1}, {relay.Position{Epoch: two.Epoch, Seq: 2, Mark: one.Mark}, 1}} {
		differ, err := b.Check(t.Context(), []relay.Located{{ID: other}, {ID: id, At: tc.at}})
		if err != nil || len(differ) != tc.want || tc.want == 1 && differ[0] != id {
			t.Errorf("check of %+v gave %v, %v; want %d", tc.at, differ, err, tc.want)
		}
	}
}

func testChannel(t *testing.T, a, b relay.Shared, id relay.RoomID) {
	heardA, heardB := make(chan relay.Message, 16), make(chan relay.Message, 16)
	for s, heard := range map[relay.Shared]chan relay.Message{a: heardA, b: heardB} {
		stop, err := s.Subscribe(t.Context(), id, func(m relay.Message) { heard <- m })
		if err != nil {
			t.Fatal(err)
		}
		defer stop()
	}
	two := mustAppendAt(t, a, id, relay.Position{}, entries("e", 0, 2)...)
	three := mustAppendAt(t, b, id, two, entry("e", 2))
	a.Say(id, []byte("hello"))
	if err := a.CompactAt(t.Context(), id, []byte("state"), two); err != nil {
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
				if got := len(m.Updates); own && got != 0 || !own && (got != len(updates[i]) || string(m.Updates[0]) != string(updates[i][0].Update)) {
					t.Errorf("%s heard %d updates, own %v", name, got, own)
				}
				i++
			default:
				t.Fatalf("%s heard %+v", name, m)
			}
		}
	}
}

func testSharedUnknown(t *testing.T, a, _ relay.Shared, _ relay.RoomID) {
	id := relay.RoomID{Session: "unknown0"}
	if _, err := a.Since(t.Context(), id, relay.Position{}); !errors.Is(err, relay.ErrNoSession) {
		t.Errorf("Since gave %v, want ErrNoSession", err)
	}
	if _, err := appendAt(a, id, relay.Position{}, relay.Entry{Update: []byte("x"), At: time.UnixMilli(1)}); !errors.Is(err, relay.ErrNoSession) {
		t.Errorf("AppendAt gave %v, want ErrNoSession", err)
	}
	if err := a.CompactAt(t.Context(), id, []byte("x"), relay.Position{Epoch: 1, Seq: 1}); !errors.Is(err, relay.ErrNoSession) {
		t.Errorf("CompactAt gave %v, want ErrNoSession", err)
	}
}
