package crdt_test

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"runtime/debug"
	"slices"
	"testing"
	"unicode/utf16"

	"parley/crdt"
	"parley/crdt/internal/lib0"
	"parley/crdt/internal/oracle"
	"parley/crdt/internal/wire"
)

// TestConvergence lets replicas edit at the same time over a network that loses, repeats and
// reorders their Updates. After each step a replica must equal a slow, obvious document
// (internal/oracle) that got the same Updates. In the end the replicas exchange what was lost, and
// one more replica is built from merged Updates alone. The test needs no Yjs. Rules: INT-1, INT-4,
// INT-5, INT-6, DEL-1, PEN-1, PEN-2, PEN-3, ENC-1.
//
// PARLEY_SEEDS sets how many cases (200), PARLEY_SEED the first (1), PARLEY_SIZE how many steps
// each has (60).
func TestConvergence(t *testing.T) {
	t.Parallel()
	first, seeds, size := envInt("PARLEY_SEED", 1), envInt("PARLEY_SEEDS", 200), envInt("PARLEY_SIZE", 60)
	if testing.Short() {
		seeds = min(seeds, 50)
	}
	for seed := first; seed < first+seeds; seed++ {
		t.Run(fmt.Sprintf("seed_%d", seed), func(t *testing.T) {
			t.Parallel()
			err := converge(seed, size)
			for smaller := 1; err != nil && smaller < size; smaller++ {
				if e := converge(seed, smaller); e != nil {
					err, size = e, smaller
				}
			}
			if err != nil {
				t.Errorf("%v\nagain: PARLEY_SEEDS=1 PARLEY_SEED=%d PARLEY_SIZE=%d go test ./crdt -run TestConvergence", err, seed, size)
			}
		})
	}
}

// member is a replica and the Updates that are on their way to it. The oracle gets the same
// Updates, and so does a document without listeners, which takes shorter ways through the engine.
type member struct {
	doc, quiet *crdt.Doc
	slow       *oracle.Doc
	gc         bool
	inbox      [][]byte
}

// crew is the replicas of one case.
type crew struct {
	random  *rand.Rand
	gc      bool
	members []*member
	log     [][]byte // all Updates, in the order in which they were made
	states  [][]byte // whole states and parts of states, which overlap with the Updates
}

func converge(seed, size int) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	random := rand.New(rand.NewPCG(uint64(seed), 0xc0))
	c := &crew{random: random, gc: random.IntN(4) > 0}
	for range 2 + random.IntN(4) {
		c.join()
	}
	for step := range size {
		m := c.members[random.IntN(len(c.members))]
		do := m.receive
		switch n := random.IntN(10); {
		case n == 0:
			do = m.sync
		case n < 4 || len(m.inbox) == 0:
			do = m.edit
		}
		if err := do(c); err != nil {
			return fmt.Errorf("step %d: %w", step, err)
		}
		if err := m.compare(); err != nil {
			return fmt.Errorf("step %d: %w", step, err)
		}
	}
	return c.finish()
}

func newMember(id uint64, gc bool) *member {
	m := &member{slow: oracle.New(), gc: gc}
	for _, doc := range []**crdt.Doc{&m.doc, &m.quiet} {
		*doc = crdt.NewDoc(crdt.WithClientID(id), crdt.WithGC(gc))
		(*doc).Text("text")
		(*doc).Array("array")
		(*doc).Map("map")
	}
	return m
}

// join adds a replica. What it edits goes to all others.
func (c *crew) join() {
	m := newMember(c.random.Uint64()>>uint(11+c.random.IntN(40)), c.gc)
	m.doc.OnUpdate(func(update []byte, origin any) {
		if origin != "network" {
			c.log = append(c.log, update)
			for _, other := range c.members {
				if other != m {
					other.inbox = append(other.inbox, update)
				}
			}
		}
	})
	c.members = append(c.members, m)
}

// receive takes an Update out of the inbox, mostly an early one. The Update may get lost, and it
// may come again.
func (m *member) receive(c *crew) error {
	i := min(c.random.IntN(len(m.inbox)), c.random.IntN(len(m.inbox)))
	update := m.inbox[i]
	if c.random.IntN(6) > 0 {
		m.inbox = append(m.inbox[:i:i], m.inbox[i+1:]...)
	}
	if c.random.IntN(12) == 0 {
		return nil
	}
	return m.take(update)
}

