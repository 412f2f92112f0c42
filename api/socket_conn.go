package api

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"sync"
	"time"

	"github.com/fasthttp/websocket"

	"parley/pkg/relay"
)

const (
	writeBuffer = 16 << 10  // bytes that go out in one write; what is larger follows in pieces
	writePiece  = 128 << 10 // bytes for which a peer has SocketOptions.WriteTimeout
	readScratch = 4 << 10   // most messages fit
	maxControl  = 125       // payload of a control frame, RFC 6455 5.5
)

// Opcodes with the final bit set, RFC 6455 5.2. We write no fragments.
const (
	opBinary = 0x80 | 2
	opClose  = 0x80 | 8
	opPing   = 0x80 | 9
	opPong   = 0x80 | 10
)

// socket is a relay.Socket over an upgraded connection. It reads with the websocket library, and writes its
// frames itself onto the connection beneath: all that waits in one write, control frames in between.
type socket struct {
	// Fixed by newSocket.
	ws   *websocket.Conn
	conn net.Conn // the real one; the framework's wrapper does not close
	opts SocketOptions
	ping *time.Timer // set by newSocket under mu

	// Owned by the reader.
	renewed time.Time // when the read deadline was set last

	wmu sync.Mutex // one writes at a time

	mu      sync.Mutex // guards closing, and with it the deadlines: none is extended after Close
	closing bool
}

var (
	scratches = sync.Pool{New: func() any { return new([readScratch]byte) }}
	buffers   = sync.Pool{New: func() any { return bufio.NewWriterSize(nil, writeBuffer) }}
)

func newSocket(ws *websocket.Conn, opts SocketOptions) *socket {
	s := &socket{ws: ws, conn: ws.NetConn(), opts: opts}
	if wrapped, ok := s.conn.(interface{ UnsafeConn() net.Conn }); ok {
		s.conn = wrapped.UnsafeConn()
	}
	ws.SetPongHandler(func(string) error { s.renew(); return nil })
	ws.SetPingHandler(func(data string) error { s.renew(); s.control(opPong, []byte(data)); return nil })
	ws.SetCloseHandler(func(int, string) error { s.Close(relay.CloseNormal, ""); return nil })
	s.renew()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ping = time.AfterFunc(opts.PingInterval, s.sendPing)
	return s
}

// Read gives the next binary message; see relay.Socket.
func (s *socket) Read() ([]byte, error) {
	kind, r, err := s.ws.NextReader()
	switch {
	case err != nil:
		return nil, err
	case kind == websocket.TextMessage:
		return nil, relay.ErrTextMessage
	}
	message, err := s.readAll(r)
	if err == nil {
		s.renew()
	}
	return message, err
}

// readAll reads one message. What it allocates follows what has come, not what was announced.
func (s *socket) readAll(r io.Reader) ([]byte, error) {
	scratch := scratches.Get().(*[readScratch]byte)
	defer scratches.Put(scratch)
	n, err := io.ReadFull(r, scratch[:min(readScratch, s.opts.MaxMessageBytes+1)])
	switch {
	case n > s.opts.MaxMessageBytes:
		return nil, relay.ErrMessageTooLarge
	case err == io.EOF || err == io.ErrUnexpectedEOF:
		return bytes.Clone(scratch[:n]), nil
	case err != nil:
		return nil, err
	}
	var long bytes.Buffer
	long.Grow(4 * readScratch)
	long.Write(scratch[:n])
	if _, err := long.ReadFrom(io.LimitReader(r, int64(s.opts.MaxMessageBytes+1-n))); err != nil {
		return nil, err
	}
	if long.Len() > s.opts.MaxMessageBytes {
		return nil, relay.ErrMessageTooLarge
	}
	return long.Bytes(), nil
}

