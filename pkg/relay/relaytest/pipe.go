package relaytest

import (
	"bytes"
	"errors"
	"io"
	"sync"

	"parley/pkg/relay"
)

// ErrPipeClosed is the error of a Pipe after its end.
var ErrPipeClosed = errors.New("pipe closed")

// Pipe is a relay.Socket in memory. Its other methods belong to the peer.
type Pipe struct {
	in   chan sent
	gone chan struct{} // closed by Hangup
	shut chan struct{} // closed by Close

	mu     sync.Mutex // guards the fields below
	wake   *sync.Cond
	window int // bytes that may wait for the peer before writes block; negative: any
	got    [][]byte
	left   [][]byte // of TryWrite, not taken yet
	bytes  int
	writes int
	code   relay.CloseCode
	reason string
	ended  bool
}

type sent struct {
	frame []byte
	err   error
}

// NewPipe returns a Pipe whose peer takes everything that is written.
func NewPipe() *Pipe {
	p := &Pipe{in: make(chan sent), gone: make(chan struct{}), shut: make(chan struct{}), window: -1}
	p.wake = sync.NewCond(&p.mu)
	return p
}

// Read implements relay.Socket.
func (p *Pipe) Read() ([]byte, error) {
	select {
	case s := <-p.in:
		return s.frame, s.err
	case <-p.gone:
		return nil, io.EOF
	case <-p.shut:
		return nil, ErrPipeClosed
	}
}

// Wait implements relay.Socket. It returns at once, because Read waits.
func (p *Pipe) Wait() error { return nil }

// More implements relay.Socket. Every message arrives alone.
func (p *Pipe) More() bool { return false }

// TryWrite implements relay.Socket. It takes nothing while more than the window waits for the peer.
func (p *Pipe) TryWrite(frames ...[]byte) (done bool, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ended {
		return false, ErrPipeClosed
	}
	if len(p.left) > 0 {
		panic("TryWrite before Flush")
	}
	for _, f := range frames {
		p.left = append(p.left, bytes.Clone(f))
	}
	if p.fullLocked() {
		return false, nil
	}
	p.passLocked()
	return true, nil
}

// Flush implements relay.Socket. It blocks while more than the window waits for the peer.
func (p *Pipe) Flush() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	for p.fullLocked() && !p.ended {
		p.wake.Wait()
	}
	if p.ended {
		return ErrPipeClosed
	}
	p.passLocked()
	return nil
}

// fullLocked reports whether the peer has to take something first.
func (p *Pipe) fullLocked() bool { return p.window >= 0 && p.bytes > p.window }

// passLocked hands the remaining frames to the peer as one write.
func (p *Pipe) passLocked() {
	p.writes++
	for _, f := range p.left {
		p.got = append(p.got, f)
		p.bytes += len(f)
	}
	p.left = nil
	p.wake.Broadcast()
}

// Close implements relay.Socket.
func (p *Pipe) Close(code relay.CloseCode, reason string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.code == 0 {
		p.code, p.reason = code, reason
		close(p.shut)
	}
	p.ended = true
	p.wake.Broadcast()
	return nil
}

// Send hands a binary message to the relay. It reports false when the relay has closed the socket.
func (p *Pipe) Send(frame []byte) bool { return p.deliver(sent{frame: bytes.Clone(frame)}) }

// Fail makes Read return an error to the relay.
func (p *Pipe) Fail(err error) bool { return p.deliver(sent{err: err}) }

func (p *Pipe) deliver(s sent) bool {
	select {
	case p.in <- s:
		return true
	case <-p.shut:
		return false
	}
}

// Hangup ends the connection from the peer's side, without a close frame.
func (p *Pipe) Hangup() {
	p.mu.Lock()
	defer p.mu.Unlock()
	select {
	case <-p.gone:
	default:
		close(p.gone)
	}
	p.ended = true
	p.wake.Broadcast()
}

// SetWindow makes writes block while more than n bytes wait for the peer. With a negative n they
// never block.
func (p *Pipe) SetWindow(n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.window = n
	p.wake.Broadcast()
}

// Take returns the messages that have arrived since the last call, at most n. A negative n means
// all.
func (p *Pipe) Take(n int) [][]byte {
	p.mu.Lock()
	defer p.mu.Unlock()
	if n < 0 || n > len(p.got) {
		n = len(p.got)
	}
	frames := p.got[:n:n]
	p.got = p.got[n:]
	for _, f := range frames {
		p.bytes -= len(f)
	}
	p.wake.Broadcast()
	return frames
}

// Await blocks until Take has a message or the connection has ended.
func (p *Pipe) Await() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for len(p.got) == 0 && !p.ended {
		p.wake.Wait()
	}
}

// Writes returns how often the relay has written.
func (p *Pipe) Writes() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.writes
}

// Closed returns the code with which the relay closed the socket, 0 before that.
func (p *Pipe) Closed() relay.CloseCode {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.code
}
