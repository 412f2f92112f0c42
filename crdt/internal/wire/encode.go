package wire

import "parley/crdt/internal/lib0"

// StructWriter writes structs taken from other Updates as the sections of a new one.
//
// Source: Yjs 13.6, src/utils/updates.js (LazyStructWriter).
type StructWriter struct {
	buf    []byte // the sections, without their counts
	marks  []mark
	client uint64 // of the open section
	count  uint64 // of structs in it
}

// write appends a struct of update without its first offset units. Rules: UPD-5, MRG-3.
func (w *StructWriter) write(update []byte, f *Struct, offset uint64) {
	w.section(f.Client, f.Clock+offset)
	w.buf = AppendStruct(w.buf, update, f, offset)
}

// skip appends a Skip over length clocks.
func (w *StructWriter) skip(client, clock, length uint64) {
	w.section(client, clock)
	w.buf = lib0.AppendUvarint(append(w.buf, KindSkip), length)
}

// section makes sure that the open section is that of client, and counts a struct at clock.
func (w *StructWriter) section(client, clock uint64) {
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
func (w *StructWriter) empty(client, clock uint64) {
	from := len(w.buf)
	w.buf = lib0.AppendUvarint(lib0.AppendUvarint(w.buf, client), clock)
	w.marks = append(w.marks, mark{0, from, len(w.buf)})
}

// flush closes the open section.
func (w *StructWriter) flush() {
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
func (w *StructWriter) finish() []byte {
	w.flush()
	b := make([]byte, 0, len(w.buf)+4*len(w.marks)+64)
	b = lib0.AppendUvarint(b, uint64(len(w.marks)))
	for _, m := range w.marks {
		b = lib0.AppendUvarint(b, m.count)
		b = append(b, w.buf[m.from:m.to]...)
	}
	return b
}

// mark says how many structs a section has, and where it lies in a writer's buffer.
type mark struct {
	count    uint64
	from, to int
}

// AppendStruct writes a struct as Yjs does one that it never integrated: a key is written only
// where it was on the wire, and so is its bit. Rule: MRG-3.
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

// AppendContent writes content that is kept as on the wire, without its first offset units.
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
