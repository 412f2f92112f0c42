package relaytest

import (
	"bytes"
	"errors"
	"io"
	"sync"

	"parley/pkg/relay"
)

// ErrPipeClosed is what a Pipe gives after its end.
var ErrPipeClosed = errors.New("pipe closed")

// Pipe is a relay.Socket in memory; its other methods are the peer's end.
type Pipe struct {
	in   chan sent
	gone chan struct{} // closed by Hangup
	shut chan struct{} // closed by Close

	mu     sync.Mutex // guards what follows
	wake   *sync.Cond
	window int // bytes that may wait for the peer before writing blocks, negative: any
	got    [][]byte
	left   [][]byte // tried to write, and not taken yet
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

// NewPipe returns a Pipe whose peer takes in all that is written.
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

// Wait implements relay.Socket: Read waits.
func (p *Pipe) Wait() error { return nil }

// More implements relay.Socket: what is sent comes alone.
func (p *Pipe) More() bool { return false }

// TryWrite implements relay.Socket. Nothing goes out while more than the window waits for the peer.
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

// passLocked hands to the peer what is left, as one write.
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

// Send hands a binary message to the relay. It reports false when the relay does not read any more.
func (p *Pipe) Send(frame []byte) bool { return p.deliver(sent{frame: bytes.Clone(frame)}) }

// Fail has the relay's Read give an error.
func (p *Pipe) Fail(err error) bool { return p.deliver(sent{err: err}) }

func (p *Pipe) deliver(s sent) bool {
	select {
	case p.in <- s:
		return true
	case <-p.shut:
		return false
	}
}

// Hangup ends the connection from the peer's side, without a goodbye.
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

// SetWindow has writing block while more than n bytes wait for the peer; a negative n: never.
func (p *Pipe) SetWindow(n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.window = n
	p.wake.Broadcast()
}

// Take gives the messages that came since the last call, at most n of them; a negative n: all.
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

// Await blocks until a message is there to be taken, or the connection has ended.
func (p *Pipe) Await() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for len(p.got) == 0 && !p.ended {
		p.wake.Wait()
	}
}

// Writes is how often the relay wrote.
func (p *Pipe) Writes() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.writes
}

// Closed is the code that the relay closed with, 0 while it has not.
func (p *Pipe) Closed() relay.CloseCode {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.code
}
