package redisstore

import (
	"encoding/binary"
	"fmt"
	"math"
	"time"

	"parley/pkg/relay"
	"parley/pkg/store/packing"
)

// The form of documents in Redis and of the messages on their channels. Numbers are unsigned
// varints unless said otherwise.
//
//	entry    append id (12 bytes), time in ms since 1970, length and bytes of the id of the
//	         participant, the update
//	state    version (1), codec, length of the update, the update in that codec
//	chunk    version (1), length and name of the document, seq of the first entry, number of
//	         entries, length, and in zstd of that length: of each entry its length and the entry
//	         without its append id
//	message  'a': append id, append id before, seq before (4 bytes, big-endian), number of entries
//	              (4), epoch (8), of each entry its length (4) and the entry
//	         'c': node (8), seq (4), epoch (8)
//	         's': node (8), the body

const (
	formatVersion = 1
	appendIDSize  = len(relay.AppendID{})
	codecRaw      = packing.Raw
	codecZstd     = packing.Zstd
	compressFrom  = 128       // bytes: a shorter update does not get smaller with zstd
	maxState      = 1 << 30   // bytes of a decompressed update
	maxChunk      = 256 << 20 // bytes of the entries of a chunk
)

func appendEntry(dst []byte, aid relay.AppendID, e relay.Entry) []byte {
	dst = append(dst, aid[:]...)
	dst = binary.AppendUvarint(dst, uint64(max(0, e.At.UnixMilli())))
	dst = binary.AppendUvarint(dst, uint64(len(e.By)))
	dst = append(dst, e.By...)
	return append(dst, e.Update...)
}

// readEntry reads an entry. Its update shares memory with b.
func readEntry(b []byte) (relay.AppendID, relay.Entry, error) {
	if len(b) < appendIDSize {
		return relay.AppendID{}, relay.Entry{}, fmt.Errorf("%w: entry of %d bytes", errDamaged, len(b))
	}
	e, err := readBare(b[appendIDSize:])
	return relay.AppendID(b[:appendIDSize]), e, err
}

// readBare reads an entry without its append id.
func readBare(b []byte) (relay.Entry, error) {
	at, n := binary.Uvarint(b)
	if n <= 0 || at > math.MaxInt64 {
		return relay.Entry{}, fmt.Errorf("%w: entry's time", errDamaged)
	}
	by, rest, ok := cut(b[n:])
	if !ok {
		return relay.Entry{}, fmt.Errorf("%w: entry's participant", errDamaged)
	}
	return relay.Entry{Update: rest, At: time.UnixMilli(int64(at)).UTC(), By: string(by)}, nil
}

// cut reads a length and as many bytes.
func cut(b []byte) (value, rest []byte, ok bool) {
	size, n := binary.Uvarint(b)
	if n <= 0 || size > uint64(len(b)-n) {
		return nil, nil, false
	}
	end := n + int(size)
	return b[n:end:end], b[end:], true
}

func encodeState(update []byte) []byte {
	head := binary.AppendUvarint([]byte{formatVersion, codecRaw}, uint64(len(update)))
	if len(update) < compressFrom {
		return append(head, update...)
	}
	head[1] = codecZstd
	return packing.Compress(head, update)
}

func decodeState(b []byte) ([]byte, error) {
	if len(b) < 3 {
		return nil, fmt.Errorf("%w: state of %d bytes", errDamaged, len(b))
	}
	if b[0] > formatVersion {
		return nil, ErrNewer
	}
	size, n := binary.Uvarint(b[2:])
	if b[0] != formatVersion || n <= 0 || size > maxState {
		return nil, fmt.Errorf("%w: head of a state", errDamaged)
	}
	update, err := inflate(b[1], b[2+n:], int(size))
	if err != nil {
		return nil, fmt.Errorf("state: %w", err)
	}
	return update, nil
}

// inflate expands b. The result must have the given size.
func inflate(codec byte, b []byte, size int) ([]byte, error) {
	raw, err := packing.Expand(codec, b, size)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errDamaged, err)
	}
	return raw, nil
}

// encodeChunk makes a chunk of entries as they are in the log. seq is the number of the first
// entry.
func encodeChunk(doc string, seq uint64, entries []string) []byte {
	var raw []byte
	for _, e := range entries {
		e = e[min(appendIDSize, len(e)):]
		raw = binary.AppendUvarint(raw, uint64(len(e)))
		raw = append(raw, e...)
	}
	b := binary.AppendUvarint([]byte{formatVersion}, uint64(len(doc)))
	b = append(b, doc...)
	b = binary.AppendUvarint(b, seq)
	b = binary.AppendUvarint(b, uint64(len(entries)))
	b = binary.AppendUvarint(b, uint64(len(raw)))
	return packing.Compress(b, raw)
}

