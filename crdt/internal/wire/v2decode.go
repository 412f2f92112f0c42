package wire

import "parley/crdt/internal/lib0"

// expansion is how many times longer an Update may get by leaving the V2 format, or one MiB if that
// is more. A few bytes of V2 can stand for any number of structs. Rule: V2-4.
const expansion = 1000

// FromV2 rewrites an Update of the V2 format in V1. The error is a *DecodeError, or ErrTooLarge
// where the Update would grow past the bound. Rules: V2-1, V2-2, V2-3, V2-4, V2-5.
func FromV2(update []byte) ([]byte, error) {
	r := v2Reader{rest: lib0.Reader{Buf: update}}
	r.open()
	r.limit = max(1<<20, expansion*len(update))
	var w structWriter
	for n := r.rest.Uvarint(); n > 0 && r.ok(); n-- {
		count := r.rest.Uvarint()
		client, clock := r.client.read(), r.rest.Uvarint()
		w.flush() // a client named twice in a row has two sections, of which the last one counts
		if count == 0 {
			w.empty(client, clock)
		}
		for ; count > 0 && r.ok(); count-- {
			w.section(client, clock)
			clock += r.structTo(&w)
			if len(w.buf) > r.limit {
				return nil, ErrTooLarge
			}
		}
	}
	if err := r.err(); err != nil {
		return nil, err
	}
	spans := r.deletes()
	if err := r.err(); err != nil {
		return nil, err
	}
	v1 := AppendSpans(w.finish(), sortClients(spans))
	if _, _, _, err := Scan(v1, nil, new(Struct)); err != nil {
		return nil, err
	}
	return v1, nil
}

// v2Reader reads the columns of a V2 Update.
type v2Reader struct {
	keyClock, left, right diffReader
	client, typ, length   uintReader
	info, parent          byteReader
	strings               stringReader
	keys                  [][]byte
	rest                  lib0.Reader
	limit                 int // bytes that may be written
}

func (r *v2Reader) open() {
	r.rest.Uvarint() // flags
	column := func() lib0.Reader { return lib0.Reader{Buf: r.rest.Bytes()} }
	r.keyClock.Reader = column()
	r.client.Reader = column()
	r.left.Reader = column()
	r.right.Reader = column()
	r.info.Reader = column()
	r.strings = newStringReader(column().Buf)
	r.parent.Reader = column()
	r.typ.Reader = column()
	r.length.Reader = column()
}

// readers are all the readers that may have failed.
func (r *v2Reader) readers() [10]*lib0.Reader {
	return [...]*lib0.Reader{
		&r.rest, &r.keyClock.Reader, &r.left.Reader, &r.right.Reader, &r.client.Reader,
		&r.typ.Reader, &r.length.Reader, &r.info.Reader, &r.parent.Reader, &r.strings.lengths.Reader,
	}
}

func (r *v2Reader) ok() bool { return r.err() == nil }

func (r *v2Reader) err() error {
	for _, c := range r.readers() {
		if c.Err != nil {
			return &DecodeError{"update of format V2", c.Err.Offset, c.Err.Want}
		}
	}
	return nil
}

// structTo reads a struct, appends it to w in V1, and returns its length.
func (r *v2Reader) structTo(w *structWriter) uint64 {
	info := r.info.read()
	kind := info & InfoKind
	switch {
	case kind == KindGC:
		n := r.length.read()
		w.buf = lib0.AppendUvarint(append(w.buf, KindGC), n)
		return n
	case kind == KindSkip:
		n := r.rest.Uvarint()
		w.buf = lib0.AppendUvarint(append(w.buf, info), n)
		return n
	}
	at := len(w.buf)
	w.buf = append(w.buf, info)
	if info&InfoOrigin != 0 {
		w.buf = r.id(w.buf, &r.left)
	}
	if info&InfoRight != 0 {
		w.buf = r.id(w.buf, &r.right)
	}
	hasSub := false
	if info&InfoNoParent == 0 {
		if r.parent.read() == 1 {
			w.buf = lib0.AppendBytes(append(w.buf, 1), r.strings.read())
		} else {
			w.buf = r.id(append(w.buf, 0), &r.left)
		}
		if hasSub = info&InfoSub != 0; hasSub {
			w.buf = lib0.AppendBytes(w.buf, r.strings.read())
		}
	}
	if !hasSub {
		w.buf[at] &^= InfoSub
	}
	return r.contentTo(w, kind)
}

