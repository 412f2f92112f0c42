package crdt

import (
	"strings"
)

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
	var b strings.Builder
	b.Grow(int(d.types[t].length)) // enough for ASCII
	for i := d.listStart(t); i != 0; {
		it := &d.items[i]
		if it.kind == kindString && it.flags&flagDeleted == 0 {
			b.Write(d.bytes(it))
		}
		i = it.right
	}
	return b.String()
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
