package main

import (
	"bytes"
	"testing"

	"parley/pkg/protocol"
)

// fromServer turns a client's frame into one of a server, which has no mask.
func fromServer(frame []byte, n int) []byte {
	head := len(frame) - n - 4
	out := append([]byte{}, frame[:head]...)
	out[1] &^= masked
	return append(out, frame[head+4:]...)
}

func TestFramesOfAllLengths(t *testing.T) {
	t.Parallel()
	for _, n := range []int{0, 1, 125, 126, 1<<16 - 1, 1 << 16, 1 << 20} {
		payload := bytes.Repeat([]byte{7}, n)
		frame := fromServer(appendFrame(nil, opBinary, payload), n)
		op, got, rest, ok, err := nextFrame(append(frame, 1, 2))
		if op != opBinary || !bytes.Equal(got, payload) || !bytes.Equal(rest, []byte{1, 2}) || !ok || err != nil {
			t.Errorf("%d bytes: opcode %#x, %d bytes, rest %x, %v, %v", n, op, len(got), rest, ok, err)
		}
		for _, cut := range []int{0, 1, len(frame) / 2, len(frame) - 1} {
			if _, _, rest, ok, err := nextFrame(frame[:cut]); ok || err != nil || len(rest) != cut {
				t.Errorf("%d of %d bytes of a frame: %v, %v, %d kept", cut, len(frame), ok, err, len(rest))
			}
		}
	}
}

func TestFramesThatNoServerSends(t *testing.T) {
	t.Parallel()
	for name, frame := range map[string][]byte{
		"masked":     appendFrame(nil, opBinary, []byte("x")),
		"fragment":   {2, 1, 'x'},
		"continued":  {0x80, 1, 'x'},
		"very large": {opBinary, 127, 0, 0, 0, 1, 0, 0, 0, 0},
	} {
		if _, _, _, ok, err := nextFrame(frame); ok || err == nil {
			t.Errorf("%s: taken for a frame", name)
		}
	}
}

func TestDialects(t *testing.T) {
	t.Parallel()
	message := protocol.AppendUpdate(nil, appendKeystroke(nil, 0, 0))
	for _, c := range []struct {
		name string
		d    dialect
		path string
	}{
		{"y-websocket", plain{"/ws/"}, "/ws/room-1"}, {"hub", deaf{plain{"/"}}, "/room-1"}, {"Hocuspocus", hocuspocus{}, "/"},
	} {
		if got := c.d.path("room-1"); got != c.path {
			t.Errorf("%s: the path is %s, want %s", c.name, got, c.path)
		}
		if got := c.d.unwrap(c.d.wrap(nil, "room-1", message)); !bytes.Equal(got, message) {
			t.Errorf("%s: wrapped and unwrapped is %x, want %x", c.name, got, message)
		}
	}
	reply := hocuspocus{}.wrap(nil, "room-1", append([]byte{hocuspocusSyncReply}, message[1:]...))
	if got := (hocuspocus{}).unwrap(reply); !bytes.Equal(got, message) {
		t.Errorf("a reply is %x, want %x", got, message)
	}
	for name, frame := range map[string][]byte{
		"nothing":            {},
		"no message":         {1, 'r'},
		"a cut name":         {200, 1, 'r'},
		"auth":               {1, 'r', hocuspocusAuth, 0},
		"a length of 2^64-1": {255, 255, 255, 255, 255, 255, 255, 255, 255, 1, 0},
	} {
		if got := (hocuspocus{}).unwrap(frame); got != nil {
			t.Errorf("%s is %x", name, got)
		}
	}
}
