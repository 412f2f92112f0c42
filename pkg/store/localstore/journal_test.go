package localstore_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	bolt "go.etcd.io/bbolt"

	"parley/pkg/relay"
	"parley/pkg/session"
	"parley/pkg/store/localstore"
)

// typed returns entry number n of a document.
func typed(n uint64) relay.Entry {
	return relay.Entry{Update: fmt.Appendf(nil, "entry %d", n), At: time.UnixMilli(1_800_000_000_000 + int64(n)).UTC(), By: fmt.Sprint("p", n%3)}
}

// typeOn appends count entries after number seq, each in a commit of its own, and returns the last
// number.
func typeOn(t *testing.T, s *localstore.Store, id relay.RoomID, seq uint64, count int) uint64 {
	t.Helper()
	for range count {
		got, err := appendTo(s, id, []relay.Entry{typed(seq + 1)})
		if err != nil || got != seq+1 {
			t.Fatalf("append gave %d, %v; want %d", got, err, seq+1)
		}
		seq = got
	}
	return seq
}

// wantTyped expects history and log of a document to hold the entries of typeOn up to number last,
// each once.
func wantTyped(t *testing.T, s *localstore.Store, id relay.RoomID, last uint64) {
	t.Helper()
	history, err := s.History(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	st, err := s.Since(t.Context(), id, relay.Position{})
	if err != nil {
		t.Fatal(err)
	}
	all := append(history, st.Entries...)
	if st.At.Seq != last || uint64(len(all)) != last {
		t.Fatalf("%s: %d of history and %d of log through %d, want %d", id, len(history), len(st.Entries), st.At.Seq, last)
	}
	for i, e := range all {
		want := typed(uint64(i + 1))
		if !bytes.Equal(e.Update, want.Update) || !e.At.Equal(want.At) || e.By != want.By {
			t.Fatalf("%s: entry %d is %+v, want %+v", id, i+1, e, want)
		}
	}
}

// crash opens a copy of the database in dir as it is now, which is what a killed process leaves
// behind.
func crash(t *testing.T, dir string) *localstore.Store {
	t.Helper()
	return mustOpen(t, copyOf(t, dir), localstore.Options{HistoryBytes: testHistory})
}

func copyOf(t *testing.T, dir string) string {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(dir, localstore.FileName))
	if err != nil {
		t.Fatal(err)
	}
	to := t.TempDir()
	writeFile(t, filepath.Join(to, localstore.FileName), raw)
	return to
}

func wantKeys(t *testing.T, s *localstore.Store, bucket string, want int) {
	t.Helper()
	if got, _ := localstore.Count(s, bucket); got != want {
		t.Errorf("%d keys in %s, want %d", got, bucket, want)
	}
}

// A commit writes one value, however many documents it touches. Old entries go to the log as one
// value for each document.
func TestJournalSettlesWhatIsOld(t *testing.T) {
	t.Parallel()
	clock, dir := newClock(), t.TempDir()
	s := mustOpen(t, dir, localstore.WithClock(localstore.Options{}, clock.Now))
	other := relay.RoomID{Session: "aaaa0002", Doc: "notes"}
	mustCreate(t, s, "aaaa0001")
	mustCreate(t, s, "aaaa0002")
	typeOn(t, s, room, 0, 5)
	clock.Add(localstore.SettleAfter / 2)
	typeOn(t, s, other, 0, 5)
	wantKeys(t, s, "log", 0)
	wantKeys(t, s, "journal", 10)
	wantTyped(t, crash(t, dir), room, 5)
	clock.Add(localstore.SettleAfter / 2)
	typeOn(t, s, other, 5, 1)
	wantKeys(t, s, "log", 1)
	wantKeys(t, s, "journal", 6)
	for _, s := range []*localstore.Store{s, crash(t, dir)} {
		wantTyped(t, s, room, 5)
		wantTyped(t, s, other, 6)
		typeOn(t, s, room, 5, 2)
		wantTyped(t, s, room, 7)
	}
}

