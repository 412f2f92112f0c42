// Package oracle is a slow, obvious list CRDT that the engine is tested against.
//
// It reads Updates, takes them apart into single units (a UTF-16 unit of text, or a value), and
// puts each unit where the YATA rule says. Nothing is merged, cut, collected or indexed: a document
// is a slice of units per list, and every question is answered by a loop. It knows texts, arrays
// and maps that are roots, with plain values in them, and no surrogate pair that is cut in two.
//
// Sources: Nicolaescu et al., "Near Real-Time Peer-to-Peer Shared Editing on Extensible Data Types"
// (YATA, 2016); Yjs 13.6, src/structs/Item.js (integrate); reference-crdts, crdts.ts
// (integrateYjs).
package oracle

import (
	"cmp"
	"fmt"
	"slices"
	"unicode/utf16"

	"parley/crdt/internal/lib0"
	"parley/crdt/internal/wire"
)

// list names a list of units: a root, or the values that a key of a root has had.
type list struct {
	root, key string
	entry     bool // it is that of a key
}

// unit is one unit of content. It is never moved or removed once it has its place.
type unit struct {
	id          wire.ID
	left, right *wire.ID // the units beside which it was made; nil at the start and the end
	in          list     // known from the start only where both are nil
	text        uint16   // of a text
	value       any      // of an array or a key
	isText      bool
}

// Doc is a document.
type Doc struct {
	lists   map[list][]*unit
	placed  map[wire.ID]*unit
	waiting []*unit          // units whose causes are missing
	deleted map[wire.ID]bool // all that was ever said to be deleted, known or not
}

// New returns an empty document.
func New() *Doc {
	return &Doc{lists: map[list][]*unit{}, placed: map[wire.ID]*unit{}, deleted: map[wire.ID]bool{}}
}

// Apply takes in an Update. The error names what the oracle does not know.
func (d *Doc) Apply(update []byte) error {
	r := wire.NewStructReader(update)
	for ; !r.Done; r.Next() {
		units, err := d.units(update, &r.Struct)
		if err != nil {
			return err
		}
		d.waiting = append(d.waiting, units...)
	}
	spans, err := r.Spans(nil)
	if err != nil {
		return err
	}
	for _, s := range spans {
		for clock := s.Clock; clock < s.Clock+s.Length; clock++ {
			d.deleted[wire.ID{Client: s.Client, Clock: clock}] = true
		}
	}
	for d.placeOne() {
	}
	return nil
}

// units takes a struct apart.
func (d *Doc) units(update []byte, s *wire.Struct) ([]*unit, error) {
	content := update[s.Content:s.ContentEnd]
	values := lib0.Reader{Buf: content}
	text := utf16.Encode([]rune(string(content)))
	units := make([]*unit, s.Length)
	for i := range units {
		u := &unit{id: wire.ID{Client: s.Client, Clock: s.Clock + uint64(i)}}
		units[i] = u
		switch {
		case i > 0:
			u.left = &units[i-1].id
		case s.Info&wire.InfoOrigin != 0:
			u.left = &wire.ID{Client: s.Origin.Client, Clock: s.Origin.Clock}
		}
		if s.Info&wire.InfoRight != 0 {
			u.right = &wire.ID{Client: s.Right.Client, Clock: s.Right.Clock}
		}
		if s.Root {
			u.in = list{root: string(update[s.Name:s.NameEnd])}
			if s.HasSub {
				u.in.entry, u.in.key = true, string(update[s.Sub:s.SubEnd])
			}
		}
		switch s.Kind() {
		case wire.KindString:
			u.text, u.isText = text[i], true
		case wire.KindAny:
			u.value = wire.ReadAny(&values)
		case wire.KindDeleted:
			d.deleted[u.id] = true
		default:
			return nil, fmt.Errorf("the oracle knows no structs of kind %d", s.Kind())
		}
	}
	return units, nil
}

