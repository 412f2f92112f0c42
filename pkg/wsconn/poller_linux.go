package wsconn

import (
	"errors"
	"os"
	"slices"
	"sync"
	"syscall"
	"time"
)

// Poller waits for connections in the place of their readers, see park.go. It has one goroutine, as long as any connection is parked,
// and one epoll instance, which that goroutine waits for as for any file: no thread is blocked. Safe for concurrent use.
type Poller struct {
	start time.Time // places count time from here

	mu      sync.Mutex // guards what follows
	file    *os.File   // the epoll instance, nil until it is needed
	raw     syscall.RawConn
	broken  bool // nobody is parked any more
	places  []place
	free    []int32 // places that nobody has
	parked  int
	running bool // there is the goroutine
}

// place is what the Poller knows of a connection, from when that is parked first until it ends. Place 0 is nobody's.
type place struct {
	conn  *Conn
	wake  Resumer       // nil while the connection has a reader
	due   time.Duration // when the peer has been silent for too long, or has to be pinged
	turn  int32         // counts parkings, so that an event of an earlier one is told apart
	known bool          // to the epoll instance
	asked bool          // the peer was pinged
}

// NewPoller returns a Poller. It needs no end: its goroutine ends with the last connection.
func NewPoller() *Poller { return &Poller{start: time.Now(), places: make([]place, 1)} }

// epollAtOnce bounds the events taken with one system call.
const epollAtOnce = 128

// open makes the epoll instance. The caller holds mu.
func (p *Poller) open() bool {
	if p.file != nil || p.broken {
		return !p.broken
	}
	fd, err := syscall.EpollCreate1(syscall.EPOLL_CLOEXEC)
	if err == nil {
		if err = syscall.SetNonblock(fd, true); err == nil { // has os.NewFile wait for it with the runtime's own poller
			p.file = os.NewFile(uintptr(fd), "epoll")
			p.raw, err = p.file.SyscallConn()
			err = errors.Join(err, p.file.SetReadDeadline(time.Time{})) // can it wait?
		}
	}
	p.broken = err != nil
	return !p.broken
}

// park waits for c until resume is due. It reports false when it cannot.
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
	at.wake, at.asked, at.due = r, false, c.heard.Add(c.opts.PingEvery).Sub(p.start)
	event := syscall.EpollEvent{Events: syscall.EPOLLIN | syscall.EPOLLRDHUP | syscall.EPOLLONESHOT, Fd: c.place, Pad: at.turn}
	op := syscall.EPOLL_CTL_MOD
	if !at.known {
		op = syscall.EPOLL_CTL_ADD
	}
	at.known = true
	p.parked++
	if !p.running {
		p.running = true
		go p.run(max(c.opts.PingEvery/25, time.Millisecond)) // ends when nobody is parked
	}
	raw, closing := c.raw, c.isClosing()
	p.mu.Unlock()

	// From here on others may have c resumed, and then it is not ours any more: a Close that came before has not seen it parked,
	// one that comes later does. What has come already is told at once.
	if !closing && p.watch(raw, op, &event) == nil {
		return true
	}
	return p.take(event.Fd, event.Pad) == nil
}

// placeFor gives c a place. The caller holds mu.
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

// watch tells the epoll instance about a connection. The descriptor is held open meanwhile.
func (p *Poller) watch(raw syscall.RawConn, op int, event *syscall.EpollEvent) (err error) {
	failed := raw.Control(func(fd uintptr) {
		err = p.raw.Control(func(epoll uintptr) { err = syscall.EpollCtl(int(epoll), op, int(fd), event) })
	})
	return errors.Join(failed, err)
}

// take takes who waits at a place, nil when nobody does, or in another turn.
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
		_ = p.file.SetReadDeadline(time.Unix(1, 0)) // has the goroutine look up
	}
	return r
}

// resume has the reader of c go on, if it is parked.
func (p *Poller) resume(c *Conn) {
	p.mu.Lock()
	r := p.takeLocked(&p.places[c.place])
	p.mu.Unlock()
	if r != nil {
		go r.Resume() // ends with the connection, or parks it again
	}
}

// forget gives the place of a connection back that has ended.
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

// run is the Poller's goroutine.
func (p *Poller) run(tick time.Duration) {
	events := make([]syscall.EpollEvent, epollAtOnce)
	next := time.Now()
	for {
		if now := time.Now(); !now.Before(next) {
			p.lookAtTimes(now)
			next = now.Add(tick)
			_ = p.file.SetReadDeadline(next)
		}
		if p.rest() {
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

// rest reports that nobody is parked; then the goroutine ends.
func (p *Poller) rest() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.running = p.parked > 0
	return !p.running
}

// fail has everybody wait in another way. It happens when the epoll instance does, which is never.
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

// lookAtTimes pings peers that have been silent, and has those who have been so for too long given up by their readers.
func (p *Poller) lookAtTimes(now time.Time) {
	since := now.Sub(p.start)
	var silent []*Conn
	var over []Resumer
	p.mu.Lock()
	for i := range p.places {
		at := &p.places[i]
		if at.wake == nil || at.due > since {
			continue
		}
		if at.asked {
			over = append(over, p.takeLocked(at))
			continue
		}
		at.asked, at.due = true, since+at.conn.silence()-at.conn.opts.PingEvery
		silent = append(silent, at.conn)
	}
	p.mu.Unlock()
	for _, c := range silent {
		c.ping() // does not wait
	}
	for _, r := range over {
		go r.Resume()
	}
}