// Documents that began together do not become due together for ever.
func TestJournalSettlesSomeAtATime(t *testing.T) {
	t.Parallel()
	clock := newClock()
	s := mustOpen(t, t.TempDir(), localstore.WithClock(localstore.Options{}, clock.Now))
	mustCreate(t, s, "aaaa0001")
	const docs = 100
	for n := range docs {
		typeOn(t, s, relay.RoomID{Session: "aaaa0001", Doc: fmt.Sprint(n)}, 0, 1)
	}
	clock.Add(localstore.SettleAfter)
	for settled := 0; settled < docs; {
		if _, err := s.Secret(t.Context(), func() []byte { return []byte("any write") }); err != nil {
			t.Fatal(err)
		}
		before := settled
		if settled, _ = localstore.Count(s, "log"); settled == before || settled-before > docs/8 {
			t.Fatalf("a commit settled %d of %d documents", settled-before, docs)
		}
	}
	wantKeys(t, s, "journal", 0)
}

// When no caller writes, the rest is settled, and then no further commit happens.
func TestJournalSettlesWhenItIsQuiet(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		commits := 0
		s, err := localstore.Open(dir, localstore.Options{Committed: func(int, time.Duration, error) { commits++ }})
		if err != nil {
			t.Fatal(err)
		}
		mustCreate(t, s, "aaaa0001")
		for n := range 3 {
			typeOn(t, s, relay.RoomID{Session: "aaaa0001", Doc: fmt.Sprint(n)}, 0, 3)
		}
		<-time.After(localstore.SettleAfter / 2) // in the bubble
		synctest.Wait()
		wantKeys(t, s, "journal", 9)
		<-time.After(localstore.SettleAfter) // in the bubble
		synctest.Wait()
		wantKeys(t, s, "journal", 0)
		wantKeys(t, s, "log", 3)
		before := commits
		<-time.After(time.Hour) // in the bubble
		synctest.Wait()
		if commits != before {
			t.Errorf("an idle store made %d commits", commits-before)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
}

func TestJournalIsBounded(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := mustOpen(t, dir, localstore.WithClock(localstore.Options{}, newClock().Now))
	mustCreate(t, s, "aaaa0001")
	const size, docs, each = 1 << 20, 5, 4
	for n := range docs * each {
		id := relay.RoomID{Session: "aaaa0001", Doc: fmt.Sprint(n % docs)}
		if _, err := appendTo(s, id, []relay.Entry{{Update: bytes.Repeat([]byte{byte(n)}, size)}}); err != nil {
			t.Fatal(err)
		}
		if _, kept := localstore.Count(s, "journal"); kept > localstore.JournalBytes {
			t.Fatalf("the journal holds %d bytes, more than %d", kept, localstore.JournalBytes)
		}
	}
	large := relay.Entry{Update: make([]byte, localstore.JournalBytes+1)}
	if _, err := appendTo(s, relay.RoomID{Session: "aaaa0001", Doc: "0"}, []relay.Entry{large}); err != nil {
		t.Fatal(err)
	}
	wantKeys(t, s, "journal", 0)
	for _, s := range []*localstore.Store{s, crash(t, dir)} {
		for n := range docs {
			want := each
			if n == 0 {
				want++
			}
			st, err := s.Since(t.Context(), relay.RoomID{Session: "aaaa0001", Doc: fmt.Sprint(n)}, relay.Position{})
			if err != nil || len(st.Entries) != want || st.At.Seq != uint64(want) {
				t.Errorf("document %d: %d entries through %d, %v; want %d", n, len(st.Entries), st.At.Seq, err, want)
			}
		}
	}
}

// A compaction may end in the middle of a settled value. The rest of the value stays in the log.
func TestCompactionCutsASettledValue(t *testing.T) {
	t.Parallel()
	clock, dir := newClock(), t.TempDir()
	s := mustOpen(t, dir, localstore.WithClock(localstore.Options{}, clock.Now))
	mustCreate(t, s, "aaaa0001")
	typeOn(t, s, room, 0, 10)
	clock.Add(localstore.SettleAfter)
	typeOn(t, s, room, 10, 1)
	wantKeys(t, s, "log", 1)
	for _, through := range []uint64{4, 7, 11} {
		if err := s.Compact(t.Context(), room, []byte("state"), relay.Position{Seq: through}); err != nil {
			t.Fatal(err)
		}
		st, err := s.Since(t.Context(), room, relay.Position{})
		if err != nil || uint64(len(st.Entries)) != 11-through {
			t.Errorf("compacted through %d: %d entries of log, %v", through, len(st.Entries), err)
		}
		wantTyped(t, s, room, 11)
		wantTyped(t, crash(t, dir), room, 11)
	}
	typeOn(t, s, room, 11, 2)
	wantTyped(t, s, room, 13)
}

// Entries of a removed session do not come back with the next session of that name, whenever the
// process dies.
func TestDeletedEntriesStayDeleted(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := mustOpen(t, dir, localstore.Options{HistoryBytes: testHistory})
	expires := time.UnixMilli(1_800_000_000_000)
	other := relay.RoomID{Session: "aaaa0002"}
	mustCreate(t, s, "aaaa0002")
	typeOn(t, s, other, 0, 3)
	mustCreate(t, s, "aaaa0003")
	if err := s.Delete(t.Context(), "aaaa0003", expires); err != nil {
		t.Fatal(err)
	}
	wantKeys(t, s, "journal", 3) // which do not name the removed session
	for n, remove := range []func(*localstore.Store) error{
		func(s *localstore.Store) error { return s.Delete(t.Context(), "aaaa0001", expires) },
		func(s *localstore.Store) error { _, err := s.Expire(t.Context(), expires, nil); return err },
	} {
		adHoc := session.Session{ID: "aaaa0001", AdHoc: true, ExpiresAt: expires}
		if err := s.Create(t.Context(), adHoc, nil); err != nil {
			t.Fatal(err)
		}
		typeOn(t, s, room, 0, 5)
		if err := remove(s); err != nil {
			t.Fatal(err)
		}
		wantKeys(t, s, "journal", 0)
		s = crash(t, dir)
		if _, err := s.Since(t.Context(), room, relay.Position{}); !errors.Is(err, relay.ErrNoSession) {
			t.Errorf("%d: load of a session that was removed: %v", n, err)
		}
		if err := s.Create(t.Context(), adHoc, nil); err != nil {
			t.Fatal(err)
		}
		wantTyped(t, s, room, 0)
		typeOn(t, s, room, 0, 1)
		wantTyped(t, s, room, 1)
		wantTyped(t, s, other, 3)
		dir = t.TempDir()
		s = mustOpen(t, dir, localstore.Options{HistoryBytes: testHistory})
		mustCreate(t, s, "aaaa0002")
		typeOn(t, s, other, 0, 3)
	}
}

// After a failed commit the numbers continue, whether the commit had reached the disk or not.
func TestJournalAfterAFailedCommit(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := mustOpen(t, dir, localstore.Options{HistoryBytes: testHistory})
	mustCreate(t, s, "aaaa0001")
	notes := relay.RoomID{Session: "aaaa0001", Doc: "notes"}
	last, lastNotes := uint64(0), uint64(0)
	for range 3 {
		last, lastNotes = typeOn(t, s, room, last, 3), typeOn(t, s, notes, lastNotes, 1)
		if err := localstore.FailAfter(t.Context(), s, []relay.Entry{typed(99)}, room, notes); !errors.Is(err, localstore.ErrTest) {
			t.Fatal(err)
		}
		wantTyped(t, s, room, last)
		wantTyped(t, crash(t, dir), room, last)
		last = typeOn(t, s, room, last, 1)
		if err := localstore.Forget(t.Context(), s); !errors.Is(err, localstore.ErrTest) {
			t.Fatal(err)
		}
		last, lastNotes = typeOn(t, s, room, last, 1), typeOn(t, s, notes, lastNotes, 1)
		wantTyped(t, s, room, last)
		wantTyped(t, s, notes, lastNotes)
		wantTyped(t, crash(t, dir), notes, lastNotes)
	}
}

// While the journal cannot be read after a failed commit, nothing is written over it. Documents can
// still be read.
func TestJournalThatCannotBeReadAnyMore(t *testing.T) {
	t.Parallel()
	s := mustOpen(t, t.TempDir(), localstore.Options{HistoryBytes: testHistory})
	mustCreate(t, s, "aaaa0001")
	typeOn(t, s, room, 0, 3)
	junk := binary.BigEndian.AppendUint64(nil, 1000)
	if err := localstore.Change(s, func(tx *bolt.Tx) error { return tx.Bucket([]byte("journal")).Put(junk, []byte("junk")) }); err != nil {
		t.Fatal(err)
	}
	if err := localstore.FailAfter(t.Context(), s, []relay.Entry{typed(4)}, room); !errors.Is(err, localstore.ErrTest) {
		t.Fatal(err)
	}
	for range 2 {
		if _, err := appendTo(s, room, []relay.Entry{typed(4)}); err == nil || !strings.Contains(err.Error(), "parley restore") {
			t.Errorf("append gave %v, want the advice to restore a backup", err)
		}
		if err := s.Ping(t.Context()); err == nil {
			t.Error("Ping succeeds")
		}
		wantTyped(t, s, room, 3)
	}
	if err := localstore.Change(s, func(tx *bolt.Tx) error { return tx.Bucket([]byte("journal")).Delete(junk) }); err != nil {
		t.Fatal(err)
	}
	typeOn(t, s, room, 3, 2)
	wantTyped(t, s, room, 5)
}

// Between a reader's look at the journal and its look at the file, entries may be settled,
// compacted or deleted.
func TestSlowReader(t *testing.T) {
	t.Parallel()
	now := time.UnixMilli(1_800_000_000_000)
	adHoc := session.Session{ID: "aaaa0001", AdHoc: true, ExpiresAt: now}
	for name, tc := range map[string]struct {
		meanwhile            func(*testing.T, *localstore.Store)
		wantLog, wantThrough uint64
	}{
		"nothing happened": {func(*testing.T, *localstore.Store) {}, 5, 5},
		"settled": {func(t *testing.T, s *localstore.Store) {
			typeOn(t, s, relay.RoomID{Session: "aaaa0002"}, 0, 1)
			if err := s.Delete(t.Context(), "aaaa0002", now); err != nil {
				t.Error(err)
			}
			wantKeys(t, s, "journal", 0)
			typeOn(t, s, room, 5, 2)
		}, 5, 5},
		"compacted": {func(t *testing.T, s *localstore.Store) {
			typeOn(t, s, room, 5, 2)
			if err := s.Compact(t.Context(), room, []byte("state"), relay.Position{Seq: 3}); err != nil {
				t.Error(err)
			}
			typeOn(t, s, room, 7, 1)
		}, 4, 7},
		"deleted and made anew": {func(t *testing.T, s *localstore.Store) {
			if err := errors.Join(s.Delete(t.Context(), "aaaa0001", now), s.Create(t.Context(), adHoc, nil)); err != nil {
				t.Error(err)
			}
			typeOn(t, s, room, 0, 1)
		}, 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := mustOpen(t, t.TempDir(), localstore.Options{HistoryBytes: testHistory})
			mustCreate(t, s, "aaaa0002")
			if err := s.Create(t.Context(), adHoc, nil); err != nil {
				t.Fatal(err)
			}
			typeOn(t, s, room, 0, 5)
			st, err := localstore.LoadSlowly(t.Context(), s, room, func() { tc.meanwhile(t, s) })
			if err != nil || uint64(len(st.Entries)) != tc.wantLog || st.At.Seq != tc.wantThrough {
				t.Errorf("%d entries through %d, %v; want %d through %d", len(st.Entries), st.At.Seq, err, tc.wantLog, tc.wantThrough)
			}
		})
	}
}
