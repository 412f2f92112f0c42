package localstore

import (
	"context"
	"errors"
	"time"

	bolt "go.etcd.io/bbolt"

	"parley/pkg/relay"
)

// HeldPaceAfter is heldPaceAfter, for the test of the pace of commits.
var HeldPaceAfter = heldPaceAfter

// Limits of the journal.
const (
	JournalBytes = journalBytes
	SettleAfter  = settleAfter
)

// WithClock makes a store read the time from now.
func WithClock(o Options, now func() time.Time) Options {
	o.now = now
	return o
}

// FoldSteps are the steps of a fold, in their order.
var FoldSteps = []string{"read", "folded", "begun", "based", "dropped", "done"}

// WithStep calls step at each step of a fold.
func WithStep(o Options, step func(string)) Options {
	o.step = step
	return o
}

// Count returns the number of keys in a bucket and the bytes of their values.
func Count(s *Store, bucket string) (keys, bytes int) {
	err := s.db.View(func(tx *bolt.Tx) error {
		return tx.Bucket([]byte(bucket)).ForEach(func(_, v []byte) error {
			keys, bytes = keys+1, bytes+len(v)
			return nil
		})
	})
	if err != nil {
		panic(err)
	}
	return keys, bytes
}

// ErrTest is the error of a commit that a test makes fail.
var ErrTest = errors.New("on purpose")

// FailAfter appends entries to each document and settles the first document, in a commit that
// fails.
func FailAfter(ctx context.Context, s *Store, entries []relay.Entry, ids ...relay.RoomID) error {
	return s.write(ctx, func(tx *bolt.Tx) error {
		for i, id := range ids {
			doc, err := docKey(id)
			if err != nil {
				return err
			}
			if _, err := s.journal.append(tx, doc, entries); err != nil {
				return err
			}
			if i > 0 {
				continue
			}
			if err := s.journal.settle(tx, string(doc)); err != nil {
				return err
			}
		}
		return fatal(ErrTest)
	})
}

// Forget leaves the journal as after a commit that reached the disk but was reported as failed.
func Forget(ctx context.Context, s *Store) error {
	return s.write(ctx, func(*bolt.Tx) error {
		s.journal.mu.Lock()
		defer s.journal.mu.Unlock()
		s.journal.docs, s.journal.queue, s.journal.records, s.journal.bytes = map[string]*pending{}, nil, nil, 0
		return fatal(ErrTest)
	})
}

// LoadSlowly reads a document and calls wait between reading the journal and reading the file.
func LoadSlowly(ctx context.Context, s *Store, id relay.RoomID, wait func()) (relay.Stored, error) {
	doc, err := docKey(id)
	if err != nil {
		return relay.Stored{}, err
	}
	recent := s.journal.pendingOf(doc)
	wait()
	return s.load(ctx, id, doc, recent)
}

// Change changes the file without the store's knowledge.
func Change(s *Store, change func(*bolt.Tx) error) error { return s.db.Update(change) }

// Rewrite reads a record of the journal and writes it again.
func Rewrite(b []byte) ([]byte, error) {
	all, err := readRecord(b)
	if err != nil {
		return nil, err
	}
	var out []byte
	for _, a := range all {
		out = appendPart(out, &pending{doc: string(a.doc), first: a.first, last: a.last, chunk: a.chunk})
	}
	return out, nil
}

// AppendRecord adds entries of one document to a record of the journal.
func AppendRecord(b []byte, id relay.RoomID, first uint64, entries ...relay.Entry) []byte {
	doc, err := docKey(id)
	if err != nil {
		panic(err)
	}
	var chunk []byte
	for _, e := range entries {
		chunk = appendChunk(chunk, OldEntry(e))
	}
	return appendPart(b, &pending{doc: string(doc), first: first, last: first + uint64(len(entries)) - 1, chunk: chunk})
}

// OldEntry is a value of the log in schema 2.
func OldEntry(e relay.Entry) []byte { return appendEntry(nil, e) }

// History returns the entries that compactions took out of a document's log and that were not
// folded.
func (s *Store) History(ctx context.Context, id relay.RoomID) ([]relay.Entry, error) {
	past, err := s.Past(ctx, id, 0, 1<<30)
	if err != nil {
		return nil, err
	}
	stored, err := s.Since(ctx, id, relay.Position{})
	if err != nil {
		return nil, err
	}
	return past.Entries[:len(past.Entries)-len(stored.Entries)], nil
}

// The form of a chunk of the history.
var (
	PackChunk   = packChunk
	ExpandChunk = expandChunk
)
