package localstore_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	bolt "go.etcd.io/bbolt"
	"go.uber.org/goleak"

	"parley/pkg/audit"
	"parley/pkg/relay"
	"parley/pkg/session"
	"parley/pkg/store/localstore"
)

// TestMain is also the process that crash_test.go kills.
func TestMain(m *testing.M) {
	switch os.Getenv(childMode) {
	case "append":
		os.Exit(appendForever())
	case "full":
		os.Exit(fillDisk())
	case "fold":
		os.Exit(foldForever())
	}
	goleak.VerifyTestMain(m)
}

var room = relay.RoomID{Session: "aaaa0001"}

func mustOpen(t *testing.T, dir string, opts localstore.Options) *localstore.Store {
	t.Helper()
	s, err := localstore.Open(dir, opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return s
}

// appendTo appends entries to a document, waits, and returns the number of the last entry.
func appendTo(s *localstore.Store, id relay.RoomID, entries []relay.Entry) (uint64, error) {
	type result struct {
		end relay.Position
		err error
	}
	told := make(chan result, 1)
	s.Append(id, relay.Position{}, entries, relay.Prompt, func(end relay.Position, err error) { told <- result{end, err} })
	r := <-told
	return r.end.Seq, r.err
}

func mustCreate(t *testing.T, s *localstore.Store, id session.ID) {
	t.Helper()
	now := time.UnixMilli(1_800_000_000_000).UTC()
	if err := s.Create(t.Context(), session.Session{ID: id, CreatedAt: now, ExpiresAt: now.Add(time.Hour)}, nil); err != nil {
		t.Fatal(err)
	}
}

func TestManyWritersShareCommits(t *testing.T) {
	t.Parallel()
	var commits, writes atomic.Int64
	s := mustOpen(t, t.TempDir(), localstore.Options{Committed: func(n int, _ time.Duration, err error) {
		if err != nil {
			t.Errorf("commit: %v", err)
		}
		commits.Add(1)
		writes.Add(int64(n))
	}})
	const rooms, each = 100, 20
	for n := range rooms {
		mustCreate(t, s, session.ID(fmt.Sprintf("%08x", n)))
	}
	commits.Store(0)
	writes.Store(0)
	var wg sync.WaitGroup
	for n := range rooms {
		wg.Go(func() {
			for range each {
				if _, err := appendTo(s, relay.RoomID{Session: fmt.Sprintf("%08x", n)}, []relay.Entry{{Update: []byte("x")}}); err != nil {
					t.Errorf("Append: %v", err)
					return
				}
			}
		})
	}
	wg.Wait()
	if writes.Load() != rooms*each {
		t.Errorf("%d writes were committed, want %d", writes.Load(), rooms*each)
	}
	// When all rooms wait, a commit carries most of their writes. The bound is loose, so that the
	// test holds on slow machines.
	if got := commits.Load(); got > writes.Load()/4 {
		t.Errorf("%d writes took %d commits: writers do not share them", writes.Load(), got)
	}
}

func TestSecondProcessIsToldAtOnce(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	mustOpen(t, dir, localstore.Options{})
	started := time.Now()
	s, err := localstore.Open(dir, localstore.Options{})
	if !errors.Is(err, localstore.ErrInUse) {
		t.Fatalf("a second Open gave %v, %v; want ErrInUse", s, err)
	}
	if took := time.Since(started); took > 2*time.Second {
		t.Errorf("ErrInUse took %v", took)
	}
}

// writeDB makes a parley.db with bbolt alone.
func writeDB(t *testing.T, path string, fill func(*bolt.Tx) error) {
	t.Helper()
	db, err := bolt.Open(path, 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(db.Update(fill), db.Close()); err != nil {
		t.Fatal(err)
	}
}

func putIn(bucket, key, value string) func(*bolt.Tx) error {
	return func(tx *bolt.Tx) error {
		b, err := tx.CreateBucketIfNotExists([]byte(bucket))
		if err != nil {
			return err
		}
		return b.Put([]byte(key), []byte(value))
	}
}

func TestOpenRefusesWhatIsNotOurs(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		make func(t *testing.T, path string)
		want error
	}{
		"a text file": {func(t *testing.T, path string) { writeFile(t, path, []byte("these are my notes\n")) }, localstore.ErrForeign},
		"zeros":       {func(t *testing.T, path string) { writeFile(t, path, make([]byte, 1<<16)) }, localstore.ErrForeign},
		"another program's database": {func(t *testing.T, path string) {
			writeDB(t, path, putIn("their-bucket", "k", "v"))
		}, localstore.ErrForeign},
		"a database with a meta bucket of its own": {func(t *testing.T, path string) {
			writeDB(t, path, putIn("meta", "k", "v"))
		}, localstore.ErrForeign},
		"a newer schema": {func(t *testing.T, path string) {
			ours(t, path)
			writeDB(t, path, putIn("meta", "schema", "7"))
		}, localstore.ErrNewer},
		"ours, cut in the middle": {func(t *testing.T, path string) {
			ours(t, path)
			info, err := os.Stat(path)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.Truncate(path, info.Size()/2/4096*4096); err != nil {
				t.Fatal(err)
			}
		}, localstore.ErrForeign},
		"ours, pages overwritten": {func(t *testing.T, path string) {
			ours(t, path)
			f, err := os.OpenFile(path, os.O_RDWR, 0)
			if err != nil {
				t.Fatal(err)
			}
			info, err := f.Stat()
			if err != nil {
				t.Fatal(err)
			}
			junk := make([]byte, info.Size()-2*4096)
			for i := range junk {
				junk[i] = 0xa5
			}
			if _, err := f.WriteAt(junk, 2*4096); err != nil {
				t.Fatal(err)
			}
			if err := f.Close(); err != nil {
				t.Fatal(err)
			}
		}, localstore.ErrForeign},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			tc.make(t, filepath.Join(dir, localstore.FileName))
			s, err := localstore.Open(dir, localstore.Options{})
			if !errors.Is(err, tc.want) {
				t.Fatalf("Open = %v, %v; want %v", s, err, tc.want)
			}
			if s, err = localstore.Open(dir, localstore.Options{}); !errors.Is(err, tc.want) {
				t.Errorf("a second Open = %v, %v; want %v again: the first left a lock or changed the file", s, err, tc.want)
			}
		})
	}
}