// sync applies what one replica has and another lacks.
func (m *member) sync(c *crew) error {
	from, lacks := c.members[c.random.IntN(len(c.members))], c.members[c.random.IntN(len(c.members))]
	state, err := from.doc.EncodeStateAsUpdate(lacks.doc.EncodeStateVector())
	if err != nil {
		return err
	}
	c.states = append(c.states, state)
	return m.take(state)
}

func (m *member) take(update []byte) error {
	if err := m.doc.ApplyUpdateFrom(bytes.Clone(update), "network"); err != nil {
		return err
	}
	return m.copy(update)
}

// copy gives an Update that doc has to the two others.
func (m *member) copy(update []byte) error {
	if err := m.refuse(update); err != nil {
		return err
	}
	return m.slow.Apply(update)
}

// refuse gives quiet an Update under a limit that refuses any conflict. A refusal must leave the
// document as it was, and the Update must apply once there is no limit.
func (m *member) refuse(update []byte) error {
	before, err := m.quiet.EncodeStateAsUpdate(nil)
	if err != nil {
		return err
	}
	m.quiet.LimitConflicts(1)
	refused := m.quiet.ApplyUpdate(bytes.Clone(update))
	m.quiet.LimitConflicts(0)
	if !errors.Is(refused, crdt.ErrTooComplex) {
		return refused
	}
	after, err := m.quiet.EncodeStateAsUpdate(nil)
	if err = errors.Join(err, m.quiet.Check()); err != nil {
		return fmt.Errorf("after a refusal: %w", err)
	}
	if !bytes.Equal(before, after) {
		return fmt.Errorf("a refused update changed the document from %x to %x", before, after)
	}
	return m.quiet.ApplyUpdate(bytes.Clone(update))
}

// edit makes one to three edits in a transaction.
func (m *member) edit(c *crew) (err error) {
	made := len(c.log)
	m.doc.Transact(nil, func() {
		for n := 1 + c.random.IntN(3); n > 0 && err == nil; n-- {
			switch c.random.IntN(6) {
			case 0:
				err = m.editArray(c.random)
			case 1:
				err = m.editMap(c.random)
			default:
				err = m.editText(c.random)
			}
		}
	})
	for _, update := range c.log[made:] {
		if err == nil {
			err = m.copy(update)
		}
	}
	return err
}

// editText compares an edit with the same edit of a string. It cuts no character in two.
func (m *member) editText(random *rand.Rand) error {
	text := m.doc.Text("text")
	runes := []rune(text.String())
	at := len(runes) // or near the start, so that replicas meet
	if random.IntN(4) > 0 {
		at = min(random.IntN(len(runes)+1), random.IntN(len(runes)+1))
	}
	index := len(utf16.Encode(runes[:at]))
	if n := min(random.IntN(5), len(runes)-at); n > 0 && random.IntN(2) == 0 {
		if err := text.Delete(index, len(utf16.Encode(runes[at:at+n]))); err != nil {
			return err
		}
		runes = append(runes[:at:at], runes[at+n:]...)
	} else {
		words := []string{"a", "bc", "def", "é", "汉字", "😀"}
		word := words[random.IntN(len(words))]
		if err := text.Insert(index, word); err != nil {
			return err
		}
		runes = append(append(runes[:at:at], []rune(word)...), runes[at:]...)
	}
	if got, want := text.String(), string(runes); got != want {
		return fmt.Errorf("text after a local edit: %q, want %q", got, want)
	}
	return nil
}

func (m *member) editArray(random *rand.Rand) error {
	array := m.doc.Array("array")
	switch n := array.Len(); {
	case n > 0 && random.IntN(3) == 0:
		at := random.IntN(n)
		return array.Delete(at, 1+random.IntN(min(3, n-at)))
	case random.IntN(2) == 0:
		return array.Push(random.IntN(100), "pushed")
	default:
		return array.Insert(random.IntN(n+1), random.IntN(100), true, nil)
	}
}

func (m *member) editMap(random *rand.Rand) error {
	keys := m.doc.Map("map")
	key := string(rune('a' + random.IntN(3)))
	if random.IntN(4) == 0 {
		return keys.Delete(key)
	}
	return keys.Set(key, random.IntN(100))
}