// chunk is a chunk of the history whose entries are not decoded yet.
type chunk struct {
	doc     string
	seq     uint64 // of the first entry
	entries uint64
	size    uint64
	packed  []byte
}

func readChunk(b []byte) (c chunk, err error) {
	if len(b) == 0 {
		return c, fmt.Errorf("%w: empty chunk", errDamaged)
	}
	if b[0] > formatVersion {
		return c, ErrNewer
	}
	doc, rest, ok := cut(b[1:])
	if !ok || b[0] != formatVersion {
		return c, fmt.Errorf("%w: head of a chunk", errDamaged)
	}
	c.doc = string(doc)
	for _, f := range []*uint64{&c.seq, &c.entries, &c.size} {
		v, n := binary.Uvarint(rest)
		if n <= 0 {
			return c, fmt.Errorf("%w: head of a chunk", errDamaged)
		}
		*f, rest = v, rest[n:]
	}
	if c.size > maxChunk || c.entries > c.size {
		return c, fmt.Errorf("%w: a chunk of %d entries in %d bytes", errDamaged, c.entries, c.size)
	}
	c.packed = rest
	return c, nil
}

// read decodes the entries.
func (c chunk) read() ([]relay.Entry, error) {
	raw, err := inflate(codecZstd, c.packed, int(c.size))
	if err != nil {
		return nil, fmt.Errorf("chunk: %w", err)
	}
	var out []relay.Entry
	for len(raw) > 0 {
		b, rest, ok := cut(raw)
		if !ok {
			return nil, fmt.Errorf("%w: length of an entry in a chunk", errDamaged)
		}
		e, err := readBare(b)
		if err != nil {
			return nil, fmt.Errorf("chunk: %w", err)
		}
		out, raw = append(out, e), rest
	}
	if uint64(len(out)) != c.entries {
		return nil, fmt.Errorf("%w: %d entries in a chunk of %d", errDamaged, len(out), c.entries)
	}
	return out, nil
}

// Kinds of messages on a document's channel.
const (
	sayAppended  = 'a'
	sayCompacted = 'c'
	saySaid      = 's'
)

// readMessage reads a message of a document's channel. It skips the updates of a message that node
// itself has sent.
func readMessage(b []byte, node relay.NodeID) (relay.Message, error) {
	if len(b) < 9 {
		return relay.Message{}, fmt.Errorf("%w: message of %d bytes", errDamaged, len(b))
	}
	m := relay.Message{From: relay.NodeID(b[1:9])}
	m.Own = m.From == node
	switch kind, b := b[0], b[1:]; kind {
	case saySaid:
		m.Kind, m.Body = relay.Said, b[8:]
		return m, nil
	case sayCompacted:
		if len(b) != 20 {
			break
		}
		m.Kind = relay.Compacted
		m.After.Seq, m.After.Epoch = uint64(binary.BigEndian.Uint32(b[8:])), binary.BigEndian.Uint64(b[12:])
		return m, nil
	case sayAppended:
		return readAppended(m, b)
	}
	return relay.Message{}, fmt.Errorf("%w: message of kind %d", errDamaged, b[0])
}

func readAppended(m relay.Message, b []byte) (relay.Message, error) {
	const head = 2*appendIDSize + 16
	if len(b) < head {
		return m, fmt.Errorf("%w: head of a message", errDamaged)
	}
	m.After.ID, m.Before.ID = relay.AppendID(b), relay.AppendID(b[appendIDSize:])
	before, count := binary.BigEndian.Uint32(b[2*appendIDSize:]), binary.BigEndian.Uint32(b[2*appendIDSize+4:])
	m.After.Epoch = binary.BigEndian.Uint64(b[2*appendIDSize+8:])
	m.After.Seq = uint64(before) + uint64(count)
	m.Count = int(count)
	b = b[head:]
	m.Size = len(b)
	if uint64(count) > uint64(len(b))/4 || count == 0 {
		return m, fmt.Errorf("%w: a message of %d entries in %d bytes", errDamaged, count, len(b))
	}
	if m.Before.Seq = uint64(before); before > 0 {
		m.Before.Epoch = m.After.Epoch
	}
	if m.Own {
		return m, nil
	}
	m.Updates = make([][]byte, 0, count)
	for range count {
		if len(b) < 4 || uint64(binary.BigEndian.Uint32(b)) > uint64(len(b)-4) {
			return m, fmt.Errorf("%w: length of an entry in a message", errDamaged)
		}
		end := 4 + int(binary.BigEndian.Uint32(b))
		_, e, err := readEntry(b[4:end:end])
		if err != nil {
			return m, err
		}
		m.Updates, b = append(m.Updates, e.Update), b[end:]
	}
	if len(b) > 0 {
		return m, fmt.Errorf("%w: %d bytes after the end of a message", errDamaged, len(b))
	}
	return m, nil
}
