package localstore

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"

	"parley/pkg/session"
)

// logged is what one record of the journal holds of one document.
type logged struct {
	doc         []byte // docKey
	first, last uint64
	chunk       []byte
}

func recordKey(key uint64) []byte { return binary.BigEndian.AppendUint64(nil, key) }

// appendLogged writes: varint length and bytes of docKey, varint number of the first entry, varint count, and so many entries as in a chunk.
func appendLogged(b []byte, p *pending) []byte {
	b = binary.AppendUvarint(b, uint64(len(p.doc)))
	b = append(b, p.doc...)
	b = binary.AppendUvarint(b, p.first)
	b = binary.AppendUvarint(b, p.last-p.first+1)
	return append(b, p.chunk...)
}

// readRecord reads a record of the journal and checks all of it. What it gives lies in b.
func readRecord(b []byte) (out []logged, err error) {
	for len(b) > 0 {
		var a logged
		if a, b, err = readLogged(b); err != nil {
			return nil, err
		}
		out = append(out, a)
	}
	return out, nil
}

// readLogged reads what appendLogged wrote, and gives what follows.
func readLogged(b []byte) (a logged, rest []byte, err error) {
	if a.doc, b, err = readBytes(b); err != nil {
		return logged{}, nil, fmt.Errorf("document: %w", err)
	}
	if !isDocKey(a.doc) {
		return logged{}, nil, fmt.Errorf("%w: no document is called %.100q", errDamaged, a.doc)
	}
	first, n := binary.Uvarint(b)
	if n <= 0 || first == 0 {
		return logged{}, nil, fmt.Errorf("%w: number of the first entry", errDamaged)
	}
	b = b[n:]
	count, n := binary.Uvarint(b)
	if n <= 0 || count == 0 || count > math.MaxInt64 || first > math.MaxInt64 {
		return logged{}, nil, fmt.Errorf("%w: number of entries", errDamaged)
	}
	b = b[n:]
	a.first, a.last = first, first+count-1
	var missing uint64
	if a.chunk, rest, missing, err = cutChunk(b, count); err != nil {
		return logged{}, nil, err
	}
	if missing > 0 {
		return logged{}, nil, fmt.Errorf("%w: %d of %d entries", errDamaged, count-missing, count)
	}
	return a, rest, nil
}

// isDocKey reports whether docKey gives such keys.
func isDocKey(key []byte) bool {
	sess, doc, ok := bytes.Cut(key, []byte{0})
	return ok && session.ValidName(string(sess)) && len(doc) > 0 && len(doc) <= maxDoc+1 && bytes.IndexByte(doc, 0) == len(doc)-1
}
