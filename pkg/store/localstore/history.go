package localstore

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"time"

	bolt "go.etcd.io/bbolt"

	"parley/pkg/access"
	"parley/pkg/relay"
	"parley/pkg/session"
	"parley/pkg/store/packing"
)

// Past implements relay.Historian: the base, the chunks of the history, and the log.
func (s *Store) Past(ctx context.Context, id relay.RoomID, after uint64, size int) (out relay.Past, err error) {
	doc, err := docKey(id)
	if err != nil {
		return relay.Past{}, fmt.Errorf("past of %s: %w", id, err)
	}
	recent := s.journal.pendingOf(doc) // before the snapshot, as in Since
	err = s.read(ctx, func(tx *bolt.Tx) error {
		if !sessionExists(tx, id) {
			return relay.ErrNoSession
		}
		r := pastReader{tx: tx, doc: doc, at: after, size: size}
		out, err = r.read(recent)
		return err
	})
	if err != nil {
		return relay.Past{}, fmt.Errorf("past of %s: %w", id, err)
	}
	return out, nil
}

// pastReader reads a part of what was recorded of a document.
type pastReader struct {
	tx   *bolt.Tx
	doc  []byte
	at   uint64 // number of the last entry that was read
	size int    // bytes that are wanted
	out  relay.Past
}

func (r *pastReader) read(recent pending) (relay.Past, error) {
	base, err := loadBase(r.tx, r.doc)
	if err != nil {
		return relay.Past{}, err
	}
	if base.through > r.at {
		r.begin(base)
	}
	full, err := r.chunks()
	if err != nil {
		return relay.Past{}, err
	}
	if !full {
		err = r.log(recent)
	}
	r.out.Next, r.out.More = r.at, full
	return r.out, err
}

// begin makes a base the beginning of the part.
func (r *pastReader) begin(b base) {
	r.out.Base, r.out.BaseAt, r.out.Reached, r.at = b.state, b.at, b.through, b.through
}

// chunks reads the history and reports whether the part is full. Where entries are missing, it
// stops.
func (r *pastReader) chunks() (full bool, err error) {
	c := r.tx.Bucket(bucketHistory).Cursor()
	held := 0
	for k, v := c.Seek(seqKey(r.doc, r.at+1)); bytes.HasPrefix(k, r.doc); k, v = c.Next() {
		if held >= r.size {
			return true, nil
		}
		raw, err := expandChunk(v)
		if err != nil {
			return false, fmt.Errorf("chunk %d: %w", seqOf(k), err)
		}
		entries, err := readChunk(raw)
		if err != nil {
			return false, fmt.Errorf("chunk %d: %w", seqOf(k), err)
		}
		if !r.take(entries, seqOf(k)) {
			return false, nil
		}
		held += len(raw)
	}
	return false, nil
}

// take adds the entries that end with number last, without those that were read. It reports false
// when entries before them are missing.
func (r *pastReader) take(entries []relay.Entry, last uint64) bool {
	before := last - uint64(len(entries))
	if before > r.at {
		return false
	}
	if last > r.at {
		r.out.Entries = append(r.out.Entries, entries[r.at-before:]...)
		r.at = last
	}
	return true
}

// log reads the log. When entries before it are missing, the compacted state stands for them.
func (r *pastReader) log(recent pending) error {
	stored, err := loadDoc(r.tx, r.doc)
	if err != nil {
		return err
	}
	if err := recent.addTo(r.tx, &stored); err != nil {
		return err
	}
	if r.take(stored.Entries, stored.At.Seq) {
		return nil
	}
	b := base{state: stored.State, through: stored.At.Seq - uint64(len(stored.Entries))}
	if len(stored.Entries) > 0 {
		b.at = stored.Entries[0].At
	}
	r.out.Entries = nil // the state holds them
	r.begin(b)
	r.take(stored.Entries, stored.At.Seq)
	return nil
}

// base is what the oldest entries of a document were folded into.
type base struct {
	through uint64 // number of the last entry in it
	at      time.Time
	state   []byte
}

