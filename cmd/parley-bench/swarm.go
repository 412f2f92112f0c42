//go:build linux

package main

import (
	"bytes"
	"errors"
	"fmt"
	"net/netip"
	"syscall"
	"time"
)

// swarm drives many websocket clients from one thread. It is not safe for concurrent use.
type swarm struct {
	epoll  int
	byFD   []*client
	open   int // clients whose socket is open
	buf    []byte
	events []syscall.EpollEvent
	start  time.Time
}

// actor handles what happens to clients. Its methods may send and hang up.
type actor interface {
	opened(c *client)                // the handshake is done
	message(c *client, frame []byte) // a binary message; frame is only lent
	closed(c *client, err error)     // the connection has ended; nil when the client hung up
}

// client is one websocket.
type client struct {
	swarm  *swarm
	actor  actor
	room   *room
	seat   int      // in the room
	next   []uint64 // by writer of the room: the clock expected next
	keys   uint64   // clock of its own presence
	synced bool     // a step 2 came

	fd      int // -1 when closed
	phase   phase
	started time.Duration // when it began to connect, since the swarm's start
	request []byte
	in, out []byte
}

type phase uint8

const (
	connecting phase = iota
	shaking
	talking
	ended
)

func newSwarm() (*swarm, error) {
	ep, err := syscall.EpollCreate1(syscall.EPOLL_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("epoll: %w", err)
	}
	return &swarm{epoll: ep, buf: make([]byte, 256<<10), events: make([]syscall.EpollEvent, 512), start: time.Now()}, nil
}

// now is the time since the swarm's start.
func (s *swarm) now() time.Duration { return time.Since(s.start) }

// connect begins a connection; opened or closed follow.
func (s *swarm) connect(c *client, addr, path string) error {
	at, err := netip.ParseAddrPort(addr)
	if err != nil {
		return err
	}
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM|syscall.SOCK_NONBLOCK|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		return fmt.Errorf("socket: %w", err)
	}
	_ = syscall.SetsockoptInt(fd, syscall.IPPROTO_TCP, syscall.TCP_NODELAY, 1)
	c.swarm, c.fd, c.phase, c.started = s, fd, connecting, s.now()
	c.request = fmt.Appendf(nil, "GET %s HTTP/1.1\r\nHost: %s\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"+
		"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n", path, addr)
	err = syscall.Connect(fd, &syscall.SockaddrInet4{Port: int(at.Port()), Addr: at.Addr().As4()})
	if err != nil && !errors.Is(err, syscall.EINPROGRESS) {
		syscall.Close(fd)
		c.fd = -1
		return fmt.Errorf("connect: %w", err)
	}
	for fd >= len(s.byFD) {
		s.byFD = append(s.byFD, make([]*client, 1024)...)
	}
	s.byFD[fd] = c
	s.open++
	e := syscall.EpollEvent{Events: syscall.EPOLLIN | syscall.EPOLLOUT, Fd: int32(fd)}
	return syscall.EpollCtl(s.epoll, syscall.EPOLL_CTL_ADD, fd, &e)
}

// poll waits for events, no longer than timeout, and handles them.
func (s *swarm) poll(timeout time.Duration) error {
	n, err := epollWait(s.epoll, s.events, timeout)
	if err != nil && !errors.Is(err, syscall.EINTR) {
		return fmt.Errorf("epoll: %w", err)
	}
	for _, e := range s.events[:max(n, 0)] {
		c := s.byFD[e.Fd]
		if c == nil {
			continue
		}
		if e.Events&(syscall.EPOLLOUT|syscall.EPOLLERR) != 0 {
			c.writable()
		}
		if c.phase != ended && e.Events&(syscall.EPOLLIN|syscall.EPOLLHUP) != 0 {
			c.readable()
		}
	}
	return nil
}

// closeAll hangs up on everybody.
func (s *swarm) closeAll() {
	for _, c := range s.byFD {
		if c != nil {
			c.hangUp()
		}
	}
}

func (s *swarm) shutdown() {
	s.closeAll()
	syscall.Close(s.epoll)
}

