package main

import (
	"encoding/binary"
	"errors"

	"parley/crdt"
	"parley/pkg/protocol"
)

// firstWriter is the Yjs client id of a room's first writer; the others follow.
const firstWriter = 1_000_000_000

// rootName is the text that writers type into: that of a session's main file.
const rootName = "file:main"

// appendKeystroke appends the update by which a writer adds one letter, at its clock, to the end of
// its text. The bytes are those that Yjs sends.
func appendKeystroke(dst []byte, writer int, clock uint64) []byte {
	id := uint64(firstWriter + writer)
	dst = append(dst, 1, 1)
	dst = binary.AppendUvarint(dst, id)
	dst = binary.AppendUvarint(dst, clock)
	if clock == 0 {
		dst = append(dst, kindString, 1, byte(len(rootName)))
		dst = append(dst, rootName...)
	} else {
		dst = append(dst, kindString|hasOrigin)
		dst = binary.AppendUvarint(dst, id)
		dst = binary.AppendUvarint(dst, clock-1)
	}
	return append(dst, 1, 'a'+byte(clock%26), 0)
}

// Struct kinds and flags of the V1 update format. Source: yjs 13.6, src/structs.
const (
	kindGC         = 0
	kindString     = 4
	kindSkip       = 10
	kindMask       = 0x1f
	hasOrigin      = 0x80
	hasRightOrigin = 0x40
	hasParentSub   = 0x20
)

// span is a range of clocks [from, to) of a writer.
type span struct {
	writer   int
	from, to uint64
}

var errNotTyped = errors.New("an update that no writer sent")

// spans appends the letters of writers that an update holds. It knows the structs that typing makes
// and leaves every other update to the engine.
func spans(dst []span, update []byte) ([]span, error) {
	r := cursor{b: update}
	start := len(dst)
	for range r.uint() {
		structs, client, clock := r.uint(), r.uint(), r.uint()
		for range structs {
			n := r.structLen()
			if r.bad {
				return slowSpans(dst[:start], update)
			}
			if n.skip {
				clock += n.len
				continue
			}
			last := len(dst) - 1
			w := int(client) - firstWriter
			if last >= start && dst[last].writer == w && dst[last].to == clock {
				dst[last].to += n.len
			} else {
				dst = append(dst, span{w, clock, clock + n.len})
			}
			clock += n.len
		}
	}
	if r.bad {
		return slowSpans(dst[:start], update)
	}
	return dst, nil
}

func slowSpans(dst []span, update []byte) ([]span, error) {
	ranges, err := crdt.UpdateClients(update)
	if err != nil {
		return nil, err
	}
	for _, r := range ranges {
		dst = append(dst, span{int(r.Client) - firstWriter, r.From, r.To})
	}
	return dst, nil
}

// cursor reads the V1 format. It is bad after something that it does not know.
type cursor struct {
	b   []byte
	bad bool
}

func (r *cursor) uint() uint64 {
	v, n := binary.Uvarint(r.b)
	if n <= 0 {
		r.bad, r.b = true, nil
		return 0
	}
	r.b = r.b[n:]
	return v
}

func (r *cursor) skip(n uint64) {
	if n > uint64(len(r.b)) {
		r.bad, r.b = true, nil
		return
	}
	r.b = r.b[n:]
}

type structLen struct {
	len  uint64
	skip bool
}

func (r *cursor) structLen() structLen {
	if len(r.b) == 0 {
		r.bad = true
		return structLen{}
	}
	info := r.b[0]
	r.b = r.b[1:]
	switch info & kindMask {
	case kindGC:
		return structLen{len: r.uint()}
	case kindSkip:
		return structLen{len: r.uint(), skip: true}
	case kindString:
	default:
		r.bad = true
		return structLen{}
	}
	for _, flag := range []byte{hasOrigin, hasRightOrigin} {
		if info&flag != 0 {
			r.uint()
			r.uint()
		}
	}
	if info&(hasOrigin|hasRightOrigin) == 0 {
		if r.uint() != 1 || info&hasParentSub != 0 {
			r.bad = true
			return structLen{}
		}
		r.skip(r.uint())
	}
	n := r.uint() // bytes, and as typing is ASCII the units too
	r.skip(n)
	return structLen{len: n}
}

// presenceOf is the presence that a client publishes, the same as Parley's own page.
func presenceOf(seat int, clock uint64) []byte {
	state := `{"user":{"id":"p` + string(rune('a'+seat%26)) + `","name":"Somebody Important","color":"#2e7d32","role":"candidate"},"file":"main",` +
		`"selection":{"anchor":{"type":null,"tname":"file:main","item":null,"assoc":0},"head":{"type":null,"tname":"file:main","item":null,"assoc":0}}}`
	e := protocol.AwarenessEntry{Client: uint64(firstWriter + seat), Clock: clock, State: []byte(state)}
	return protocol.AppendAwareness(nil, protocol.AppendAwarenessUpdate(nil, e))
}