// compare demands that a replica is sound and equal to the oracle.
func (m *member) compare() error {
	if err := m.doc.Check(); err != nil {
		return err
	}
	state, err := m.doc.EncodeStateAsUpdate(nil)
	if err != nil {
		return err
	}
	loaded := crdt.NewDoc(crdt.WithGC(m.gc))
	if err := loaded.ApplyUpdate(state); err != nil {
		return err
	}
	for name, doc := range map[string]*crdt.Doc{"where nobody listens": m.quiet, "after a reload": loaded} {
		if err := doc.Check(); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		got, err := doc.EncodeStateAsUpdate(nil)
		if err != nil {
			return err
		}
		if err := sameBytes("state "+name, got, state); err != nil {
			return err
		}
	}
	all := m.doc.ToJSON()
	want := map[string]any{"text": m.slow.Text("text"), "array": m.slow.Array("array"), "map": m.slow.Map("map")}
	for root := range want {
		if got := all[root]; got == nil && reflect.ValueOf(want[root]).Len() == 0 {
			continue // nothing was ever in it
		} else if !reflect.DeepEqual(got, want[root]) {
			return fmt.Errorf("%s: %v, the oracle has %v", root, got, want[root])
		}
	}
	vector, err := crdt.ReadStateVector(m.doc.EncodeStateVector())
	if err != nil {
		return err
	}
	if want := m.slow.StateVector(); !reflect.DeepEqual(vector, want) {
		return fmt.Errorf("state vector: %v, the oracle has %v", vector, want)
	}
	if waits := m.slow.Waiting() > 0; waits && !m.doc.HasPending() {
		return fmt.Errorf("nothing is pending, but in the oracle %d units wait", m.slow.Waiting())
	}
	if m.doc.HasPending() {
		return nil // the state holds deletes of what is not known
	}
	deleted, err := deletedIDs(state)
	if err != nil {
		return err
	}
	if want := m.slow.Deleted(); !reflect.DeepEqual(deleted, want) {
		return fmt.Errorf("delete set: %v, the oracle has %v", deleted, want)
	}
	return nil
}

// deletedIDs are the units in the delete set of a state, by client and clock.
func deletedIDs(state []byte) ([]crdt.ID, error) {
	_, at, _, err := wire.Scan(state, nil, new(wire.Struct))
	if err != nil {
		return nil, err
	}
	var ids []crdt.ID
	wire.EachDeleted(&lib0.Reader{Buf: state, Pos: at}, func(s wire.Span) {
		for clock := s.Clock; clock < s.Clock+s.Length; clock++ {
			ids = append(ids, crdt.ID{Client: s.Client, Clock: clock})
		}
	})
	slices.SortFunc(ids, func(a, b crdt.ID) int {
		return cmp.Or(cmp.Compare(a.Client, b.Client), cmp.Compare(a.Clock, b.Clock))
	})
	return ids, nil
}

// finish gives every replica what it lacks, builds one more from merged Updates, and compares all
// of them.
func (c *crew) finish() error {
	for _, m := range c.members {
		for _, other := range c.members {
			if other == m {
				continue
			}
			diff, err := other.doc.EncodeStateAsUpdate(m.doc.EncodeStateVector())
			if err != nil {
				return err
			}
			if err := m.take(diff); err != nil {
				return err
			}
		}
	}
	last, err := c.merged()
	if err != nil {
		return err
	}
	want, err := last.doc.EncodeStateAsUpdate(nil)
	if err != nil {
		return err
	}
	for i, m := range append(c.members, last) {
		if err := m.compare(); err != nil {
			return fmt.Errorf("replica %d of %d, at the end: %w", i, len(c.members)+1, err)
		}
		if m.doc.HasPending() {
			return fmt.Errorf("replica %d has something pending at the end", i)
		}
		state, err := m.doc.EncodeStateAsUpdate(nil)
		if err != nil {
			return err
		}
		if err := sameBytes(fmt.Sprintf("state of replica %d", i), state, want); err != nil {
			return err
		}
	}
	return nil
}

// merged is a replica that got all Updates, and some states, as a few merged Updates out of order.
func (c *crew) merged() (*member, error) {
	list := append(append([][]byte(nil), c.log...), c.states...)
	c.random.Shuffle(len(list), func(i, k int) { list[i], list[k] = list[k], list[i] })
	groups, err := randomGroups(c.random, list)
	if err != nil {
		return nil, err
	}
	m := newMember(0, c.gc)
	for _, update := range groups {
		if err := m.take(update); err != nil {
			return nil, err
		}
	}
	return m, nil
}
