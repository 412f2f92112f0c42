package protocol_test

import (
	"bytes"
	"errors"
	"slices"
	"testing"
	"time"

	"parley/pkg/protocol"
)

func TestDecodeRefusesWhatIsCutOrTooLarge(t *testing.T) {
	t.Parallel()
	for name, frame := range map[string][]byte{
		"nothing":                        {},
		"half a number":                  {0x80},
		"a type past 2^53-1":             {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f},
		"sync without a step":            {0},
		"step 1 without a body":          {0, 0},
		"update shorter than it says":    {0, 2, 5, 1, 2},
		"update of 2^53 bytes":           {0, 2, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x0f},
		"awareness shorter than it says": {1, 3, 0},
		"denied without a reason":        {2, 0},
		"saved with half a count":        {100, 1, 0, 0x80},
	} {
		m, err := protocol.Decode(frame)
		var wrong *protocol.DecodeError
		if !errors.As(err, &wrong) {
			t.Errorf("%s: Decode(%x) = %+v, %v; want a DecodeError", name, frame, m, err)
		}
	}
}

func TestDecodeLetsUnknownKindsPass(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ frame, rest []byte }{
		"type 9":               {[]byte{9, 1, 2}, []byte{1, 2}},
		"sync step 3":          {[]byte{0, 3, 0xff}, []byte{0xff}},
		"auth kind 1":          {[]byte{2, 1}, nil},
		"bytes after a body":   {[]byte{0, 2, 2, 0, 0, 9, 9}, []byte{0, 0}},
		"query and then bytes": {[]byte{3, 7}, []byte{7}},
	} {
		m, err := protocol.Decode(c.frame)
		if err != nil || !bytes.Equal(m.Body, c.rest) {
			t.Errorf("%s: Decode(%x) = %+v, %v; want body %x", name, c.frame, m, err, c.rest)
		}
	}
}

func TestOnlyAnExactFrameIsAnUpdateFrame(t *testing.T) {
	t.Parallel()
	for name, frame := range map[string][]byte{
		"trailing byte":     {0, 2, 2, 0, 0, 9},
		"overlong length":   {0, 2, 0x82, 0, 0, 0},
		"overlong type":     {0x80, 0, 2, 2, 0, 0},
		"step 2, same body": {0, 1, 2, 0, 0},
	} {
		m, err := protocol.Decode(frame)
		if err != nil || !bytes.Equal(m.Body, []byte{0, 0}) {
			t.Fatalf("%s: Decode(%x) = %+v, %v", name, frame, m, err)
		}
		if protocol.IsUpdateFrame(frame, m.Body) {
			t.Errorf("%s: IsUpdateFrame accepts %x", name, frame)
		}
	}
}

func TestSaved(t *testing.T) {
	t.Parallel()
	frame := protocol.AppendSaved(nil, []byte{1, 5, 9}, 300)
	if want := []byte{100, 3, 1, 5, 9, 0xac, 0x02}; !bytes.Equal(frame, want) {
		t.Errorf("AppendSaved = %x, want %x", frame, want)
	}
	m, err := protocol.Decode(frame)
	if err != nil || m.Type != protocol.TypeSaved || m.Count != 300 || !bytes.Equal(m.Body, []byte{1, 5, 9}) {
		t.Errorf("Decode(%x) = %+v, %v", frame, m, err)
	}
}

func TestReadAwarenessRefusesACountThatCannotBe(t *testing.T) {
	t.Parallel()
	for name, update := range map[string][]byte{
		"nothing":            {},
		"one in no bytes":    {1},
		"2^53-1 in no bytes": {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x0f},
		"two in five bytes":  {2, 1, 1, 0, 1, 1},
	} {
		if _, err := protocol.ReadAwareness(update); err == nil {
			t.Errorf("%s: ReadAwareness(%x) gave no error", name, update)
		}
	}
	if _, err := entries([]byte{1, 1, 1, 4, 'n', 'u'}); err == nil {
		t.Error("a state shorter than it says gave no error")
	}
}

func TestAwarenessForgetsWhoIsNotHeardOf(t *testing.T) {
	t.Parallel()
	a := protocol.NewAwareness()
	start := time.Unix(1000, 0)
	if due := a.Due(); !due.IsZero() {
		t.Errorf("an empty Awareness is due at %v", due)
	}
	state := func(client, clock uint64) protocol.AwarenessEntry {
		return protocol.AwarenessEntry{Client: client, Clock: clock, State: []byte(`{}`)}
	}
	a.Apply(state(1, 1), start)
	a.Apply(state(2, 1), start)
	a.Apply(state(2, 2), start.Add(20*time.Second))
	if due := a.Due(); !due.Equal(start.Add(protocol.AwarenessTimeout)) {
		t.Errorf("Due is %v", due)
	}
	if gone := a.Expire(start.Add(protocol.AwarenessTimeout - 1)); len(gone) != 0 {
		t.Errorf("gone before the timeout: %v", gone)
	}
	if gone := a.Expire(start.Add(protocol.AwarenessTimeout)); !slices.Equal(gone, []uint64{1}) {
		t.Errorf("gone at the timeout: %v, want [1]", gone)
	}
	e, known := a.Entry(1)
	if !known || !e.Removed() || e.Clock != 1 {
		t.Errorf("after the timeout Entry(1) = %+v, %v; want null under clock 1", e, known)
	}
	if a.Apply(state(1, 1), start.Add(time.Minute)) != protocol.Ignored {
		t.Error("a late echo brought back a client that left")
	}
	if !a.Remove(2, start.Add(time.Minute)) || a.Remove(2, start.Add(time.Minute)) || a.Len() != 0 {
		t.Error("Remove should remove once")
	}
	// Of client 1, which left after 30 s.
	if due := a.Due(); !due.Equal(start.Add(150 * time.Second)) {
		t.Errorf("Due is %v", due)
	}
	a.Expire(a.Due())
	a.Expire(a.Due())
	if a.Known() != 0 {
		t.Errorf("%d clocks are never forgotten", a.Known())
	}
}

func TestAwarenessKeepsItsOwnCopy(t *testing.T) {
	t.Parallel()
	a := protocol.NewAwareness()
	frame := []byte(`{"a":1}`)
	a.Apply(protocol.AwarenessEntry{Client: 1, Clock: 1, State: frame}, time.Time{})
	before, _ := a.Entry(1)
	clear(frame)
	a.Apply(protocol.AwarenessEntry{Client: 1, Clock: 2, State: []byte(`{"b":2}`)}, time.Time{})
	if string(before.State) != `{"a":1}` {
		t.Errorf("the state that was handed out became %q", before.State)
	}
}

func TestDecodingAllocatesNothing(t *testing.T) {
	update := protocol.AppendAwarenessUpdate(nil,
		protocol.AwarenessEntry{Client: 1, Clock: 2, State: []byte(`{"user":{}}`)},
		protocol.AwarenessEntry{Client: 3, Clock: 4, State: []byte(`null`)})
	frame := protocol.AppendAwareness(nil, update)
	allocs := testing.AllocsPerRun(100, func() {
		m, _ := protocol.Decode(frame)
		r, _ := protocol.ReadAwareness(m.Body)
		for r.Len() > 0 {
			if e, err := r.Next(); err != nil || e.Client == 0 {
				t.Fatal("wrong entry")
			}
		}
	})
	if allocs != 0 {
		t.Errorf("%v allocations", allocs)
	}
}