// renew extends the read deadline. It does so every few seconds at most, as each costs a timer.
func (s *socket) renew() {
	now := time.Now()
	if now.Sub(s.renewed) < s.opts.PingInterval/8 {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.closing {
		s.renewed = now
		s.conn.SetReadDeadline(now.Add(s.opts.PingInterval * 5 / 2))
	}
}

// Write sends frames; see relay.Socket.
func (s *socket) Write(frames ...[]byte) error {
	s.wmu.Lock()
	defer s.wmu.Unlock()
	w := buffers.Get().(*bufio.Writer)
	w.Reset(pieces{s})
	for _, frame := range frames {
		putHeader(w, opBinary, len(frame))
		w.Write(frame) // an error stays until Flush
	}
	err := w.Flush()
	w.Reset(nil)
	buffers.Put(w)
	return err
}

// putHeader writes the header of a frame, which as a server's is not masked. RFC 6455 5.2.
func putHeader(w *bufio.Writer, op byte, n int) {
	b := append(w.AvailableBuffer(), op)
	switch {
	case n < 126:
		b = append(b, byte(n))
	case n < 1<<16:
		b = binary.BigEndian.AppendUint16(append(b, 126), uint16(n))
	default:
		b = binary.BigEndian.AppendUint64(append(b, 127), uint64(n))
	}
	w.Write(b)
}

// pieces writes to the connection piece by piece, each under a deadline of its own, so that a slow line may take
// long over much, but not over little.
type pieces struct{ s *socket }

func (p pieces) Write(b []byte) (int, error) {
	done := 0
	for done < len(b) {
		if !p.s.allowWrite() {
			return done, net.ErrClosed
		}
		n, err := p.s.conn.Write(b[done:min(done+writePiece, len(b))])
		done += n
		if err != nil {
			return done, err
		}
	}
	return done, nil
}

// allowWrite gives the next write its time, unless the connection is closing.
func (s *socket) allowWrite() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closing {
		return false
	}
	s.conn.SetWriteDeadline(time.Now().Add(s.opts.WriteTimeout))
	return true
}

// control sends a control frame unless the connection is closing.
func (s *socket) control(op byte, payload []byte) {
	s.wmu.Lock()
	defer s.wmu.Unlock()
	if s.allowWrite() {
		s.writeControl(op, payload)
	}
}

// writeControl writes a control frame. The caller holds wmu. An error shows in the next read.
func (s *socket) writeControl(op byte, payload []byte) {
	payload = payload[:min(len(payload), maxControl)]
	s.conn.Write(append([]byte{op, byte(len(payload))}, payload...))
}

// sendPing pings the peer, unless a write is under way, which asks for a sign of life too.
func (s *socket) sendPing() {
	if s.wmu.TryLock() {
		if s.allowWrite() {
			s.writeControl(opPing, nil)
		}
		s.wmu.Unlock()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.closing {
		s.ping.Reset(s.opts.PingInterval)
	}
}

// Close says goodbye; see relay.Socket. From now on Read lasts no longer than SocketOptions.Linger, and neither
// does a Write that is blocked.
func (s *socket) Close(code relay.CloseCode, reason string) error {
	s.mu.Lock()
	if s.closing {
		s.mu.Unlock()
		return nil
	}
	s.closing = true
	end := time.Now().Add(s.opts.Linger)
	err := s.conn.SetDeadline(end)
	s.mu.Unlock()

	s.wmu.Lock()
	defer s.wmu.Unlock()
	payload := binary.BigEndian.AppendUint16(nil, uint16(code))
	s.writeControl(opClose, append(payload, reason...))
	return err
}

// finish waits for the peer's goodbye, as long as Close allows: to hang up on what the peer still sends would make
// the kernel take back what it has not read yet, the close frame among it. Afterwards nothing uses the connection.
func (s *socket) finish() {
	s.Close(relay.CloseNormal, "")
	var err error
	for err == nil {
		_, _, err = s.ws.NextReader()
	}
	if timeout := net.Error(nil); errors.As(err, &timeout) && timeout.Timeout() {
		s.drain()
	}
	s.ping.Stop()
	s.wmu.Lock() // a ping that had begun is over
	defer s.wmu.Unlock()
	s.conn.Close()
}

// maxDrain is how many times SocketOptions.Linger a peer may take over sending the rest of a message that is too
// large, before it is hung up on all the same.
const maxDrain = 10

// drain reads away what a peer is still sending, for as long as it keeps coming: it cannot see the close frame
// before it has sent its message.
func (s *socket) drain() {
	scratch := scratches.Get().(*[readScratch]byte)
	defer scratches.Put(scratch)
	end := time.Now().Add(maxDrain * s.opts.Linger)
	for now := time.Now(); now.Before(end); now = time.Now() {
		s.conn.SetReadDeadline(now.Add(s.opts.Linger / 4))
		if _, err := s.conn.Read(scratch[:]); err != nil {
			return
		}
	}
}
