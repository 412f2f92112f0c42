package crdt_test

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"parley/crdt"
)

// difference is a known, deliberate difference between what yjs and the engine take. Anything else
// that one takes and the other refuses fails TestHostileUpdates.
type difference struct {
	name string
	why  string
	// engine is what the engine's error expects, "" when it takes the update; yjs is what yjs'
	// error says, "" when it takes it.
	engine, yjs string
}

var knownDifferences = []difference{
	{
		name:   "no length",
		why:    "a struct without length would have no id of its own; yjs stores it, and its binary search over clocks then fails on it",
		engine: "a struct of one unit at least",
	},
	{
		name:   "own future",
		why:    "a struct that names itself or a later one of its client as a cause: yjs fails half way when it integrates it, but keeps it when it has to wait for something else; no replica can have made it",
		engine: "a cause before the struct itself",
	},
	{
		name:   "integers beyond 2^53",
		why:    "yjs looks at the size of a number only when another byte follows, and rounds what the last byte brings beyond 2^53",
		engine: "an integer of at most 53 bits",
	},
	{
		name:   "deletes beyond 2^53",
		why:    "a deleted range whose end JavaScript cannot count exactly; yjs keeps it waiting for ever",
		engine: "a range that ends below 2^53",
	},
	{
		name: "item over a collected run",
		why:  "an item that begins inside of a collected run: yjs takes the GC for an Item and fails half way; the engine collects the rest of it too. Nobody cuts a run so that this happens",
		yjs:  "Cannot read properties of undefined (reading 'origin')",
	},
	{
		name: "delete of nothing",
		why:  "a deleted range without length beyond the known clock: yjs cannot write it into its pending deletes; the engine passes over it, as yjs does within the known clocks",
		yjs:  "Unexpected case",
	},
	{
		name:   "column that ends early",
		why:    "V2: a column of numbers with fewer than the structs need; JavaScript takes the byte past its end for 0 and makes other clients, clocks and lengths of it than were sent",
		engine: "one more number in a column",
	},
	{
		name: "run of structs without end",
		why:  "V2: a few bytes that stand for hundreds of thousands of structs; yjs reads on until memory ends, so the judge stops it, and the engine takes what stays below its limit (V2-4)",
		yjs:  "too many structs for yjs",
	},
	{
		name:   "negative clock",
		why:    "V2: distances from clock to clock that lead below 0 or beyond 2^53; yjs waits for ever for such a clock",
		engine: "a clock from 0 to 2^53-1",
	},
}

// known finds the entry of the table that allows for a difference.
func known(engine error, yjs string) *difference {
	for i, d := range knownDifferences {
		if engine != nil && d.engine != "" && strings.Contains(engine.Error(), d.engine) {
			return &knownDifferences[i]
		}
		if yjs != "" && d.yjs != "" && strings.Contains(yjs, d.yjs) {
			return &knownDifferences[i]
		}
	}
	return nil
}

// verdict is the answer of yjs for one update.
type verdict struct {
	Accepted bool
	Reason   string // of the refusal
	Broken   string // why a document that took it can be written or loaded no more
	Unsorted bool   // the delete set of the base or the update is not ascending
	Forgets  bool   // the reload knows less than the document
	Unstable bool   // yjs comes to another state by loading its own
	Pending  bool
	State    []byte
	Vector   []byte
}

// TestHostileUpdates changes valid updates at random and asks yjs about each. Both must take it or
// both refuse it, and the states after taking it must be equal. PARLEY_MUTANTS sets how many
// (4000), PARLEY_SEED the first seed.
func TestHostileUpdates(t *testing.T) {
	t.Parallel()
	j := needJudge(t)
	const batch = 50
	total := envInt("PARLEY_MUTANTS", 4000)
	if testing.Short() {
		total = min(total, 500)
	}
	sound := soundUpdates(t)
	seed := envInt("PARLEY_SEED", 1)
	stats := map[string]int{}
	for n := 0; n < total; n += batch {
		random := rand.New(rand.NewPCG(uint64(seed), uint64(n)))
		var base []byte
		if random.IntN(2) == 0 {
			base = sound[random.IntN(len(sound))]
		}
		mutants := make([][]byte, batch)
		for i := range mutants {
			mutants[i] = mutate(random, sound)
		}
		var verdicts []verdict
		if err := j.ask("judge", map[string]any{"base": base, "updates": mutants}, &verdicts); err != nil {
			t.Fatal(err)
		}
		for i, v := range verdicts {
			what, err := compareVerdict(j, base, mutants[i], v)
			stats[what]++
			if err != nil {
				t.Errorf("base %x\nupdate %x\n%v", base, mutants[i], err)
			}
		}
	}
	t.Logf("%d changed updates: %v", total, stats)
}