// send writes frames (as appendFrame makes them), now or as soon as the socket takes them.
func (c *client) send(frames []byte) {
	if c.phase != talking {
		return
	}
	if len(c.out) == 0 {
		n, err := write(c.fd, frames)
		if err != nil && !errors.Is(err, syscall.EAGAIN) {
			c.end(fmt.Errorf("write: %w", err))
			return
		}
		if frames = frames[max(n, 0):]; len(frames) == 0 {
			return
		}
		c.watch(syscall.EPOLLIN | syscall.EPOLLOUT)
	}
	c.out = append(c.out, frames...)
}

func (c *client) watch(events uint32) {
	e := syscall.EpollEvent{Events: events, Fd: int32(c.fd)}
	_ = syscall.EpollCtl(c.swarm.epoll, syscall.EPOLL_CTL_MOD, c.fd, &e)
}

// hangUp ends the connection without a goodbye.
func (c *client) hangUp() { c.end(nil) }

// reset ends the connection as a process that is killed does: the peer gets a reset, not an end.
func (c *client) reset() {
	_ = syscall.SetsockoptLinger(c.fd, syscall.SOL_SOCKET, syscall.SO_LINGER, &syscall.Linger{Onoff: 1})
	c.end(nil)
}

func (c *client) end(err error) {
	if c.phase == ended {
		return
	}
	c.phase = ended
	c.swarm.byFD[c.fd] = nil
	c.swarm.open--
	syscall.Close(c.fd)
	c.fd, c.in, c.out, c.request = -1, nil, nil, nil
	c.actor.closed(c, err)
}

func (c *client) writable() {
	if c.phase == connecting {
		if code, err := syscall.GetsockoptInt(c.fd, syscall.SOL_SOCKET, syscall.SO_ERROR); err != nil || code != 0 {
			c.end(fmt.Errorf("connect: %w", syscall.Errno(code)))
			return
		}
		c.phase, c.out, c.request = shaking, c.request, nil
	}
	n, err := write(c.fd, c.out)
	if err != nil && !errors.Is(err, syscall.EAGAIN) {
		c.end(fmt.Errorf("write: %w", err))
		return
	}
	if c.out = c.out[max(n, 0):]; len(c.out) == 0 {
		c.out = nil
		c.watch(syscall.EPOLLIN)
	}
}

func (c *client) readable() {
	for c.phase != ended {
		n, err := read(c.fd, c.swarm.buf)
		switch {
		case errors.Is(err, syscall.EAGAIN) || errors.Is(err, syscall.EINTR):
			return
		case err != nil:
			c.end(fmt.Errorf("read: %w", err))
			return
		case n == 0:
			c.end(errors.New("the server hung up"))
			return
		}
		c.take(c.swarm.buf[:n])
		if n < len(c.swarm.buf) {
			return
		}
	}
}

// take handles what came.
func (c *client) take(b []byte) {
	if len(c.in) > 0 {
		c.in = append(c.in, b...)
		b = c.in
	}
	if c.phase == shaking {
		head, rest, ok := bytes.Cut(b, []byte("\r\n\r\n"))
		if !ok {
			c.keep(b)
			return
		}
		if !bytes.HasPrefix(head, []byte("HTTP/1.1 101")) {
			c.end(fmt.Errorf("handshake refused: %.60q", head))
			return
		}
		c.phase, b = talking, rest
		c.actor.opened(c)
	}
	for c.phase == talking {
		op, payload, rest, ok, err := nextFrame(b)
		switch {
		case err != nil:
			c.end(err)
			return
		case !ok:
			c.keep(rest)
			return
		}
		b = rest
		c.frame(op, payload)
	}
}

// keep holds on to an incomplete frame.
func (c *client) keep(b []byte) {
	if len(b) == 0 {
		c.in = nil
		return
	}
	c.in = append(make([]byte, 0, 2*len(b)), b...)
}

func (c *client) frame(op byte, payload []byte) {
	switch op {
	case opBinary:
		c.actor.message(c, payload)
	case opPing:
		c.send(appendFrame(nil, opPong, payload))
	case opPong:
	case opClose:
		code := 1005
		if len(payload) >= 2 {
			code = int(payload[0])<<8 | int(payload[1])
		}
		c.end(fmt.Errorf("the server closed with %d", code))
	default:
		c.end(fmt.Errorf("opcode %#x from the server", op))
	}
}
