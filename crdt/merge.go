package crdt

import (
	"parley/crdt/internal/lib0"
)

// MergeUpdates joins Updates into one that has the same effect, without building a document. Gaps
// between the structs of a client become Skips. One Update alone is returned as it is; none at all
// give the empty Update. The error is a *DecodeError. Rules: MRG-1 to MRG-3.
//
// Source: Yjs 13.6, src/utils/updates.js (mergeUpdatesV2).
func MergeUpdates(updates ...[]byte) ([]byte, error) {
	switch len(updates) {
	case 0:
		return []byte{0, 0}, nil
	case 1:
		_, _, _, err := scan(updates[0], nil, new(ref))
		return updates[0], err
	}
	m := merger{q: newMergeQueue(updates)}
	m.run()
	spans, err := m.q.deletes()
	if err != nil {
		return nil, err
	}
	return appendSpans(m.w.finish(), sortSpans(spans)), nil
}

// merger writes structs from its readers, each clock once.
type merger struct {
	q mergeQueue
	w structWriter
	// What is to be written next; a GC may still grow.
	has    bool
	cur    ref
	update []byte // that cur stands in
	offset uint64 // units of cur that are cut off
}

// end is the clock after what is to be written next.
func (m *merger) end() uint64 { return m.cur.clock + m.cur.length }

// run takes structs until no reader has any.
func (m *merger) run() {
	for r := m.q.front(); r != nil; r = m.q.front() {
		m.take(r)
	}
	m.emit()
}

// take writes from r, which is foremost, for as long as its structs follow one another.
func (m *merger) take(r *structReader) {
	client := r.cur.client
	if !m.has {
		m.set(r)
		r.next()
	} else if !m.follow(r, client) {
		return
	}
	for !r.done && r.cur.client == client && r.cur.clock == m.end() {
		m.emit()
		m.set(r)
		r.next()
	}
}

// follow puts the first struct of r that is not written yet behind cur. It reports false when r has
// to be queued anew first.
func (m *merger) follow(r *structReader, client uint64) bool {
	iterated := false
	for !r.done && r.cur.client >= m.cur.client && r.cur.clock+r.cur.length <= m.end() {
		r.next()
		iterated = true
	}
	if r.done || r.cur.client != client || (iterated && r.cur.clock > m.end()) {
		return false
	}
	overlap := uint64(0)
	if client == m.cur.client {
		if gap := m.end(); r.cur.clock > gap {
			m.emit()
			m.w.skip(client, gap, r.cur.clock-gap)
		} else {
			overlap = gap - r.cur.clock
		}
		if m.has && m.cur.kind() == kindGC && r.cur.kind() == kindGC {
			m.cur.length += r.cur.length - overlap
			return true // r moves on when it comes to the front again, as what it has is written now
		}
	}
	m.emit()
	m.set(r)
	m.offset = overlap
	r.next()
	return true
}

func (m *merger) set(r *structReader) {
	m.has, m.cur, m.update, m.offset = true, r.cur, r.r.Buf, 0
}

func (m *merger) emit() {
	if m.has {
		m.w.write(m.update, &m.cur, m.offset)
	}
	m.has = false
}

// DiffUpdate cuts from an Update what the replica with this state vector has already; the delete set
// stays whole. The error is a *DecodeError. Rule: MRG-4.
//
// Source: Yjs 13.6, src/utils/updates.js (diffUpdateV2).
func DiffUpdate(update, stateVector []byte) ([]byte, error) {
	sv, err := ReadStateVector(stateVector)
	if err != nil {
		return nil, err
	}
	return diffUpdate(update, sv)
}

func diffUpdate(update []byte, sv map[uint64]uint64) ([]byte, error) {
	var w structWriter
	r := newStructReader(update, false)
	for !r.done {
		client := r.cur.client
		known := sv[client]
		switch {
		case r.cur.kind() == kindSkip: // nothing begins with a Skip
			r.next()
		case r.cur.clock+r.cur.length > known:
			offset := known - min(known, r.cur.clock)
			for ; !r.done && r.cur.client == client; r.next() {
				w.write(update, &r.cur, offset)
				offset = 0
			}
		default:
			for !r.done && r.cur.client == client && r.cur.clock+r.cur.length <= known {
				r.next()
			}
		}
	}
	spans, err := r.spans(nil)
	if err != nil {
		return nil, err
	}
	return appendSpans(w.finish(), sortClients(spans)), nil
}

// EncodeStateVectorFromUpdate tells what a document would have that holds this Update alone: of each
// client the clocks from 0 to the first gap. Clients stand in the order of the Update. The error is a
// *DecodeError. Rule: SV-2.
//
// Source: Yjs 13.6, src/utils/updates.js (encodeStateVectorFromUpdateV2).
func EncodeStateVectorFromUpdate(update []byte) ([]byte, error) {
	r := newStructReader(update, false)
	var body []byte
	n := uint64(0)
	for !r.done {
		client, known := r.cur.client, uint64(0)
		for counting := r.cur.clock == 0; !r.done && r.cur.client == client; r.next() {
			counting = counting && r.cur.kind() != kindSkip
			if counting {
				known = r.cur.clock + r.cur.length
			}
		}
		if known > 0 {
			n++
			body = lib0.AppendUvarint(lib0.AppendUvarint(body, client), known)
		}
	}
	if r.r.Err != nil {
		return nil, decodeError("update", r.r.Err)
	}
	return append(lib0.AppendUvarint(make([]byte, 0, len(body)+9), n), body...), nil
}

// UpdateClients tells which structs an Update carries: per section the client and the clocks from its
// first struct to the end of its last, in the order of the wire. The error is a *DecodeError.
func UpdateClients(update []byte) ([]IDRange, error) {
	r := newStructReader(update, true)
	var out []IDRange
	for ; !r.done; r.next() {
		if n := len(out) - 1; n < 0 || out[n].Client != r.cur.client || out[n].To > r.cur.clock {
			out = append(out, IDRange{Client: r.cur.client, From: r.cur.clock})
		}
		out[len(out)-1].To = r.cur.clock + r.cur.length
	}
	if r.r.Err != nil {
		return nil, decodeError("update", r.r.Err)
	}
	return out, nil
}
