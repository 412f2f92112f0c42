package localstore

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"time"

	"parley/pkg/relay"
	"parley/pkg/session"
)

// errDamaged says that a stored value does not have the form that this package writes.
var errDamaged = errors.New("damaged value")

// maxDoc bounds the name of a document, in bytes.
const maxDoc = 64

// docKey begins every key of one document. No part of it can hold a 0 byte.
func docKey(id relay.RoomID) ([]byte, error) {
	if !session.ValidName(id.Session) {
		return nil, relay.ErrNoSession
	}
	if len(id.Doc) > maxDoc || bytes.IndexByte([]byte(id.Doc), 0) >= 0 {
		return nil, fmt.Errorf("bad document name %q", id.Doc)
	}
	key := sessionPrefix(id.Session)
	return append(append(key, id.Doc...), 0), nil
}

// sessionPrefix begins every key of the documents of one session, and of no other session.
func sessionPrefix(sess string) []byte { return append([]byte(sess), 0) }

func seqKey(doc []byte, seq uint64) []byte {
	return binary.BigEndian.AppendUint64(bytes.Clone(doc), seq)
}

// seqOf returns the number at the end of a key of log or history.
func seqOf(key []byte) uint64 { return binary.BigEndian.Uint64(key[len(key)-8:]) }

func putTime(t time.Time) []byte {
	return binary.BigEndian.AppendUint64(nil, uint64(max(0, t.UnixMilli())))
}

func getTime(b []byte) time.Time {
	return time.UnixMilli(int64(binary.BigEndian.Uint64(b))).UTC()
}

// appendEntry writes an entry: the time as a varint, the length of By as a varint, By, and the
// update to the end of the value.
func appendEntry(b []byte, e relay.Entry) []byte {
	b = binary.AppendUvarint(b, uint64(max(0, e.At.UnixMilli())))
	b = binary.AppendUvarint(b, uint64(len(e.By)))
	b = append(b, e.By...)
	return append(b, e.Update...)
}

// readEntry reads what appendEntry wrote. The entry does not share memory with b.
func readEntry(b []byte) (relay.Entry, error) {
	at, by, update, err := splitEntry(b)
	if err != nil {
		return relay.Entry{}, err
	}
	return relay.Entry{Update: bytes.Clone(update), At: time.UnixMilli(int64(at)).UTC(), By: string(by)}, nil
}

// splitEntry returns the parts of what appendEntry wrote. They share memory with b.
func splitEntry(b []byte) (at uint64, by, update []byte, err error) {
	at, n := binary.Uvarint(b)
	if n <= 0 || at > math.MaxInt64 {
		return 0, nil, nil, fmt.Errorf("%w: entry's time", errDamaged)
	}
	by, update, err = readBytes(b[n:])
	if err != nil {
		return 0, nil, nil, fmt.Errorf("entry's participant: %w", err)
	}
	return at, by, update, nil
}

// readBytes reads a varint length and that many bytes. It returns the bytes and the rest.
func readBytes(b []byte) (val, rest []byte, err error) {
	size, n := binary.Uvarint(b)
	if n <= 0 || size > uint64(len(b)-n) {
		return nil, nil, fmt.Errorf("%w: length", errDamaged)
	}
	end := n + int(size)
	return b[n:end], b[end:], nil
}

// chunkHeader begins a value of the log that holds a chunk. A value of a single entry never begins
// like this: it begins with a time, and appendEntry writes each varint as short as possible.
var chunkHeader = []byte{0x80, 0x00}

// appendChunk adds an encoded entry to a chunk. A chunk is a sequence of entries, each after its
// length. Journal, log and history hold chunks.
func appendChunk(b []byte, e []byte) []byte {
	b = binary.AppendUvarint(b, uint64(len(e)))
	return append(b, e...)
}

// chunkOf returns a value of the log as a chunk, whether it holds one entry or a chunk.
func chunkOf(v []byte) []byte {
	if chunk, many := bytes.CutPrefix(v, chunkHeader); many {
		return chunk
	}
	return appendChunk(nil, v)
}

// readChunk reads the entries of a chunk.
func readChunk(b []byte) ([]relay.Entry, error) {
	var out []relay.Entry
	for len(b) > 0 {
		raw, rest, err := readBytes(b)
		if err != nil {
			return nil, fmt.Errorf("entries: %w", err)
		}
		e, err := readEntry(raw)
		if err != nil {
			return nil, err
		}
		out, b = append(out, e), rest
	}
	return out, nil
}

// cutChunk returns the first n entries of a chunk and the rest. missing is how many of the n
// entries the chunk does not have.
func cutChunk(b []byte, n uint64) (head, rest []byte, missing uint64, err error) {
	rest = b
	for ; n > 0 && len(rest) > 0; n-- {
		var raw []byte
		if raw, rest, err = readBytes(rest); err != nil {
			return nil, nil, 0, fmt.Errorf("entries: %w", err)
		}
		if _, _, _, err = splitEntry(raw); err != nil {
			return nil, nil, 0, err
		}
	}
	return b[:len(b)-len(rest)], rest, n, nil
}
