package crdt

import "unsafe"

// Text is a shared text. Indexes and lengths count UTF-16 units, as in Yjs and in editors.
type Text struct {
	handle
	pre *prelim
}

// NewText returns a text to be put into a Map or an Array. It can be edited once it is there.
func NewText(s string) *Text {
	return &Text{pre: &prelim{kind: typeText, text: s}}
}

// Text returns the root text of that name.
func (d *Doc) Text(name string) *Text {
	return &Text{handle: d.handle(d.openRoot(name, typeText))}
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

// textOf collects the strings of list t.
func (d *Doc) textOf(t int32) string {
	length := d.types[t].length
	b, n := make([]byte, 0, length+16), 0 // enough for ASCII, and for copyShort
	b = b[:cap(b)]
	var data []byte
	slot := uint32(0)
	for i := d.listStart(t); i != 0; {
		it := &d.items[i]
		i = it.right
		size := int(it.size) // of what was collected it is 0
		if size > 0 && (it.kind != kindString || it.flags&flagDeleted != 0) {
			continue
		}
		if it.slot != slot {
			slot = it.slot
			data = d.clients[slot].data
		}
		if size+16 > len(b)-n {
			b = append(b[:n], make([]byte, size+16+n/4)...)
			b = b[:cap(b)]
		}
		n = copyShort(b, n, data, int(it.off), size)
	}
	return unsafe.String(unsafe.SliceData(b), n)
}

// Insert puts s in front of the unit at index; the text around it lends its formats. The error is
// ErrRange, ErrUTF8 or ErrDeleted.
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
			d.mark(t.typ, i, uint64(index)+c.length)
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
