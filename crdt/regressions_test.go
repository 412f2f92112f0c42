package crdt_test

import (
	"encoding/hex"
	"testing"

	"parley/crdt"
)

// TestRegressions keeps the cases that comparisons with yjs have found. They need no yjs; the bytes
// are those of 13.6.33.
func TestRegressions(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		update, want string
		v2, sent     bool // an update in V2; want is what is sent on, not the state
	}{
		"V2-5 an empty section counts as the last of its client": {
			v2: true, want: "0000",
			update: "000005430005430002000200050400840104120c74657874616263746578747a044101040101010000030202000100010000",
		},
		"UPD-4 flags on a Skip in V2": {
			v2: true, want: "010101000401047465787402616200",
			update: "0000010100000304002a0f0a7465787461626d61706b0402030101010001010102007d0000",
		},
		"TXN-2 what came collected is not repeated as deleted": {
			sent: true, want: "0102010001010561727261790100020101010001",
			update: "0102010001010561727261790100020101010003",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			doc := crdt.NewDoc()
			var got []byte
			if c.sent {
				doc.OnUpdate(func(update []byte, _ any) { got = update })
			}
			update := unhex(t, c.update)
			applied := doc.ApplyUpdate
			if c.v2 {
				applied = doc.ApplyUpdateV2
			}
			if err := applied(update); err != nil {
				t.Fatal(err)
			}
			if !c.sent {
				got = encode(t, doc)
			}
			if err := sameBytes(name, got, unhex(t, c.want)); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestRegressionsOfEdits is TestRegressions for local edits. Rule: LOC-1.
func TestRegressionsOfEdits(t *testing.T) {
	t.Parallel()
	doc := crdt.NewDoc(crdt.WithClientID(1))
	var sent []byte
	doc.OnUpdate(func(update []byte, _ any) { sent = update })
	array := doc.Array("array")
	for _, c := range []struct {
		name, want string
		edit       func() error
	}{
		{"push", "010101000801056172726179027d017d0200", func() error { return array.Push(1, 2) }},
		{"delete the last", "000101010101", func() error { return array.Delete(1, 1) }},
		{"push behind what was deleted", "01010102880101017d0300", func() error { return array.Push(3) }},
		{
			"formats without escapes of Go", "0103010306010474657874016308223c26e280a83e228401030261628601050163046e756c6c00",
			func() error { return doc.Text("text").InsertWith(0, "ab", crdt.Attributes{"c": "<&\u2028>"}) },
		},
	} {
		if err := c.edit(); err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		if err := sameBytes(c.name, sent, unhex(t, c.want)); err != nil {
			t.Error(err)
		}
	}
}

func unhex(t *testing.T, text string) []byte {
	t.Helper()
	b, err := hex.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
