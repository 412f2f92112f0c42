package crdt_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"testing"

	"parley/crdt"
	"parley/crdt/internal/lib0"
	"parley/crdt/internal/wire"
)

// TestV2Traces compares what a document writes in V2 with what yjs writes. Converting there and
// back must change nothing. Rule: V2-1.
func TestV2Traces(t *testing.T) {
	t.Parallel()
	for _, s := range readTraces(t) {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			doc := crdt.NewDoc()
			for i, u := range s.updates(t) {
				if err := doc.ApplyUpdate(u); err != nil {
					t.Fatal(err)
				}
				if i%17 != 0 {
					continue
				}
				v2, err := crdt.ConvertUpdateFormatV1ToV2(u)
				if err != nil {
					t.Fatalf("update %d to V2: %v", i, err)
				}
				back, err := crdt.ConvertUpdateFormatV2ToV1(v2)
				if err != nil {
					t.Fatalf("update %d back from V2: %v", i, err)
				}
				// A conversion drops the key's flag of items with an origin, as merging does.
				want, err := crdt.MergeUpdates(u, []byte{0, 0})
				if err != nil {
					t.Fatal(err)
				}
				if !bytes.Equal(back, want) {
					t.Fatalf("update %d\n   %x\nvia %x\n is %x\nnot %x", i, u, v2, back, want)
				}
			}
			state, err := doc.EncodeStateAsUpdateV2(nil)
			if err != nil {
				t.Fatal(err)
			}
			if sum := sha256.Sum256(state); s.StateSha256 == s.ReloadSha256 && hex.EncodeToString(sum[:]) != s.StateV2Sha256 {
				t.Errorf("state in V2: %d bytes with sha256 %x, want %s", len(state), sum, s.StateV2Sha256)
			}
			loaded := crdt.NewDoc()
			if err := loaded.ApplyUpdateV2(state); err != nil {
				t.Fatal(err)
			}
			if diff := sameBytes("loaded from V2", encode(t, loaded), encode(t, doc)); diff != nil {
				t.Error(diff)
			}
		})
	}
}

// TestV2Bomb demands that a few bytes that stand for endless structs are refused before they are
// written out. Rule: V2-4.
func TestV2Bomb(t *testing.T) {
	t.Parallel()
	length := []byte{0x41, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x07} // -1, then a run of nearly 2^52
	update := []byte{0, 0, 1, 1, 0, 0, 1, 0, 2, 0, 0, 0, 0}
	update = append(append(update, byte(len(length))), length...)
	update = append(update, 1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x07, 0, 0)
	_, err := crdt.ConvertUpdateFormatV2ToV1(update)
	if !errors.Is(err, crdt.ErrTooLarge) {
		t.Errorf("a bomb of %d bytes: %v, want %v", len(update), err, crdt.ErrTooLarge)
	}
}

func FuzzConvertV2(f *testing.F) {
	for _, u := range goldenUpdates(f) {
		if v2, err := crdt.ConvertUpdateFormatV1ToV2(u); err == nil {
			f.Add(v2)
		}
	}
	f.Fuzz(func(t *testing.T, update []byte) {
		v1, err := crdt.ConvertUpdateFormatV2ToV1(update)
		if err != nil {
			return
		}
		if !distinctClients(v1) {
			return // yjs makes neighbouring sections of a client one on converting, which shifts their clocks
		}
		v2, err := crdt.ConvertUpdateFormatV1ToV2(v1)
		if err != nil {
			return // flags on a Skip can be read, but not converted
		}
		again, err := crdt.ConvertUpdateFormatV2ToV1(v2)
		if err != nil {
			t.Fatalf("%x from %x does not convert back: %v", v2, v1, err)
		}
		merged, err := crdt.MergeUpdates(again, []byte{0, 0})
		if err != nil {
			t.Fatal(err)
		}
		want, err := crdt.MergeUpdates(v1, []byte{0, 0})
		if err != nil {
			t.Fatal(err)
		}
		if len(merged) != len(want) {
			t.Fatalf("%x became %x", want, merged)
		}
	})
}

// distinctClients tells whether no client has two sections in an update. Scan keeps one section of
// each client.
func distinctClients(update []byte) bool {
	sections, _, _, err := wire.Scan(update, nil, new(wire.Struct))
	r := lib0.Reader{Buf: update}
	return err == nil && uint64(len(sections)) == r.Uvarint()
}
