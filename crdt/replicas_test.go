package crdt_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"runtime/debug"
	"strconv"
	"strings"
	"testing"

	"parley/crdt"
)

// replicaCase is what random concurrent replicas did, how their updates are delivered, and what yjs
// says must come out. It depends on Seed and Size alone; internal/yjs/cases.mjs makes it.
type replicaCase struct {
	Seed     int64
	Size     int
	Features json.RawMessage // what the case contains, for the reader of a failure
	GC       bool            // of the receiver
	Blobs    [][]byte        // the byte strings that the rest names by index
	Steps    []struct {
		Update int
		Want   *wanted // nil: not looked at after this step
	}
	Log    []int // every update of the replicas, in the order in which they were made
	Final  wanted
	Merges []struct {
		Inputs []int
		Out    int
	}
	Diffs   []struct{ Update, Vector, Out int }
	Vectors []struct{ Update, Out int }
}

// wanted is a reading whose byte strings are indices of blobs.
type wanted struct {
	State, Vector int
	Pending       bool
	JSON          map[string]string
	Diffs         []struct{ Vector, Out int }
}

func (c *replicaCase) reading(w wanted) reading {
	return reading{State: c.Blobs[w.State], Vector: c.Blobs[w.Vector], Pending: w.Pending, JSON: w.JSON}
}

// TestReplicas compares the engine with yjs on random concurrent replicas. Rules: ENC-1, CHK-1.
//
// PARLEY_SEEDS sets how many (300), PARLEY_SEED the first (1), PARLEY_SIZE how many transactions
// each has (50).
func TestReplicas(t *testing.T) {
	t.Parallel()
	j := needJudge(t)
	first, seeds, size := envInt("PARLEY_SEED", 1), envInt("PARLEY_SEEDS", 300), envInt("PARLEY_SIZE", 50)
	if testing.Short() {
		seeds = min(seeds, 60)
	}
	for seed := first; seed < first+seeds; seed++ {
		t.Run(fmt.Sprintf("seed_%d", seed), func(t *testing.T) {
			t.Parallel()
			if err := runCase(j, seed, size); err != nil {
				reportCase(t, j, seed, size, err)
			}
		})
	}
}

func runCase(j *judge, seed, size int) error {
	var c replicaCase
	if err := j.ask("case", map[string]any{"seed": seed, "size": size}, &c); err != nil {
		return err
	}
	return c.check()
}

// reportCase looks for a smaller size at which the seed fails too, and says how to run it again.
func reportCase(t *testing.T, j *judge, seed, size int, err error) {
	t.Helper()
	for smaller := 1; smaller < size; smaller++ {
		if e := runCase(j, seed, smaller); e != nil {
			size, err = smaller, e
			break
		}
	}
	var c replicaCase
	if j.ask("case", map[string]any{"seed": seed, "size": size}, &c) == nil {
		t.Logf("case: %s", c.Features)
	}
	t.Logf("again: PARLEY_SEEDS=1 PARLEY_SEED=%d PARLEY_SIZE=%d go test ./crdt -run TestReplicas", seed, size)
	t.Error(err)
	var m *mismatch
	if errors.As(err, &m) {
		text := j.explain(m.got, m.want)
		t.Logf("got:\n%s\nwant:\n%s", text[0], text[len(text)-1])
	}
}

func envInt(name string, otherwise int) int {
	n, err := strconv.Atoi(os.Getenv(name))
	if err != nil {
		return otherwise
	}
	return n
}

// check runs the engine through the case and returns the first difference from yjs. A panic counts
// as one, so that the case can still be made smaller.
func (c *replicaCase) check() (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	for _, f := range []func() error{c.checkMerges, c.checkDiffs, c.checkVectors, c.checkDelivery, c.checkOrders} {
		if err := f(); err != nil {
			return err
		}
	}
	return nil
}

