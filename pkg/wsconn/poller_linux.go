package wsconn

import (
	"errors"
	"os"
	"slices"
	"sync"
	"syscall"
	"time"
)

// Poller waits for connections in place of their readers, see park.go. It has one goroutine while
// any connection is parked, and one epoll instance. The goroutine waits for the epoll instance as
// for a file, so no thread blocks. A Poller is safe for concurrent use.
type Poller struct {
	start time.Time // times in places count from here

	mu      sync.Mutex // guards the fields below
	file    *os.File   // the epoll instance; nil until first use
	raw     syscall.RawConn
	broken  bool // the epoll instance failed; no connection is parked any more
	places  []place
	free    []int32 // unused places
	parked  int
	running bool // the goroutine runs
}

// place is the state of one connection, from its first parking to its end. Place 0 is never used.
type place struct {
	conn   *Conn
	wake   Resumer       // nil while the connection has a reader
	due    time.Duration // when to ping the peer or to give up
	turn   int32         // counts parkings, to recognise an event of an earlier parking
	known  bool          // added to the epoll instance
	pinged bool          // the peer was pinged
}

// NewPoller returns a Poller. A Poller needs no Close: its goroutine ends with the last connection.
func NewPoller() *Poller { return &Poller{start: time.Now(), places: make([]place, 1)} }

// epollAtOnce limits the events of one system call.
const epollAtOnce = 128

// open creates the epoll instance. The caller holds mu.
func (p *Poller) open() bool {
	if p.file != nil || p.broken {
		return !p.broken
	}
	fd, err := syscall.EpollCreate1(syscall.EPOLL_CLOEXEC)
	if err == nil {
		// os.NewFile then uses the runtime's poller.
		if err = syscall.SetNonblock(fd, true); err == nil {
			p.file = os.NewFile(uintptr(fd), "epoll")
			p.raw, err = p.file.SyscallConn()
			// Fails if the file cannot wait.
			err = errors.Join(err, p.file.SetReadDeadline(time.Time{}))
		}
	}
	p.broken = err != nil
	return !p.broken
}

// park waits for c until its reader must resume. The result is false if c cannot be parked.
func (p *Poller) park(c *Conn, r Resumer) bool {
	p.mu.Lock()
	if !p.open() {
		p.mu.Unlock()
		return false
	}
	if c.place == 0 {
		c.place = p.placeFor(c)
	}
	at := &p.places[c.place]
	at.turn++
	at.wake, at.pinged, at.due = r, false, c.heard.Add(c.opts.PingEvery).Sub(p.start)
	event := syscall.EpollEvent{Events: syscall.EPOLLIN | syscall.EPOLLRDHUP | syscall.EPOLLONESHOT, Fd: c.place, Pad: at.turn}
	op := syscall.EPOLL_CTL_MOD
	if !at.known {
		op = syscall.EPOLL_CTL_ADD
	}
	at.known = true
	p.parked++
	if !p.running {
		p.running = true
		go p.run(max(c.opts.PingEvery/25, time.Millisecond)) // ends when no connection is parked
	}
	raw, closing := c.raw, c.isClosing()
	p.mu.Unlock()

	// From here on another goroutine may resume c, and this one must not use it. An earlier Close
	// did not see c parked, and closing reports it. A later Close resumes c. Input that has already
	// arrived raises an event at once.
	if !closing && p.watch(raw, op, &event) == nil {
		return true
	}
	return p.take(event.Fd, event.Pad) == nil
}

// placeFor assigns a place to c. The caller holds mu.
func (p *Poller) placeFor(c *Conn) int32 {
	if last := len(p.free) - 1; last >= 0 {
		i := p.free[last]
		p.free = p.free[:last]
		p.places[i] = place{conn: c, turn: p.places[i].turn}
		return i
	}
	p.places = append(p.places, place{conn: c})
	return int32(len(p.places) - 1)
}

