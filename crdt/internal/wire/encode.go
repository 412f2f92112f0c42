package wire

import "parley/crdt/internal/lib0"

// structWriter writes structs taken from other Updates as the sections of a new one.
//
// Source: Yjs 13.6, src/utils/updates.js (LazyStructWriter).
type structWriter struct {
	buf    []byte // the sections, without their counts
	closed []closedSection
	client uint64 // of the open section
	count  uint64 // of structs in it
}

// write appends a struct of update without its first offset units. Rules: UPD-5, MRG-3.
func (w *structWriter) write(update []byte, f *Struct, offset uint64) {
	w.section(f.Client, f.Clock+offset)
	w.buf = AppendStruct(w.buf, update, f, offset)
}

// skip appends a Skip over length clocks.
func (w *structWriter) skip(client, clock, length uint64) {
	w.section(client, clock)
	w.buf = lib0.AppendUvarint(append(w.buf, KindSkip), length)
}

// section opens the section of client at clock, unless it is open, and counts one more struct in
// it.
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

// empty writes a section without structs.
func (w *structWriter) empty(client, clock uint64) {
	from := len(w.buf)
	w.buf = lib0.AppendUvarint(lib0.AppendUvarint(w.buf, client), clock)
	w.closed = append(w.closed, closedSection{0, from, len(w.buf)})
}

// flush closes the open section.
func (w *structWriter) flush() {
	if w.count == 0 {
		return
	}
	from := 0
	if n := len(w.closed); n > 0 {
		from = w.closed[n-1].to
	}
	w.closed = append(w.closed, closedSection{w.count, from, len(w.buf)})
	w.count = 0
}

// finish returns the sections of an Update. A delete set has to follow.
func (w *structWriter) finish() []byte {
	w.flush()
	b := make([]byte, 0, len(w.buf)+4*len(w.closed)+64)
	b = lib0.AppendUvarint(b, uint64(len(w.closed)))
	for _, m := range w.closed {
		b = lib0.AppendUvarint(b, m.count)
		b = append(b, w.buf[m.from:m.to]...)
	}
	return b
}

// closedSection is a section in the buffer of a structWriter.
type closedSection struct {
	count    uint64
	from, to int
}

// AppendStruct writes a struct without its first offset units, as Yjs writes a struct that it never
// integrated: the key and the flag for it only where the key was on the wire. Rule: MRG-3.
func AppendStruct(b, update []byte, f *Struct, offset uint64) []byte {
	kind := f.Kind()
	if kind == KindGC || kind == KindSkip {
		return lib0.AppendUvarint(append(b, kind), f.Length-offset)
	}
	info := f.Info &^ InfoSub
	if f.HasSub {
		info |= InfoSub
	}
	origin := f.Origin
	if offset > 0 {
		info |= InfoOrigin
		origin = ID{f.Client, f.Clock + offset - 1}
	}
	b = append(b, info)
	if info&InfoOrigin != 0 {
		b = lib0.AppendUvarint(lib0.AppendUvarint(b, origin.Client), origin.Clock)
	}
	if info&InfoRight != 0 {
		b = lib0.AppendUvarint(lib0.AppendUvarint(b, f.Right.Client), f.Right.Clock)
	}
	if info&InfoNoParent == 0 {
		if f.Root {
			b = lib0.AppendBytes(append(b, 1), update[f.Name:f.NameEnd])
		} else {
			b = lib0.AppendUvarint(append(b, 0), f.Parent.Client)
			b = lib0.AppendUvarint(b, f.Parent.Clock)
		}
		if f.HasSub {
			b = lib0.AppendBytes(b, update[f.Sub:f.SubEnd])
		}
	}
	switch kind {
	case KindDeleted:
		return lib0.AppendUvarint(b, f.Length-offset)
	case KindType:
		b = append(b, f.Type)
		if f.Type == TypeXMLElement || f.Type == TypeXMLHook {
			b = lib0.AppendBytes(b, update[f.Content:f.ContentEnd])
		}
		return b
	}
	return AppendContent(b, kind, f.Length, update[f.Content:f.ContentEnd], offset)
}

// AppendContent writes content without its first offset units.
func AppendContent(b []byte, kind uint8, length uint64, data []byte, offset uint64) []byte {
	switch kind {
	case KindString:
		if offset == 0 {
			return lib0.AppendBytes(b, data)
		}
		at, torn := CutNear(data, offset, length)
		if !torn {
			return lib0.AppendBytes(b, data[at:])
		}
		b = lib0.AppendUvarint(b, uint64(len(data)-at-1)) // 4 bytes become 3
		return append(append(b, Replacement...), data[at+4:]...)
	case KindAny, KindJSON:
		if offset > 0 {
			data = data[Elements(data, kind, offset):]
		}
		b = lib0.AppendUvarint(b, length-offset)
	}
	return append(b, data...)
}
