package wsconn_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"parley/pkg/wsconn"
)

const limit = 100_000

func options() *wsconn.Options {
	return &wsconn.Options{MaxMessage: limit, WriteTimeout: 10 * time.Second, Linger: 10 * time.Second, PingEvery: 20 * time.Second, Alive: time.Minute}
}

// overTCP is for pair: the connection goes over the loopback.
const overTCP = false

// pair returns both ends of a connection, over the loopback or in memory. In memory, reads and
// writes block.
func pair(t testing.TB, memory bool) (server, client net.Conn) {
	t.Helper()
	if memory {
		server, client = net.Pipe()
	} else {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		if client, err = net.Dial("tcp", l.Addr().String()); err != nil {
			t.Fatal(err)
		}
		if server, err = l.Accept(); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() { server.Close(); client.Close() })
	client.SetDeadline(time.Now().Add(20 * time.Second))
	return server, client
}

// frame is a client's frame. first holds the final bit, the reserved bits and the opcode.
func frame(first byte, payload []byte) []byte {
	b := []byte{first}
	switch n := len(payload); {
	case n < 126:
		b = append(b, 0x80|byte(n))
	case n < 1<<16:
		b = binary.BigEndian.AppendUint16(append(b, 0x80|126), uint16(n))
	default:
		b = binary.BigEndian.AppendUint64(append(b, 0x80|127), uint64(n))
	}
	mask := []byte{0x12, 0x34, 0x56, 0x78}
	b = append(b, mask...)
	for i, v := range payload {
		b = append(b, v^mask[i&3])
	}
	return b
}

func text(n int) []byte { return []byte(strings.Repeat("0123456789abcdefghi", n/19+1)[:n]) }

func join(frames ...[]byte) []byte { return bytes.Join(frames, nil) }

// cases are inputs from clients, in the style of the Autobahn suite, with the resulting messages
// and the error after them.
var cases = []struct {
	name string
	send []byte
	want [][]byte
	err  error
}{
	{"an empty message", frame(0x82, nil), [][]byte{{}}, io.EOF},
	{"125 bytes", frame(0x82, text(125)), [][]byte{text(125)}, io.EOF},
	{"126 bytes", frame(0x82, text(126)), [][]byte{text(126)}, io.EOF},
	{"65535 bytes", frame(0x82, text(65535)), [][]byte{text(65535)}, io.EOF},
	{"65536 bytes", frame(0x82, text(65536)), [][]byte{text(65536)}, io.EOF},
	{"the limit", frame(0x82, text(limit)), [][]byte{text(limit)}, io.EOF},
	{"one past the limit", frame(0x82, text(limit+1)), nil, wsconn.ErrTooLarge},
	{"a frame that only claims to be huge", []byte{0x82, 0xff, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}, nil, wsconn.ErrTooLarge},
	{"a length with its top bit set", []byte{0x82, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 0}, nil, wsconn.ErrProtocol},
	{"several messages", join(frame(0x82, text(3)), frame(0x82, text(20000)), frame(0x82, text(5))), [][]byte{text(3), text(20000), text(5)}, io.EOF},
	{"three fragments", join(frame(0x02, []byte("a")), frame(0x00, nil), frame(0x80, []byte("b"))), [][]byte{[]byte("ab")}, io.EOF},
	{"large fragments", join(frame(0x02, text(40000)), frame(0x80, text(50000))), [][]byte{append(text(40000), text(50000)...)}, io.EOF},
	{"fragments past the limit", join(frame(0x02, text(60000)), frame(0x80, text(60000))), nil, wsconn.ErrTooLarge},
	{"a ping between fragments", join(frame(0x02, []byte("a")), frame(0x89, []byte("hi")), frame(0x80, []byte("b"))), [][]byte{[]byte("ab")}, io.EOF},
	{"an unasked pong", join(frame(0x8a, text(125)), frame(0x82, []byte("x"))), [][]byte{[]byte("x")}, io.EOF},
	{"a ping of 126 bytes", frame(0x89, text(126)), nil, wsconn.ErrProtocol},
	{"a ping in fragments", join(frame(0x09, nil), frame(0x80, nil)), nil, wsconn.ErrProtocol},
	{"a continuation of nothing", frame(0x80, text(3)), nil, wsconn.ErrProtocol},
	{"a message within another", join(frame(0x02, text(3)), frame(0x82, text(3))), nil, wsconn.ErrProtocol},
	{"text", frame(0x81, text(3)), nil, wsconn.ErrText},
	{"text in fragments", frame(0x01, text(3)), nil, wsconn.ErrText},
	{"RSV1", frame(0xc2, text(3)), nil, wsconn.ErrProtocol},
	{"RSV2", frame(0xa2, text(3)), nil, wsconn.ErrProtocol},
	{"RSV3 on a ping", frame(0x99, nil), nil, wsconn.ErrProtocol},
	{"opcode 3", frame(0x83, nil), nil, wsconn.ErrProtocol},
	{"opcode 7", frame(0x87, text(2)), nil, wsconn.ErrProtocol},
	{"opcode 11", frame(0x8b, nil), nil, wsconn.ErrProtocol},
	{"opcode 15", frame(0x8f, nil), nil, wsconn.ErrProtocol},
	{"no mask", []byte{0x82, 1, 'x'}, nil, wsconn.ErrProtocol},
	{"a long form of a short length", append([]byte{0x82, 0x80 | 126, 0, 5, 0, 0, 0, 0}, text(5)...), nil, wsconn.ErrProtocol},
	{"the longest form of a middling length", append([]byte{0x82, 0x80 | 127, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0}, text(256)...), nil, wsconn.ErrProtocol},
	{"a goodbye", join(frame(0x82, text(3)), frame(0x88, []byte{3, 0xe8}), frame(0x82, text(3))), [][]byte{text(3)}, wsconn.ErrClosed},
	{"a goodbye without a code", frame(0x88, nil), nil, wsconn.ErrClosed},
	{"a goodbye of one byte", frame(0x88, []byte{3}), nil, wsconn.ErrProtocol},
	{"a goodbye with 1005", frame(0x88, []byte{3, 0xed}), nil, wsconn.ErrProtocol},
	{"a goodbye with 999", frame(0x88, []byte{3, 0xe7}), nil, wsconn.ErrProtocol},
	{"a goodbye with 4000", frame(0x88, []byte{0xf, 0xa0}), nil, wsconn.ErrClosed},
	{"half a frame", frame(0x82, text(300))[:200], nil, io.EOF},
	{"thousands of empty fragments", join(frame(0x02, nil), bytes.Repeat(frame(0x00, nil), 5000)), nil, wsconn.ErrProtocol},
	{"thousands of pongs", bytes.Repeat(frame(0x8a, nil), 5000), nil, wsconn.ErrProtocol},
}

