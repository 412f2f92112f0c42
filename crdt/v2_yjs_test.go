package crdt_test

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"

	"parley/crdt"
)

// TestV2Replicas converts the updates of random replicas to V2 and back beside yjs, and writes and
// loads states in V2, with and without pending parts. Rules: V2-1, V2-2, V2-3, ENC-1, ENC-2, ENC-3.
//
// PARLEY_SEEDS sets how many (60), PARLEY_SEED the first (1).
func TestV2Replicas(t *testing.T) {
	t.Parallel()
	j := needJudge(t)
	first, seeds := envInt("PARLEY_SEED", 1), envInt("PARLEY_SEEDS", 60)
	if testing.Short() {
		seeds = min(seeds, 15)
	}
	for seed := first; seed < first+seeds; seed++ {
		t.Run(fmt.Sprintf("seed_%d", seed), func(t *testing.T) {
			t.Parallel()
			var c replicaCase
			if err := j.ask("case", map[string]any{"seed": seed, "size": 30}, &c); err != nil {
				t.Fatal(err)
			}
			c.checkConversions(t, j)
			c.checkStatesV2(t, j)
		})
	}
}

// checkConversions compares both conversions of every update of the case.
func (c *replicaCase) checkConversions(t *testing.T, j *judge) {
	t.Helper()
	seen := map[int]bool{}
	var updates [][]byte
	add := func(indices ...int) {
		for _, i := range indices {
			if !seen[i] {
				seen[i] = true
				updates = append(updates, c.Blobs[i])
			}
		}
	}
	add(c.Log...)
	add(c.Final.State)
	for _, s := range c.Steps {
		add(s.Update)
	}
	for _, m := range c.Merges {
		add(m.Out)
	}
	for _, d := range c.Diffs {
		add(d.Out)
	}
	var want []struct{ V2, V1 []byte }
	if err := j.ask("convert", map[string]any{"updates": updates}, &want); err != nil {
		t.Fatal(err)
	}
	for i, u := range updates {
		v2, err := crdt.ConvertUpdateFormatV1ToV2(u)
		if err != nil {
			t.Fatalf("%x to V2: %v", u, err)
		}
		if err := sameBytes(fmt.Sprintf("%x in V2", u), v2, want[i].V2); err != nil {
			t.Fatalf("%v\n%s", err, j.explain(u)[0])
		}
		v1, err := crdt.ConvertUpdateFormatV2ToV1(v2)
		if err != nil {
			t.Fatalf("%x to V1: %v", v2, err)
		}
		if err := sameBytes(fmt.Sprintf("%x in V1", v2), v1, want[i].V1); err != nil {
			t.Fatalf("%v\n%s", err, j.explain(u)[0])
		}
	}
}

// stateV2 is a state that is to be written in V2, and what yjs writes.
type stateV2 struct {
	State  []byte `json:"state"`
	Vector []byte `json:"vector"` // nil: only the whole
	GC     bool   `json:"gc"`
}

type answerV2 struct{ Whole, Diff, Loaded []byte }

// checkStatesV2 compares what is written in V2 at the points where the case says what must come
// out.
func (c *replicaCase) checkStatesV2(t *testing.T, j *judge) {
	t.Helper()
	ask := func(w wanted, gc bool) stateV2 {
		q := stateV2{State: c.Blobs[w.State], GC: gc}
		if len(w.Diffs) > 0 {
			q.Vector = c.Blobs[w.Diffs[0].Vector]
		}
		return q
	}
	questions := []stateV2{ask(c.Final, true)}
	for _, s := range c.Steps {
		if s.Want != nil {
			questions = append(questions, ask(*s.Want, c.GC))
		}
	}
	var answers []answerV2
	if err := j.ask("statesV2", map[string]any{"questions": questions}, &answers); err != nil {
		t.Fatal(err)
	}
	for i, q := range questions {
		if err := q.compare(answers[i]); err != nil {
			t.Fatalf("%v\n%s", err, j.explain(q.State)[0])
		}
	}
}