// ours makes a database of some hundred pages, as the program leaves it.
func ours(t *testing.T, path string) {
	t.Helper()
	s, err := localstore.Open(filepath.Dir(path), localstore.Options{})
	if err != nil {
		t.Fatal(err)
	}
	mustCreate(t, s, "aaaa0001")
	for n := range 50 {
		if _, err := appendTo(s, room, []relay.Entry{{Update: make([]byte, 3000), By: fmt.Sprint(n)}}); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

func writeFile(t *testing.T, path string, b []byte) {
	t.Helper()
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestOpenSaysWhatIsWrongWithTheDirectory(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	writeFile(t, file, []byte("x"))
	for _, dir := range []string{file, filepath.Join(file, "below"), "/proc/nowhere"} {
		if s, err := localstore.Open(dir, localstore.Options{}); err == nil {
			t.Errorf("Open(%s) = %v, want an error", dir, s)
		}
	}
}

// A database of schema 1, which had no audit log, is opened with all its data.
func TestOpenTakesOverTheFirstSchema(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, localstore.FileName)
	ours(t, path)
	writeDB(t, path, putIn("meta", "schema", "1"))
	writeDB(t, path, func(tx *bolt.Tx) error {
		return errors.Join(tx.DeleteBucket([]byte("audit")), tx.DeleteBucket([]byte("audit_tail")))
	})
	s, err := localstore.Open(dir, localstore.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if st, err := s.Since(t.Context(), room, relay.Position{}); err != nil || len(st.Entries) != 50 {
		t.Errorf("the document has %d entries, %v", len(st.Entries), err)
	}
	if err := s.Record(t.Context(), []audit.Event{{Session: "aaaa0001", Kind: audit.Created}}); err != nil {
		t.Error(err)
	}
	if events, err := s.Events(t.Context(), "aaaa0001"); err != nil || len(events) != 1 {
		t.Errorf("Events = %v, %v", events, err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

// A database of schema 5 had no lists. They are made when it is opened.
func TestOpenMakesTheListsOfSchema5(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, localstore.FileName)
	ours(t, path)
	writeDB(t, path, func(tx *bolt.Tx) error {
		return errors.Join(tx.Bucket([]byte("sessions")).Put([]byte("damaged0"), []byte("{")),
			tx.DeleteBucket([]byte("cards")), tx.DeleteBucket([]byte("shelves")), putIn("meta", "schema", "5")(tx))
	})
	s, err := localstore.Open(dir, localstore.Options{})
	if err != nil {
		t.Fatal(err)
	}
	found, err := s.Browse(t.Context(), session.AllShelf, session.Query{Limit: 10})
	if err != nil || len(found) != 1 || found[0].ID != "aaaa0001" {
		t.Errorf("Browse = %+v, %v; want the session that was there", found, err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}
