package localstore

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"fmt"
	"slices"
	"sync"
	"time"

	bolt "go.etcd.io/bbolt"

	"parley/pkg/relay"
	"parley/pkg/session"
)

const (
	// settleAfter is the age at which a commit moves entries from the journal to the log. It is
	// some tens of commits, so a document that people type into touches its own pages that much
	// less often.
	settleAfter = 10 * time.Second
	// One commit settles for their age at most settleAtLeast documents plus one part in settleShare
	// of all documents in the journal. Without this bound, documents that began together would
	// become due together again and again.
	settleAtLeast, settleShare = 8, 32
	// journalBytes bounds the size of the journal. It is also what Open reads, and what memory
	// holds twice.
	journalBytes = 8 << 20
)

// journal holds the entries that were appended lately: one value in the bucket for each commit,
// however many documents the commit touches. Without the journal each document would have pages of
// log and tail that every commit writes. Entries of a document are settled, which means moved to
// the log as one value, when they are old, before a compaction, and before sessions are deleted.
//
// A transaction takes four steps: begin, the jobs (last, append, settle, clear), complete, and
// after the commit end. draft holds what the transaction does, and end makes it visible to readers.
//
// Invariant: of each document the entries up to its tail are in state, history and log, and the
// later ones are in the journal, without a gap. The bucket is the truth. docs is a copy of it, and
// is read again from the bucket after a commit has failed.
type journal struct {
	// Fixed by newJournal.
	now func() time.Time

	// Owned by the committer.
	next    uint64          // key of the next record; only grows while the store is open
	records []journalRecord // records in the bucket, oldest first
	bytes   int             // of all records
	// documents in docs, oldest first; outside of a transaction the first one is not settled
	queue   []*pending
	stale   bool  // a commit failed, so docs may differ from the bucket
	draft   draft // of the current transaction
	timer   *time.Timer
	wakeAt  time.Time // when timer fires
	scratch []byte

	mu   sync.Mutex          // guards docs and what it points to; only the committer changes them
	docs map[string]*pending // by docKey
}

// journalRecord is one value of the bucket.
type journalRecord struct {
	key  uint64
	size int
}

// pending is what the journal holds of one document.
type pending struct {
	doc         string
	first, last uint64
	chunk       []byte    // entries first to last; bytes are added but never changed
	record      uint64    // the oldest record that holds some of them
	since       time.Time // when that record was written
	settled     bool      // owned by the committer: the entries are in the log unless the current transaction fails
}

// draft is what the current transaction does to the journal. It takes effect when the transaction
// has been committed.
type draft struct {
	staged  map[string]*pending // appended by this transaction, by docKey
	order   []*pending          // every pending that was ever in staged, in order
	size    int                 // of staged, in bytes
	settled []*pending          // settled ones of docs
	record  *journalRecord      // the record that was written
	dropped int                 // number of dropped records, the oldest ones
}

func newJournal(now func() time.Time) *journal {
	return &journal{now: now, docs: map[string]*pending{}}
}

// begin starts a transaction. The jobs come after it.
func (j *journal) begin(tx *bolt.Tx) error {
	if j.stale {
		if err := j.recover(tx); err != nil {
			return err
		}
		j.stale = false
	}
	j.draft = draft{staged: map[string]*pending{}}
	return nil
}

// last returns the number of the last entry of a document, as the current transaction sees it.
func (j *journal) last(tx *bolt.Tx, doc []byte) (uint64, error) {
	if p := j.draft.staged[string(doc)]; p != nil {
		return p.last, nil
	}
	if p := j.docs[string(doc)]; p != nil && !p.settled {
		return p.last, nil
	}
	return lastOf(tx, doc)
}

