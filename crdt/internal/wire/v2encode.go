package wire

import "parley/crdt/internal/lib0"

// ToV2 rewrites an Update in the V2 format. The error is a *DecodeError. Rules: V2-1, V2-2, V2-3.
//
// Source: Yjs 13.6, src/utils/UpdateEncoder.js (UpdateEncoderV2).
func ToV2(update []byte) ([]byte, error) { return toV2(update, false) }

// StateToV2 is ToV2 for what a document wrote with nothing waiting: there each Item that has a key
// carries the flag for it. Yjs loses the flag where it only converts. Rule: MRG-3.
func StateToV2(update []byte) ([]byte, error) { return toV2(update, true) }

func toV2(update []byte, keyBits bool) ([]byte, error) {
	s := newGapReader(update)
	w := v2Writer{}
	for ; !s.Done; s.Next() {
		if !w.write(update, &s.Struct, keyBits) {
			s.r.Fail(s.Struct.Start, "a value nested less deeply")
			break
		}
	}
	spans, err := s.Spans(nil)
	if err != nil {
		return nil, err
	}
	spans = sortClients(spans)
	if !ascending(spans) {
		spans = SortSpans(spans) // V2 writes distances, which have no sign; Yjs garbles such a set
	}
	return w.finish(spans), nil
}

// ascending tells whether the ranges of each client follow one another without an overlap.
func ascending(spans []Span) bool {
	for i := 1; i < len(spans); i++ {
		if a, b := spans[i-1], spans[i]; a.Client == b.Client && b.Clock < a.Clock+a.Length {
			return false
		}
	}
	return true
}

// v2Writer collects the columns of a V2 Update.
type v2Writer struct {
	keyClock, left, right diffColumn
	client, typ, length   uintColumn
	info, parent          byteColumn
	strings               stringColumn
	keys                  uint64
	sections              []v2Section
	rest                  []byte // of the open section
	open                  uint64 // its client
	count                 uint64 // its structs; 0 when none is open
}

// write appends a struct; it reports false for JSON that is nested too deeply.
func (w *v2Writer) write(update []byte, f *Struct, keyBits bool) bool {
	if w.count > 0 && w.open != f.Client {
		w.flush()
	}
	if w.count == 0 {
		w.open = f.Client
		w.client.write(f.Client)
		w.rest = lib0.AppendUvarint(w.rest, f.Clock)
	}
	w.count++
	switch kind := f.Kind(); kind {
	case KindGC:
		w.info.write(KindGC)
		w.length.write(f.Length)
		return true
	case KindSkip:
		w.info.write(KindSkip)
		w.rest = lib0.AppendUvarint(w.rest, f.Length)
		return true
	}
	info := f.Info
	if !keyBits && !f.HasSub {
		info &^= InfoSub
	}
	w.info.write(info)
	w.origins(update, f)
	return w.content(update, f)
}

func (w *v2Writer) flush() {
	if w.count > 0 {
		w.sections = append(w.sections, v2Section{w.count, w.rest})
	}
	w.count, w.rest = 0, nil
}

func (w *v2Writer) origins(update []byte, f *Struct) {
	if f.Info&InfoOrigin != 0 {
		w.client.write(f.Origin.Client)
		w.left.write(f.Origin.Clock)
	}
	if f.Info&InfoRight != 0 {
		w.client.write(f.Right.Client)
		w.right.write(f.Right.Clock)
	}
	if f.Info&InfoNoParent != 0 {
		return
	}
	if f.Root {
		w.parent.write(1)
		w.strings.write(update[f.Name:f.NameEnd])
	} else {
		w.parent.write(0)
		w.client.write(f.Parent.Client)
		w.left.write(f.Parent.Clock)
	}
	if f.HasSub {
		w.strings.write(update[f.Sub:f.SubEnd])
	}
}

func (w *v2Writer) content(update []byte, f *Struct) bool {
	data := update[f.Content:f.ContentEnd]
	r := lib0.Reader{Buf: data}
	switch f.Kind() {
	case KindDeleted:
		w.length.write(f.Length)
	case KindString:
		w.strings.write(data)
	case KindAny:
		w.length.write(f.Length)
		w.rest = append(w.rest, data...)
	case KindJSON:
		w.length.write(f.Length)
		for range f.Length {
			w.strings.write(r.Bytes())
		}
	case KindBinary:
		w.rest = append(w.rest, data...)
	case KindEmbed:
		return w.json(r.Bytes())
	case KindFormat:
		w.key(r.String())
		return w.json(r.Bytes())
	case KindType:
		w.typ.write(uint64(f.Type))
		if f.Type == TypeXMLElement || f.Type == TypeXMLHook {
			w.key(data)
		}
	case KindDoc:
		w.strings.write(r.String())
		w.rest = append(w.rest, data[r.Pos:]...)
	}
	return true
}

// key writes a key. Yjs gives each key a new number and never uses one again. Rule: V2-2.
func (w *v2Writer) key(name []byte) {
	w.keyClock.write(w.keys)
	w.keys++
	w.strings.write(name)
}

// json writes JSON text as a value. Rule: V2-3.
func (w *v2Writer) json(text []byte) bool {
	v, err := parseJSON(text)
	if err != nil {
		return false
	}
	var ok bool
	w.rest, ok = appendJS(w.rest, v, 0)
	return ok
}

func (w *v2Writer) finish(spans []Span) []byte {
	w.flush()
	b := []byte{0} // flags, of which there are none yet
	for _, column := range [][]byte{
		w.keyClock.bytes(), w.client.bytes(), w.left.bytes(), w.right.bytes(), w.info.b,
		w.strings.bytes(), w.parent.b, w.typ.bytes(), w.length.bytes(),
	} {
		b = lib0.AppendBytes(b, column)
	}
	b = lib0.AppendUvarint(b, uint64(len(w.sections)))
	for _, s := range w.sections {
		b = append(lib0.AppendUvarint(b, s.count), s.rest...)
	}
	return appendSpansV2(b, spans)
}

type v2Section struct {
	count uint64
	rest  []byte
}