// placeOne gives a unit that waits its place, if there is one that can have it.
func (d *Doc) placeOne() bool {
	for i, u := range d.waiting {
		if d.placed[u.id] == nil && d.lacks(u) {
			continue
		}
		d.waiting = slices.Delete(d.waiting, i, i+1)
		if d.placed[u.id] == nil {
			d.place(u)
		}
		return true
	}
	return false
}

// lacks tells whether a cause of u is missing: the unit of its client before it, or one beside it.
func (d *Doc) lacks(u *unit) bool {
	missing := func(id *wire.ID) bool { return id != nil && d.placed[*id] == nil }
	return u.id.Clock > 0 && missing(&wire.ID{Client: u.id.Client, Clock: u.id.Clock - 1}) ||
		missing(u.left) || missing(u.right)
}

// place puts u into its list. Of the values of a key only the last one is not deleted.
func (d *Doc) place(u *unit) {
	if u.left != nil {
		u.in = d.placed[*u.left].in
	} else if u.right != nil {
		u.in = d.placed[*u.right].in
	}
	units := slices.Insert(d.lists[u.in], d.index(u), u)
	d.lists[u.in], d.placed[u.id] = units, u
	if u.in.entry {
		for _, old := range units[:len(units)-1] {
			d.deleted[old.id] = true
		}
	}
}

// index is the place of u between its neighbours, which others may have taken meanwhile (YATA). It
// walks over those others. A unit that was made right behind the same left neighbour stands before
// u if its client is lower; behind u, with all that hangs on it, if its client is higher.
func (d *Doc) index(u *unit) int {
	units := d.lists[u.in]
	find := func(id *wire.ID, none int) int {
		if id == nil {
			return none
		}
		return slices.IndexFunc(units, func(x *unit) bool { return x.id == *id })
	}
	left, right := find(u.left, -1), find(u.right, len(units))
	at := left + 1
	behind := false // u goes in front of what is walked over now, unless a lower client comes
	for i := left + 1; i < right; i++ {
		other := units[i]
		otherLeft := find(other.left, -1)
		if otherLeft < left {
			break
		}
		if otherLeft == left {
			sameRight := find(other.right, len(units)) == right
			if behind = other.id.Client > u.id.Client; behind && sameRight {
				break
			}
		}
		if !behind {
			at = i + 1
		}
	}
	return at
}

// Waiting is the number of units whose causes are missing.
func (d *Doc) Waiting() int { return len(d.waiting) }

// Text is the text of a root.
func (d *Doc) Text(root string) string {
	var text []uint16
	for _, u := range d.lists[list{root: root}] {
		if u.isText && !d.deleted[u.id] {
			text = append(text, u.text)
		}
	}
	return string(utf16.Decode(text))
}

// Array is the values of a root.
func (d *Doc) Array(root string) []any {
	values := []any{}
	for _, u := range d.lists[list{root: root}] {
		if !d.deleted[u.id] {
			values = append(values, u.value)
		}
	}
	return values
}

// Map is the keys of a root that have a value, with it.
func (d *Doc) Map(root string) map[string]any {
	values := map[string]any{}
	for in, units := range d.lists {
		if last := units[len(units)-1]; in.entry && in.root == root && !d.deleted[last.id] {
			values[in.key] = last.value
		}
	}
	return values
}

// StateVector is the next Clock expected of each client.
func (d *Doc) StateVector() map[uint64]uint64 {
	vector := map[uint64]uint64{}
	for id := range d.placed {
		vector[id.Client] = max(vector[id.Client], id.Clock+1)
	}
	return vector
}

// Deleted is the units that have a place and are deleted, by client and clock.
func (d *Doc) Deleted() []wire.ID {
	var ids []wire.ID
	for id := range d.placed {
		if d.deleted[id] {
			ids = append(ids, id)
		}
	}
	slices.SortFunc(ids, func(a, b wire.ID) int {
		return cmp.Or(cmp.Compare(a.Client, b.Client), cmp.Compare(a.Clock, b.Clock))
	})
	return ids
}
