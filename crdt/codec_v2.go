package crdt

import (
	"parley/crdt/internal/lib0"
)

// The V2 format holds the same structs in columns: nine byte strings, each with one kind of number,
// run-length encoded, then the rest. Documents here live in V1, the format of the y-websocket
// protocol; V2 is converted on its way in and out.
//
// Source: Yjs 13.6, src/utils/UpdateEncoder.js and UpdateDecoder.js; lib0 0.2, src/encoding.js.

// ConvertUpdateFormatV1ToV2 rewrites an Update in the V2 format. The error is a *DecodeError.
// Rules: V2-1 to V2-3.
func ConvertUpdateFormatV1ToV2(update []byte) ([]byte, error) {
	return convertToV2(update, false)
}

// EncodeStateAsUpdateV2 is EncodeStateAsUpdate in the V2 format.
func (d *Doc) EncodeStateAsUpdateV2(stateVector []byte) ([]byte, error) {
	update, err := d.EncodeStateAsUpdate(stateVector)
	if err != nil {
		return nil, err
	}
	return convertToV2(update, d.pending.empty())
}

// ApplyUpdateV2 is ApplyUpdate for an Update in the V2 format.
func (d *Doc) ApplyUpdateV2(update []byte) error {
	v1, err := ConvertUpdateFormatV2ToV1(update)
	if err != nil {
		return err
	}
	return d.ApplyUpdate(v1)
}

// convertToV2 rewrites an Update. keyBits says that it comes from a document, which flags a key on
// every item that has one; Yjs loses the flag where it only converts. Rule: MRG-3.
func convertToV2(update []byte, keyBits bool) ([]byte, error) {
	s := newStructReader(update, false)
	w := v2Writer{}
	for ; !s.done; s.next() {
		if !w.write(update, &s.cur, keyBits) {
			s.r.Fail(s.cur.start, "a value nested less deeply")
			break
		}
	}
	spans, err := s.spans(nil)
	if err != nil {
		return nil, err
	}
	spans = sortClients(spans)
	if !ascending(spans) {
		spans = sortSpans(spans) // V2 writes distances, which have no sign; Yjs garbles such a set
	}
	return w.finish(spans), nil
}

// ascending tells whether the ranges of each client follow one another without an overlap.
func ascending(spans []span) bool {
	for i := 1; i < len(spans); i++ {
		if a, b := spans[i-1], spans[i]; a.client == b.client && b.clock < a.clock+a.length {
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

type v2Section struct {
	count uint64
	rest  []byte
}

// write appends a struct; it reports false for JSON that is nested too deeply.
func (w *v2Writer) write(update []byte, f *ref, keyBits bool) bool {
	if w.count > 0 && w.open != f.client {
		w.flush()
	}
	if w.count == 0 {
		w.open = f.client
		w.client.write(f.client)
		w.rest = lib0.AppendUvarint(w.rest, f.clock)
	}
	w.count++
	switch kind := f.kind(); kind {
	case kindGC:
		w.info.write(kindGC)
		w.length.write(f.length)
		return true
	case kindSkip:
		w.info.write(kindSkip)
		w.rest = lib0.AppendUvarint(w.rest, f.length)
		return true
	}
	info := f.info
	if !keyBits && !f.hasSub {
		info &^= infoSub
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

func (w *v2Writer) origins(update []byte, f *ref) {
	if f.info&infoOrigin != 0 {
		w.client.write(f.origin.Client)
		w.left.write(f.origin.Clock)
	}
	if f.info&infoRight != 0 {
		w.client.write(f.right.Client)
		w.right.write(f.right.Clock)
	}
	if f.info&infoNoParent != 0 {
		return
	}
	if f.root {
		w.parent.write(1)
		w.strings.write(update[f.name:f.nameEnd])
	} else {
		w.parent.write(0)
		w.client.write(f.parent.Client)
		w.left.write(f.parent.Clock)
	}
	if f.hasSub {
		w.strings.write(update[f.sub:f.subEnd])
	}
}

func (w *v2Writer) content(update []byte, f *ref) bool {
	data := update[f.content:f.contentEnd]
	r := lib0.Reader{Buf: data}
	switch f.kind() {
	case kindDeleted:
		w.length.write(f.length)
	case kindString:
		w.strings.write(data)
	case kindAny:
		w.length.write(f.length)
		w.rest = append(w.rest, data...)
	case kindJSON:
		w.length.write(f.length)
		for range f.length {
			w.strings.write(r.Bytes())
		}
	case kindBinary:
		w.rest = append(w.rest, data...)
	case kindEmbed:
		return w.json(r.Bytes())
	case kindFormat:
		w.key(r.String())
		return w.json(r.Bytes())
	case kindType:
		w.typ.write(uint64(f.typ))
		if f.typ == typeXMLElement || f.typ == typeXMLHook {
			w.key(data)
		}
	case kindDoc:
		w.strings.write(r.String())
		w.rest = append(w.rest, data[r.Pos:]...)
	}
	return true
}

// key writes a key; Yjs gives each a number of its own and never refers back. Rule: V2-2.
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

func (w *v2Writer) finish(spans []span) []byte {
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

// appendSpansV2 writes a delete set: each Clock as the distance from the end of the range before.
func appendSpansV2(b []byte, spans []span) []byte {
	clients := 0
	for i := range spans {
		if i == 0 || spans[i].client != spans[i-1].client {
			clients++
		}
	}
	b = lib0.AppendUvarint(b, uint64(clients))
	for i := 0; i < len(spans); {
		j, at := i, uint64(0)
		for j < len(spans) && spans[j].client == spans[i].client {
			j++
		}
		b = lib0.AppendUvarint(b, spans[i].client)
		b = lib0.AppendUvarint(b, uint64(j-i))
		for ; i < j; i++ {
			b = lib0.AppendUvarint(b, spans[i].clock-at)
			b = lib0.AppendUvarint(b, spans[i].length-1)
			at = spans[i].clock + spans[i].length
		}
	}
	return b
}