func (q stateV2) compare(want answerV2) error {
	doc := crdt.NewDoc(crdt.WithGC(q.GC))
	if err := apply(doc, q.State); err != nil {
		return err
	}
	whole, err := doc.EncodeStateAsUpdateV2(nil)
	if err != nil {
		return err
	}
	if err := sameBytes("state in V2", whole, want.Whole); err != nil {
		return fmt.Errorf("pending %v: %w", doc.HasPending(), err)
	}
	if q.Vector != nil {
		diff, err := doc.EncodeStateAsUpdateV2(q.Vector)
		if err != nil {
			return err
		}
		if err := sameBytes(fmt.Sprintf("state for %x in V2", q.Vector), diff, want.Diff); err != nil {
			return fmt.Errorf("pending %v: %w", doc.HasPending(), err)
		}
	}
	loaded := crdt.NewDoc()
	if err := loaded.ApplyUpdateV2(whole); err != nil {
		return err
	}
	state, err := loaded.EncodeStateAsUpdate(nil)
	if err != nil {
		return err
	}
	return sameBytes("state loaded from V2", state, want.Loaded)
}

// TestHostileV2 is TestHostileUpdates for the V2 format, on empty documents. Rules: V2-2, V2-5.
// PARLEY_MUTANTS sets how many (2000).
func TestHostileV2(t *testing.T) {
	t.Parallel()
	j := needJudge(t)
	const batch = 50
	total := envInt("PARLEY_MUTANTS", 2000)
	if testing.Short() {
		total = min(total, 500)
	}
	var sound [][]byte
	for _, u := range soundUpdates(t) {
		if v2, err := crdt.ConvertUpdateFormatV1ToV2(u); err == nil {
			sound = append(sound, v2)
		}
	}
	seed := envInt("PARLEY_SEED", 1)
	stats := map[string]int{}
	for n := 0; n < total; n += batch {
		random := rand.New(rand.NewPCG(uint64(seed), uint64(n)+1<<32))
		mutants := make([][]byte, batch)
		for i := range mutants {
			mutants[i] = mutate(random, sound)
		}
		var verdicts []verdict
		if err := j.ask("judgeV2", map[string]any{"updates": mutants}, &verdicts); err != nil {
			t.Fatal(err)
		}
		for i, v := range verdicts {
			what, err := compareVerdictV2(j, mutants[i], v)
			stats[what]++
			if err != nil {
				t.Errorf("V2 update %x\n%v", mutants[i], err)
			}
		}
	}
	t.Logf("%d changed V2 updates: %v", total, stats)
}

// compareVerdictV2 is compareVerdict for a V2 update on an empty document.
func compareVerdictV2(j *judge, update []byte, v verdict) (string, error) {
	doc := crdt.NewDoc()
	refusal := doc.ApplyUpdateV2(bytes.Clone(update))
	if err := doc.Check(); err != nil {
		return "check", err
	}
	state, err := doc.EncodeStateAsUpdate(nil)
	if err != nil {
		return "not encoded", err
	}
	if errors.Is(refusal, crdt.ErrTooLarge) {
		return "too large", sameBytes("state after the refusal", state, []byte{0, 0})
	}
	if refusal != nil {
		return compareRefusal(refusal, v, sameBytes("state after the refusal", state, []byte{0, 0}))
	}
	switch {
	case !v.Accepted:
		if d := known(nil, v.Reason); d != nil {
			return d.name, nil
		}
		return "taken", fmt.Errorf("taken, but yjs refuses: %s", v.Reason)
	case v.Broken != "":
		return "broken in yjs", fmt.Errorf("taken, as yjs does, but after it yjs cannot write or load the document: %s", v.Broken)
	}
	what, err := compareStates(j, state, v.State)
	if err != nil && v.Unsorted && doc.HasPending() {
		return unsortedPending, nil
	}
	if err != nil && v.Unstable {
		return unstable, nil
	}
	return what, err
}