// loadBase returns the base of a document, zero when nothing was folded.
func loadBase(tx *bolt.Tx, doc []byte) (base, error) {
	v := tx.Bucket(bucketBase).Get(doc)
	if v == nil {
		return base{}, nil
	}
	if len(v) < 16 {
		return base{}, fmt.Errorf("%w: base of %d bytes", errDamaged, len(v))
	}
	return base{through: binary.BigEndian.Uint64(v), at: getTime(v[8:]), state: bytes.Clone(v[16:])}, nil
}

func (b base) encode() []byte {
	v := binary.BigEndian.AppendUint64(make([]byte, 0, 16+len(b.state)), b.through)
	return append(append(v, putTime(b.at)...), b.state...)
}

// notRecorded stands in the record of every session that keeps no history, and in no other record.
var notRecorded = []byte(`"record":"` + string(session.RecordNothing) + `"`)

// keepsHistory reports whether entries that leave the log are kept.
func keepsHistory(tx *bolt.Tx, id relay.RoomID) bool {
	return id.Doc != access.NotesDoc && !bytes.Contains(tx.Bucket(bucketSessions).Get([]byte(id.Session)), notRecorded)
}

// moveToHistory takes the entries up to through out of the log. If keep is true, they become a
// chunk of the history.
func moveToHistory(tx *bolt.Tx, doc []byte, through uint64, keep bool) error {
	log := tx.Bucket(bucketLog)
	var keys [][]byte
	var chunk, rest []byte
	c := log.Cursor()
	for k, v := c.Seek(doc); bytes.HasPrefix(k, doc) && seqOf(k) <= through; k, v = c.Next() {
		head, after, _, err := cutChunk(chunkOf(v), through-seqOf(k)+1)
		if err != nil {
			return fmt.Errorf("log entry %d: %w", seqOf(k), err)
		}
		keys = append(keys, bytes.Clone(k))
		chunk, rest = append(chunk, head...), bytes.Clone(after)
	}
	// Not with the cursor: bbolt's cursor skips a key after a delete.
	for _, k := range keys {
		if err := log.Delete(k); err != nil {
			return fmt.Errorf("take entry out of log: %w", err)
		}
	}
	if len(rest) > 0 { // the last value holds entries after through
		if err := log.Put(seqKey(doc, through+1), append(bytes.Clone(chunkHeader), rest...)); err != nil {
			return fmt.Errorf("put back entries: %w", err)
		}
	}
	if len(chunk) == 0 || !keep {
		return nil
	}
	if err := tx.Bucket(bucketHistory).Put(seqKey(doc, through), packChunk(chunk)); err != nil {
		return fmt.Errorf("put history: %w", err)
	}
	return nil
}

// packedChunk begins a chunk of the history that is compressed. No other chunk begins like this: an
// entry has at least two bytes.
const packedChunk = 0

// packChunk returns a chunk as the history keeps it.
func packChunk(chunk []byte) []byte {
	v := binary.AppendUvarint([]byte{packedChunk}, uint64(len(chunk)))
	return packing.Compress(v, chunk)
}

// expandChunk returns a chunk of the history in the form of readChunk. Older ones have that form.
func expandChunk(v []byte) ([]byte, error) {
	if len(v) == 0 || v[0] != packedChunk {
		return v, nil
	}
	size, n := binary.Uvarint(v[1:])
	if n <= 0 || size > 1<<30 {
		return nil, fmt.Errorf("%w: size of a chunk", errDamaged)
	}
	chunk, err := packing.Expand(packing.Zstd, v[1+n:], int(size))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errDamaged, err)
	}
	return chunk, nil
}

// boundHistory folds the oldest chunks of a document into its base when the history has more than
// its bound, down to three quarters of it, so that not every compaction folds.
func (s *Store) boundHistory(ctx context.Context, id relay.RoomID, doc []byte) error {
	limit := s.opts.HistoryBytes
	for range relay.FoldsAtOnce {
		folded, err := s.fold(ctx, id, doc, limit)
		if err != nil || !folded {
			return err
		}
		limit = s.opts.HistoryBytes * 3 / 4
	}
	return nil
}