// watch adds a connection to the epoll instance or rearms it. Control keeps the descriptor open
// meanwhile.
func (p *Poller) watch(raw syscall.RawConn, op int, event *syscall.EpollEvent) (err error) {
	failed := raw.Control(func(fd uintptr) {
		err = p.raw.Control(func(epoll uintptr) { err = syscall.EpollCtl(int(epoll), op, int(fd), event) })
	})
	return errors.Join(failed, err)
}

// take removes and returns the Resumer at a place. The result is nil if none is parked there in
// this turn.
func (p *Poller) take(i, turn int32) Resumer {
	p.mu.Lock()
	defer p.mu.Unlock()
	if at := &p.places[i]; at.turn == turn {
		return p.takeLocked(at)
	}
	return nil
}

func (p *Poller) takeLocked(at *place) Resumer {
	r := at.wake
	if r == nil {
		return nil
	}
	at.wake = nil
	if p.parked--; p.parked == 0 {
		_ = p.file.SetReadDeadline(time.Unix(1, 0)) // wakes the goroutine
	}
	return r
}

// resume resumes the reader of c, if c is parked.
func (p *Poller) resume(c *Conn) {
	p.mu.Lock()
	r := p.takeLocked(&p.places[c.place])
	p.mu.Unlock()
	if r != nil {
		go r.Resume() // ends with the connection, or parks it again
	}
}

// forget frees the place of a connection that has ended.
func (p *Poller) forget(c *Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if c.place == 0 {
		return
	}
	p.places[c.place] = place{turn: p.places[c.place].turn}
	p.free = append(p.free, c.place)
	c.place = 0
}

// run is the goroutine of the Poller.
func (p *Poller) run(tick time.Duration) {
	events := make([]syscall.EpollEvent, epollAtOnce)
	next := time.Now()
	for {
		if now := time.Now(); !now.Before(next) {
			p.checkTimes(now)
			next = now.Add(tick)
			_ = p.file.SetReadDeadline(next)
		}
		if p.stopIfIdle() {
			return
		}
		n, err := p.await(events)
		for _, e := range events[:n] {
			if r := p.take(e.Fd, e.Pad); r != nil {
				go r.Resume() // ends with the connection, or parks it again
			}
		}
		if errors.Is(err, os.ErrDeadlineExceeded) {
			next = time.Time{}
		} else if err != nil {
			p.fail()
		}
	}
}

// await waits for events.
func (p *Poller) await(events []syscall.EpollEvent) (n int, err error) {
	failed := p.raw.Read(func(fd uintptr) bool {
		n, err = syscall.EpollWait(int(fd), events, 0)
		return n > 0 || err != nil && !errors.Is(err, syscall.EINTR)
	})
	return max(n, 0), errors.Join(failed, err)
}

// stopIfIdle reports whether no connection is parked. If so, the goroutine must end.
func (p *Poller) stopIfIdle() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.running = p.parked > 0
	return !p.running
}

// fail resumes all readers and disables parking. It runs only if the epoll instance fails, which is
// not expected.
func (p *Poller) fail() {
	p.mu.Lock()
	p.broken = true
	places := slices.Clone(p.places)
	p.mu.Unlock()
	for i, at := range places {
		if r := p.take(int32(i), at.turn); r != nil {
			go r.Resume()
		}
	}
}

// checkTimes pings silent peers, and resumes the readers of peers that were silent for too long.
func (p *Poller) checkTimes(now time.Time) {
	since := now.Sub(p.start)
	var silent []*Conn
	var over []Resumer
	p.mu.Lock()
	for i := range p.places {
		at := &p.places[i]
		if at.wake == nil || at.due > since {
			continue
		}
		if at.pinged {
			over = append(over, p.takeLocked(at))
			continue
		}
		at.pinged, at.due = true, since+at.conn.silence()-at.conn.opts.PingEvery
		silent = append(silent, at.conn)
	}
	p.mu.Unlock()
	for _, c := range silent {
		c.ping() // does not block
	}
	for _, r := range over {
		go r.Resume()
	}
}