func TestWhatClientsSend(t *testing.T) {
	t.Parallel()
	for _, how := range []struct {
		name   string
		memory bool
		piece  int // bytes that are sent at once; 0: all
	}{{"at once", false, 0}, {"in memory", true, 0}, {"in pieces", true, 7}} {
		for _, c := range cases {
			if how.piece > 0 && len(c.send) > 50_000 {
				continue
			}
			t.Run(how.name+"/"+c.name, func(t *testing.T) {
				t.Parallel()
				server, client := pair(t, how.memory)
				go io.Copy(io.Discard, client) //nolint:errcheck // ends with the connection
				go func() {
					defer closeWrite(client)
					for b := c.send; len(b) > 0; {
						n := len(b)
						if how.piece > 0 {
							n = min(n, how.piece)
						}
						if _, err := client.Write(b[:n]); err != nil {
							return
						}
						b = b[n:]
					}
				}()
				conn := wsconn.New(server, nil, options())
				for i, want := range c.want {
					got, err := conn.ReadMessage()
					if err != nil || !bytes.Equal(got, want) {
						t.Fatalf("message %d: %d bytes, %v; want %d bytes", i, len(got), err, len(want))
					}
				}
				got, err := conn.ReadMessage()
				if !errors.Is(err, c.err) {
					t.Errorf("after the messages: %q, %v; want %v", got, err, c.err)
				}
				if _, again := conn.ReadMessage(); again != err {
					t.Errorf("the second call gave %v, the first %v", again, err)
				}
			})
		}
	}
}

func closeWrite(c net.Conn) {
	if half, ok := c.(interface{ CloseWrite() error }); ok {
		_ = half.CloseWrite()
		return
	}
	_ = c.Close()
}

func TestBytesBehindTheHandshake(t *testing.T) {
	t.Parallel()
	server, client := pair(t, overTCP)
	all := join(frame(0x82, text(3)), frame(0x82, text(30)))
	conn := wsconn.New(server, all[:20], options())
	if !conn.More() {
		t.Error("the first message is complete too early")
	}
	if got, err := conn.ReadMessage(); err != nil || !bytes.Equal(got, text(3)) {
		t.Fatalf("got %q, %v", got, err)
	}
	if conn.More() {
		t.Error("the second message is missing")
	}
	if _, err := client.Write(all[20:]); err != nil {
		t.Fatal(err)
	}
	if got, err := conn.ReadMessage(); err != nil || !bytes.Equal(got, text(30)) {
		t.Errorf("got %q, %v", got, err)
	}
}

