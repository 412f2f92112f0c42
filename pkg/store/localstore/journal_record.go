package localstore

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"

	"parley/pkg/session"
)

// recordPart is what one record of the journal holds of one document.
type recordPart struct {
	doc         []byte // docKey
	first, last uint64
	chunk       []byte
}

func recordKey(key uint64) []byte { return binary.BigEndian.AppendUint64(nil, key) }

// appendPart adds a part to a record: the length of docKey and docKey, the number of the first
// entry, the number of entries, and a chunk of the entries. Numbers are varints.
func appendPart(b []byte, p *pending) []byte {
	b = binary.AppendUvarint(b, uint64(len(p.doc)))
	b = append(b, p.doc...)
	b = binary.AppendUvarint(b, p.first)
	b = binary.AppendUvarint(b, p.last-p.first+1)
	return append(b, p.chunk...)
}

// readRecord reads a whole record of the journal and checks it. The parts share memory with b.
func readRecord(b []byte) (out []recordPart, err error) {
	for len(b) > 0 {
		var a recordPart
		if a, b, err = readPart(b); err != nil {
			return nil, err
		}
		out = append(out, a)
	}
	return out, nil
}

// readPart reads what appendPart wrote, and returns the rest.
func readPart(b []byte) (a recordPart, rest []byte, err error) {
	if a.doc, b, err = readBytes(b); err != nil {
		return recordPart{}, nil, fmt.Errorf("document: %w", err)
	}
	if !isDocKey(a.doc) {
		return recordPart{}, nil, fmt.Errorf("%w: no document is called %.100q", errDamaged, a.doc)
	}
	first, n := binary.Uvarint(b)
	if n <= 0 || first == 0 {
		return recordPart{}, nil, fmt.Errorf("%w: number of the first entry", errDamaged)
	}
	b = b[n:]
	count, n := binary.Uvarint(b)
	if n <= 0 || count == 0 || count > math.MaxInt64 || first > math.MaxInt64 {
		return recordPart{}, nil, fmt.Errorf("%w: number of entries", errDamaged)
	}
	b = b[n:]
	a.first, a.last = first, first+count-1
	var missing uint64
	if a.chunk, rest, missing, err = cutChunk(b, count); err != nil {
		return recordPart{}, nil, err
	}
	if missing > 0 {
		return recordPart{}, nil, fmt.Errorf("%w: %d of %d entries", errDamaged, count-missing, count)
	}
	return a, rest, nil
}

// isDocKey reports whether docKey can return key.
func isDocKey(key []byte) bool {
	sess, doc, ok := bytes.Cut(key, []byte{0})
	return ok && session.ValidName(string(sess)) && len(doc) > 0 && len(doc) <= maxDoc+1 && bytes.IndexByte(doc, 0) == len(doc)-1
}