// fold folds some chunks when the history has more than limit bytes, and reports whether it did.
// The folding is done outside of the committer. What the crash of a process interrupts is done by
// the next compaction.
func (s *Store) fold(ctx context.Context, id relay.RoomID, doc []byte, limit int) (done bool, err error) {
	var old, folded base
	var updates [][]byte
	err = s.read(ctx, func(tx *bolt.Tx) (err error) {
		old, folded, updates, err = overdue(tx, doc, limit, s.opts.HistoryBytes*3/4)
		return err
	})
	if err != nil || folded.through == old.through {
		return false, err
	}
	s.opts.step("read")
	if folded.state, err = s.opts.Fold(folded.state, updates); err != nil {
		return false, err
	}
	s.opts.step("folded")
	err = s.write(ctx, func(tx *bolt.Tx) error {
		s.opts.step("begun")
		now, err := loadBase(tx, doc)
		if err != nil || now.through != old.through || !sessionExists(tx, id) {
			return err // another compaction was faster, or the session is gone
		}
		if err := tx.Bucket(bucketBase).Put(doc, folded.encode()); err != nil {
			return fatal(err)
		}
		s.opts.step("based")
		if err := dropChunks(tx, doc, folded.through); err != nil {
			return fatal(err)
		}
		s.opts.step("dropped")
		done = true
		return nil
	})
	s.opts.step("done")
	return done, err
}

// overdue returns the base of a document, and the base to come with the updates that go into it:
// the oldest chunks, until goal bytes are left or the bounds of a fold are met. While the history
// is within limit, both bases reach equally far.
func overdue(tx *bolt.Tx, doc []byte, limit, goal int) (old, next base, updates [][]byte, err error) {
	if old, err = loadBase(tx, doc); err != nil {
		return old, old, nil, err
	}
	next = old
	history := tx.Bucket(bucketHistory)
	total := 0
	c := history.Cursor()
	for k, v := c.Seek(doc); bytes.HasPrefix(k, doc); k, v = c.Next() {
		total += len(v)
	}
	if total <= limit {
		return old, next, nil, nil
	}
	chunks, size := 0, 0
	for k, v := c.Seek(doc); bytes.HasPrefix(k, doc) && total > goal && chunks < relay.FoldChunks && size < relay.FoldBytes; k, v = c.Next() {
		raw, err := expandChunk(v)
		if err != nil {
			return old, next, nil, err
		}
		entries, err := readChunk(raw)
		if err != nil {
			return old, next, nil, err
		}
		if seqOf(k)-uint64(len(entries)) != next.through {
			return lost(tx, doc, old, entries)
		}
		for _, e := range entries {
			updates, next.at = append(updates, e.Update), e.At
		}
		next.through, total = seqOf(k), total-len(v)
		chunks, size = chunks+1, size+len(raw)
	}
	return old, next, updates, nil
}

// lost is overdue for a history whose beginning an older version has dropped: the compacted state
// is the only base that is true.
func lost(tx *bolt.Tx, doc []byte, old base, seen []relay.Entry) (base, base, [][]byte, error) {
	state, through, err := loadState(tx, doc)
	if err != nil || through <= old.through {
		return old, old, nil, err
	}
	return old, base{through: through, at: seen[len(seen)-1].At, state: bytes.Clone(state)}, nil, nil
}

// dropChunks removes the chunks of a document through an entry.
func dropChunks(tx *bolt.Tx, doc []byte, through uint64) error {
	history := tx.Bucket(bucketHistory)
	var keys [][]byte
	c := history.Cursor()
	for k, _ := c.Seek(doc); bytes.HasPrefix(k, doc) && seqOf(k) <= through; k, _ = c.Next() {
		keys = append(keys, bytes.Clone(k))
	}
	for _, k := range keys {
		if err := history.Delete(k); err != nil {
			return fmt.Errorf("drop folded history: %w", err)
		}
	}
	return nil
}