// readFrames reads n frames of a server from r.
func readFrames(t *testing.T, r io.Reader, n int) (ops []byte, payloads [][]byte) {
	t.Helper()
	for range n {
		head := make([]byte, 2)
		if _, err := io.ReadFull(r, head); err != nil {
			t.Fatal(err)
		}
		size := uint64(head[1])
		switch size {
		case 126:
			var b [2]byte
			io.ReadFull(r, b[:])
			size = uint64(binary.BigEndian.Uint16(b[:]))
		case 127:
			var b [8]byte
			io.ReadFull(r, b[:])
			size = binary.BigEndian.Uint64(b[:])
		}
		payload := make([]byte, size)
		if _, err := io.ReadFull(r, payload); err != nil {
			t.Fatal(err)
		}
		ops, payloads = append(ops, head[0]), append(payloads, payload)
	}
	return ops, payloads
}

func TestWhatIsWritten(t *testing.T) {
	t.Parallel()
	server, client := pair(t, overTCP)
	conn := wsconn.New(server, nil, options())
	want := [][]byte{{}, text(125), text(126), text(4095), text(4096), text(65535), text(65536), text(9), text(300_000), text(1)}
	for range 60 {
		want = append(want, text(3000))
	}
	go func() {
		if _, err := conn.TryWrite(want...); err != nil {
			t.Error(err)
		}
		if err := conn.Flush(); err != nil {
			t.Error(err)
		}
	}()
	ops, got := readFrames(t, client, len(want))
	for i := range want {
		if ops[i] != 0x82 || !bytes.Equal(got[i], want[i]) {
			t.Errorf("frame %d: opcode %#x, %d bytes; want %d bytes", i, ops[i], len(got[i]), len(want[i]))
		}
	}
}

func TestTryWriteDoesNotWait(t *testing.T) {
	t.Parallel()
	server, client := pair(t, overTCP)
	conn := wsconn.New(server, nil, options())
	big := text(1 << 20)
	var sent int
	for done := true; done; sent++ {
		var err error
		if done, err = conn.TryWrite(big, text(10)); err != nil {
			t.Fatal(err)
		}
		if sent > 200 {
			t.Fatal("the connection accepted 200 MiB for a peer that does not read")
		}
	}
	flushed := make(chan error, 1)
	go func() { flushed <- conn.Flush() }()
	for range sent {
		ops, got := readFrames(t, client, 2)
		if ops[0] != 0x82 || !bytes.Equal(got[0], big) || !bytes.Equal(got[1], text(10)) {
			t.Fatal("the pending output differs from the unsent rest")
		}
	}
	if err := <-flushed; err != nil {
		t.Error(err)
	}
	if done, err := conn.TryWrite(text(5)); !done || err != nil {
		t.Errorf("afterwards: %v, %v", done, err)
	}
	readFrames(t, client, 1)
}

func TestAPeerThatDoesNotReadIsGivenUp(t *testing.T) {
	t.Parallel()
	server, _ := pair(t, overTCP)
	o := options()
	o.WriteTimeout = 50 * time.Millisecond
	conn := wsconn.New(server, nil, o)
	for done := true; done; {
		var err error
		if done, err = conn.TryWrite(text(1 << 20)); err != nil {
			t.Fatal(err)
		}
	}
	var timeout net.Error
	if err := conn.Flush(); !errors.As(err, &timeout) || !timeout.Timeout() {
		t.Errorf("got %v, want a timeout", err)
	}
}

func TestPingIsAnsweredWithItsPayload(t *testing.T) {
	t.Parallel()
	for _, memory := range []bool{false, true} {
		server, client := pair(t, memory)
		conn := wsconn.New(server, nil, options())
		go conn.ReadMessage() //nolint:errcheck // ends with the connection
		for _, n := range []int{0, 1, 125} {
			if _, err := client.Write(frame(0x89, text(n))); err != nil {
				t.Fatal(err)
			}
			if ops, got := readFrames(t, client, 1); ops[0] != 0x8a || !bytes.Equal(got[0], text(n)) {
				t.Errorf("a ping of %d bytes: opcode %#x, %q", n, ops[0], got[0])
			}
		}
	}
}

