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
	// settleAfter is how old entries become in the journal before a commit moves them to the log. It is some tens of commits, so
	// that a document in which somebody types touches its own pages of the file that much less often.
	settleAfter = 10 * time.Second
	// settleAtLeast, and one part in settleShare of all documents that wait, are what one commit settles at most for their age.
	// Documents that began together would come due together otherwise, again and again.
	settleAtLeast, settleShare = 8, 32
	// journalBytes bounds what the journal keeps, and so what is read when the store is opened and what is in memory twice.
	journalBytes = 8 << 20
)

// journal holds what was appended to documents lately: one value for each commit, whatever the number of documents. Without it each of them
// had pages of log and tail of its own to be written with every commit. What it holds of a document is settled, which is to say
// moved to the log as one value, when it is old, before a compaction, and before anything is deleted.
//
// Invariant: of each document the entries up to its tail are in state, history and log, and those behind it in the journal, without a gap.
// The bucket is what counts; docs says the same, and is made anew from it when a commit has failed.
type journal struct {
	// Fixed by newJournal.
	now func() time.Time

	// Owned by the committer.
	next    uint64          // key of the next record; grows for as long as the store is open
	records []journalRecord // what is in the bucket, oldest first
	bytes   int             // of all records
	queue   []*pending      // those in docs, oldest first; outside of a transaction the first is one of them, later ones may be settled
	stale   bool            // whether a commit failed, so that only the bucket knows what is true
	draft   draft           // of the transaction under way
	timer   *time.Timer
	wakeAt  time.Time // when timer is due
	scratch []byte

	mu   sync.Mutex          // guards docs and what it leads to, which only the committer changes
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
	chunk       []byte    // entries first to last; never changes but by growing
	record      uint64    // the oldest record that is needed for it
	since       time.Time // when that was written
	settled     bool      // owned by the committer: it is in the log, if the transaction under way does not fail
}

// draft is what a transaction does to the journal, which becomes true when it is committed.
type draft struct {
	staged  map[string]*pending // appended now, by docKey
	order   []*pending          // those that were ever in staged
	size    int                 // of staged, in bytes
	settled []*pending          // of those in docs
	record  *journalRecord      // what was put
	dropped int                 // records, the oldest first
}

func newJournal(now func() time.Time) *journal {
	return &journal{now: now, docs: map[string]*pending{}}
}

// begin starts a transaction, before its jobs.
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

// last gives the number of the last entry of a document, as it is within the transaction.
func (j *journal) last(tx *bolt.Tx, doc []byte) (uint64, error) {
	if p := j.draft.staged[string(doc)]; p != nil {
		return p.last, nil
	}
	if p := j.docs[string(doc)]; p != nil && !p.settled {
		return p.last, nil
	}
	return lastOf(tx, doc)
}

// append adds entries to a document and gives the number of the last. An error says that it has changed nothing.
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

// settle moves what the journal holds of a document, what was appended by this transaction with it, to the log.
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

// settleAll settles every document, so that the end of the transaction leaves nothing of before in the bucket.
func (j *journal) settleAll(tx *bolt.Tx) error {
	for _, waiting := range [][]*pending{j.queue, j.draft.order} {
		for _, p := range waiting {
			if err := j.settle(tx, p.doc); err != nil {
				return err
			}
		}
	}
	return nil
}

// clear sees to it that nothing names these sessions in the bucket when the transaction is over. Whoever removes sessions calls it first:
// what the journal holds of them would come back with the next ones of their names. Most are long quiet by then, and it only looks.
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

// settleDue settles the oldest documents: those that are old, some a commit, and as many as it takes to keep to journalBytes.
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

// finish ends a transaction, after its jobs: it puts what was appended as one record and drops those that nobody needs.
func (j *journal) finish(tx *bolt.Tx) error {
	if err := j.settleDue(tx); err != nil {
		return err
	}
	d, bucket := &j.draft, tx.Bucket(bucketJournal)
	if len(d.staged) > 0 {
		value := make([]byte, 0, d.size+64*len(d.staged))
		for _, p := range d.order {
			if d.staged[p.doc] == p {
				value = appendLogged(value, p)
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

// end takes note of how the transaction ended, before anybody is told.
func (j *journal) end(err error) {
	d := j.draft
	j.draft = draft{}
	if err != nil {
		// It may have been undone, or have reached the disk all the same.
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

// publish adds what the record holds to docs. mu is held.
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

// due reports whether there is something to settle though nobody writes.
func (j *journal) due() bool {
	return len(j.queue) > 0 && j.now().Sub(j.queue[0].since) >= settleAfter
}

// arm has wake called when something will be due, if commits that come anyway have not settled it by then. A store in which nothing waits
// does not tick.
func (j *journal) arm(wake func()) {
	if len(j.queue) == 0 {
		return
	}
	now := j.now()
	if now.Before(j.wakeAt) {
		return
	}
	wait := max(settleAfter+mostLater-now.Sub(j.queue[0].since), laterWindow)
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

// pendingOf gives what the journal holds of a document, for a reader; the zero pending when that is nothing.
func (j *journal) pendingOf(doc []byte) pending {
	j.mu.Lock()
	defer j.mu.Unlock()
	p := j.docs[string(doc)]
	if p == nil {
		return pending{}
	}
	return pending{doc: p.doc, first: p.first, last: p.last, chunk: p.chunk, record: p.record}
}
