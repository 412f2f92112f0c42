package crdt

import (
	"strings"
	"unsafe"

	"parley/crdt/internal/wire"
)

// Text is a shared text. Indexes and lengths count UTF-16 units, as in Yjs and in editors.
type Text struct {
	handle
}

// NewText returns a text to be put into a Map or an Array. It can be edited once it is there.
func NewText(s string) *Text {
	return &Text{newType(prelim{kind: wire.TypeText, text: s})}
}

// Text returns the root text of that name.
func (d *Doc) Text(name string) *Text {
	return &Text{handle: d.handle(d.openRoot(name, wire.TypeText))}
}

// Len is the length in UTF-16 units.
func (t *Text) Len() int { return t.length() }

// String returns the text, without formats and embeds.
func (t *Text) String() string {
	if !t.live() {
		return ""
	}
	return t.d.textOf(t.typ)
}

// AppendString appends to b what String returns. It serves a caller who reads often and has room.
func (t *Text) AppendString(b []byte) []byte {
	if !t.live() {
		return b
	}
	return t.d.appendText(b, t.typ)
}

// textOf collects the strings of list t.
func (d *Doc) textOf(t int32) string {
	if s, ok := d.wholeRun(t); ok {
		return s
	}
	b := d.appendText(uncleared(int(d.types[t].length)), t)
	return unsafe.String(unsafe.SliceData(b), len(b)) // nobody else has b
}

// uncleared returns room for n bytes without clearing it. The caller must write before reading.
func uncleared(n int) []byte {
	var b strings.Builder // the only way to get such bytes
	b.Grow(n + 1)
	b.WriteByte(0) // the data pointer of an empty string may be anything
	return unsafe.Slice(unsafe.StringData(b.String()), b.Cap())[:0]
}

// wholeRun returns the text of list t without a copy, where the text is one run of typing and most
// of what its client has. Invariant: bytes in client.data are never changed, only appended to and
// left behind.
func (d *Doc) wholeRun(t int32) (s string, ok bool) {
	i := d.listStart(t)
	for i != 0 && d.items[i].size == 0 {
		i = d.items[i].right
	}
	it := &d.items[i]
	if i == 0 || it.kind() != wire.KindString || it.deleted() || it.length != d.types[t].length || 2*int(it.size) < cap(d.clients[it.slot()].data) {
		return "", false
	}
	for j := it.right; j != 0; j = d.items[j].right {
		if d.items[j].size != 0 {
			return "", false
		}
	}
	b := d.bytes(it)
	return unsafe.String(unsafe.SliceData(b), len(b)), true
}

// appendText appends the strings of list t to b.
func (d *Doc) appendText(b []byte, t int32) []byte {
	if length := d.types[t].length; uint64(cap(b)-len(b)) < length { // enough for ASCII
		b = append(make([]byte, 0, uint64(len(b))+length), b...)
	}
	var data []byte
	slot := uint32(0)
	left := d.types[t].length // at least as many bytes are still to come
	for i := d.listStart(t); i != 0; {
		it := &d.items[i]
		i = it.right
		if it.size == 0 || it.kind() != wire.KindString || it.deleted() {
			continue
		}
		if it.slot() != slot {
			slot = it.slot()
			data = d.clients[slot].data
		}
		left -= it.length
		if end := len(b) + word; it.size <= word && left >= word && int(it.off)+word <= len(data) && end <= cap(b) {
			// Moving a word costs less than moving a few letters. The surplus bytes are written
			// over next.
			*(*[word]byte)(b[len(b):end]) = *(*[word]byte)(data[it.off:])
			b = b[:len(b)+int(it.size)]
			continue
		}
		b = append(b, data[it.off:it.off+it.size]...)
	}
	return b
}

// word is the number of bytes that are moved at once.
const word = 8

// Insert puts s in front of the unit at index. The new text has the formats that hold there. The
// error is ErrRange, ErrUTF8 or ErrDeleted.
func (t *Text) Insert(index int, s string) error {
	if err := checkRange(index, 0, t.Len()); err != nil {
		return err
	}
	c, err := stringContent(s)
	if err != nil {
		return err
	}
	return t.edit(func(d *Doc) error {
		if s != "" {
			pos := d.seekText(t.typ, uint64(index))
			pos.pass(nil)
			i := d.insertLocal(d.types[t.typ].list, pos.left, pos.right, c)
			d.setMarker(t.typ, i, uint64(index)+c.length)
		}
		return nil
	})
}

// Delete removes length units from index on. The error is ErrRange or ErrDeleted.
func (t *Text) Delete(index, length int) error {
	if err := checkRange(index, length, t.Len()); err != nil {
		return err
	}
	return t.edit(func(d *Doc) error {
		d.deleteList(t.typ, uint64(index), uint64(length), false)
		return nil
	})
}