func TestGoodbyes(t *testing.T) {
	t.Parallel()
	closeFrame := func(code uint16, reason string) []byte {
		return append(binary.BigEndian.AppendUint16(nil, code), reason...)
	}
	t.Run("of the server, answered", func(t *testing.T) {
		t.Parallel()
		server, client := pair(t, overTCP)
		conn := wsconn.New(server, nil, options())
		done := make(chan struct{})
		go func() { defer close(done); conn.Close(4403, "not allowed"); conn.Finish(1000) }()
		if ops, got := readFrames(t, client, 1); ops[0] != 0x88 || !bytes.Equal(got[0], closeFrame(4403, "not allowed")) {
			t.Errorf("opcode %#x, %q", ops[0], got[0])
		}
		client.Write(frame(0x82, text(10))) // still on its way when the server closes
		client.Write(frame(0x88, []byte{0x11, 0x33}))
		<-done // long before the linger is over, else the deadline of the test fails
		if n, err := client.Read(make([]byte, 1)); err != io.EOF {
			t.Errorf("after that %d bytes, %v; want the end", n, err)
		}
	})
	t.Run("of the server, unanswered", func(t *testing.T) {
		t.Parallel()
		server, client := pair(t, overTCP)
		o := options()
		o.Linger = 50 * time.Millisecond
		conn := wsconn.New(server, nil, o)
		conn.Finish(1012)
		if ops, got := readFrames(t, client, 1); ops[0] != 0x88 || !bytes.Equal(got[0], closeFrame(1012, "")) {
			t.Errorf("opcode %#x, %q", ops[0], got[0])
		}
	})
	t.Run("of a server that was told nonsense", func(t *testing.T) {
		t.Parallel()
		server, client := pair(t, overTCP)
		conn := wsconn.New(server, nil, options())
		client.Write([]byte{0x82, 0x01, 'x'})
		if _, err := conn.ReadMessage(); err != wsconn.ErrProtocol {
			t.Errorf("got %v", err)
		}
		if ops, got := readFrames(t, client, 1); ops[0] != 0x88 || binary.BigEndian.Uint16(got[0]) != 1002 {
			t.Errorf("opcode %#x, %q", ops[0], got[0])
		}
	})
	t.Run("while the peer is sending", func(t *testing.T) {
		t.Parallel()
		server, client := pair(t, overTCP)
		o := options()
		o.Linger = 2 * time.Second
		conn := wsconn.New(server, nil, o)
		go func() { conn.ReadMessage(); conn.Close(4413, ""); conn.Finish(1000) }() //nolint:errcheck // too large
		if _, err := client.Write(frame(0x82, text(3<<20))); err != nil {
			t.Errorf("the message could not be sent to its end: %v", err)
		}
		if ops, got := readFrames(t, client, 1); ops[0] != 0x88 || !bytes.Equal(got[0], closeFrame(4413, "")) {
			t.Errorf("opcode %#x, %q", ops[0], got[0])
		}
	})
}

func TestASilentPeerIsGivenUp(t *testing.T) {
	t.Parallel()
	server, client := pair(t, overTCP)
	o := options()
	o.PingEvery, o.Alive = 20*time.Millisecond, 50*time.Millisecond
	conn := wsconn.New(server, nil, o)
	var timeout net.Error
	if _, err := conn.ReadMessage(); !errors.As(err, &timeout) || !timeout.Timeout() {
		t.Errorf("got %v, want a timeout", err)
	}
	if ops, got := readFrames(t, client, 1); ops[0] != 0x89 || len(got[0]) != 0 {
		t.Errorf("before that, opcode %#x and %q; want a ping", ops[0], got[0])
	}
}

// FuzzReadMessage sends random bytes in random pieces. The result must not depend on the pieces:
// the same messages within the limit, and the same error after them.
func FuzzReadMessage(f *testing.F) {
	for _, c := range cases {
		if len(c.send) < 1000 {
			f.Add(c.send, uint8(3))
		}
	}
	f.Fuzz(func(t *testing.T, b []byte, piece uint8) {
		whole, wholeErr := readAll(t, b, len(b)+1)
		cut, cutErr := readAll(t, b, int(piece)+1)
		if len(whole) != len(cut) || !errors.Is(wholeErr, cutErr) {
			t.Fatalf("%x: %d messages and %v at once, %d and %v in pieces of %d", b, len(whole), wholeErr, len(cut), cutErr, int(piece)+1)
		}
		for i := range whole {
			if !bytes.Equal(whole[i], cut[i]) || len(whole[i]) > 1000 {
				t.Fatalf("%x: message %d differs, or is too long: %d and %d bytes", b, i, len(whole[i]), len(cut[i]))
			}
		}
	})
}

func readAll(t *testing.T, b []byte, piece int) (all [][]byte, err error) {
	t.Helper()
	o := options()
	o.MaxMessage = 1000
	conn := wsconn.New(&script{bytes.NewReader(b), piece}, nil, o)
	for {
		m, err := conn.ReadMessage()
		if err != nil {
			return all, err
		}
		all = append(all, m)
	}
}

// script is a connection that returns its input in pieces and discards its output.
type script struct {
	*bytes.Reader
	piece int
}

func (s *script) Read(b []byte) (int, error)       { return s.Reader.Read(b[:min(len(b), s.piece)]) }
func (s *script) Write(b []byte) (int, error)      { return len(b), nil }
func (s *script) Close() error                     { return nil }
func (s *script) LocalAddr() net.Addr              { return nil }
func (s *script) RemoteAddr() net.Addr             { return nil }
func (s *script) SetDeadline(time.Time) error      { return nil }
func (s *script) SetReadDeadline(time.Time) error  { return nil }
func (s *script) SetWriteDeadline(time.Time) error { return nil }
