package crdt

import (
	"bytes"
	"hash/maphash"
)

// keyTable gives numbers, from 1, to strings: names of roots, keys of maps, names of nodes. It
// keeps no pointer for each string.
type keyTable struct {
	seed   maphash.Seed
	bytes  []byte
	refs   []keyRef
	byHash map[uint64]int32
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

// intern is find, and adds the key when it is new.
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

type keyRef struct {
	off, size uint32
	clash     int32 // the next key with the same hash
}

func (d *Doc) keyName(k int32) string { return string(d.keys.get(k)) }
