package crdt

// typeUnknown is the kind of a root that only Updates have named so far.
const typeUnknown = 255

// sharedType is a shared type: a list of items, and a chain of items for each key.
type sharedType struct {
	item   int32 // the item whose content it is; 0 for a root
	name   int32 // key: the name of a root; node name of XML element or hook
	list   int32 // chain of the list; its next is the first map entry
	last   int32 // chain of the newest map entry
	length uint64
	rich   bool   // a text that has, or had, formats
	gen    uint32 // tells this type from an earlier one at the same index
	kind   uint8
}

// chain is a list of items under one parent: the list of a type (sub 0), or all values that a key
// of the type has had. The last one is the value of the key.
type chain struct {
	typ         int32
	sub         int32 // key; 0 for the list
	first, last int32 // items
	next        int32 // the type's next map entry, in the order of first integration
}

// newType makes a shared type held by item (0: a root).
func (d *Doc) newType(kind uint8, name, item int32) int32 {
	t := d.freeTyp
	if t != 0 {
		d.freeTyp = d.types[t].list
	} else {
		t = int32(len(d.types))
		d.types = append(d.types, sharedType{})
	}
	list := d.newChain(t, 0)
	d.gen++
	d.types[t] = sharedType{item: item, name: name, list: list, last: list, gen: d.gen, kind: kind}
	return t
}

func (d *Doc) newChain(typ, sub int32) int32 {
	n := d.freeChn
	if n != 0 {
		d.freeChn = d.chains[n].next
	} else {
		n = int32(len(d.chains))
		d.chains = append(d.chains, chain{})
	}
	d.chains[n] = chain{typ: typ, sub: sub}
	return n
}

// freeType puts a type and its chains on the free lists. Their items must be gone already.
func (d *Doc) freeType(t int32) {
	for n := d.types[t].list; n != 0; {
		next := d.chains[n].next
		if sub := d.chains[n].sub; sub != 0 {
			delete(d.byKey, entryKey(t, sub))
		}
		d.chains[n] = chain{next: d.freeChn}
		d.freeChn = n
		n = next
	}
	d.types[t] = sharedType{list: d.freeTyp}
	d.freeTyp = t
}

func entryKey(t, key int32) uint64 { return uint64(uint32(t))<<32 | uint64(uint32(key)) }

// entry returns the chain of a key in type t, 0 when it never had a value.
func (d *Doc) entry(t, key int32) int32 { return d.byKey[entryKey(t, key)] }

// openEntry is entry, and makes the chain when it is new.
func (d *Doc) openEntry(t, key int32) int32 {
	if n := d.entry(t, key); n != 0 {
		return n
	}
	n := d.newChain(t, key)
	d.byKey[entryKey(t, key)] = n
	d.chains[d.types[t].last].next = n
	d.types[t].last = n
	return n
}

// root returns the root type of that name, and makes it when it is new. Rule: UPD-8.
func (d *Doc) root(name []byte) int32 {
	key := d.keys.intern(name)
	if t := d.roots[key]; t != 0 {
		return t
	}
	t := d.newType(typeUnknown, key, 0)
	d.roots[key] = t
	d.rootSeq = append(d.rootSeq, t)
	return t
}

// openRoot is root for a caller who knows the kind of the type.
func (d *Doc) openRoot(name string, kind uint8) int32 {
	t := d.root([]byte(name))
	if d.types[t].kind == typeUnknown {
		d.types[t].kind = kind
	}
	return t
}

// listStart returns the first item of a type's list, 0 when it is empty.
func (d *Doc) listStart(t int32) int32 { return d.chains[d.types[t].list].first }
