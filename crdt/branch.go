package crdt

import (
	"bytes"
	"hash/maphash"
)

// The kinds of shared types, as ContentType carries them; kindUnknown is a root that only Updates
// have named so far. Rule: UPD-7.
const (
	typeArray       = 0
	typeMap         = 1
	typeText        = 2
	typeXMLElement  = 3
	typeXMLFragment = 4
	typeXMLHook     = 5
	typeXMLText     = 6
	typeUnknown     = 255
)

// branch is a shared type: a list of items, and a chain of items for each key.
type branch struct {
	item   int32 // the item that holds it; 0 for a root
	name   int32 // key: the name of a root; node name of XML element or hook
	list   int32 // chain of the list; its next is the first map entry
	last   int32 // chain of the newest map entry
	length uint64
	rich   bool   // a text that has, or had, formats
	gen    uint32 // which type this is, should the index be used again
	kind   uint8
}

// chain is a list of items under one parent: the list of a type (sub 0), or the values that one key
// of it has had, of which the last counts.
type chain struct {
	typ         int32
	sub         int32 // key; 0 for the list
	first, last int32 // items
	next        int32 // the type's next map entry, in the order of first integration
}

// keyTable numbers strings (names of roots, keys of maps, names of nodes) from 1, without keeping a
// pointer for each.
type keyTable struct {
	seed   maphash.Seed
	bytes  []byte
	refs   []keyRef
	byHash map[uint64]int32
}

type keyRef struct {
	off, size uint32
	clash     int32 // the next key with the same hash
}

// find returns the number of a key, 0 when it is not there.
func (t *keyTable) find(key []byte) int32 {
	for k := t.byHash[maphash.Bytes(t.seed, key)]; k != 0; k = t.refs[k].clash {
		if bytes.Equal(t.get(k), key) {
			return k
		}
	}
	return 0
}

// intern is find, but adds the key when it is new.
func (t *keyTable) intern(key []byte) int32 {
	if k := t.find(key); k != 0 {
		return k
	}
	if t.byHash == nil {
		t.byHash = map[uint64]int32{}
		t.refs = append(t.refs, keyRef{})
	}
	h := maphash.Bytes(t.seed, key)
	k := int32(len(t.refs))
	t.refs = append(t.refs, keyRef{uint32(len(t.bytes)), uint32(len(key)), t.byHash[h]})
	t.bytes = append(t.bytes, key...)
	t.byHash[h] = k
	return k
}

func (t *keyTable) get(k int32) []byte {
	ref := t.refs[k]
	return t.bytes[ref.off : ref.off+ref.size]
}

func (d *Doc) keyName(k int32) string { return string(d.keys.get(k)) }

// newType makes a shared type held by item (0: a root).
func (d *Doc) newType(kind uint8, name, item int32) int32 {
	t := d.freeTyp
	if t != 0 {
		d.freeTyp = d.types[t].list
	} else {
		t = int32(len(d.types))
		d.types = append(d.types, branch{})
	}
	list := d.newChain(t, 0)
	d.gen++
	d.types[t] = branch{item: item, name: name, list: list, last: list, gen: d.gen, kind: kind}
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

// freeType gives back a type and its chains, whose items are gone already.
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
	d.types[t] = branch{list: d.freeTyp}
	d.freeTyp = t
}

func entryKey(t, key int32) uint64 { return uint64(uint32(t))<<32 | uint64(uint32(key)) }

// entry returns the chain of a key in type t, 0 when it never had a value.
func (d *Doc) entry(t, key int32) int32 { return d.byKey[entryKey(t, key)] }

// openEntry is entry, but makes the chain when it is new.
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

// openRoot is root for a caller who knows the kind.
func (d *Doc) openRoot(name string, kind uint8) int32 {
	t := d.root([]byte(name))
	if d.types[t].kind == typeUnknown {
		d.types[t].kind = kind
	}
	return t
}

// listStart returns the first item of a type's list, 0 when it is empty.
func (d *Doc) listStart(t int32) int32 { return d.chains[d.types[t].list].first }