// append adds entries to a document and returns the number of the last one. When it returns an
// error, it has changed nothing.
func (j *journal) append(tx *bolt.Tx, doc []byte, entries []relay.Entry) (uint64, error) {
	last, err := j.last(tx, doc)
	if err != nil || len(entries) == 0 {
		return last, err
	}
	d := &j.draft
	p := d.staged[string(doc)]
	if p == nil {
		p = &pending{doc: string(doc), first: last + 1, last: last}
		d.staged[p.doc] = p
		d.order = append(d.order, p)
	}
	before, room := len(p.chunk), 0
	for _, e := range entries {
		room += len(e.Update) + len(e.By) + 3*binary.MaxVarintLen64
	}
	p.chunk = slices.Grow(p.chunk, room)
	for _, e := range entries {
		j.scratch = appendEntry(j.scratch[:0], e)
		p.chunk = appendChunk(p.chunk, j.scratch)
	}
	p.last += uint64(len(entries))
	d.size += len(p.chunk) - before
	return p.last, nil
}

// settle moves the entries of a document from the journal to the log, with those that the current
// transaction has appended.
func (j *journal) settle(tx *bolt.Tx, doc string) error {
	old, staged := j.docs[doc], j.draft.staged[doc]
	if old != nil && old.settled {
		old = nil
	}
	if old == nil && staged == nil {
		return nil
	}
	value, first, last := append([]byte(nil), chunkHeader...), uint64(0), uint64(0)
	for _, p := range []*pending{old, staged} {
		if p != nil {
			value, first, last = append(value, p.chunk...), cmp.Or(first, p.first), p.last
		}
	}
	if err := tx.Bucket(bucketLog).Put(seqKey([]byte(doc), first), value); err != nil {
		return fatal(fmt.Errorf("settle: %w", err))
	}
	if err := tx.Bucket(bucketTail).Put([]byte(doc), binary.BigEndian.AppendUint64(nil, last)); err != nil {
		return fatal(fmt.Errorf("settle: %w", err))
	}
	if old != nil {
		old.settled = true
		j.draft.settled = append(j.draft.settled, old)
	}
	if staged != nil {
		delete(j.draft.staged, doc)
		j.draft.size -= len(staged.chunk)
	}
	return nil
}

// settleAll settles every document, so that no earlier record is left in the bucket at the end of
// the transaction.
func (j *journal) settleAll(tx *bolt.Tx) error {
	for _, group := range [][]*pending{j.queue, j.draft.order} {
		for _, p := range group {
			if err := j.settle(tx, p.doc); err != nil {
				return err
			}
		}
	}
	return nil
}

// clear makes sure that no record in the bucket names these sessions after the transaction. It is
// called before sessions are removed: entries in the journal would otherwise come back with the
// next session of the same name. Most sessions have been quiet for long when they are removed.
// clear then only reads.
func (j *journal) clear(tx *bolt.Tx, sessions map[session.ID]bool) error {
	named := false
	look := func(doc []byte) {
		sess, _, _ := bytes.Cut(doc, []byte{0})
		named = named || sessions[session.ID(sess)]
	}
	for doc := range j.draft.staged {
		look([]byte(doc))
	}
	err := tx.Bucket(bucketJournal).ForEach(func(_, v []byte) error {
		all, err := readRecord(v)
		for _, a := range all {
			look(a.doc)
		}
		return err
	})
	if err != nil || !named {
		return err
	}
	return j.settleAll(tx)
}

// settleDue settles the oldest documents: some of those that are old enough, and as many as it
// takes to keep the journal within journalBytes.
func (j *journal) settleDue(tx *bolt.Tx) error {
	now, quota := j.now(), settleAtLeast+len(j.queue)/settleShare
	kept, oldest := j.bytes, 0
	for _, p := range j.queue {
		if p.settled {
			continue
		}
		for ; oldest < len(j.records) && j.records[oldest].key < p.record; oldest++ {
			kept -= j.records[oldest].size
		}
		old := quota > 0 && now.Sub(p.since) >= settleAfter
		if !old && kept+j.draft.size <= journalBytes {
			return nil
		}
		if err := j.settle(tx, p.doc); err != nil {
			return err
		}
		quota--
	}
	for _, p := range j.draft.order {
		if j.draft.size <= journalBytes {
			return nil
		}
		if err := j.settle(tx, p.doc); err != nil {
			return err
		}
	}
	return nil
}

