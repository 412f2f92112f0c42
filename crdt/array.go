package crdt

import "parley/crdt/internal/wire"

// Array is a shared list of values: what Map.Set takes, in any mixture.
type Array struct {
	handle
}

// NewArray returns an array to be put into a Map or an Array, with these values. It can be edited
// once it is there.
func NewArray(values ...any) *Array {
	return &Array{newType(prelim{kind: wire.TypeArray, values: values})}
}

// Array returns the root array of that name.
func (d *Doc) Array(name string) *Array {
	return &Array{handle: d.handle(d.openRoot(name, wire.TypeArray))}
}

// Len is the number of values.
func (a *Array) Len() int { return a.length() }

// Insert puts values in front of the one at index. The error is ErrRange, ErrValue, ErrUTF8,
// ErrInUse or ErrDeleted.
func (a *Array) Insert(index int, values ...any) error {
	if err := checkRange(index, 0, a.Len()); err != nil {
		return err
	}
	contents, err := pack(values)
	if err != nil {
		return err
	}
	return a.edit(func(d *Doc) error {
		left, right := d.seekInsert(a.typ, uint64(index))
		left = d.insertAll(a.typ, left, right, contents)
		d.setMarker(a.typ, left, uint64(index+len(values)))
		return nil
	})
}

// insertAll inserts contents one behind the other and returns the last item.
//
// Source: Yjs 13.6, src/types/AbstractType.js (typeListInsertGenericsAfter).
func (d *Doc) insertAll(t, left, right int32, contents []content) int32 {
	for _, c := range contents {
		left = d.insertLocal(d.types[t].list, left, right, c)
	}
	return left
}

// Push puts values at the end, behind what was deleted there too. Errors are those of Insert.
//
// Source: Yjs 13.6, src/types/AbstractType.js (typeListPushGenerics).
func (a *Array) Push(values ...any) error {
	contents, err := pack(values)
	if err != nil {
		return err
	}
	return a.edit(func(d *Doc) error {
		d.insertAll(a.typ, d.chains[d.types[a.typ].list].last, 0, contents)
		return nil
	})
}

// Delete removes length values from index on. The error is ErrRange or ErrDeleted.
func (a *Array) Delete(index, length int) error {
	if err := checkRange(index, length, a.Len()); err != nil {
		return err
	}
	return a.edit(func(d *Doc) error {
		d.deleteList(a.typ, uint64(index), uint64(length), true)
		return nil
	})
}

// Get returns the value at index, nil when there is none. See Map.Get for the Go types.
func (a *Array) Get(index int) any {
	if index < 0 || index >= a.Len() {
		return nil
	}
	n := uint64(index)
	for i := a.d.listStart(a.typ); i != 0; i = a.d.items[i].right {
		it := &a.d.items[i]
		if it.deleted() || !it.countable() {
			continue
		}
		if n < it.length {
			return a.d.valueAt(it, n)
		}
		n -= it.length
	}
	return nil
}

// Values returns all values.
func (a *Array) Values() []any {
	if !a.live() {
		return nil
	}
	out := make([]any, 0, a.Len())
	a.d.eachValue(a.typ, func(v any) { out = append(out, v) })
	return out
}

// eachValue calls fn for each value of list t.
func (d *Doc) eachValue(t int32, fn func(any)) {
	for i := d.listStart(t); i != 0; i = d.items[i].right {
		if it := &d.items[i]; !it.deleted() && it.countable() {
			d.eachValueOf(it, fn)
		}
	}
}
