package redistest

import (
	"net"
	"sync"
	"testing"
	"time"
)

// Proxy forwards TCP connections to a server. It stands for the network between one node and Redis,
// and can break it. Its methods are safe for concurrent use.
type Proxy struct {
	// Fixed by NewProxy.
	listener net.Listener
	target   string
	tasks    sync.WaitGroup

	mu     sync.Mutex // guards the fields below
	change *sync.Cond // signals a change of silent, cut or over
	conns  map[net.Conn]struct{}
	delay  time.Duration
	cut    bool // connections are refused
	silent bool // data is held back
	over   bool
}

// NewProxy runs a proxy to target until the test ends.
func NewProxy(t testing.TB, target string) *Proxy {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatalf("listen: %v", err)
	}
	p := &Proxy{listener: l, target: target, conns: map[net.Conn]struct{}{}}
	p.change = sync.NewCond(&p.mu)
	p.tasks.Go(p.accept)
	t.Cleanup(p.close)
	return p
}

// Addr returns the address to use instead of the target.
func (p *Proxy) Addr() string { return p.listener.Addr().String() }

// URL returns a value for --redis-url, for a single server behind the proxy.
func (p *Proxy) URL() string { return Options{}.url(p.Addr()) }

// Cut closes every connection and refuses new ones.
func (p *Proxy) Cut() { p.set(func() { p.cut = true; p.closeConnsLocked() }) }

// Swallow keeps connections open, but holds back all data in both directions, like a network that
// loses packets.
func (p *Proxy) Swallow() { p.set(func() { p.silent = true }) }

// Delay delays all data by d in each direction.
func (p *Proxy) Delay(d time.Duration) { p.set(func() { p.delay = d }) }

// Heal undoes Cut, Swallow and Delay. Data that was held back arrives now.
func (p *Proxy) Heal() { p.set(func() { p.cut, p.silent, p.delay = false, false, 0 }) }

// Drop closes every connection once. New connections are accepted.
func (p *Proxy) Drop() { p.set(p.closeConnsLocked) }

func (p *Proxy) set(change func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	change()
	p.change.Broadcast()
}

func (p *Proxy) closeConnsLocked() {
	for c := range p.conns {
		c.Close()
	}
}

func (p *Proxy) close() {
	p.set(func() { p.over = true; p.closeConnsLocked() })
	p.listener.Close()
	p.tasks.Wait()
}

func (p *Proxy) accept() {
	for {
		c, err := p.listener.Accept()
		if err != nil {
			return
		}
		p.tasks.Go(func() { p.serve(c) })
	}
}

// serve connects c to the target until either connection ends.
func (p *Proxy) serve(c net.Conn) {
	defer c.Close()
	if !p.keep(c) {
		return
	}
	defer p.forget(c)
	up, err := net.DialTimeout("tcp", p.target, 5*time.Second)
	if err != nil {
		return
	}
	defer up.Close()
	if !p.keep(up) {
		return
	}
	defer p.forget(up)
	var both sync.WaitGroup
	both.Go(func() { p.pump(up, c) })
	both.Go(func() { p.pump(c, up) })
	both.Wait()
}

// keep registers a connection. The result is false if connections are refused.
func (p *Proxy) keep(c net.Conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.cut || p.over {
		return false
	}
	p.conns[c] = struct{}{}
	return true
}

func (p *Proxy) forget(c net.Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.conns, c)
}

// piece is data with the time at which it was read.
type piece struct {
	at   time.Time
	data []byte
}

// pump copies data from one connection to the other, with the configured delay, and closes both at
// the end.
func (p *Proxy) pump(to, from net.Conn) {
	pieces := make(chan piece, 1024)
	var reader sync.WaitGroup
	reader.Go(func() {
		defer close(pieces)
		for {
			buf := make([]byte, 32<<10)
			n, err := from.Read(buf)
			if n > 0 {
				pieces <- piece{time.Now(), buf[:n]}
			}
			if err != nil {
				return
			}
		}
	})
	for next := range pieces {
		if !p.await(next.at) {
			break
		}
		if _, err := to.Write(next.data); err != nil {
			break
		}
	}
	to.Close()
	from.Close()
	for range pieces { // lets the reader end
	}
	reader.Wait()
}

// await waits until data that was read at the given time may be forwarded. The result is false if
// the proxy has ended.
func (p *Proxy) await(at time.Time) bool {
	p.mu.Lock()
	for p.silent && !p.over {
		p.change.Wait()
	}
	delay, over := p.delay, p.over
	p.mu.Unlock()
	if wait := time.Until(at.Add(delay)); wait > 0 && !over {
		<-time.After(wait)
	}
	return !over
}
