package localstore_test

// The journal as a file holds it: in backups, after older schemas, and when it is damaged.

import (
	"bytes"
	"encoding/binary"
	"errors"
	"path/filepath"
	"strings"
	"testing"

	bolt "go.etcd.io/bbolt"

	"parley/pkg/relay"
	"parley/pkg/store/localstore"
)

// A backup that is taken while the journal holds entries restores completely.
func TestBackupHoldsTheJournal(t *testing.T) {
	t.Parallel()
	s := mustOpen(t, t.TempDir(), localstore.Options{})
	mustCreate(t, s, "aaaa0001")
	typeOn(t, s, room, 0, 20)
	if err := s.Compact(t.Context(), room, []byte("state"), relay.Position{Seq: 7}); err != nil {
		t.Fatal(err)
	}
	typeOn(t, s, room, 20, 20)
	wantKeys(t, s, "journal", 20)
	var backup bytes.Buffer
	if _, err := s.Backup(&backup); err != nil {
		t.Fatal(err)
	}
	file, dir := filepath.Join(t.TempDir(), "backup.db"), t.TempDir()
	writeFile(t, file, backup.Bytes())
	if n, err := localstore.CheckBackup(file); err != nil || n != 1 {
		t.Fatal(n, err)
	}
	if _, err := localstore.Restore(file, dir, localstore.RestoreOptions{}); err != nil {
		t.Fatal(err)
	}
	wantTyped(t, mustOpen(t, dir, localstore.Options{}), room, 40)
}

// The log of schema 2 holds single entries. They are read together with the chunks that follow
// them.
func TestOpenTakesOverTheSecondSchema(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, localstore.FileName)
	ours(t, path)
	log := func(n int) []byte { return binary.BigEndian.AppendUint64([]byte("aaaa0001\x00\x00"), uint64(n)) }
	writeDB(t, path, func(tx *bolt.Tx) error {
		err := errors.Join(tx.DeleteBucket([]byte("journal")), tx.Bucket([]byte("meta")).Put([]byte("schema"), []byte("2")), tx.Bucket([]byte("log")).Delete(log(1)))
		for n := range 50 {
			err = errors.Join(err, tx.Bucket([]byte("log")).Put(log(n+1), localstore.OldEntry(typed(uint64(n+1)))))
		}
		return err
	})
	if err := localstore.Verify(dir); err != nil {
		t.Error(err)
	}
	s := mustOpen(t, dir, localstore.Options{HistoryBytes: testHistory})
	wantTyped(t, s, room, 50)
	typeOn(t, s, room, 50, 10)
	wantTyped(t, s, room, 60)
	for _, through := range []uint64{20, 55} {
		if err := s.Compact(t.Context(), room, []byte("state"), relay.Position{Seq: through}); err != nil {
			t.Fatal(err)
		}
		wantTyped(t, s, room, 60)
	}
	wantTyped(t, crash(t, dir), room, 60)
}

// An entry of schema 2 without a time is not taken for a chunk.
func TestOldEntryOfNoTime(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, localstore.FileName)
	ours(t, path)
	old := relay.Entry{Update: []byte("\x01x"), By: ""}
	writeDB(t, path, func(tx *bolt.Tx) error {
		return tx.Bucket([]byte("log")).Put(binary.BigEndian.AppendUint64([]byte("aaaa0001\x00\x00"), 51), localstore.OldEntry(old))
	})
	st, err := mustOpen(t, dir, localstore.Options{}).Since(t.Context(), room, relay.Position{})
	if err != nil || len(st.Entries) != 51 || !bytes.Equal(st.Entries[50].Update, old.Update) {
		t.Errorf("%d entries, %v", len(st.Entries), err)
	}
}

