package localstore

import (
	"bytes"
	"encoding/binary"
	"fmt"

	bolt "go.etcd.io/bbolt"

	"parley/pkg/relay"
)

// recovered is the journal as the bucket holds it.
type recovered struct {
	records []journalRecord
	bytes   int
	queue   []*pending
	docs    map[string]*pending
}

// recover reads the journal from its bucket: when the store is opened, and after a failed commit.
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

// readJournal reads the entries that are in the journal and not yet in the log. A record that
// cannot be read, or that leaves a gap, is an error: to skip it would lose acknowledged entries.
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

// read adds one record.
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

// add adds the part of a record that belongs to one document, without the entries that are settled.
func (r *recovered) add(tx *bolt.Tx, key uint64, a recordPart) error {
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

// addTo adds the entries of p to out, which was loaded in tx. p was read before tx began. When the
// entries were settled meanwhile, out holds them already. When the document was deleted meanwhile,
// the record is gone and nothing is added.
func (p pending) addTo(tx *bolt.Tx, out *relay.Stored) error {
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
