package crdt

import (
	"parley/crdt/internal/lib0"
)

// structReader walks the structs of an Update in the order of the wire.
//
// Source: Yjs 13.6, src/utils/updates.js (LazyStructReader).
type structReader struct {
	r         lib0.Reader
	sections  uint64 // not begun yet
	left      uint64 // structs left in this section
	client    uint64
	clock     uint64
	skipSkips bool
	seq       int // which of several Updates it is, for a merge
	cur       ref
	done      bool
}

func newStructReader(update []byte, skipSkips bool) *structReader {
	s := new(structReader)
	s.reset(update, skipSkips)
	return s
}

// reset makes s read update from its start.
func (s *structReader) reset(update []byte, skipSkips bool) {
	s.r = lib0.Reader{Buf: update}
	s.left, s.done, s.skipSkips = 0, false, skipSkips
	s.sections = s.r.Uvarint()
	s.next()
}

// next makes cur the next struct; done is set at the end, or at an error.
func (s *structReader) next() {
	for {
		for s.left == 0 {
			if s.sections == 0 || s.r.Err != nil {
				s.done = true
				return
			}
			s.sections--
			s.left = s.r.Uvarint()
			s.client, s.clock = s.r.Uvarint(), s.r.Uvarint()
		}
		s.left--
		readStruct(&s.r, &s.cur, s.client, s.clock)
		if s.cur.kind() == kindSkip && s.cur.info != kindSkip {
			s.r.Fail(s.cur.start, "a Skip without flags") // Rule: UPD-4
		}
		if s.r.Err != nil {
			s.done = true
			return
		}
		s.clock += s.cur.length
		if !s.skipSkips || s.cur.kind() != kindSkip {
			return
		}
	}
}

// spans reads the delete set; the structs must be done. Ranges stand as on the wire.
func (s *structReader) spans(out []span) ([]span, error) {
	start := s.r.Pos
	if s.r.Err == nil {
		skipDeleteSet(&s.r)
	}
	if s.r.Err != nil {
		return nil, decodeError("update", s.r.Err)
	}
	s.r.Pos = start
	eachDeleted(&s.r, func(sp span) { out = append(out, sp) })
	return out, nil
}

// structWriter writes structs taken from other Updates as the sections of a new one.
//
// Source: Yjs 13.6, src/utils/updates.js (LazyStructWriter).
type structWriter struct {
	buf    []byte // the sections, without their counts
	marks  []mark
	client uint64 // of the open section
	count  uint64 // of structs in it
}

// mark says how many structs a section has, and where it lies in a writer's buffer.
type mark struct {
	count    uint64
	from, to int
}

// write appends a struct of update without its first offset units. Rules: UPD-5, MRG-3.
func (w *structWriter) write(update []byte, f *ref, offset uint64) {
	w.section(f.client, f.clock+offset)
	w.buf = appendRef(w.buf, update, f, offset)
}

// skip appends a Skip over length clocks.
func (w *structWriter) skip(client, clock, length uint64) {
	w.section(client, clock)
	w.buf = lib0.AppendUvarint(append(w.buf, kindSkip), length)
}

// section makes sure that the open section is that of client, and counts a struct at clock.
func (w *structWriter) section(client, clock uint64) {
	if w.count > 0 && w.client != client {
		w.flush()
	}
	if w.count == 0 {
		w.client = client
		w.buf = lib0.AppendUvarint(w.buf, client)
		w.buf = lib0.AppendUvarint(w.buf, clock)
	}
	w.count++
}

// empty writes a section without structs; it counts like any other.
func (w *structWriter) empty(client, clock uint64) {
	from := len(w.buf)
	w.buf = lib0.AppendUvarint(lib0.AppendUvarint(w.buf, client), clock)
	w.marks = append(w.marks, mark{0, from, len(w.buf)})
}

// flush closes the open section.
func (w *structWriter) flush() {
	if w.count == 0 {
		return
	}
	from := 0
	if n := len(w.marks); n > 0 {
		from = w.marks[n-1].to
	}
	w.marks = append(w.marks, mark{w.count, from, len(w.buf)})
	w.count = 0
}

// finish returns the structs part of an Update; a delete set has to follow.
func (w *structWriter) finish() []byte {
	w.flush()
	b := make([]byte, 0, len(w.buf)+4*len(w.marks)+64)
	b = lib0.AppendUvarint(b, uint64(len(w.marks)))
	for _, m := range w.marks {
		b = lib0.AppendUvarint(b, m.count)
		b = append(b, w.buf[m.from:m.to]...)
	}
	return b
}

// appendRef writes a struct as Yjs does one that it never integrated: a key is written only where it
// was on the wire, and so is its bit. Rule: MRG-3.
func appendRef(b, update []byte, f *ref, offset uint64) []byte {
	kind := f.kind()
	if kind == kindGC || kind == kindSkip {
		return lib0.AppendUvarint(append(b, kind), f.length-offset)
	}
	info := f.info &^ infoSub
	if f.hasSub {
		info |= infoSub
	}
	origin := f.origin
	if offset > 0 {
		info |= infoOrigin
		origin = ID{f.client, f.clock + offset - 1}
	}
	b = append(b, info)
	if info&infoOrigin != 0 {
		b = lib0.AppendUvarint(lib0.AppendUvarint(b, origin.Client), origin.Clock)
	}
	if info&infoRight != 0 {
		b = lib0.AppendUvarint(lib0.AppendUvarint(b, f.right.Client), f.right.Clock)
	}
	if info&infoNoParent == 0 {
		if f.root {
			b = lib0.AppendBytes(append(b, 1), update[f.name:f.nameEnd])
		} else {
			b = lib0.AppendUvarint(append(b, 0), f.parent.Client)
			b = lib0.AppendUvarint(b, f.parent.Clock)
		}
		if f.hasSub {
			b = lib0.AppendBytes(b, update[f.sub:f.subEnd])
		}
	}
	switch kind {
	case kindDeleted:
		return lib0.AppendUvarint(b, f.length-offset)
	case kindType:
		b = append(b, f.typ)
		if f.typ == typeXMLElement || f.typ == typeXMLHook {
			b = lib0.AppendBytes(b, update[f.content:f.contentEnd])
		}
		return b
	}
	return appendRaw(b, kind, f.length, update[f.content:f.contentEnd], offset)
}