// The journal is either read or an error that says what to do, in Open, Verify and CheckBackup.
func TestJournalThatCannotBeRead(t *testing.T) {
	t.Parallel()
	key := func(n uint64) string { return string(binary.BigEndian.AppendUint64(nil, n)) }
	good := string(localstore.AppendRecord(nil, room, 51, typed(51), typed(52)))
	settled := string(localstore.AppendRecord(nil, room, 49, typed(49), typed(50)))
	for name, tc := range map[string]struct {
		records map[string]string
		want    uint64 // the last entry; 0 is an error
	}{
		"one that goes on":          {map[string]string{key(1): good}, 52},
		"one that is settled":       {map[string]string{key(1): settled, key(2): good}, 52},
		"one that is settled half":  {map[string]string{key(1): string(localstore.AppendRecord(nil, room, 49, typed(49), typed(50), typed(51)))}, 51},
		"a session that is gone":    {map[string]string{key(1): string(localstore.AppendRecord(nil, relay.RoomID{Session: "gone"}, 7, typed(7)))}, 50},
		"two in a row":              {map[string]string{key(1): good, key(9): string(localstore.AppendRecord(nil, room, 53, typed(53)))}, 53},
		"an entry is missing":       {map[string]string{key(1): string(localstore.AppendRecord(nil, room, 52, typed(52)))}, 0},
		"an entry between records":  {map[string]string{key(1): good, key(2): string(localstore.AppendRecord(nil, room, 54, typed(54)))}, 0},
		"an entry twice":            {map[string]string{key(1): good, key(2): good}, 0},
		"cut":                       {map[string]string{key(1): good[:len(good)-1]}, 0},
		"cut after its head":        {map[string]string{key(1): good[:13]}, 0},
		"junk":                      {map[string]string{key(1): "what is this?"}, 0},
		"a key of another length":   {map[string]string{"key": good}, 0},
		"no document of that name":  {map[string]string{key(1): strings.Replace(good, "aaaa0001", "aaaa\x00001", 1)}, 0},
		"more entries than allowed": {map[string]string{key(1): good[:11] + "\xff\xff\xff\xff\xff\xff\xff\xff\x7f\xff\xff\xff\xff\xff\xff\xff\xff\x7f"}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			path := filepath.Join(dir, localstore.FileName)
			ours(t, path)
			for k, v := range tc.records {
				writeDB(t, path, putIn("journal", k, v))
			}
			_, backupErr := localstore.CheckBackup(path)
			verifyErr := localstore.Verify(dir)
			s, err := localstore.Open(dir, localstore.Options{})
			if tc.want > 0 {
				if err = errors.Join(err, backupErr, verifyErr); err != nil {
					t.Fatal(err)
				}
				if st, err := s.Since(t.Context(), room, relay.Position{}); err != nil || st.At.Seq != tc.want || uint64(len(st.Entries)) != tc.want {
					t.Errorf("%d entries through %d, %v; want %d", len(st.Entries), st.At.Seq, err, tc.want)
				}
				if seq, err := appendTo(s, room, []relay.Entry{typed(1)}); err != nil || seq != tc.want+1 {
					t.Errorf("append gave %d, %v", seq, err)
				}
				if err := s.Close(); err != nil {
					t.Error(err)
				}
				return
			}
			for what, err := range map[string]error{"CheckBackup": backupErr, "Verify": verifyErr, "Open": err} {
				if !errors.Is(err, localstore.ErrForeign) || !strings.Contains(err.Error(), "parley restore") {
					t.Errorf("%s = %v, want ErrForeign with the advice to restore a backup", what, err)
				}
			}
		})
	}
}

func FuzzJournalRecord(f *testing.F) {
	one := localstore.AppendRecord(nil, room, 1, typed(1))
	f.Add(one)
	f.Add(localstore.AppendRecord(one, relay.RoomID{Session: "aaaa0002", Doc: "notes"}, 1000, typed(2), relay.Entry{}, typed(3)))
	f.Add(one[:len(one)-1])
	f.Add([]byte("\x0aaaaa0001\x00\x00\x01\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"))
	f.Fuzz(func(t *testing.T, b []byte) {
		out, err := localstore.Rewrite(b)
		if err != nil {
			return
		}
		if again, err := localstore.Rewrite(out); err != nil || !bytes.Equal(again, out) {
			t.Errorf("%q is written as %q, and that as %q, %v", b, out, again, err)
		}
	})
}
