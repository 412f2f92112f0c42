package localstore_test

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"parley/pkg/relay"
	"parley/pkg/session"
	"parley/pkg/store/localstore"
)

// modelDoc is the expected content of a document: all entries ever appended, and how many of them
// the state stands for.
type modelDoc struct {
	entries [][]byte
	through uint64
}

// model is a store as maps, by session and name of the document.
type model map[string]map[string]*modelDoc

// modelRun takes a store and a model through the same steps.
type modelRun struct {
	t     *testing.T
	rng   *rand.Rand
	dir   string
	clock *clock
	s     *localstore.Store
	m     model
	made  int
}

func (r *modelRun) open() {
	s, err := localstore.Open(r.dir, localstore.WithClock(localstore.Options{}, r.clock.Now))
	if err != nil {
		r.t.Fatal(err)
	}
	r.s = s
}

func (r *modelRun) close() {
	if err := r.s.Close(); err != nil {
		r.t.Fatal(err)
	}
}

// pick returns some document, whose session may not exist.
func (r *modelRun) pick() (relay.RoomID, *modelDoc) {
	id := relay.RoomID{Session: fmt.Sprint("aaaa000", r.rng.IntN(4)), Doc: []string{"", "board"}[r.rng.IntN(2)]}
	docs := r.m[id.Session]
	if docs == nil {
		return id, nil
	}
	if docs[id.Doc] == nil {
		docs[id.Doc] = &modelDoc{}
	}
	return id, docs[id.Doc]
}

// batch makes entries that were never made before.
func (r *modelRun) batch() (out []relay.Entry) {
	for range r.rng.IntN(4) {
		r.made++
		out = append(out, relay.Entry{Update: fmt.Appendf(nil, "%d %s", r.made, make([]byte, r.rng.IntN(2000))), At: r.clock.Now()})
	}
	return out
}

// expect applies an append to the model and checks the store's answer against it.
func (r *modelRun) expect(id relay.RoomID, d *modelDoc, entries []relay.Entry, seq uint64, err error) {
	r.t.Helper()
	if d == nil {
		if !errors.Is(err, relay.ErrNoSession) {
			r.t.Fatalf("append to %s, which is not there: %v", id, err)
		}
		return
	}
	for _, e := range entries {
		d.entries = append(d.entries, e.Update)
	}
	if err != nil || seq != uint64(len(d.entries)) {
		r.t.Fatalf("append to %s gave %d, %v; want %d", id, seq, err, len(d.entries))
	}
}

// many appends to several documents at once, so that one commit has all of them.
func (r *modelRun) many() {
	type answer struct {
		id      relay.RoomID
		doc     *modelDoc
		entries []relay.Entry
		seq     uint64
		err     error
	}
	var answers []*answer
	var stored sync.WaitGroup
	for range 1 + r.rng.IntN(8) {
		a := &answer{entries: r.batch()}
		a.id, a.doc = r.pick()
		answers = append(answers, a)
		stored.Add(1)
		r.s.Append(a.id, relay.Position{}, a.entries, relay.Batched, func(end relay.Position, err error) {
			a.seq, a.err = end.Seq, err
			stored.Done()
		})
	}
	r.s.Flush()
	stored.Wait()
	for _, a := range answers {
		r.expect(a.id, a.doc, a.entries, a.seq, a.err)
	}
}

func (r *modelRun) compact() {
	id, d := r.pick()
	if d == nil || len(d.entries) == 0 {
		return
	}
	through := uint64(1 + r.rng.IntN(len(d.entries)))
	if err := r.s.Compact(r.t.Context(), id, fmt.Appendf(nil, "state %d", through), relay.Position{Seq: through}); err != nil {
		r.t.Fatal(err)
	}
	d.through = max(d.through, through)
}

func (r *modelRun) create() {
	id, d := r.pick()
	err := r.s.Create(r.t.Context(), session.Session{ID: session.ID(id.Session), AdHoc: true, ExpiresAt: r.clock.Now().Add(time.Hour)}, []byte("seed"))
	if (err == nil) == (d != nil) {
		r.t.Fatalf("create %s: %v", id, err)
	}
	if err == nil {
		r.m[id.Session] = map[string]*modelDoc{"": {entries: [][]byte{[]byte("seed")}}}
	}
}

func (r *modelRun) remove() {
	id, d := r.pick()
	err := r.s.Delete(r.t.Context(), session.ID(id.Session), r.clock.Now())
	if (err == nil) != (d != nil) {
		r.t.Fatalf("delete %s: %v", id, err)
	}
	delete(r.m, id.Session)
}

// step does one random thing.
func (r *modelRun) step() {
	switch n := r.rng.IntN(100); {
	case n < 50:
		id, d := r.pick()
		entries := r.batch()
		seq, err := appendTo(r.s, id, entries)
		r.expect(id, d, entries, seq, err)
	case n < 65:
		r.many()
	case n < 72:
		r.compact()
	case n < 78:
		r.create()
	case n < 80:
		r.remove()
	case n < 83:
		if err := localstore.FailAfter(r.t.Context(), r.s, []relay.Entry{{Update: []byte("lost")}}, relay.RoomID{Session: "aaaa0001"}, relay.RoomID{Session: "aaaa0002"}); !errors.Is(err, localstore.ErrTest) {
			r.t.Fatal(err)
		}
	case n < 85:
		r.close()
		r.open()
	case n < 88: // kill and start again
		dir := copyOf(r.t, r.dir)
		r.close()
		r.dir = dir
		r.open()
	case n < 90:
		r.clock.Add(localstore.SettleAfter)
	default:
		r.clock.Add(localstore.SettleAfter / 20)
	}
}

