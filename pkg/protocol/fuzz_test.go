package protocol_test

import (
	"bytes"
	"testing"
	"time"

	"parley/pkg/protocol"
)

func FuzzDecode(f *testing.F) {
	g := readGolden(f)
	for _, m := range g.Messages {
		f.Add([]byte(m.Frame))
	}
	f.Add([]byte(g.AwarenessMessage.Frame))
	f.Add(protocol.AppendSaved(nil, []byte{0}, 1<<40))
	f.Add([]byte{2, 1, 0})
	f.Fuzz(func(t *testing.T, frame []byte) {
		m, err := protocol.Decode(frame)
		if err != nil {
			return
		}
		if len(m.Body) > len(frame) {
			t.Fatalf("body of %d bytes out of a frame of %d", len(m.Body), len(frame))
		}
		again, known := encode(m)
		if !known {
			return
		}
		back, err := protocol.Decode(again)
		if err != nil || back.Type != m.Type || back.Step != m.Step || back.Count != m.Count || !bytes.Equal(back.Body, m.Body) {
			t.Fatalf("%+v written and read back is %+v, %v", m, back, err)
		}
		if protocol.IsUpdateFrame(frame, m.Body) && !bytes.Equal(frame, protocol.AppendUpdate(nil, m.Body)) {
			t.Fatalf("IsUpdateFrame accepts %x", frame)
		}
	})
}

// encode encodes a message, if its kind has an encoder.
func encode(m protocol.Message) (frame []byte, known bool) {
	switch {
	case m.Type == protocol.TypeSync && m.Step == protocol.Step1:
		return protocol.AppendStep1(nil, m.Body), true
	case m.Type == protocol.TypeSync && m.Step == protocol.Step2:
		return protocol.AppendStep2(nil, m.Body), true
	case m.Type == protocol.TypeSync && m.Step == protocol.Update:
		return protocol.AppendUpdate(nil, m.Body), true
	case m.Type == protocol.TypeAwareness:
		return protocol.AppendAwareness(nil, m.Body), true
	case m.Type == protocol.TypeSaved:
		return protocol.AppendSaved(nil, m.Body, m.Count), true
	default:
		return nil, false
	}
}

func FuzzAwareness(f *testing.F) {
	for _, step := range readGolden(f).Awareness {
		f.Add([]byte(step.Update))
	}
	f.Fuzz(func(t *testing.T, update []byte) {
		list, err := entries(update)
		if len(list)*3 > len(update) {
			t.Fatalf("%d entries out of %d bytes", len(list), len(update))
		}
		if err != nil {
			return
		}
		back, err := entries(protocol.AppendAwarenessUpdate(nil, list...))
		if err != nil || len(back) != len(list) {
			t.Fatalf("written and read back: %d entries of %d, %v", len(back), len(list), err)
		}
		a, now := protocol.NewAwareness(), time.Unix(0, 0)
		for i, e := range list {
			if !back[i].Equal(e) {
				t.Fatalf("entry %d: %+v became %+v", i, e, back[i])
			}
			a.Apply(e, now)
			if a.Newer(e) {
				t.Fatalf("%+v is still newer after it was applied", e)
			}
		}
		if got := len(a.Clients()); got != a.Len() {
			t.Fatalf("%d clients present, counted %d", got, a.Len())
		}
		a.Expire(now.Add(protocol.AwarenessTimeout))
		if a.Len() != 0 {
			t.Fatalf("%d states survived the timeout", a.Len())
		}
	})
}
