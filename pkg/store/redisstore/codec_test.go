package redisstore

import (
	"bytes"
	"encoding/binary"
	"errors"
	"testing"
	"time"

	"parley/pkg/relay"
)

var testID = relay.AppendID{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}

func TestStateForms(t *testing.T) {
	t.Parallel()
	noise := bytes.Repeat([]byte("interview "), 1000)
	for _, update := range [][]byte{{}, {0, 0}, noise[:127], noise[:128], noise} {
		b := encodeState(update)
		got, err := decodeState(b)
		if err != nil || !bytes.Equal(got, update) {
			t.Errorf("%d bytes came back as %d, %v", len(update), len(got), err)
		}
	}
	if b := encodeState(noise); len(b) > len(noise)/20 {
		t.Errorf("10 kB of repetition take %d bytes", len(b))
	}
	newer := encodeState(noise)
	newer[0] = formatVersion + 1
	if _, err := decodeState(newer); !errors.Is(err, ErrNewer) {
		t.Errorf("a state of a newer form gave %v", err)
	}
	// A small state that claims a size of a gigabyte is refused.
	bomb := append(binary.AppendUvarint([]byte{formatVersion, codecZstd}, 1<<30), encodeState(noise)[5:]...)
	if _, err := decodeState(bomb); !errors.Is(err, errDamaged) {
		t.Errorf("a bomb gave %v", err)
	}
}

func FuzzState(f *testing.F) {
	f.Add(encodeState([]byte("short")))
	f.Add(encodeState(bytes.Repeat([]byte("long "), 100)))
	f.Fuzz(func(t *testing.T, b []byte) {
		update, err := decodeState(b)
		if err != nil {
			return
		}
		if again, err := decodeState(encodeState(update)); err != nil || !bytes.Equal(again, update) {
			t.Errorf("%x does not survive: %v", b, err)
		}
	})
}

func FuzzEntry(f *testing.F) {
	f.Add(appendEntry(nil, testID, relay.Entry{Update: []byte{1, 2}, At: time.UnixMilli(1_800_000_000_000), By: "p1"}))
	f.Fuzz(func(t *testing.T, b []byte) {
		mark, e, err := readEntry(b)
		if err != nil {
			return
		}
		mark2, e2, err := readEntry(appendEntry(nil, mark, e))
		if err != nil || mark2 != mark || !e2.At.Equal(e.At) || e2.By != e.By || !bytes.Equal(e2.Update, e.Update) {
			t.Errorf("%x: %+v came back as %+v, %v", b, e, e2, err)
		}
	})
}

func FuzzChunk(f *testing.F) {
	one := string(appendEntry(nil, testID, relay.Entry{Update: []byte{1, 2}, At: time.UnixMilli(5), By: "p1"}))
	f.Add(encodeChunk("notes", 7, []string{one, one}))
	f.Add(encodeChunk("", 1, nil))
	f.Fuzz(func(_ *testing.T, b []byte) {
		c, err := readChunk(b)
		if err != nil {
			return
		}
		_, _ = c.read()
	})
}

// message makes what append.lua publishes.
func message(mark, before relay.AppendID, seq uint32, epoch uint64, entries ...[]byte) []byte {
	b := append([]byte{sayAppended}, mark[:]...)
	b = append(b, before[:]...)
	b = binary.BigEndian.AppendUint32(b, seq)
	b = binary.BigEndian.AppendUint32(b, uint32(len(entries)))
	b = binary.BigEndian.AppendUint64(b, epoch)
	for _, e := range entries {
		b = binary.BigEndian.AppendUint32(b, uint32(len(e)))
		b = append(b, e...)
	}
	return b
}

func FuzzMessage(f *testing.F) {
	e := appendEntry(nil, testID, relay.Entry{Update: []byte{1, 2}, At: time.UnixMilli(5), By: "p1"})
	f.Add(message(testID, relay.AppendID{}, 0, 77, e))
	f.Add(message(testID, testID, 9, 77, e, e))
	f.Add(append([]byte{sayCompacted}, make([]byte, 20)...))
	f.Add([]byte("s12345678 hello"))
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, node := range []relay.NodeID{{}, relay.NodeID(testID[:8])} {
			m, err := readMessage(b, node)
			if err != nil {
				continue
			}
			if m.Kind == relay.Appended && (!m.Own && len(m.Updates) != m.Count || m.Own && m.Updates != nil || m.After.Seq <= m.Before.Seq) {
				t.Errorf("%x was read as %+v", b, m)
			}
		}
	})
}
