package localstore_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"path/filepath"
	"testing"

	bolt "go.etcd.io/bbolt"

	"parley/pkg/relay"
	"parley/pkg/store/localstore"
	"parley/pkg/store/storetest"
	"parley/pkg/trace"
)

// A database of schema 4 is opened with its history, whose chunks were not compressed. Where the
// beginning was dropped, the past begins with the compacted state, and so does the next base.
func TestOpenTakesOverAnOlderHistory(t *testing.T) {
	t.Parallel()
	for name, dropped := range map[string]bool{"whole": false, "without its beginning": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			path := filepath.Join(dir, localstore.FileName)
			ours(t, path)
			s := mustOpen(t, dir, localstore.Options{})
			all := pastOf(t, s)
			for _, through := range []uint64{20, 40} {
				if err := s.Compact(t.Context(), room, fmt.Append(nil, "state ", through), relay.Position{Seq: through}); err != nil {
					t.Fatal(err)
				}
			}
			closed(t, s)
			writeDB(t, path, func(tx *bolt.Tx) error { return schema4(tx, dropped) })
			s = mustOpen(t, dir, localstore.Options{HistoryBytes: 1, Fold: storetest.Fold})
			past := pastOf(t, s)
			if want := 50; dropped {
				if string(past.Base) != "state 40" || past.Reached != 40 || len(past.Entries) != 10 {
					t.Errorf("base %q through %d, %d entries", past.Base, past.Reached, len(past.Entries))
				}
			} else if past.Base != nil || len(past.Entries) != want || !bytes.Equal(past.Entries[0].Update, all.Entries[0].Update) {
				t.Errorf("base %q, %d entries, want %d", past.Base, len(past.Entries), want)
			}
			if err := s.Compact(t.Context(), room, []byte("state 50"), relay.Position{Seq: 50}); err != nil {
				t.Fatal(err)
			}
			if past = pastOf(t, s); past.Reached != 50 || len(past.Entries) != 0 || dropped != (string(past.Base) == "state 50") {
				t.Errorf("folded: base %.20q through %d, %d entries", past.Base, past.Reached, len(past.Entries))
			}
			if err := s.RecordTrace(t.Context(), []trace.Event{{Session: "aaaa0001", Kind: trace.Start}}); err != nil {
				t.Error(err)
			}
			closed(t, s)
		})
	}
}

func pastOf(t *testing.T, s *localstore.Store) relay.Past {
	t.Helper()
	past, err := s.Past(t.Context(), room, 0, 1<<30)
	if err != nil {
		t.Fatal(err)
	}
	return past
}

func closed(t *testing.T, s *localstore.Store) {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

// schema4 makes a database what the version before wrote. When dropped, the oldest chunk is gone.
func schema4(tx *bolt.Tx, dropped bool) error {
	history := tx.Bucket([]byte("history"))
	var keys, chunks [][]byte
	err := history.ForEach(func(k, v []byte) error {
		chunk, err := localstore.ExpandChunk(v)
		keys, chunks = append(keys, bytes.Clone(k)), append(chunks, bytes.Clone(chunk))
		return err
	})
	for i, k := range keys {
		if dropped && i == 0 {
			err = errors.Join(err, history.Delete(k))
			continue
		}
		err = errors.Join(err, history.Put(k, chunks[i]))
	}
	for _, name := range []string{"base", "trace", "trace_tail"} {
		err = errors.Join(err, tx.DeleteBucket([]byte(name)))
	}
	return errors.Join(err, tx.Bucket([]byte("meta")).Put([]byte("schema"), []byte("4")))
}

// Whatever a chunk holds, it is read or refused, without more memory than its size allows.
func FuzzExpandChunk(f *testing.F) {
	f.Add(localstore.PackChunk([]byte("\x03\x01\x00x")))
	f.Add([]byte{0})
	f.Add(binary.AppendUvarint([]byte{0}, 1<<29))
	f.Fuzz(func(t *testing.T, v []byte) {
		chunk, err := localstore.ExpandChunk(v)
		if err != nil || len(v) == 0 || v[0] != 0 {
			return
		}
		again, err := localstore.ExpandChunk(localstore.PackChunk(chunk))
		if err != nil || !bytes.Equal(again, chunk) {
			t.Errorf("%q came back as %q, %v", chunk, again, err)
		}
	})
}