// soundUpdates are those of the golden files that both sides take on an empty document.
func soundUpdates(t *testing.T) [][]byte {
	t.Helper()
	var out [][]byte
	for _, c := range readGolden(t) {
		for _, s := range c.Steps {
			out = append(out, s.Update)
			if s.State != nil {
				out = append(out, s.State)
			}
		}
	}
	return out
}

// mutate changes a sound update at one to three places, or glues two together.
func mutate(random *rand.Rand, sound [][]byte) []byte {
	edges := []byte{0, 1, 2, 4, 7, 8, 10, 0x1f, 0x20, 0x40, 0x7d, 0x7f, 0x80, 0x84, 0xc4, 0xff}
	u := bytes.Clone(sound[random.IntN(len(sound))])
	for n := 1 + random.IntN(3); n > 0; n-- {
		if len(u) == 0 {
			break
		}
		at := random.IntN(len(u))
		switch random.IntN(7) {
		case 0:
			u[at] = byte(random.IntN(256))
		case 1, 2:
			u[at] = edges[random.IntN(len(edges))]
		case 3:
			u[at] ^= 1 << random.IntN(8)
		case 4:
			u = append(u[:at], u[at+1:]...)
		case 5:
			u = append(u[:at], append([]byte{edges[random.IntN(len(edges))]}, u[at:]...)...)
		default:
			other := sound[random.IntN(len(sound))]
			from := random.IntN(len(other))
			u = append(u[:at], append(bytes.Clone(other[from:from+random.IntN(len(other)-from)]), u[at:]...)...)
		}
	}
	return u
}

// compareVerdict names the outcome for the statistics. The error is a difference that is not
// allowed.
func compareVerdict(j *judge, base, update []byte, v verdict) (string, error) {
	doc := crdt.NewDoc()
	if base != nil {
		if err := doc.ApplyUpdate(base); err != nil {
			return "base refused", err
		}
	}
	before, err := doc.EncodeStateAsUpdate(nil)
	if err != nil {
		return "not encoded", err
	}
	refusal := doc.ApplyUpdate(update)
	if err := doc.Check(); err != nil {
		return "check", err
	}
	after, err := doc.EncodeStateAsUpdate(nil)
	if err != nil {
		return "not encoded", err
	}
	if refusal != nil {
		return compareRefusal(refusal, v, sameBytes("state after the refusal", after, before))
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
	what, err := compareStates(j, after, v.State)
	if err != nil && v.Unsorted && doc.HasPending() {
		return unsortedPending, nil
	}
	if err != nil && v.Forgets {
		return forgets, nil
	}
	if err != nil && v.Unstable {
		return unstable, nil
	}
	return what, err
}

// forgets is an allowed difference in states. Where the store holds a run as collected and an Item
// of the same clocks waits, yjs writes the Item, and a reload knows less than the document did. The
// engine never gives back what it has integrated.
const forgets = "yjs forgets by reloading"

// unsortedPending is an allowed difference in states. yjs keeps deletes that wait in the V2 form,
// which writes each clock as the distance from the last range. For ranges that do not ascend the
// distance is negative, and yjs reads back other ranges. No yjs writes such delete sets. The engine
// keeps what was sent.
const unsortedPending = "unsorted deletes that wait"

func compareRefusal(refusal error, v verdict, changed error) (string, error) {
	var decode *crdt.DecodeError
	switch {
	case changed != nil:
		return "changed by refusal", changed
	case !errors.As(refusal, &decode):
		return "refused", fmt.Errorf("refused with %T, want *DecodeError: %w", refusal, refusal)
	case v.Accepted:
		if d := known(refusal, ""); d != nil {
			return d.name, nil
		}
		return "refused", fmt.Errorf("yjs takes it, but: %w", refusal)
	}
	return "refused by both", nil
}

// compareStates demands equal bytes, or states that yjs writes equally after loading them: the
// engine keeps the spelling of Any, JSON and options of subdocuments, and yjs does not.
func compareStates(j *judge, got, want []byte) (string, error) {
	if bytes.Equal(got, want) {
		return "same state", nil
	}
	var spelt []struct {
		State  []byte
		Reason string
	}
	if err := j.ask("respell", map[string]any{"states": [][]byte{got, want}}, &spelt); err != nil {
		return "respell", err
	}
	if spelt[0].Reason != "" {
		return "unloadable", fmt.Errorf("yjs cannot load the engine's state %x: %s", got, spelt[0].Reason)
	}
	if bytes.Equal(spelt[0].State, spelt[1].State) {
		return "other spelling", nil
	}
	texts := j.explain(got, want)
	return "other state", fmt.Errorf("%w\ngot:\n%s\nwant:\n%s", sameBytes("state", got, want), texts[0], texts[1])
}

// unstable is an allowed difference in states: an item whose right origin lies before its origin in
// one run of text, or other content for clocks that have content already. There yjs comes to one
// state by applying and to another by loading what it wrote, so no answer is right. No replica
// makes such structs.
const unstable = "yjs contradicts itself"