func (r *v2Reader) id(b []byte, clock *diffReader) []byte {
	b = lib0.AppendUvarint(b, r.client.read())
	return lib0.AppendUvarint(b, clock.read())
}

func (r *v2Reader) contentTo(w *structWriter, kind uint8) uint64 {
	switch kind {
	case KindDeleted:
		n := r.length.read()
		w.buf = lib0.AppendUvarint(w.buf, n)
		return n
	case KindString:
		s := r.strings.read()
		w.buf = lib0.AppendBytes(w.buf, s)
		return lib0.Units(s)
	case KindAny:
		n := r.length.read()
		w.buf = lib0.AppendUvarint(w.buf, n)
		r.copyAny(w, n)
		return n
	case KindJSON:
		n := r.length.read()
		w.buf = lib0.AppendUvarint(w.buf, n)
		for i := uint64(0); i < n && r.strings.lengths.Err == nil && len(w.buf) <= r.limit; i++ {
			w.buf = lib0.AppendBytes(w.buf, r.strings.read())
		}
		return n
	case KindBinary:
		w.buf = lib0.AppendBytes(w.buf, r.rest.Bytes())
	case KindEmbed:
		r.jsonTo(w)
	case KindFormat:
		w.buf = lib0.AppendBytes(w.buf, r.key())
		r.jsonTo(w)
	case KindType:
		t := r.typ.read()
		w.buf = lib0.AppendUvarint(w.buf, t)
		if t == TypeXMLElement || t == TypeXMLHook {
			w.buf = lib0.AppendBytes(w.buf, r.key())
		}
	case KindDoc:
		w.buf = lib0.AppendBytes(w.buf, r.strings.read())
		r.copyAny(w, 1)
	default:
		r.rest.Fail(r.rest.Pos, "a struct of kind 0 to 10")
	}
	return 1
}

// copyAny copies n values, whose bytes are the same in both formats.
func (r *v2Reader) copyAny(w *structWriter, n uint64) {
	from := r.rest.Pos
	for ; n > 0 && r.rest.Err == nil; n-- {
		r.rest.SkipAny()
	}
	if r.rest.Err == nil {
		w.buf = append(w.buf, r.rest.Buf[from:r.rest.Pos]...)
	}
}

// jsonTo reads a value and writes it as JSON text.
func (r *v2Reader) jsonTo(w *structWriter) {
	at := r.rest.Pos
	text, ok := stringify(nil, &r.rest, 0)
	if !ok {
		r.rest.Fail(at, "a value that JSON can hold")
	}
	w.buf = lib0.AppendBytes(w.buf, text)
}

// key reads a key: the next string, or one read before. Rule: V2-2.
func (r *v2Reader) key() []byte {
	n := r.keyClock.read()
	if n < uint64(len(r.keys)) {
		return r.keys[n]
	}
	key := r.strings.read()
	r.keys = append(r.keys, key)
	return key
}

// deletes reads the delete set.
func (r *v2Reader) deletes() []Span {
	var spans []Span
	for n := r.rest.Uvarint(); n > 0 && r.rest.Err == nil; n-- {
		client, clock := r.rest.Uvarint(), uint64(0)
		for k := r.rest.Uvarint(); k > 0 && r.rest.Err == nil; k-- {
			at := r.rest.Pos
			clock += r.rest.Uvarint()
			length := r.rest.Uvarint() + 1
			if clock > MaxClock || length > MaxClock-clock {
				r.rest.Fail(at, "a range that ends below 2^53")
				break
			}
			if r.rest.Err == nil {
				spans = append(spans, Span{client, clock, length})
			}
			clock += length
		}
	}
	return spans
}
