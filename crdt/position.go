package crdt

import (
	"encoding/json"
	"fmt"

	"parley/crdt/internal/lib0"
	"parley/crdt/internal/wire"
)

// RelativePosition is a place in a list that stays where it is while others edit. It names the unit
// that it stands in front of (Assoc >= 0) or behind (Assoc < 0), or else the end or start of a
// type.
//
// Source: Yjs 13.6, src/utils/RelativePosition.js.
type RelativePosition struct {
	Type  *ID     `json:"type,omitempty"`  // the type, when it stands in another
	Root  *string `json:"tname,omitempty"` // its name, when it is a root
	Item  *ID     `json:"item,omitempty"`  // the unit; nil for the end (Assoc >= 0) or start of the type
	Assoc int     `json:"assoc"`
}

// RelativePosition makes a relative position of index, 0 <= index <= Len. With assoc >= 0 it stays
// with the unit behind it, with assoc < 0 with the unit before it. The error is ErrRange or
// ErrDeleted.
func (h handle) RelativePosition(index, assoc int) (RelativePosition, error) {
	if err := checkRange(index, 0, h.length()); err != nil {
		return RelativePosition{}, err
	}
	if !h.live() {
		return RelativePosition{}, ErrDeleted
	}
	d := h.d
	pos := RelativePosition{Assoc: assoc}
	if i := d.types[h.typ].item; i != 0 {
		pos.Type = d.idOf(&d.items[i], 0)
	} else {
		name := d.keyName(d.types[h.typ].name)
		pos.Root = &name
	}
	n := uint64(index)
	if assoc < 0 {
		if n == 0 {
			return pos, nil
		}
		n--
	}
	for i := d.listStart(h.typ); i != 0; i = d.items[i].right {
		it := &d.items[i]
		if !it.deleted() && it.countable() {
			if n < it.length {
				pos.Item = d.idOf(it, n)
				break
			}
			n -= it.length
		}
		if it.right == 0 && assoc < 0 {
			pos.Item = d.idOf(it, it.length-1)
		}
	}
	return pos, nil
}

func (d *Doc) idOf(it *item, offset uint64) *ID {
	return &ID{Client: d.clients[it.slot()].id, Clock: it.clock + offset}
}

// Resolve finds the type and index of a relative position. ok is false where the type or unit is
// not known yet, or was collected. target is the type as the methods of Doc return it.
func (d *Doc) Resolve(pos RelativePosition) (target any, index int, ok bool) {
	var t int32
	var n uint64
	switch {
	case pos.Item != nil:
		if t, n, ok = d.resolveItem(*pos.Item, pos.Assoc); !ok {
			return nil, 0, false
		}
		return d.wrap(t), int(n), true
	case pos.Root != nil:
		t = d.roots[d.keys.find([]byte(*pos.Root))]
	case pos.Type != nil && pos.Type.Clock < d.state(pos.Type.Client):
		it := &d.items[d.itemAt(d.slot(pos.Type.Client), pos.Type.Clock)]
		if it.kind() == wire.KindType {
			t = int32(it.off)
		}
	}
	if t == 0 {
		return nil, 0, false
	}
	if pos.Assoc >= 0 {
		n = d.types[t].length
	}
	return d.wrap(t), int(n), true
}

func (d *Doc) resolveItem(id ID, assoc int) (t int32, index uint64, ok bool) {
	if id.Clock >= d.state(id.Client) {
		return 0, 0, false
	}
	it := &d.items[d.itemAt(d.slot(id.Client), id.Clock)]
	if it.kind() == wire.KindGC {
		return 0, 0, false
	}
	t = d.chains[it.chain].typ
	if p := d.types[t].item; p != 0 && d.items[p].deleted() {
		return t, 0, true
	}
	if !it.deleted() && it.countable() {
		index = id.Clock - it.clock
		if assoc < 0 {
			index++
		}
	}
	for i := it.left; i != 0; i = d.items[i].left {
		if l := &d.items[i]; !l.deleted() && l.countable() {
			index += l.length
		}
	}
	return t, index, true
}

// Encode writes the position as encodeRelativePosition of Yjs does.
func (p RelativePosition) Encode() []byte {
	var b []byte
	switch {
	case p.Item != nil:
		b = appendClock(append(b, 0), *p.Item)
	case p.Root != nil:
		b = lib0.AppendString(append(b, 1), *p.Root)
	case p.Type != nil:
		b = appendClock(append(b, 2), *p.Type)
	}
	return lib0.AppendVarint(b, uint64(max(p.Assoc, -p.Assoc)), p.Assoc < 0)
}

func appendClock(b []byte, id ID) []byte {
	return lib0.AppendUvarint(lib0.AppendUvarint(b, id.Client), id.Clock)
}

// DecodeRelativePosition reads what Encode, or encodeRelativePosition of Yjs, has written. The
// error is a *DecodeError.
func DecodeRelativePosition(b []byte) (RelativePosition, error) {
	r := lib0.Reader{Buf: b}
	var p RelativePosition
	readID := func() *ID { return &ID{Client: r.Uvarint(), Clock: r.Uvarint()} }
	switch r.Uvarint() {
	case 0:
		p.Item = readID()
	case 1:
		name := string(r.String())
		p.Root = &name
	case 2:
		p.Type = readID()
	default:
		r.Fail(0, "0 (item), 1 (root) or 2 (type)")
	}
	if r.Err == nil && r.Pos < len(b) {
		n, negative := r.Varint()
		if n > 1<<31-1 {
			r.Fail(r.Pos, "an association of at most 31 bits")
		}
		if p.Assoc = int(n); negative {
			p.Assoc = -p.Assoc
		}
	}
	if r.Err != nil {
		return RelativePosition{}, wire.Malformed("relative position", r.Err)
	}
	return p, nil
}

// fields is a RelativePosition without its methods.
type fields RelativePosition

// MarshalJSON writes the position as relativePositionToJSON of Yjs does.
func (p RelativePosition) MarshalJSON() ([]byte, error) {
	if p.Root != nil && *p.Root == "" && p.Item != nil {
		p.Root = nil // Yjs leaves the empty name out; without an item it is needed
	}
	return json.Marshal(fields(p))
}

// UnmarshalJSON reads the form of MarshalJSON. The position must name an item, a root or a type.
func (p *RelativePosition) UnmarshalJSON(b []byte) error {
	var read fields
	if err := json.Unmarshal(b, &read); err != nil {
		return fmt.Errorf("relative position: %w", err)
	}
	if read.Type == nil && read.Root == nil && read.Item == nil {
		return fmt.Errorf("relative position: expected one of item, tname and type")
	}
	*p = RelativePosition(read)
	return nil
}
