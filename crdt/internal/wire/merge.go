package wire

// Merge joins Updates into one that has the same effect. Gaps between the structs of a client
// become Skips. One Update alone is returned as it is; no Update at all gives the empty one. The
// error is a *DecodeError. Rules: MRG-1, MRG-2, MRG-3.
//
// Source: Yjs 13.6, src/utils/updates.js (mergeUpdatesV2).
func Merge(updates ...[]byte) ([]byte, error) {
	switch len(updates) {
	case 0:
		return []byte{0, 0}, nil
	case 1:
		_, _, _, err := Scan(updates[0], nil, new(Struct))
		return updates[0], err
	}
	m := merger{q: newMergeQueue(updates)}
	m.run()
	spans, err := m.q.deletes()
	if err != nil {
		return nil, err
	}
	return AppendSpans(m.w.finish(), SortSpans(spans)), nil
}

// merger writes the structs of its readers, each clock once.
type merger struct {
	q mergeQueue
	w structWriter
	// The struct that is written next. A GC may still grow.
	has    bool
	cur    Struct
	update []byte // that cur stands in
	offset uint64 // units of cur that are cut off
}

// end is the clock after what is to be written next.
func (m *merger) end() uint64 { return m.cur.Clock + m.cur.Length }

// run takes structs until no reader has any.
func (m *merger) run() {
	for r := m.q.front(); r != nil; r = m.q.front() {
		m.take(r)
	}
	m.emit()
}

// take writes structs of r, the reader in front, while they follow one another.
func (m *merger) take(r *StructReader) {
	client := r.Struct.Client
	if !m.has {
		m.set(r)
		r.Next()
	} else if !m.follow(r, client) {
		return
	}
	for !r.Done && r.Struct.Client == client && r.Struct.Clock == m.end() {
		m.emit()
		m.set(r)
		r.Next()
	}
}

// follow passes over the structs of r that are written already and puts the first other one behind
// cur. It reports false when r must be queued again first.
func (m *merger) follow(r *StructReader, client uint64) bool {
	iterated := false
	for !r.Done && r.Struct.Client >= m.cur.Client && r.Struct.Clock+r.Struct.Length <= m.end() {
		r.Next()
		iterated = true
	}
	if r.Done || r.Struct.Client != client || (iterated && r.Struct.Clock > m.end()) {
		return false
	}
	overlap := uint64(0)
	if client == m.cur.Client {
		if gap := m.end(); r.Struct.Clock > gap {
			m.emit()
			m.w.skip(client, gap, r.Struct.Clock-gap)
		} else {
			overlap = gap - r.Struct.Clock
		}
		if m.has && m.cur.Kind() == KindGC && r.Struct.Kind() == KindGC {
			m.cur.Length += r.Struct.Length - overlap
			return true // r moves on when it comes to the front again, as what it has is written now
		}
	}
	m.emit()
	m.set(r)
	m.offset = overlap
	r.Next()
	return true
}

func (m *merger) set(r *StructReader) {
	m.has, m.cur, m.update, m.offset = true, r.Struct, r.r.Buf, 0
}

func (m *merger) emit() {
	if m.has {
		m.w.write(m.update, &m.cur, m.offset)
	}
	m.has = false
}