func (c *replicaCase) checkMerges() error {
	for i, m := range c.Merges {
		got, err := crdt.MergeUpdates(c.pick(m.Inputs)...)
		if err != nil {
			return fmt.Errorf("merge %d: %w", i, err)
		}
		err = sameBytes(fmt.Sprintf("merge %d of %d updates", i, len(m.Inputs)), got, c.Blobs[m.Out])
		if err != nil && len(m.Inputs) >= manyUpdates {
			err = sameLoaded(got, c.Blobs[m.Out])
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// manyUpdates is the number of updates from which a merge may choose another copy than yjs, where
// the same clocks come as an Item in one update and collected in another. The comparison of yjs is
// not an order there, so its choice depends on the steps of V8's sort. What is loaded from either
// copy is the same.
const manyUpdates = 64

func sameLoaded(got, want []byte) error {
	states := make([][]byte, 2)
	for i, u := range [][]byte{got, want} {
		doc := crdt.NewDoc()
		if err := apply(doc, u); err != nil {
			return fmt.Errorf("load merged: %w", err)
		}
		var err error
		if states[i], err = doc.EncodeStateAsUpdate(nil); err != nil {
			return err
		}
	}
	return sameBytes("state loaded from merged updates", states[0], states[1])
}

func (c *replicaCase) checkDiffs() error {
	for i, d := range c.Diffs {
		got, err := crdt.DiffUpdate(c.Blobs[d.Update], c.Blobs[d.Vector])
		if err != nil {
			return fmt.Errorf("diff %d: %w", i, err)
		}
		what := fmt.Sprintf("diff %d of\n%x\nby %x", i, c.Blobs[d.Update], c.Blobs[d.Vector])
		if err := sameBytes(what, got, c.Blobs[d.Out]); err != nil {
			return err
		}
	}
	return nil
}

func (c *replicaCase) checkVectors() error {
	for i, v := range c.Vectors {
		got, err := crdt.EncodeStateVectorFromUpdate(c.Blobs[v.Update])
		if err != nil {
			return fmt.Errorf("state vector %d: %w", i, err)
		}
		if err := sameBytes(fmt.Sprintf("state vector %d of %x", i, c.Blobs[v.Update]), got, c.Blobs[v.Out]); err != nil {
			return err
		}
	}
	return nil
}

// checkDelivery applies the deliveries one by one and compares where the case says so.
func (c *replicaCase) checkDelivery() error {
	doc := crdt.NewDoc(crdt.WithGC(c.GC))
	for i, s := range c.Steps {
		if err := apply(doc, c.Blobs[s.Update]); err != nil {
			return fmt.Errorf("delivery %d (%x): %w", i, c.Blobs[s.Update], err)
		}
		if s.Want == nil {
			continue
		}
		if err := c.checkReading(doc, *s.Want); err != nil {
			return fmt.Errorf("after delivery %d: %w", i, err)
		}
	}
	return nil
}

func (c *replicaCase) checkReading(doc *crdt.Doc, w wanted) error {
	want := c.reading(w)
	if err := want.compare(doc); err != nil {
		return err
	}
	for _, d := range w.Diffs {
		got, err := doc.EncodeStateAsUpdate(c.Blobs[d.Vector])
		if err != nil {
			return fmt.Errorf("encode for %x: %w", c.Blobs[d.Vector], err)
		}
		if err := sameBytes(fmt.Sprintf("state for %x", c.Blobs[d.Vector]), got, c.Blobs[d.Out]); err != nil {
			return err
		}
	}
	fresh := crdt.NewDoc(crdt.WithGC(c.GC))
	if err := apply(fresh, want.State); err != nil {
		return fmt.Errorf("reload: %w", err)
	}
	if err := want.compare(fresh); err != nil {
		return fmt.Errorf("reloaded: %w", err)
	}
	return nil
}

// checkOrders demands the same end for every order and grouping of all updates.
func (c *replicaCase) checkOrders() error {
	random := rand.New(rand.NewPCG(uint64(c.Seed), 1))
	log := c.pick(c.Log)
	shuffled := append([][]byte(nil), log...)
	random.Shuffle(len(shuffled), func(i, k int) { shuffled[i], shuffled[k] = shuffled[k], shuffled[i] })
	merged, err := crdt.MergeUpdates(shuffled...)
	if err != nil {
		return fmt.Errorf("merge all: %w", err)
	}
	groups, err := randomGroups(random, shuffled)
	if err != nil {
		return err
	}
	orders := map[string][][]byte{"in order": log, "shuffled": shuffled, "as one merged update": {merged}, "in merged groups": groups}
	for name, list := range orders {
		doc := crdt.NewDoc()
		for i, u := range list {
			if err := apply(doc, u); err != nil {
				return fmt.Errorf("%s, update %d: %w", name, i, err)
			}
		}
		if err := c.reading(c.Final).compare(doc); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

func (c *replicaCase) pick(indices []int) [][]byte {
	out := make([][]byte, len(indices))
	for i, index := range indices {
		out[i] = c.Blobs[index]
	}
	return out
}

// randomGroups merges runs of 1 to 8 updates.
func randomGroups(random *rand.Rand, list [][]byte) ([][]byte, error) {
	var out [][]byte
	for len(list) > 0 {
		n := min(len(list), 1+random.IntN(8))
		merged, err := crdt.MergeUpdates(list[:n]...)
		if err != nil {
			return nil, fmt.Errorf("merge a group of %d: %w", n, err)
		}
		out = append(out, merged)
		list = list[n:]
	}
	return out, nil
}

// apply applies an update from a buffer and then overwrites the buffer. A document that kept a
// reference to the caller's bytes would change.
func apply(doc *crdt.Doc, update []byte) error {
	buffer := append([]byte(nil), update...)
	if err := doc.ApplyUpdate(buffer); err != nil {
		return err
	}
	for i := range buffer {
		buffer[i] = 0xaa
	}
	if err := doc.Check(); err != nil {
		return fmt.Errorf("check: %s", strings.TrimSpace(err.Error()))
	}
	return nil
}