// complete ends the work of a transaction, after its jobs. It writes the appended entries as one
// record and drops the records that are no longer needed.
func (j *journal) complete(tx *bolt.Tx) error {
	if err := j.settleDue(tx); err != nil {
		return err
	}
	d, bucket := &j.draft, tx.Bucket(bucketJournal)
	if len(d.staged) > 0 {
		value := make([]byte, 0, d.size+64*len(d.staged))
		for _, p := range d.order {
			if d.staged[p.doc] == p {
				value = appendPart(value, p)
			}
		}
		d.record = &journalRecord{key: j.next, size: len(value)}
		if err := bucket.Put(recordKey(j.next), value); err != nil {
			return fmt.Errorf("put journal: %w", err)
		}
	}
	needed := j.next
	for _, p := range j.queue {
		if !p.settled {
			needed = p.record
			break
		}
	}
	for ; d.dropped < len(j.records) && j.records[d.dropped].key < needed; d.dropped++ {
		if err := bucket.Delete(recordKey(j.records[d.dropped].key)); err != nil {
			return fmt.Errorf("drop journal: %w", err)
		}
	}
	return nil
}

// end records the outcome of the transaction, before any caller is told.
func (j *journal) end(err error) {
	d := j.draft
	j.draft = draft{}
	if err != nil {
		// The transaction may have been undone, or it may have reached the disk nevertheless.
		j.stale = true
		return
	}
	for _, r := range j.records[:d.dropped] {
		j.bytes -= r.size
	}
	j.records = j.records[d.dropped:]
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, p := range d.settled {
		delete(j.docs, p.doc)
	}
	if d.record != nil {
		j.records, j.bytes = append(j.records, *d.record), j.bytes+d.record.size
		j.next++
		j.publish(d)
	}
	for len(j.queue) > 0 && j.queue[0].settled {
		j.queue[0] = nil
		j.queue = j.queue[1:]
	}
}

// publish adds the entries of the new record to docs. The caller holds mu.
func (j *journal) publish(d draft) {
	now := j.now()
	for _, p := range d.order {
		switch old := j.docs[p.doc]; {
		case d.staged[p.doc] != p:
		case old != nil:
			old.chunk, old.last = append(old.chunk, p.chunk...), p.last
		default:
			p.record, p.since = d.record.key, now
			j.docs[p.doc] = p
			j.queue = append(j.queue, p)
		}
	}
}

// empty reports whether there is nothing to settle.
func (j *journal) empty() bool { return len(j.queue) == 0 && !j.stale }

// due reports whether entries are old enough to be settled. It matters when no caller writes.
func (j *journal) due() bool {
	return len(j.queue) > 0 && j.now().Sub(j.queue[0].since) >= settleAfter
}

// scheduleWake arranges a call of wake for the time at which entries will be due. By then other
// commits may have settled them. A store with an empty journal sets no timer.
func (j *journal) scheduleWake(wake func()) {
	if len(j.queue) == 0 {
		return
	}
	now := j.now()
	if now.Before(j.wakeAt) {
		return
	}
	wait := max(settleAfter+maxHeldPace-now.Sub(j.queue[0].since), heldPace)
	if j.stale {
		wait = settleAfter
	}
	j.wakeAt, j.timer = now.Add(wait), time.AfterFunc(wait, wake)
}

// stop ends the timer.
func (j *journal) stop() {
	if j.timer != nil {
		j.timer.Stop()
	}
}

// pendingOf returns a copy of what the journal holds of a document, for readers. It is the zero
// pending when the journal holds nothing.
func (j *journal) pendingOf(doc []byte) pending {
	j.mu.Lock()
	defer j.mu.Unlock()
	p := j.docs[string(doc)]
	if p == nil {
		return pending{}
	}
	return pending{doc: p.doc, first: p.first, last: p.last, chunk: p.chunk, record: p.record}
}
