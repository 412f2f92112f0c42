package crdt

import "parley/crdt/internal/wire"

// Map is a shared map from strings to values. Of concurrent changes to a key one wins, everywhere
// the same.
type Map struct {
	handle
}

// NewMap returns a map to be put into a Map or an Array. It can be edited once it is there; until
// then Set collects what it will hold.
func NewMap() *Map {
	return &Map{newType(prelim{kind: wire.TypeMap})}
}

// Map returns the root map of that name.
func (d *Doc) Map(name string) *Map {
	return &Map{handle: d.handle(d.openRoot(name, wire.TypeMap))}
}

// Set gives key a value: nil, bool, any Go integer or float, *big.Int, string, []byte, []any,
// map[string]any, or a new shared type (NewMap, NewArray, NewText, NewXML…). Numbers are JavaScript
// numbers: integers past 2^53 lose digits, but for *big.Int, which becomes a BigInt. The error is
// ErrValue, ErrUTF8, ErrInUse or ErrDeleted.
func (m *Map) Set(key string, value any) error {
	if m.d == nil && m.pre != nil {
		m.pre.entries = append(m.pre.entries, prelimEntry{key, value})
		return nil
	}
	return m.setEntry(key, value)
}

func (h handle) setEntry(key string, value any) error {
	contents, err := pack([]any{value})
	if err != nil {
		return err
	}
	if err := wire.CheckString(key); err != nil {
		return err
	}
	return h.edit(func(d *Doc) error {
		d.setEntry(h.typ, key, contents[0])
		return nil
	})
}

// setEntry makes content the value of a key.
//
// Source: Yjs 13.6, src/types/AbstractType.js (typeMapSet).
func (d *Doc) setEntry(t int32, key string, c content) {
	n := d.openEntry(t, d.keys.intern([]byte(key)))
	d.insertLocal(n, d.chains[n].last, 0, c)
}

// Get returns the value of key, nil when it has none: bool, float64 (every JavaScript number),
// string, []byte, *big.Int (BigInt), []any, map[string]any, *Text, *Map, *Array, *XMLFragment,
// *XMLElement, *XMLText, *Subdoc, or Undefined.
func (m *Map) Get(key string) any {
	return m.entryValue(key)
}

func (h handle) entryValue(key string) any {
	if it := h.entryItem(key); it != nil {
		return h.d.valueAt(it, it.length-1)
	}
	return nil
}

// Has tells whether key has a value.
func (m *Map) Has(key string) bool { return m.entryItem(key) != nil }

// entryItem returns the item with the value of key, nil when there is none.
func (h handle) entryItem(key string) *item {
	if !h.live() {
		return nil
	}
	k := h.d.keys.find([]byte(key))
	if k == 0 {
		return nil
	}
	i := h.d.chains[h.d.entry(h.typ, k)].last
	if i == 0 || h.d.items[i].deleted() {
		return nil
	}
	return &h.d.items[i]
}

// Delete removes the value of key, if it has one. The error is ErrDeleted.
func (m *Map) Delete(key string) error { return m.deleteEntry(key) }

func (h handle) deleteEntry(key string) error {
	return h.edit(func(d *Doc) error {
		if k := d.keys.find([]byte(key)); k != 0 {
			if i := d.chains[d.entry(h.typ, k)].last; i != 0 {
				d.deleteItem(i)
			}
		}
		return nil
	})
}

// Keys returns the keys that have a value, in the order in which the document first met them.
func (m *Map) Keys() []string { return m.entryKeys() }

func (h handle) entryKeys() []string {
	if !h.live() {
		return nil
	}
	var keys []string
	h.d.eachEntry(h.typ, func(key int32, _ *item) { keys = append(keys, h.d.keyName(key)) })
	return keys
}

// eachEntry calls fn for each key of t that has a value.
func (d *Doc) eachEntry(t int32, fn func(key int32, value *item)) {
	for n := d.chains[d.types[t].list].next; n != 0; n = d.chains[n].next {
		if i := d.chains[n].last; i != 0 && !d.items[i].deleted() {
			fn(d.chains[n].sub, &d.items[i])
		}
	}
}

// Len is the number of keys that have a value.
func (m *Map) Len() int { return len(m.Keys()) }
