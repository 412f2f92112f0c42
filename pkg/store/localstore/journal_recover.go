package localstore

import (
	"bytes"
	"encoding/binary"
	"fmt"

	bolt "go.etcd.io/bbolt"

	"parley/pkg/relay"
)

// recovered is what the bucket says about the journal.
type recovered struct {
	records []journalRecord
	bytes   int
	queue   []*pending
	docs    map[string]*pending
}

// recover makes the journal anew from its bucket: when the store is opened, and after a commit that failed.
func (j *journal) recover(tx *bolt.Tx) error {
	found, err := readJournal(tx)
	if err != nil {
		return err
	}
	now := j.now()
	for _, p := range found.queue {
		p.since = now
	}
	j.records, j.bytes, j.queue = found.records, found.bytes, found.queue
	if n := len(j.records); n > 0 {
		j.next = max(j.next, j.records[n-1].key+1)
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	j.docs = found.docs
	return nil
}

// readJournal reads all that is in the journal and not in the log yet. What cannot be read, or does not follow what is there, is an
// error: whoever leaves it out would lose what was acknowledged.
func readJournal(tx *bolt.Tx) (*recovered, error) {
	r := &recovered{docs: map[string]*pending{}}
	err := tx.Bucket(bucketJournal).ForEach(func(k, v []byte) error {
		if len(k) != 8 {
			return fmt.Errorf("%w: journal key %.20x; restore an earlier backup: parley restore", errDamaged, k)
		}
		rec := journalRecord{key: binary.BigEndian.Uint64(k), size: len(v)}
		r.records, r.bytes = append(r.records, rec), r.bytes+rec.size
		if err := r.read(tx, rec.key, v); err != nil {
			return fmt.Errorf("journal record %d: %w; restore an earlier backup: parley restore", rec.key, err)
		}
		return nil
	})
	return r, err
}

// read takes in one record.
func (r *recovered) read(tx *bolt.Tx, key uint64, value []byte) error {
	all, err := readRecord(value)
	if err != nil {
		return err
	}
	for _, a := range all {
		sess, _, _ := bytes.Cut(a.doc, []byte{0})
		if tx.Bucket(bucketSessions).Get(sess) == nil {
			continue
		}
		if err := r.add(tx, key, a); err != nil {
			return fmt.Errorf("document %q: %w", a.doc, err)
		}
	}
	return nil
}

// add takes in what a record holds of one document, but for what is settled.
func (r *recovered) add(tx *bolt.Tx, key uint64, a logged) error {
	p := r.docs[string(a.doc)]
	if p != nil {
		if a.first != p.last+1 {
			return fmt.Errorf("%w: entry %d follows %d", errDamaged, a.first, p.last)
		}
		p.chunk, p.last = append(p.chunk, a.chunk...), a.last
		return nil
	}
	tail, err := lastOf(tx, a.doc)
	switch {
	case err != nil:
		return err
	case a.last <= tail:
		return nil
	case a.first > tail+1:
		return fmt.Errorf("%w: entry %d follows %d", errDamaged, a.first, tail)
	}
	p = &pending{doc: string(a.doc), first: tail + 1, last: a.last, record: key}
	_, rest, _, err := cutChunk(a.chunk, p.first-a.first)
	if err != nil {
		return err
	}
	p.chunk = bytes.Clone(rest)
	r.docs[p.doc] = p
	r.queue = append(r.queue, p)
	return nil
}

// follow adds to what was loaded of a document what the journal held of it before tx was begun. A settled document has it in its log
// by then; and when something was deleted meanwhile, the record is no more.
func (p pending) follow(tx *bolt.Tx, out *relay.Stored) error {
	switch {
	case p.last <= out.At.Seq || tx.Bucket(bucketJournal).Get(recordKey(p.record)) == nil:
		return nil
	case p.first > out.At.Seq+1:
		return fmt.Errorf("%w: journal goes on at entry %d after %d", errDamaged, p.first, out.At.Seq)
	}
	_, rest, _, err := cutChunk(p.chunk, out.At.Seq+1-p.first)
	if err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	entries, err := readChunk(rest)
	if err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	out.Entries, out.At.Seq = append(out.Entries, entries...), p.last
	return nil
}