// check compares one document, or all.
func (r *modelRun) check(all bool) {
	id, d := r.pick()
	if !all {
		r.checkDoc(id, d)
		return
	}
	for sess, docs := range r.m {
		for doc, d := range docs {
			r.checkDoc(relay.RoomID{Session: sess, Doc: doc}, d)
		}
	}
}

func (r *modelRun) checkDoc(id relay.RoomID, d *modelDoc) {
	r.t.Helper()
	st, err := r.s.Since(r.t.Context(), id, relay.Position{})
	if d == nil {
		if !errors.Is(err, relay.ErrNoSession) {
			r.t.Fatalf("load of %s, which is not there: %v", id, err)
		}
		return
	}
	history, herr := r.s.History(r.t.Context(), id)
	if err = errors.Join(err, herr); err != nil {
		r.t.Fatal(err)
	}
	if st.At.Seq != uint64(len(d.entries)) || uint64(len(history)) != d.through || uint64(len(st.Entries)) != st.At.Seq-d.through {
		r.t.Fatalf("%s: %d of history, %d of log, through %d; want %d of %d", id, len(history), len(st.Entries), st.At.Seq, d.through, len(d.entries))
	}
	if want := fmt.Sprint("state ", d.through); d.through > 0 && string(st.State) != want {
		r.t.Fatalf("%s: state %q, want %q", id, st.State, want)
	}
	for i, e := range append(history, st.Entries...) {
		if !bytes.Equal(e.Update, d.entries[i]) {
			r.t.Fatalf("%s: entry %d is %.20q, want %.20q", id, i+1, e.Update, d.entries[i])
		}
	}
}

// In any order of operations, with kills, restarts and failed commits in between, the store holds
// what the model holds.
func TestStoreIsLikeItsModel(t *testing.T) {
	t.Parallel()
	for seed := range uint64(8) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			r := &modelRun{t: t, rng: rand.New(rand.NewPCG(seed, 1)), dir: t.TempDir(), clock: newClock(), m: model{}}
			r.open()
			for n := range 400 {
				r.step()
				r.check(n%50 == 49)
			}
			r.check(true)
			r.close()
		})
	}
}

// fastClock runs so fast that documents are settled all the time.
func fastClock() func() time.Time {
	start := time.Now()
	return func() time.Time { return start.Add(1000 * time.Since(start)) }
}

// A reader, while others write, settle, compact and delete, sees every entry that was acknowledged
// before, each once, and entries of one session only.
func TestReadersSeeWhatIsAcknowledged(t *testing.T) {
	t.Parallel()
	s := mustOpen(t, t.TempDir(), localstore.WithClock(localstore.Options{}, fastClock()))
	var stop atomic.Bool
	var wg sync.WaitGroup
	for n := range 4 {
		id := relay.RoomID{Session: fmt.Sprint("aaaa000", n)}
		var lives, acked atomic.Int64
		wg.Go(func() {
			for life := int64(1); !stop.Load(); life++ {
				if err := s.Create(t.Context(), session.Session{ID: session.ID(id.Session), AdHoc: true}, nil); err != nil {
					t.Error(err)
					return
				}
				for seq := uint64(1); seq <= 200 && !stop.Load(); seq++ {
					if got, err := appendTo(s, id, []relay.Entry{{Update: fmt.Appendf(nil, "%d/%d", life, seq)}}); err != nil || got != seq {
						t.Errorf("append gave %d, %v; want %d", got, err, seq)
						return
					}
					acked.Store(int64(seq))
					lives.Store(life)
					if seq%37 == 0 {
						if err := s.Compact(t.Context(), id, []byte("state"), relay.Position{Seq: seq - 10}); err != nil {
							t.Error(err)
							return
						}
					}
				}
				lives.Store(0)
				if err := s.Delete(t.Context(), session.ID(id.Session), time.Time{}); err != nil {
					t.Error(err)
					return
				}
			}
		})
		wg.Go(func() {
			for !stop.Load() {
				life, least := lives.Load(), acked.Load()
				st, err := s.Since(t.Context(), id, relay.Position{})
				if errors.Is(err, relay.ErrNoSession) {
					continue
				}
				if err != nil {
					t.Error(err)
					return
				}
				if life > 0 && lives.Load() == life && int64(st.At.Seq) < least {
					t.Errorf("%d entries were acknowledged, %d were read", least, st.At.Seq)
				}
				var first, seq int64
				for i, e := range st.Entries {
					var of int64
					if _, err := fmt.Sscanf(string(e.Update), "%d/%d", &of, &seq); err != nil || i > 0 && of != first || seq != int64(st.At.Seq)-int64(len(st.Entries)-i-1) {
						t.Errorf("entry %d of %d through %d is %q, of session %d", i, len(st.Entries), st.At.Seq, e.Update, first)
						return
					}
					first = of
				}
			}
		})
	}
	for started := time.Now(); !t.Failed() && time.Since(started) < 2*time.Second; {
		if _, err := s.Secret(t.Context(), func() []byte { return []byte("x") }); err != nil {
			t.Error(err)
		}
	}
	stop.Store(true)
	wg.Wait()
}
